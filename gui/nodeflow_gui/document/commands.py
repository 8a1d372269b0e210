"""The user's actions on nodes and their settings, one command class each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nodeflow.errors import NodeflowError, shorten
from nodeflow.workflow import Connection, Workflow
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.edits import (
    ABSENT,
    Edit,
    Level,
    PutEntry,
    PutField,
    RemoveEntries,
    Splice,
    same_value,
    workflow_at,
)
from nodeflow_gui.document.geometry import Place, as_json
from nodeflow_gui.document.wiring import BORDER, Declare, healing, port_of, types_fit
from nodeflow_gui.document.words import QT_TRANSLATE_NOOP, tr


class AddNode(Command):
    """Add one node, wired to others at once if wished."""

    title = QT_TRANSLATE_NOOP("Document", "Add node")

    def __init__(
        self,
        level: Level,
        node: str,
        data: Mapping[str, Any],
        place: Place,
        wires: Sequence[Connection] = (),
        replaced: Sequence[Connection] = (),
        room: Move | None = None,
    ) -> None:
        super().__init__(level)
        self.node, self.data, self.place = node, dict(data), place
        self.wires, self.replaced, self.room = wires, replaced, room

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        if self.room is not None:
            yield from self.room.plan(workflow)
        yield PutEntry(self.level, "nodes", self.node, self.data)
        yield PutEntry(self.level, "layout", self.node, as_json(self.place))
        yield from rewire(workflow, self.level, self.replaced, self.wires)


class InsertNode(Command):
    """Put a node that is there already on a connection."""

    title = QT_TRANSLATE_NOOP("Document", "Insert node")

    def __init__(
        self,
        level: Level,
        node: str,
        place: Place,
        wire: Connection,
        wires: Sequence[Connection],
        room: Move | None = None,
    ) -> None:
        super().__init__(level)
        self.node, self.place, self.wire, self.wires, self.room = node, place, wire, wires, room

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        if self.room is not None:
            yield from self.room.plan(workflow)
        yield from put_places(workflow, self.level, {self.node: self.place})
        yield from rewire(workflow, self.level, [self.wire], self.wires)


class Connect(Command):
    """Draw a connection; those that hold its input give way."""

    title = QT_TRANSLATE_NOOP("Document", "Connect")

    def __init__(self, level: Level, wire: Connection, replaced: Sequence[Connection] = ()) -> None:
        super().__init__(level)
        self.wire, self.replaced = wire, replaced

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        yield from rewire(workflow, self.level, self.replaced, [self.wire])


class Reconnect(Connect):
    """Lead a connection to another port."""

    title = QT_TRANSLATE_NOOP("Document", "Reconnect")


class Remove(Command):
    """Remove nodes and connections; healing joins what stood before and after the nodes."""

    title = QT_TRANSLATE_NOOP("Document", "Delete")

    def __init__(
        self,
        level: Level,
        nodes: Iterable[str],
        connections: Iterable[Connection],
        declare: Declare | None = None,
    ) -> None:
        super().__init__(level)
        self.nodes, self.connections, self.declare = list(dict.fromkeys(nodes)), set(connections), declare
        if declare is not None:
            self.setText(tr("Delete and heal"))

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        gone = set(self.nodes)
        found = healing(workflow, self.declare, gone) if self.declare is not None else []
        bridges = {index: one for index, one in found if BORDER not in (one.source, one.target)}
        for index in range(len(workflow.connections) - 1, -1, -1):
            wire = workflow.connections[index]
            if wire in self.connections or wire.source in gone or wire.target in gone:
                yield Splice(
                    self.level, "connections", index, 1, (bridges[index],) if index in bridges else ()
                )
        yield from self._ports(workflow, gone, [one for _, one in found])
        yield from without_nodes(workflow, self.level, self.nodes)

    def _ports(self, workflow: Workflow, gone: set[str], bridges: Sequence[Connection]) -> Iterator[Edit]:
        """A component loses the ports and settings that led to removed nodes, but for ports that are led on."""
        for name, ends in list(workflow.inputs.items()):
            led_on = [f"{w.target}.{w.input}" for w in bridges if (w.source, w.output) == (BORDER, name)]
            kept = [end for end in ends if end.rpartition(".")[0] not in gone] + led_on
            if kept != ends:
                if not kept:
                    yield from outside_wires(self.root, self.level, "inputs", name, None)
                yield PutEntry(self.level, "inputs", name, kept or ABSENT)
        heirs = {w.input: f"{w.source}.{w.output}" for w in bridges if w.target == BORDER}
        for name, end in list(workflow.outputs.items()):
            if end.rpartition(".")[0] in gone:
                if name not in heirs:
                    yield from outside_wires(self.root, self.level, "outputs", name, None)
                yield PutEntry(self.level, "outputs", name, heirs.get(name, ABSENT))
        for name, end in list(workflow.expose.items()):
            if end.rpartition(".")[0] in gone:
                yield PutEntry(self.level, "expose", name)


class Move(Command):
    """Move nodes, and notes and frames by their index."""

    title = QT_TRANSLATE_NOOP("Document", "Move")
    merges = True

    def __init__(
        self, level: Level, nodes: Mapping[str, Place], notes: Mapping[int, Place] | None = None
    ) -> None:
        super().__init__(level)
        self.nodes, self.notes = dict(nodes), dict(notes or {})

    def subject(self) -> object:
        return frozenset(self.nodes), frozenset(self.notes)

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        yield from put_places(workflow, self.level, self.nodes)
        for index, place in self.notes.items():
            note = workflow.notes[index]
            data = {"text": note} if isinstance(note, str) else note
            if data.get("at") != as_json(place):
                yield Splice(self.level, "notes", index, 1, ({**data, "at": as_json(place)},))


class Arrange(Move):
    """Lay nodes out anew: aligned, distributed, or all by layers."""

    title = QT_TRANSLATE_NOOP("Document", "Arrange")
    merges = False


class SetParameter(Command):
    """Give a parameter a value."""

    title = QT_TRANSLATE_NOOP("Document", "Change setting")
    merges = True

    def __init__(
        self,
        level: Level,
        node: str,
        name: str,
        value: Any,
        order: Sequence[str] = (),
        default: Any = ABSENT,
    ) -> None:
        super().__init__(level)
        self.node, self.name, self.value, self.order = node, name, value, order
        self.default = default

    def subject(self) -> object:
        return self.node, self.name

    def ends_where_it_began(self) -> bool:
        held = workflow_at(self.root, self.level).nodes[self.node].parameters.get(self.name)
        was_default = all(isinstance(edit, PutEntry) and edit.value is ABSENT for edit in self.inverses)
        return (was_default and same_value(held, self.default)) or super().ends_where_it_began()

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        held = workflow.nodes[self.node].parameters
        if self.name in held and same_value(held[self.name], self.value):
            return
        # in the file, parameters stand in the order in which the node declares them
        names = list(held)
        declared = list(self.order)
        earlier = set(declared[: declared.index(self.name)]) if self.name in declared else set(names)
        index = max((place + 1 for place, name in enumerate(names) if name in earlier), default=0)
        yield PutEntry(self.level, "parameters", self.name, self.value, index, self.node)


class ResetParameter(Command):
    """Take a parameter's value away, so that its default holds."""

    title = QT_TRANSLATE_NOOP("Document", "Reset setting")

    def __init__(self, level: Level, node: str, name: str) -> None:
        super().__init__(level)
        self.node, self.name = node, name

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        if self.name in workflow.nodes[self.node].parameters:
            yield PutEntry(self.level, "parameters", self.name, ABSENT, node=self.node)


class SetLabel(Command):
    """Give a node a name of the user's own."""

    title = QT_TRANSLATE_NOOP("Document", "Rename")
    merges = True

    def __init__(self, level: Level, node: str, label: str) -> None:
        super().__init__(level)
        self.node, self.label = node, label

    def subject(self) -> object:
        return self.node

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        if workflow.nodes[self.node].label != self.label:
            yield PutField(self.level, "label", self.label, self.node)


class Retype(Command):
    """Make a node one of another type; settings and wires that the new type knows stay."""

    title = QT_TRANSLATE_NOOP("Document", "Change node type")

    def __init__(self, level: Level, node: str, declaration: Mapping[str, Any], declare: Declare) -> None:
        super().__init__(level)
        self.node, self.declaration, self.declare = node, declaration, declare

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        instance, old = workflow.nodes[self.node], self.declare(self.node)
        if instance.type == self.declaration["id"]:
            return
        known = {one["name"] for one in self.declaration["parameters"]}
        data: dict[str, Any] = {"type": self.declaration["id"]}
        if instance.label:
            data["label"] = instance.label
        data["parameters"] = {name: value for name, value in instance.parameters.items() if name in known}
        yield PutEntry(self.level, "nodes", self.node, data)
        for side, own in (("inputs", "target"), ("outputs", "source")):
            names = _renamed(old[side], self.declaration[side])
            for index in range(len(workflow.connections) - 1, -1, -1):
                wire = workflow.connections[index]
                if getattr(wire, own) != self.node:
                    continue
                port = names.get(wire.input if own == "target" else wire.output)
                if port is None:
                    yield Splice(self.level, "connections", index, 1)
                    continue
                new = (
                    Connection(wire.source, wire.output, wire.target, port)
                    if own == "target"
                    else Connection(wire.source, port, wire.target, wire.input)
                )
                if new != wire:
                    yield Splice(self.level, "connections", index, 1, (new,))


class SetVariable(Command):
    """Declare a variable or change its default; `ABSENT` takes it away."""

    title = QT_TRANSLATE_NOOP("Document", "Change variable")
    merges = True

    def __init__(self, level: Level, name: str, data: Any) -> None:
        super().__init__(level)
        self.name, self.data = name, data

    def subject(self) -> object:
        # one that is taken away and declared anew comes in another place of the file: two steps, each exact
        return self.name, self.data is ABSENT

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        if self.data is ABSENT and self.name not in workflow.variables:
            return
        edit = PutEntry(self.level, "variables", self.name, self.data)
        if self.name in workflow.variables:
            held = edit._encoded(workflow.variables[self.name])
            if self.data is not ABSENT and same_value(held, self.data):
                return
        yield edit


class SetDetails(Command):
    """Change the name or the description of the workflow."""

    title = QT_TRANSLATE_NOOP("Document", "Change name or description")
    merges = True

    def __init__(self, level: Level, details: Mapping[str, str]) -> None:
        super().__init__(level)
        self.details = dict(details)

    def subject(self) -> object:
        return frozenset(self.details)

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        for name, value in self.details.items():
            if getattr(workflow, name) != value:
                yield PutField(self.level, name, value)


class Paste(Command):
    """Add nodes with the connections among them, and notes."""

    title = QT_TRANSLATE_NOOP("Document", "Paste")

    def __init__(
        self,
        level: Level,
        nodes: Mapping[str, Mapping[str, Any]],
        places: Mapping[str, Place],
        wires: Sequence[Connection],
        notes: Sequence[Any] = (),
    ) -> None:
        super().__init__(level)
        self.nodes, self.places, self.wires, self.notes = dict(nodes), places, wires, notes

    def plan(self, workflow: Workflow) -> Iterator[Edit]:
        for node, data in self.nodes.items():
            yield PutEntry(self.level, "nodes", node, dict(data))
            yield PutEntry(self.level, "layout", node, as_json(self.places[node]))
        if self.wires:
            yield Splice(self.level, "connections", len(workflow.connections), 0, tuple(self.wires))
        if self.notes:
            yield Splice(self.level, "notes", len(workflow.notes), 0, tuple(self.notes))


def put_places(workflow: Workflow, level: Level, nodes: Mapping[str, Place]) -> Iterator[Edit]:
    """The edits that move nodes, without those that stay."""
    for node, place in nodes.items():
        if node not in workflow.nodes:
            raise NodeflowError(f'there is no node "{shorten(node)}" to move')
        if workflow.layout.get(node) != as_json(place):
            yield PutEntry(level, "layout", node, as_json(place))


def without_nodes(workflow: Workflow, level: Level, nodes: Iterable[str]) -> Iterator[Edit]:
    """The edits that take nodes and their places away; their connections are left to others."""
    gone = tuple(node for node in nodes if node in workflow.nodes)
    placed = tuple(node for node in gone if node in workflow.layout)
    if gone:
        yield RemoveEntries(level, "nodes", gone)
    if placed:
        yield RemoveEntries(level, "layout", placed)


def rewire(
    workflow: Workflow, level: Level, removed: Iterable[Connection], added: Sequence[Connection]
) -> Iterator[Edit]:
    """The edits that put connections in the place of others, so that the order of a variadic input stays."""
    gone, coming = set(removed), list(added)
    for index in range(len(workflow.connections) - 1, -1, -1):
        wire = workflow.connections[index]
        if wire in gone:
            heir = next((one for one in coming if (one.target, one.input) == (wire.target, wire.input)), None)
            if heir is not None:
                coming.remove(heir)
            yield Splice(level, "connections", index, 1, () if heir is None else (heir,))
    if coming:
        yield Splice(level, "connections", len(workflow.connections), 0, tuple(coming))


def outside_wires(root: Workflow, level: Level, side: str, port: str, heir: str | None) -> Iterator[Edit]:
    """The edits that lead the wires at a component's port to another of its ports, or take them away."""
    if not level:
        return
    component, outer = level[-1], workflow_at(root, level[:-1])
    for index in range(len(outer.connections) - 1, -1, -1):
        wire = outer.connections[index]
        if side == "inputs" and (wire.target, wire.input) == (component, port):
            new = Connection(wire.source, wire.output, component, heir or "")
        elif side == "outputs" and (wire.source, wire.output) == (component, port):
            new = Connection(component, heir or "", wire.target, wire.input)
        else:
            continue
        yield Splice(level[:-1], "connections", index, 1, () if heir is None else (new,))


def _renamed(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Old port names to those of the new type: the same name, else the first free port of the same type."""
    names: dict[str, str] = {}
    for port in old:
        same = port_of(new, port["name"])
        if same is not None and types_fit(port["type"], same["type"]):
            names[port["name"]] = same["name"]
    for port in old:
        if port["name"] not in names:
            free = [
                p["name"]
                for p in new
                if p["name"] not in names.values() and types_fit(port["type"], p["type"])
            ]
            if free:
                names[port["name"]] = free[0]
    return names
