"""Nodes into a component and out again: the two commands, and how a component's ports follow from its wires."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from nodeflow.document import to_data
from nodeflow.errors import NodeflowError
from nodeflow.workflow import COMPONENT, Connection, Workflow, is_reference
from nodeflow_gui.document.clipboard import free_id
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.commands import outside_wires, without_nodes
from nodeflow_gui.document.edits import (
    ABSENT,
    Edit,
    InsertEntries,
    Level,
    PutEntry,
    Splice,
    node_data,
    node_from,
)
from nodeflow_gui.document.geometry import CARD_WIDTH, Place, as_json, is_place
from nodeflow_gui.document.wiring import after
from nodeflow_gui.document.words import QT_TRANSLATE_NOOP, tr


class Collapse(Command):
    """Put nodes into a component, in whose place their outer wires go on."""

    title = QT_TRANSLATE_NOOP("Document", "Make component")

    def __init__(
        self, level: Level, nodes: Collection[str], name: str, node: str, places: Mapping[str, Place]
    ) -> None:
        super().__init__(level)
        self.nodes, self.name, self.node, self.places = set(nodes), name, node, places

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        check_can_collapse(workflow, self.nodes)
        inner, outer = self._inner(workflow)
        passed_on = list(_passed_on(workflow, self.level, self.nodes, self.node, inner))
        parameters = {name: {"variable": name} for name in inner.variables}
        data = {
            "type": COMPONENT,
            "label": self.name,
            "workflow": _inner_data(inner),
            "parameters": parameters,
        }
        for index in range(len(workflow.connections) - 1, -1, -1):
            wire = workflow.connections[index]
            if wire.source in self.nodes or wire.target in self.nodes:
                yield Splice(self.level, "connections", index, 1, tuple(outer.get(index, ())))
        chosen = [name for name in workflow.nodes if name in self.nodes]
        place = list(workflow.nodes).index(chosen[0])
        yield from passed_on
        yield from without_nodes(workflow, self.level, chosen)
        yield PutEntry(self.level, "nodes", self.node, data, place)
        yield PutEntry(self.level, "layout", self.node, as_json(_middle([self.places[n] for n in chosen])))

    def _inner(self, workflow: Workflow) -> tuple[Workflow, dict[int, list[Connection]]]:
        """The workflow of the component, and what stands for each connection that crossed its border."""
        inner = Workflow(self.name)
        corner = min(self.places[n][0] for n in self.nodes), min(self.places[n][1] for n in self.nodes)
        for name, instance in workflow.nodes.items():
            if name in self.nodes:
                inner.nodes[name] = node_from(node_data(instance))
                x, y = self.places[name]
                inner.layout[name] = as_json((x - corner[0], y - corner[1]))
        for name in sorted(used_variables(inner) & set(workflow.variables)):
            inner.variables[name] = workflow.variables[name]
        outer: dict[int, list[Connection]] = {}
        entry: dict[tuple[str, str], str] = {}
        leaving: dict[tuple[str, str], str] = {}
        for index, wire in enumerate(workflow.connections):
            source_in, target_in = wire.source in self.nodes, wire.target in self.nodes
            if source_in and target_in:
                inner.connections.append(wire)
            elif target_in:
                origin = wire.source, wire.output
                if origin not in entry:
                    entry[origin] = free_id(wire.input, inner.inputs)
                    inner.inputs[entry[origin]] = []
                    outer[index] = [Connection(wire.source, wire.output, self.node, entry[origin])]
                inner.inputs[entry[origin]].append(f"{wire.target}.{wire.input}")
            elif source_in:
                end = wire.source, wire.output
                if end not in leaving:
                    leaving[end] = free_id(wire.output, inner.outputs)
                    inner.outputs[leaving[end]] = f"{wire.source}.{wire.output}"
                outer[index] = [Connection(self.node, leaving[end], wire.target, wire.input)]
        return inner, outer


class Expand(Command):
    """Take the nodes out of a component; the wires that went through its ports go to them."""

    title = QT_TRANSLATE_NOOP("Document", "Expand component")

    def __init__(
        self,
        level: Level,
        node: str,
        inner: Workflow,
        places: Mapping[str, Place],
        inner_places: Mapping[str, Place],
    ) -> None:
        super().__init__(level)
        self.node, self.inner, self.places, self.inner_places = node, inner, places, inner_places
        self.names: dict[str, str] = {}

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        component = workflow.nodes[self.node]
        taken = set(workflow.nodes) - {self.node}
        for name in self.inner.nodes:
            self.names[name] = free_id(name, {*taken, *self.names.values()})
        index = list(workflow.nodes).index(self.node)
        values = {name: one.default for name, one in self.inner.variables.items()} | component.parameters
        exposed: dict[str, dict[str, Any]] = {}
        for name, target in self.inner.expose.items():
            node, _, parameter = target.rpartition(".")
            if name in component.parameters:
                exposed.setdefault(node, {})[parameter] = component.parameters[name]
        yield from self._wires(workflow)
        yield from self._handed_back(workflow)
        yield from without_nodes(workflow, self.level, [self.node])
        entries: list[tuple[int, str, Any]] = []
        for name, instance in self.inner.nodes.items():
            data = node_data(instance)
            parameters = {key: _filled(value, values) for key, value in instance.parameters.items()}
            data = {**data, "parameters": parameters | exposed.get(name, {})}
            entries.append((index + len(entries), self.names[name], data))
        yield InsertEntries(self.level, "nodes", tuple(entries))
        yield from self._layout(workflow)
        if self.inner.notes:
            yield Splice(self.level, "notes", len(workflow.notes), 0, tuple(self._notes()))

    def _wires(self, workflow: Workflow) -> Iterator[Edit]:
        for index in range(len(workflow.connections) - 1, -1, -1):
            wire = workflow.connections[index]
            if wire.target == self.node:
                ends = [end.rpartition(".") for end in self.inner.inputs.get(wire.input, ())]
                heirs = [
                    Connection(wire.source, wire.output, self.names[node], port)
                    for node, _, port in ends
                    if node in self.names
                ]
                yield Splice(self.level, "connections", index, 1, tuple(heirs))
            elif wire.source == self.node:
                node, _, port = self.inner.outputs.get(wire.output, "").rpartition(".")
                heir = (
                    Connection(self.names[node], port, wire.target, wire.input)
                    if node in self.names
                    else None
                )
                yield Splice(self.level, "connections", index, 1, () if heir is None else (heir,))
        if self.inner.connections:
            own = [
                Connection(self.names[wire.source], wire.output, self.names[wire.target], wire.input)
                for wire in self.inner.connections
                if wire.source in self.names and wire.target in self.names
            ]
            yield Splice(self.level, "connections", len(workflow.connections), 0, tuple(own))

    def _handed_back(self, workflow: Workflow) -> Iterator[Edit]:
        """Ports and settings of the workflow itself, a component too, that led to the component lead to its nodes."""
        prefix = f"{self.node}."
        for name, ends in list(workflow.inputs.items()):
            found = [
                inside
                for end in ends
                for inside in (
                    map(self._renamed, self.inner.inputs.get(end.removeprefix(prefix), ()))
                    if end.startswith(prefix)
                    else (end,)
                )
            ]
            if found != ends:
                yield PutEntry(self.level, "inputs", name, found)
        for side, inner in (("outputs", self.inner.outputs), ("expose", self._settings())):
            for name, end in list(getattr(workflow, side).items()):
                if end.startswith(prefix):
                    inside = inner.get(end.removeprefix(prefix))
                    yield PutEntry(self.level, side, name, self._renamed(inside) if inside else ABSENT)

    def _settings(self) -> dict[str, str]:
        """The parameters of nodes that the component's settings stand for; a variable for the first that uses it."""
        found = dict(self.inner.expose)
        for node, instance in self.inner.nodes.items():
            for parameter, value in instance.parameters.items():
                if is_reference(value):
                    found.setdefault(value["variable"], f"{node}.{parameter}")
        return found

    def _renamed(self, end: str) -> str:
        """A port or parameter of an inner node under the id that the node gets outside."""
        node, _, name = end.rpartition(".")
        return f"{self.names.get(node, node)}.{name}"

    def _layout(self, workflow: Workflow) -> Iterator[Edit]:
        """Where the component stood; what lies to its right makes room."""
        x, y = self.places[self.node]
        spots = list(self.inner_places.values())
        left, top = min((one for one, _ in spots), default=0.0), min((one for _, one in spots), default=0.0)
        width = max((one for one, _ in spots), default=0.0) - left
        for name, place in self.places.items():
            if name != self.node and width and place[0] >= x + CARD_WIDTH / 2:
                yield PutEntry(self.level, "layout", name, as_json((place[0] + width, place[1])))
        for name, (inner_x, inner_y) in self.inner_places.items():
            yield PutEntry(
                self.level, "layout", self.names[name], as_json((x + inner_x - left, y + inner_y - top))
            )

    def _notes(self) -> list[Any]:
        x, y = self.places[self.node]
        moved = []
        for note in self.inner.notes:
            at = note.get("at") if isinstance(note, dict) else None
            moved.append(
                {**note, "at": as_json((at[0] + x, at[1] + y))} if at is not None and is_place(at) else note
            )
        return moved


class SetPort(Command):
    """Give a component's workflow an input or output, rename it or take it away; wires outside follow."""

    title = QT_TRANSLATE_NOOP("Document", "Change ports")

    def __init__(self, level: Level, side: str, name: str, ends: Any = ABSENT, new_name: str = "") -> None:
        super().__init__(level)
        self.side, self.name, self.ends, self.new_name = side, name, ends, new_name or name

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        held: dict[str, Any] = getattr(workflow, self.side)
        index = list(held).index(self.name) if self.name in held else None
        if index is not None and (self.ends is ABSENT or self.new_name != self.name):
            heir = None if self.ends is ABSENT else self.new_name
            yield from outside_wires(self.root, self.level, self.side, self.name, heir)
            yield PutEntry(self.level, self.side, self.name)
        if self.ends is not ABSENT and held.get(self.new_name) != self.ends:
            yield PutEntry(self.level, self.side, self.new_name, self.ends, index)


def check_can_collapse(
    workflow: Workflow, nodes: Collection[str], title_of: Callable[[str], str] | None = None
) -> None:
    """Raise `NodeflowError` if a component of the nodes would stand before and after another node."""
    title_of = title_of or workflow.title_of
    if not nodes:
        raise NodeflowError(tr("select the nodes that are to go into the component"))
    leaving = [wire for wire in workflow.connections if wire.source in nodes and wire.target not in nodes]
    inside = set(nodes)
    for wire in leaving:
        back = after(workflow.connections, wire.target) & inside
        if back:
            words = tr('"{0}" comes after one of these nodes and before "{1}"; select it too')
            raise NodeflowError(words.format(title_of(wire.target), title_of(min(back))))


def used_variables(workflow: Workflow) -> set[str]:
    """The variables that the parameters of a workflow's nodes refer to."""
    return {
        value["variable"]
        for instance in workflow.nodes.values()
        for value in instance.parameters.values()
        if is_reference(value)
    }


def _passed_on(
    workflow: Workflow, level: Level, nodes: set[str], component: str, inner: Workflow
) -> Iterator[Edit]:
    """Ports and settings of the workflow itself, a component too, that led to the nodes go through the new one."""
    for name, ends in list(workflow.inputs.items()):
        within = [end for end in ends if end.rpartition(".")[0] in nodes]
        if within:
            port = free_id(name, inner.inputs)
            inner.inputs[port] = within
            yield PutEntry(
                level, "inputs", name, [*(e for e in ends if e not in within), f"{component}.{port}"]
            )
    for name, end in list(workflow.outputs.items()):
        if end.rpartition(".")[0] in nodes:
            port = next((p for p, inside in inner.outputs.items() if inside == end), "") or free_id(
                name, inner.outputs
            )
            inner.outputs[port] = end
            yield PutEntry(level, "outputs", name, f"{component}.{port}")
    for name, end in list(workflow.expose.items()):
        if end.rpartition(".")[0] in nodes:
            own = free_id(name, inner.expose)
            inner.expose[own] = end
            yield PutEntry(level, "expose", name, f"{component}.{own}")


def _inner_data(inner: Workflow) -> dict[str, Any]:
    data = to_data(inner)
    del data["nodeflow"]
    return data


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    return values.get(value["variable"], value) if is_reference(value) else value


def _middle(spots: list[Place]) -> Place:
    return (
        (min(x for x, _ in spots) + max(x for x, _ in spots)) / 2,
        (min(y for _, y in spots) + max(y for _, y in spots)) / 2,
    )
