"""The workflow model: nodes, connections, variables, layout; edits on it; its graph. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeflowError, did_you_mean, shorten

if TYPE_CHECKING:
    import networkx as nx

    from nodeflow.execution.result import Result
    from nodeflow.node import Node
    from nodeflow.registry import Registry

COMPONENT = "component"
"""The type id of a node that holds a workflow."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A wire from an output port to an input port, `read.table -> split.table` in a file."""

    source: str
    output: str
    target: str
    input: str

    def __str__(self) -> str:
        return f"{self.source}.{self.output} -> {self.target}.{self.input}"

    @classmethod
    def parse(cls, text: str) -> Connection:
        """Read the form of the file; raises `ValueError`."""
        left, arrow, right = text.partition(" -> ")
        source, dot, output = left.strip().rpartition(".")
        target, second_dot, input_port = right.strip().rpartition(".")
        if not (arrow and dot and second_dot and source and output and target and input_port):
            raise ValueError(f'"{shorten(text)}" is not of the form "node.output -> node.input"')
        return cls(source, output, target, input_port)


@dataclass(slots=True)
class NodeInstance:
    """One node of a workflow: a type and its parameters as in the file.

    `workflow` is the inner workflow of a component, or the path of its file.
    """

    type: str
    parameters: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    version: int | None = None
    workflow: Workflow | str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Variable:
    """A named value that parameters may refer to by `{"variable": name}`."""

    default: Any
    help: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


class Workflow:
    """A workflow: nodes joined by connections into a directed acyclic graph.

    Build one with `add`, load one with `nodeflow.load`. `folder` is where relative paths start.
    """

    def __init__(self, name: str = "", description: str = "", *, folder: Path | str | None = None) -> None:
        self.name = name
        self.description = description
        self.folder: Path | None = Path(folder) if folder is not None else None
        self.path: Path | None = None
        self.variables: dict[str, Variable] = {}
        self.nodes: dict[str, NodeInstance] = {}
        self.connections: list[Connection] = []
        self.layout: dict[str, Any] = {}
        self.notes: list[Any] = []
        self.inputs: dict[str, list[str]] = {}
        self.outputs: dict[str, str] = {}
        self.expose: dict[str, str] = {}
        self.extra: dict[str, Any] = {}
        self.registry: Registry | None = None

    # -- building -----------------------------------------------------------------------------

    def add(
        self,
        type: str | type[Node] | Workflow,
        *sources: Handle | Output | list[Handle | Output],
        id: str | None = None,
        label: str = "",
        **values: Any,
    ) -> Handle:
        """Add a node and give back a handle to connect it further.

        Args:
            type: the id of a node type, a `Node` class, or a `Workflow` to use as a component.
            sources: outputs that go to the input ports, in the order of the ports; a list for a port that
                takes several.
            id: the node's name in the workflow; by default the type's id, numbered if taken.
            label: a title for people.
            values: parameters, and inputs by port name (a handle, an output or a list of them).

        Raises:
            NodeflowError: the type, a port or a parameter is unknown, or the id is taken.
        """
        inner: Workflow | None = None
        if isinstance(type, Workflow):
            type_id, inner, ports = COMPONENT, type, list(type.inputs)
        else:
            node = self._node_class(type)
            type_id, ports = node.id, [port.name for port in node.signature().inputs]
        taken = id or self._free_id(type_id)
        if taken in self.nodes:
            raise NodeflowError(f'there is already a node "{taken}"; choose another id')
        check_id(taken)
        wires: list[tuple[str, Output]] = []
        if len(sources) > len(ports):
            raise NodeflowError(f"{type_id} has {len(ports)} inputs, but {len(sources)} were given")
        for port, source in zip(ports, sources, strict=False):
            wires.extend((port, _output(one)) for one in (source if isinstance(source, list) else [source]))
        parameters: dict[str, Any] = {}
        for name, value in values.items():
            many = value if isinstance(value, list) else [value]
            if many and all(isinstance(one, Handle | Output) for one in many):
                if name not in ports:
                    raise NodeflowError(f'{type_id} has no input "{name}"; {did_you_mean(name, ports)}')
                wires.extend((name, _output(one)) for one in many)
            else:
                parameters[name] = value
        if inner is None:
            parameters = _encoded(node, parameters)
        self.nodes[taken] = NodeInstance(type_id, parameters, label, workflow=inner)
        for port, source in wires:
            self.connections.append(Connection(source.node, source.port, taken, port))
        return Handle(self, taken)

    def connect(self, source: Handle | Output | str, target: str) -> Connection:
        """Add a connection from an output to `"node.input"`."""
        left = source if isinstance(source, str) else f"{_output(source).node}.{_output(source).port}"
        connection = Connection.parse(f"{left} -> {target}")
        self.connections.append(connection)
        return connection

    def remove(self, node: str) -> None:
        """Remove a node and its connections."""
        if node not in self.nodes:
            raise NodeflowError(f'no node "{shorten(node)}"; {did_you_mean(node, list(self.nodes))}')
        del self.nodes[node]
        self.layout.pop(node, None)
        self.connections = [c for c in self.connections if node not in (c.source, c.target)]

    def set(self, **values: Any) -> None:
        """Declare variables with their defaults: `workflow.set(k=5)`."""
        for name, value in values.items():
            self.variables[name] = Variable(value)

    def __getitem__(self, node: str) -> Handle:
        if node not in self.nodes:
            raise NodeflowError(f'no node "{shorten(node)}"; {did_you_mean(node, list(self.nodes))}')
        return Handle(self, node)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    # -- looking ------------------------------------------------------------------------------

    def graph(self) -> nx.MultiDiGraph[str]:
        """The nodes and connections as a networkx graph."""
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.add_nodes_from((name, {"type": node.type}) for name, node in self.nodes.items())
        graph.add_edges_from(
            (c.source, c.target, {"output": c.output, "input": c.input}) for c in self.connections
        )
        return graph

    def title_of(self, node: str) -> str:
        """What people call the node: its label, else its id."""
        return self.nodes[node].label or node

    def copy(self) -> Workflow:
        """An independent copy."""
        import copy

        from nodeflow.document import from_data, to_data

        twin = from_data(copy.deepcopy(to_data(self)))
        twin.folder, twin.path, twin.registry = self.folder, self.path, self.registry
        return twin

    # -- using --------------------------------------------------------------------------------

    def run(self, **options: Any) -> Result:
        """Run the workflow; the keywords are those of `nodeflow.run`."""
        from nodeflow.execution.run import run

        return run(self, **options)

    def save(self, path: Path | str) -> None:
        """Write the workflow to a file, completely or not at all."""
        from nodeflow.document import save

        save(self, path)

    def _repr_svg_(self) -> str:
        from nodeflow.export.svg import to_svg

        return to_svg(self)

    def __repr__(self) -> str:
        return f"Workflow({self.name!r}, {len(self.nodes)} nodes, {len(self.connections)} connections)"

    def _node_class(self, node_type: str | type[Node]) -> type[Node]:
        from nodeflow.registry import Registry

        if self.registry is None:
            self.registry = Registry.installed()
        if not isinstance(node_type, str):
            self.registry.add(node_type)
            return node_type
        found = self.registry.get(node_type)
        if found is None:
            near = self.registry.suggest(node_type)
            raise NodeflowError(f'no node type "{shorten(node_type)}"; {did_you_mean(node_type, near)}')
        return found.load()

    def _free_id(self, base: str) -> str:
        count, name = 1, base
        while name in self.nodes:
            count += 1
            name = f"{base}_{count}"
        return name


@dataclass(frozen=True)
class Output:
    """One output port of a node of a workflow."""

    node: str
    port: str


class Handle:
    """A node of a workflow: connect it on, by itself if it has one output, else by `handle["port"]`."""

    def __init__(self, workflow: Workflow, id: str) -> None:
        self.workflow = workflow
        self.id = id

    def __getitem__(self, port: str) -> Output:
        ports = self.outputs()
        if port not in ports:
            raise NodeflowError(f'"{self.id}" has no output "{shorten(port)}"; {did_you_mean(port, ports)}')
        return Output(self.id, port)

    def outputs(self) -> list[str]:
        """The names of the output ports."""
        instance = self.workflow.nodes[self.id]
        if isinstance(instance.workflow, Workflow):
            return list(instance.workflow.outputs)
        return [port.name for port in self.workflow._node_class(instance.type).signature().outputs]

    def set(self, **parameters: Any) -> Handle:
        """Change parameters."""
        instance = self.workflow.nodes[self.id]
        if instance.workflow is None:
            parameters = _encoded(self.workflow._node_class(instance.type), parameters)
        instance.parameters.update(parameters)
        return self

    def __repr__(self) -> str:
        return f"Handle({self.id!r})"


def check_id(name: str) -> None:
    """Raise `NodeflowError` unless `name` can be the id of a node."""
    if (
        not name
        or len(name) > 200
        or name != name.strip()
        or "/" in name
        or "->" in name
        or not name.isprintable()
    ):
        raise NodeflowError(
            f'"{shorten(name)}" cannot be the id of a node: it must have 1 to 200 printable characters, '
            'no blank at either end, and neither "/" nor "->"'
        )


def topological_order(
    nodes: Sequence[str], predecessors: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    """The nodes, each after those it depends on, ties in the given order; and those left over by cycles."""
    waiting = {node: len(predecessors[node]) for node in nodes}
    successors: dict[str, list[str]] = {node: [] for node in nodes}
    for node in nodes:
        for source in predecessors[node]:
            successors[source].append(node)
    order = [node for node in nodes if waiting[node] == 0]
    for node in order:
        for target in successors[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    if len(order) == len(nodes):
        return order, []
    done = set(order)
    return order, [node for node in nodes if node not in done]


def cycle_through(start: str, predecessors: Mapping[str, Sequence[str]]) -> list[str]:
    """A cycle among nodes that `topological_order` left over, found by walking back from one; it begins
    with the node that comes first in `predecessors`.
    """
    rank = {name: index for index, name in enumerate(predecessors)}
    seen: dict[str, int] = {}
    walk: list[str] = []
    node = start
    while node not in seen:
        seen[node] = len(walk)
        walk.append(node)
        node = next(source for source in predecessors[node])
    circle = walk[seen[node] :][::-1]
    first = min(range(len(circle)), key=lambda index: rank[circle[index]])
    return circle[first:] + circle[:first]


def _output(source: Handle | Output) -> Output:
    if isinstance(source, Output):
        return source
    if not isinstance(source, Handle):
        raise NodeflowError(f"an input takes what add() gave, or a list of such, not {source!r:.100}")
    ports = source.outputs()
    if len(ports) != 1:
        raise NodeflowError(
            f'"{source.id}" has {len(ports)} outputs ({", ".join(ports)}); say which by handle["port"]'
        )
    return Output(source.id, ports[0])


def _encoded(node: type[Node], values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters given as Python values, as the JSON of the file; raises `ParameterError`."""
    from nodeflow.errors import ParameterError

    declared = node.parameters()
    result = {}
    for name, value in values.items():
        if name not in declared:
            choices = [*declared, *(port.name for port in node.signature().inputs)]
            raise ParameterError(
                f'{node.name} has no parameter "{name}"; {did_you_mean(name, choices)}', name
            )
        if is_reference(value):
            result[name] = value
            continue
        try:
            result[name] = declared[name].kind.encode(declared[name].kind.coerce(value))
        except ParameterError as error:
            raise ParameterError(f'{node.name}: parameter "{name}" {error}', name) from None
    return result


def is_reference(raw: Any) -> bool:
    """Whether a raw parameter stands for a variable."""
    return isinstance(raw, dict) and len(raw) == 1 and isinstance(raw.get("variable"), str)
