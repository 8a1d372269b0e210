"""From the workflow model to a flat, checked graph: components opened, variables and settings filled
in, parameters read, connections matched with ports. Collects every problem; raises nothing."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodeflow.causes import explain
from nodeflow.errors import NodeflowError, ParameterError, did_you_mean, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters.columns import describe
from nodeflow.parameters.kinds import MISSING, Fault, HostKind, PathKind
from nodeflow.patterns import ANY_DEPTH, files_fitting, is_pattern
from nodeflow.problems import Problem
from nodeflow.registry import NodeType, Registry
from nodeflow.workflow import (
    Connection,
    NodeInstance,
    Workflow,
    cycle_through,
    is_reference,
    topological_order,
)

Source = tuple[str, str]
"""A node id and the name of one of its outputs."""

MAX_DEPTH = 20
"""How deep components may lie in components."""

MAX_OPENED = 200_000
"""How many nodes, connections and ports may lie in components: files that hold one another grow fast."""


@dataclass(frozen=True)
class Text:
    """A value typed on the command line: read as JSON where that fits, else as text.

    Relative paths in it start at `folder`, where the user is.
    """

    text: str
    folder: Path


@dataclass(frozen=True)
class Settings:
    """What a run changes in a workflow: parameter values, variables, and where files may lie.

    `parameters` is keyed "node.parameter". Files named by the workflow itself must lie below its
    folder, or below one of `allow_read`; what it writes, below `output` or one of `allow_write`. The
    servers it reaches must be among `allow_host`. With `trusted` nothing of this is checked.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    output: Path | None = None
    allow_read: tuple[Path, ...] = ()
    allow_write: tuple[Path, ...] = ()
    allow_host: tuple[str, ...] = ()
    trusted: bool = False


@dataclass(slots=True)
class ResolvedNode:
    """One node of the flat graph.

    The id of a node within a component is "component/node". `node` is None if the type is unknown;
    `is_sound` says that its parameters could all be read.
    """

    id: str
    title: str
    type: NodeType | None
    node: Node | None
    inputs: dict[str, list[Source]] = field(default_factory=dict)
    is_sound: bool = True
    own_label: str = ""

    @property
    def sources(self) -> list[str]:
        """The ids of the nodes it depends on, each once."""
        return list(dict.fromkeys(source for wires in self.inputs.values() for source, _ in wires))


@dataclass
class Resolution:
    """The flat graph, in topological order, and every problem found on the way."""

    workflow: Workflow
    nodes: dict[str, ResolvedNode]
    problems: list[Problem]
    folder: Path
    output: Path
    outputs: dict[str, dict[str, Source]] = field(default_factory=dict)
    """For each component its outputs' true sources."""
    cyclic: bool = False


def resolve(workflow: Workflow, registry: Registry, settings: Settings | None = None) -> Resolution:
    """Open components, fill in settings and variables, read parameters, match connections."""
    return _Resolver(workflow, registry, settings or Settings()).resolve()


class _Resolver:
    def __init__(self, workflow: Workflow, registry: Registry, settings: Settings) -> None:
        self.workflow = workflow
        self.registry = registry
        self.settings = settings
        self.folder = (workflow.folder or Path.cwd()).resolve()
        self.output = (settings.output or self.folder / "output").resolve()
        # a workflow made in code is its author's own word
        self.trusted = settings.trusted or workflow.path is None
        self.problems: list[Problem] = []
        self.nodes: dict[str, ResolvedNode] = {}
        self.outputs: dict[str, dict[str, Source]] = {}
        self.inputs: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self.wires: list[tuple[str, Connection]] = []
        self.settings_by_node: dict[str, dict[str, Any]] = {}
        self.used_settings: set[str] = set()
        self.loaded: dict[Path, Workflow] = {}
        self.unopened: set[str] = set()
        self.broken: set[Source] = set()
        self.opened = 0
        self.patience = _PATIENCE

    def resolve(self) -> Resolution:
        for key, value in self.settings.parameters.items():
            node, dot, name = key.rpartition(".")
            if not dot or not node or not name:
                self._problem(
                    "unknown-setting", f'"{shorten(key)}" does not name a parameter; write NODE.PARAMETER'
                )
            else:
                self.settings_by_node.setdefault(node, {})[name] = value
        for name in self.settings.variables:
            if name not in self.workflow.variables:
                known = list(self.workflow.variables)
                self._problem(
                    "unknown-variable",
                    f'the workflow has no variable "{shorten(name)}"; {did_you_mean(name, known)}',
                )
        self._open(self.workflow, "", self.folder, self._variables(), {}, ())
        unused = self.settings_by_node.keys() - self.used_settings
        if unused:
            # a component has left no node of its own, only those within it
            names = dict.fromkeys(part for node in self.nodes for part in (node.partition("/")[0], node))
            for node in unused:
                self._problem("unknown-node", f'no node "{shorten(node)}"; {self._hint(node, names)}')
        if self.opened > MAX_OPENED:
            self._problem(
                "too-large",
                f"the components hold more than {MAX_OPENED:,} nodes, connections and ports in all; "
                "do they hold one another many times over?",
            )
        else:
            self._check_component_ports()
            self._connect()
        order, left = topological_order(list(self.nodes), {n: r.sources for n, r in self.nodes.items()})
        if left:
            within = set(left)
            cycle = cycle_through(
                left[0], {n: [s for s in self.nodes[n].sources if s in within] for n in left}
            )
            shown = cycle if len(cycle) <= 8 else [*cycle[:7], "…"]
            self._problem(
                "cycle",
                f"the connections run in a circle: {' -> '.join([*map(shorten, shown), shorten(cycle[0])])}; "
                "take one of them away",
                cycle[0],
            )
        return Resolution(
            self.workflow,
            {node: self.nodes[node] for node in [*order, *left]},
            self.problems,
            self.folder,
            self.output,
            {
                name: {
                    port: self._within(source) for port, source in ports.items() if not self._is_lost(source)
                }
                for name, ports in self.outputs.items()
            },
            bool(left),
        )

    def _variables(self) -> dict[str, Any]:
        values = {name: one.default for name, one in self.workflow.variables.items()}
        for name, given in self.settings.variables.items():
            if name in values:
                values[name] = self._typed(name, given, values[name])
        return values

    def _typed(self, name: str, given: Any, default: Any) -> Any:
        """A variable's new value, which must have the type of its default."""
        value = _from_text(given.text) if isinstance(given, Text) else given
        if isinstance(default, str) and isinstance(given, Text):
            return given.text
        number = int | float
        both_numbers = (
            isinstance(default, number)
            and isinstance(value, number)
            and not isinstance(default, bool)
            and not isinstance(value, bool)
        )
        if default is None or type(value) is type(default) or both_numbers:
            return value
        self._problem(
            "wrong-variable",
            f'variable "{shorten(name)}" must be of the type of its default {shorten(json.dumps(default))}, '
            f"not {describe(value)}",
        )
        return default

    def _open(
        self,
        workflow: Workflow,
        prefix: str,
        folder: Path,
        variables: Mapping[str, Any],
        exposed: Mapping[str, Any],
        files: tuple[Path, ...],
    ) -> None:
        """Add a workflow's nodes under `prefix`; `exposed` are parameter values from outside."""
        if prefix:
            parts = (workflow.nodes, workflow.connections, workflow.variables, workflow.outputs)
            self.opened += 1 + sum(map(len, parts)) + sum(map(len, workflow.inputs.values()))
        if self.opened > MAX_OPENED:
            return
        for name, instance in workflow.nodes.items():
            node_id = prefix + name
            label = instance.label or name
            if node_id in self.settings_by_node:
                self.used_settings.add(node_id)
            given = self.settings_by_node.get(node_id, {})
            if instance.workflow is not None:
                outside = {
                    key.rpartition(".")[2]: value
                    for key, value in exposed.items()
                    if key.rpartition(".")[0] == name
                }
                if not self._open_component(
                    workflow, name, node_id, folder, variables, {**outside, **given}, files
                ):
                    self.unopened.add(node_id)
                continue
            found = self.registry.get(instance.type)
            if found is None:
                self.patience -= 10 * len(self.registry)
                near = self.registry.suggest(instance.type) if self.patience > 0 else []
                hint = (
                    did_you_mean(instance.type, near) if near else "is the package that brings it installed?"
                )
                title = f'"{shorten(label)}"'
                self.nodes[node_id] = ResolvedNode(
                    node_id, title, None, None, is_sound=False, own_label=label
                )
                self._problem(
                    "unknown-type", f'no node type "{shorten(instance.type)}"; {hint}', node_id, title=title
                )
                continue
            title = f'{found.declaration["name"]} "{shorten(label)}"'
            resolved = ResolvedNode(node_id, title, found, None, own_label=label)
            self.nodes[node_id] = resolved
            raw = dict(instance.parameters)
            try:
                node_class = found.load()
                if instance.version is not None and instance.version < node_class.version:
                    raw = node_class.migrate(instance.version, raw)
            except Exception as error:
                resolved.is_sound = False
                self._problem("broken-type", explain(error), node_id, title=title)
                continue
            if instance.version is not None and instance.version > node_class.version:
                self._problem(
                    "newer-node",
                    f"saved by a newer version of the node ({instance.version}, this is "
                    f"{node_class.version}); update nodeflow",
                    node_id, title=title,
                )  # fmt: skip
            for key, value in exposed.items():
                owner, _, parameter = key.rpartition(".")
                if owner == name:
                    raw[parameter] = value
            try:
                raw, at = self._filled(resolved, raw, given, variables)
                node, faults = node_class.decode(raw)
            except Exception as error:  # of a node's own `check_parameters`
                resolved.is_sound = False
                self._problem(
                    "broken-type", f"its parameters cannot be checked: {explain(error)}", node_id, title=title
                )
                continue
            resolved.node = node
            for fault in faults:
                self._fault(resolved, fault)
            self._place_paths(resolved, folder, at, given)
            self._check_hosts(resolved, at)
        for connection in workflow.connections:
            self.wires.append((prefix, connection))

    def _open_component(
        self,
        workflow: Workflow,
        name: str,
        node_id: str,
        folder: Path,
        variables: Mapping[str, Any],
        given: Mapping[str, Any],
        files: tuple[Path, ...],
    ) -> bool:
        instance = workflow.nodes[name]
        title = f'Component "{shorten(instance.label or name)}"'
        inner = instance.workflow
        if node_id.count("/") >= MAX_DEPTH:
            self._problem(
                "too-large",
                f"components lie in components deeper than {MAX_DEPTH} levels",
                node_id,
                title=title,
            )
            return False
        if isinstance(inner, str):
            try:
                sentence, path = _odd_path(inner), _followed(folder / inner)
            except (OSError, RuntimeError, ValueError):  # a circle of links, a zero byte
                sentence, path = "the path cannot be followed", folder
            if sentence is None and path.exists() and not path.is_file() and not path.is_dir():
                sentence = "it is a device or a pipe, not a workflow file"
            if sentence is not None:
                self._problem("bad-path", f'{sentence}: "{shorten(inner)}"', node_id, "workflow", title=title)
                return False
            if not self._may_read(path):
                self._problem("outside", self._outside_sentence(path), node_id, "workflow", title=title)
                return False
            if path in files or path == (self.workflow.path and self.workflow.path.resolve()):
                self._problem(
                    "cycle", f"the component holds itself: {path.name}", node_id, "workflow", title=title
                )
                return False
            from nodeflow.document import load

            try:
                inner = self.loaded[path] = self.loaded.get(path) or load(path)
            except NodeflowError as error:
                self._problem("missing-file", str(error), node_id, "workflow", title=title)
                return False
            folder, files = path.parent, (*files, path)
        assert isinstance(inner, Workflow)
        values = {key: one.default for key, one in inner.variables.items()}
        exposed: dict[str, Any] = {}
        known = [*inner.expose, *values]
        for parameter, raw in {**instance.parameters, **given}.items():
            value = (
                raw if isinstance(raw, Text) else self._substituted(raw, variables, node_id, title, parameter)
            )
            if parameter in inner.expose:
                exposed[inner.expose[parameter]] = value
            elif parameter in values:
                values[parameter] = _from_text(value.text) if isinstance(value, Text) else value
            else:
                self._problem(
                    "unknown-parameter",
                    f'unknown parameter "{shorten(parameter)}"; {did_you_mean(parameter, known)}',
                    node_id, parameter, title=title,
                )  # fmt: skip
        for parameter, target in inner.expose.items():
            owner, dot, inner_name = target.rpartition(".")
            declared = self._parameters_of(inner.nodes[owner]) if dot and owner in inner.nodes else []
            if declared is not None and inner_name not in declared:
                self._problem(
                    "unknown-node" if not declared else "unknown-parameter",
                    f'the exposed parameter "{shorten(parameter)}" points at "{shorten(target)}", '
                    f"which is not there; {self._hint(inner_name, declared) if declared else 'write NODE.PARAMETER'}",
                    node_id, parameter, title=title,
                )  # fmt: skip
        prefix = f"{node_id}/"
        ports: dict[str, list[tuple[str, str]]] = {}
        for port, targets in inner.inputs.items():
            ports[port] = [
                (prefix + target.rpartition(".")[0], target.rpartition(".")[2]) for target in targets
            ]
        self.inputs[node_id] = ports
        self.outputs[node_id] = {
            port: (prefix + source.rpartition(".")[0], source.rpartition(".")[2])
            for port, source in inner.outputs.items()
        }
        self._open(inner, prefix, folder, values, exposed, files)
        return True

    def _parameters_of(self, instance: NodeInstance) -> list[str] | None:
        """The names of the parameters that a node has; None where that is not known."""
        if instance.workflow is not None:
            inner = instance.workflow
            return [*inner.expose, *inner.variables] if isinstance(inner, Workflow) else None
        found = self.registry.get(instance.type)
        return None if found is None else [one["name"] for one in found.declaration["parameters"]]

    # -- parameters ---------------------------------------------------------------------------

    def _filled(
        self,
        resolved: ResolvedNode,
        raw: dict[str, Any],
        given: Mapping[str, Any],
        variables: Mapping[str, Any],
    ) -> tuple[dict[str, Any], dict[str, Path]]:
        """Raw parameters with variables and the run's settings put in; and where typed paths start."""
        for name, value in raw.items():
            if isinstance(value, dict | Text):
                raw[name] = self._substituted(value, variables, resolved.id, resolved.title, name)
        at: dict[str, Path] = {}
        if not given and not any(isinstance(value, Text) for value in raw.values()):
            return raw, at
        assert resolved.type is not None
        declared = resolved.type.load().parameters()
        for name, value in [*raw.items(), *given.items()]:
            if isinstance(value, Text):
                at[name] = value.folder
                raw[name] = (
                    _fitting(value.text, declared[name].kind.decode) if name in declared else value.text
                )
            elif name in given:
                at[name] = Path.cwd()
                if name in declared and not is_reference(value):
                    try:
                        raw[name] = declared[name].kind.encode(declared[name].kind.coerce(value))
                    except ParameterError:
                        raw[name] = value
                else:
                    raw[name] = self._substituted(value, variables, resolved.id, resolved.title, name)
        return raw, at

    def _substituted(
        self, raw: Any, variables: Mapping[str, Any], node: str, title: str, parameter: str
    ) -> Any:
        if not is_reference(raw):
            return raw
        name = raw["variable"]
        if name not in variables:
            self._problem(
                "unknown-variable",
                f'no variable "{shorten(name)}"; {did_you_mean(name, list(variables))}',
                node, parameter, title=title,
            )  # fmt: skip
            return raw
        return variables[name]

    def _fault(self, resolved: ResolvedNode, fault: Fault) -> None:
        resolved.is_sound = False
        if fault.sentence.startswith("unknown parameter"):
            kind = "unknown-parameter"
        elif "needs a value" in fault.sentence:
            kind = "missing-parameter"
        else:
            kind = "bad-parameter"
        name = fault.place
        plain = kind != "bad-parameter"
        sentence = fault.sentence if plain else f'parameter "{name}" {fault.sentence}'
        self._problem(kind, sentence, resolved.id, name, title=resolved.title)

    # -- paths --------------------------------------------------------------------------------

    def _place_paths(
        self, resolved: ResolvedNode, folder: Path, at: Mapping[str, Path], given: Mapping[str, Any]
    ) -> None:
        """Make the paths among the parameters absolute, and check that they may be used."""
        assert resolved.node is not None
        for one, value in list(resolved.node.values()):
            if not isinstance(one.kind, PathKind) or not isinstance(value, str):
                continue
            reads = one.kind.type.__name__ == "InputPath"
            start = at.get(one.name, folder if reads else self.output)
            by_user = one.name in at
            sentence = _odd_path(value)
            if sentence is None:
                path = Path(value).expanduser() if by_user else Path(value)
                placed = start / path
                try:
                    real = _followed(placed)
                except (OSError, RuntimeError):
                    sentence = "the path cannot be followed"
                else:
                    several = reads and is_pattern(str(placed))
                    allowed = by_user or (self._may_read(real) if reads else self._may_write(real))
                    if not allowed:
                        sentence = self._outside_sentence(real) if reads else self._outside_write(real)
                    elif several and placed.parts.count(ANY_DEPTH) > 1:
                        sentence = "** may stand once in a pattern"
                    elif several and not by_user and not self.trusted:
                        found = (Path(one).resolve() for one in files_fitting(str(placed)))
                        outside = next((one for one in found if not self._may_read(one)), None)
                        sentence = None if outside is None else self._outside_sentence(outside)
                    setattr(resolved.node, one.name, one.kind.type(placed if several else real))
            if sentence is not None:
                resolved.is_sound = False
                kind = "outside" if "--allow" in sentence else "bad-path"
                self._problem(
                    kind, f'{sentence}: "{shorten(value)}"', resolved.id, one.name, title=resolved.title
                )

    def _check_hosts(self, resolved: ResolvedNode, at: Mapping[str, Path]) -> None:
        """Check that the servers among the parameters may be reached, this computer among them."""
        assert resolved.node is not None
        for one, value in resolved.node.values():
            if not isinstance(one.base, HostKind) or not value or one.name in at or self.trusted:
                continue
            if value.casefold() not in map(str.casefold, self.settings.allow_host):
                resolved.is_sound = False
                self._problem(
                    "outside",
                    f"reaches the server {shorten(value)}; if you mean it, allow it by --allow-host "
                    f"{shorten(value)}",
                    resolved.id, one.name, title=resolved.title,
                )  # fmt: skip

    def _may_read(self, path: Path) -> bool:
        return self.trusted or any(_is_below(path, one) for one in (self.folder, *self.settings.allow_read))

    def _may_write(self, path: Path) -> bool:
        return self.trusted or any(_is_below(path, one) for one in (self.output, *self.settings.allow_write))

    def _outside_sentence(self, path: Path) -> str:
        return f"reads outside the workflow's folder; if you mean it, allow it by --allow-read {path.parent}"

    def _outside_write(self, path: Path) -> str:
        return f"writes outside the output folder; if you mean it, allow it by --allow-write {path.parent}"

    # -- connections --------------------------------------------------------------------------

    def _check_component_ports(self) -> None:
        """Tell the ports of components that lead to nothing inside."""
        inputs = [
            ("input", component, port, target)
            for component, ports in self.inputs.items()
            for port, targets in ports.items()
            for target in targets
        ]
        outputs = [
            ("output", component, port, source)
            for component, ports in self.outputs.items()
            for port, source in ports.items()
        ]
        for kind, component, port, (node, inner) in [*inputs, *outputs]:
            ports_of = self.inputs if kind == "input" else self.outputs
            if node in self.unopened or (node in ports_of and inner in ports_of[node]):
                continue
            if node in ports_of:
                names = list(ports_of[node])
            elif node in self.nodes:
                declared = self.nodes[node].type
                if declared is None:
                    continue
                names = [one["name"] for one in declared.declaration[f"{kind}s"]]
                if inner in names:
                    continue
            else:
                names = []
            self.broken.add((node, inner))
            prefix = f"{component}/"
            known = [one[len(prefix) :] for one in [*self.nodes, *self.outputs] if one.startswith(prefix)]
            way_out = (
                self._hint(inner, names)
                if names
                else f"it has no {kind}s"
                if node in self.nodes
                else self._hint(node[len(prefix) :], known)
            )
            self._problem(
                "unknown-port",
                f'its {kind} "{shorten(port)}" leads to "{shorten(f"{node[len(prefix) :]}.{inner}")}", '
                f"which is not there; {way_out}",
                component, port=port, title=f'Component "{shorten(component)}"',
            )  # fmt: skip

    def _connect(self) -> None:
        taken: dict[tuple[str, str], set[Source]] = {}
        tried: set[tuple[str, str]] = set()
        for prefix, wire in self.wires:
            source_id, target_id = prefix + wire.source, prefix + wire.target
            source = self._true_source(source_id, wire.output, wire)
            targets = self._true_targets(target_id, wire.input, wire)
            tried.update(targets or ())
            if source is None or targets is None:
                continue
            for target, port_name in targets:
                resolved = self.nodes[target]
                if resolved.type is None:
                    resolved.inputs.setdefault(port_name, []).append(source)
                    continue
                port = next(p for p in resolved.type.declaration["inputs"] if p["name"] == port_name)
                giver = self.nodes[source[0]]
                given = _port_type(giver, source[1])
                if given is not None and given != port["type"]:
                    self._problem(
                        "wrong-port-type",
                        f'input "{port_name}" takes {_a(port["type"])}, but '
                        f'"{shorten(giver.own_label)}.{source[1]}" gives {_a(given)}'
                        f"{self._way_to(port['type'], giver, given)}",
                        target, port=port_name, title=resolved.title,
                    )  # fmt: skip
                    continue
                held = taken.setdefault((target, port_name), set())
                if source in held:
                    self._problem(
                        "doubled-connection", f'the connection "{shorten(str(wire))}" stands twice; remove one',
                        target, port=port_name, title=resolved.title,
                    )  # fmt: skip
                    continue
                if held and not port["variadic"]:
                    self._problem(
                        "doubled-connection",
                        f'input "{port_name}" takes one connection, but has two: from '
                        f'"{shorten(min(held)[0])}" and "{shorten(source[0])}"; remove one, or concatenate the tables first',
                        target, port=port_name, title=resolved.title,
                    )  # fmt: skip
                    continue
                held.add(source)
                resolved.inputs.setdefault(port_name, []).append(source)
        for resolved in self.nodes.values():
            if resolved.type is None:
                continue
            for port in resolved.type.declaration["inputs"]:
                if port["name"] not in resolved.inputs and not port["optional"]:
                    fault = (
                        "gets nothing, as its connection does not hold"
                        if (resolved.id, port["name"]) in tried
                        else f"is not connected; it needs {_a(port['type'])}"
                    )
                    self._problem(
                        "missing-input", f'input "{port["name"]}" {fault}', resolved.id,
                        port=port["name"], title=resolved.title,
                    )  # fmt: skip

    def _way_to(self, wanted: str, giver: ResolvedNode, given: str) -> str:
        """How a value of the wanted type is to be had: from the same node, by a node between, or from another node."""
        assert giver.type is not None
        fitting = [p["name"] for p in giver.type.declaration["outputs"] if p["type"] == wanted]
        if fitting:
            return f'; connect its output "{fitting[0]}"'
        between: list[str] = []
        if self.patience > 0:
            self.patience -= len(self.registry)
            between = self.registry.between(given, wanted)
        if between:
            return f"; put one of these between: {', '.join(between)}"
        return f"; connect a node that gives {_a(wanted)}"

    def _is_lost(self, source: Source) -> bool:
        return self._within(source)[0] not in self.nodes or self._within(source) in self.broken

    def _within(self, source: Source) -> Source:
        """The node an output of a component comes from, through components within components."""
        for _ in range(50):
            node, port = source
            if node not in self.outputs or port not in self.outputs[node]:
                break
            source = self.outputs[node][port]
        return source

    def _true_source(self, node: str, port: str, wire: Connection) -> Source | None:
        for _ in range(50):
            if node in self.outputs:
                inner = self.outputs[node]
                if port not in inner:
                    self._unknown_port(wire, node, "output", port, list(inner))
                    return None
                node, port = inner[port]
                continue
            if (node, port) in self.broken or node in self.unopened:
                return None  # told already
            resolved = self.nodes.get(node)
            if resolved is None:
                self._dangling(wire, node)
                return None
            if resolved.type is not None:
                names = [p["name"] for p in resolved.type.declaration["outputs"]]
                if port not in names:
                    self._unknown_port(wire, node, "output", port, names)
                    return None
            return node, port
        return None

    def _true_targets(self, node: str, port: str, wire: Connection) -> list[tuple[str, str]] | None:
        found: list[tuple[str, str]] = []
        waiting = [(node, port)]
        seen = set(waiting)
        for node, port in waiting:  # grows while it is walked
            if node in self.inputs:
                inner = self.inputs[node]
                if port not in inner:
                    self._unknown_port(wire, node, "input", port, list(inner))
                    return None
                further = [one for one in dict.fromkeys(inner[port]) if one not in seen]
                seen.update(further)
                waiting.extend(further)
                continue
            if (node, port) in self.broken or node in self.unopened:
                continue  # told already
            resolved = self.nodes.get(node)
            if resolved is None:
                self._dangling(wire, node)
                return None
            if resolved.type is not None:
                names = [p["name"] for p in resolved.type.declaration["inputs"]]
                if port not in names:
                    self._unknown_port(wire, node, "input", port, names)
                    return None
            found.append((node, port))
        return found

    def _dangling(self, wire: Connection, node: str) -> None:
        self._problem(
            "dangling-connection",
            f'the connection "{shorten(str(wire))}" names a node "{shorten(node)}" that is not there; '
            f"{self._hint(node, self.nodes, self.outputs)}",
        )

    def _hint(self, name: str, *known: Collection[str]) -> str:
        """The nearest names, while there is patience: ten thousand faults do not get a search each."""
        if self.patience <= 0:
            return "add it, or take away what names it"
        self.patience -= sum(map(len, known))
        return did_you_mean(name, [one for part in known for one in part])

    def _unknown_port(self, wire: Connection, node: str, kind: str, port: str, names: list[str]) -> None:
        has = f"it has {listing(names)}" if names else f"it has no {kind}s"
        title = self.nodes[node].title if node in self.nodes else f'Component "{shorten(node)}"'
        self._problem(
            "unknown-port", f'no {kind} "{shorten(port)}" (connection "{shorten(str(wire))}"); {has}',
            node, port=port, title=title,
        )  # fmt: skip

    def _problem(
        self, kind: str, message: str, node: str = "", parameter: str = "", *, port: str = "", title: str = ""
    ) -> None:
        self.problems.append(Problem(kind, message, node, title, parameter, port))


_PATIENCE = 200_000
"""How many names are compared in all to find the nearest ones; one comparison takes microseconds."""

_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def _followed(path: Path) -> Path:
    """The path with every link followed; raises `OSError` or `RuntimeError` where links go in a circle."""
    found = path.resolve()
    if os.path.islink(found):  # Python 3.13 gives a circle back as it is
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return found


def _odd_path(value: str) -> str | None:
    """A sentence on a path that no workflow should have, or None."""
    if re.match(r"(?i)^[a-z][a-z0-9+.-]+://", value):
        return "a URL is not a path; this node reads files only"
    if value.startswith(("\\\\", "//")):
        return "network paths are not read"
    parts = re.split(r"[/\\]", value)
    if any(_RESERVED.match(part) for part in parts):
        return "the name is reserved on Windows"
    if any(part != part.rstrip(". ") and part not in (".", "..") for part in parts):
        return "a name in it ends with a dot or a blank"
    if any(len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts):
        return "a name in it is longer than 255 bytes"
    return None


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder.resolve())


def _port_type(resolved: ResolvedNode, port: str) -> str | None:
    if resolved.type is None:
        return None
    return next((str(p["type"]) for p in resolved.type.declaration["outputs"] if p["name"] == port), None)


def _a(port_type: str) -> str:
    return port_type if port_type.endswith("s") else f"a {port_type}"


def _from_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _fitting(text: str, decode: Any) -> Any:
    """The JSON reading of a text where the parameter takes it, else the text itself."""
    for value in (_from_text(text), text):
        try:
            decode(value)
        except ParameterError:
            continue
        return value
    return _from_text(text)


__all__ = ["MISSING", "Resolution", "ResolvedNode", "Settings", "Source", "Text", "resolve"]
