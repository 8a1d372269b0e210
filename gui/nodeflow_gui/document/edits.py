"""The smallest changes of a workflow. Each is plain data, and carrying one out gives the one that undoes it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nodeflow.document import from_data, to_data
from nodeflow.errors import NodeflowError, shorten
from nodeflow.workflow import Connection, NodeInstance, Workflow

Level = tuple[str, ...]
"""The components one has to enter to come to a workflow; empty for the outermost."""


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""In place of a value: there is no such entry."""


@dataclass(frozen=True)
class Change:
    """What became different, for all who show the workflow.

    `kind` is "nodes added", "nodes removed", "node changed", "connections changed", "moved", "notes changed",
    "variables changed", "details changed" (name, description, ports of a component) or "reset". `ids` are the nodes,
    or the connections, or the names; those within a component begin with its id and a stroke.
    """

    kind: str
    ids: tuple[Any, ...] = ()


def workflow_at(root: Workflow, level: Level) -> Workflow:
    """The workflow within the components of `level`; raises `NodeflowError` if there is none."""
    workflow = root
    for name in level:
        instance = workflow.nodes.get(name)
        inner = instance.workflow if instance is not None else None
        if not isinstance(inner, Workflow):
            raise NodeflowError(f'there is no component "{shorten("/".join(level))}" to edit')
        workflow = inner
    return workflow


def full_id(level: Level, node: str) -> str:
    """The id of a node as seen from outside: "component/node"."""
    return "/".join((*level, node))


def node_data(instance: NodeInstance) -> dict[str, Any]:
    """A node as in the file."""
    single = Workflow()
    single.nodes["node"] = instance
    data: dict[str, Any] = to_data(single)["nodes"]["node"]
    return data


def node_from(data: dict[str, Any]) -> NodeInstance:
    """A node out of the file's form; it shares nothing with the data."""
    return from_data({"nodeflow": 1, "nodes": {"node": copy.deepcopy(data)}}).nodes["node"]


@dataclass(frozen=True)
class PutEntry:
    """Set one entry of a mapping of the workflow, or take it away if the value is `ABSENT`.

    `holder` is "nodes", "layout", "variables", "inputs", "outputs", "expose", or "parameters" (then of `node`).
    `index` is the place of a new entry among the others, by default the last.
    """

    level: Level
    holder: str
    key: str
    value: Any = ABSENT
    index: int | None = None
    node: str = ""

    def carry_out(self, root: Workflow) -> PutEntry:
        """Change the workflow; gives the edit that undoes it."""
        mapping = self._mapping(root)
        if self.key in mapping:
            before, index = self._encoded(mapping[self.key]), None
            if self.value is ABSENT:
                index = list(mapping).index(self.key)
                del mapping[self.key]
            else:
                mapping[self.key] = self._decoded()
        else:
            before, index = ABSENT, None
            if self.value is not ABSENT:
                _insert(mapping, self.key, self._decoded(), self.index)
        return PutEntry(self.level, self.holder, self.key, before, index, self.node)

    def is_so(self, root: Workflow) -> bool:
        """Whether carrying it out would change nothing."""
        held = self._mapping(root)
        if self.key not in held:
            return self.value is ABSENT
        return self.value is not ABSENT and same_value(self._encoded(held[self.key]), self.value)

    def changes(self, inverse: PutEntry) -> Iterable[Change]:
        """What became different, once carried out."""
        if self.holder == "nodes":
            if inverse.value is ABSENT:
                kind = "nodes added"
            else:
                kind = "nodes removed" if self.value is ABSENT else "node changed"
            return [Change(kind, (full_id(self.level, self.key),))]
        if self.holder == "layout":
            return [Change("moved", (full_id(self.level, self.key),))]
        if self.holder == "parameters":
            return [Change("node changed", (full_id(self.level, self.node),))]
        if self.holder == "variables":
            inner = [Change("variables changed", (full_id(self.level, self.key),))]
        else:
            inner = [Change("details changed", ("/".join(self.level),))]
        # ports and settings of a component are seen from outside
        return [*inner, Change("node changed", ("/".join(self.level),))] if self.level else inner

    def _mapping(self, root: Workflow) -> dict[str, Any]:
        workflow = workflow_at(root, self.level)
        found: dict[str, Any] = (
            workflow.nodes[self.node].parameters
            if self.holder == "parameters"
            else getattr(workflow, self.holder)
        )
        return found

    def _encoded(self, value: Any) -> Any:
        if self.holder == "nodes":
            return node_data(value)
        if self.holder == "variables":
            holding = Workflow()
            holding.variables["one"] = value
            return to_data(holding)["variables"]["one"]
        return value

    def _decoded(self) -> Any:
        if self.holder == "nodes":
            return node_from(self.value)
        if self.holder == "variables":
            return from_data({"nodeflow": 1, "variables": {"one": self.value}}).variables["one"]
        return self.value


@dataclass(frozen=True)
class PutField:
    """Set a field of a node ("label", "type", "version", "workflow") or, without one, of the workflow."""

    level: Level
    name: str
    value: Any
    node: str = ""

    def carry_out(self, root: Workflow) -> PutField:
        """Change the workflow; gives the edit that undoes it."""
        workflow = workflow_at(root, self.level)
        owner: Any = workflow.nodes[self.node] if self.node else workflow
        before = getattr(owner, self.name)
        setattr(owner, self.name, self.value)
        return PutField(self.level, self.name, before, self.node)

    def is_so(self, root: Workflow) -> bool:
        """Whether carrying it out would change nothing."""
        workflow = workflow_at(root, self.level)
        owner: Any = workflow.nodes[self.node] if self.node else workflow
        return same_value(getattr(owner, self.name), self.value)

    def changes(self, inverse: PutField) -> Iterable[Change]:
        """What became different, once carried out."""
        if self.node:
            return [Change("node changed", (full_id(self.level, self.node),))]
        inner = [Change("details changed", ("/".join(self.level),))]
        # a component without a label is called by the name within
        return [*inner, Change("node changed", ("/".join(self.level),))] if self.level else inner


@dataclass(frozen=True)
class Splice:
    """Replace `count` entries of a list of the workflow from `index` on; `holder` is "connections" or "notes"."""

    level: Level
    holder: str
    index: int
    count: int
    inserted: tuple[Any, ...] = ()

    def carry_out(self, root: Workflow) -> Splice:
        """Change the workflow; gives the edit that undoes it."""
        held: list[Any] = getattr(workflow_at(root, self.level), self.holder)
        index = min(self.index, len(held))
        before = tuple(held[index : index + self.count])
        held[index : index + self.count] = self.inserted
        return Splice(self.level, self.holder, index, len(self.inserted), before)

    def is_so(self, root: Workflow) -> bool:
        """Whether carrying it out would change nothing."""
        held: list[Any] = getattr(workflow_at(root, self.level), self.holder)
        return same_value(held[self.index : self.index + self.count], list(self.inserted))

    def changes(self, inverse: Splice) -> Iterable[Change]:
        """What became different, once carried out."""
        if self.holder == "notes":
            return [Change("notes changed", self.level)]
        wires: Sequence[Connection] = (*inverse.inserted, *self.inserted)
        return [Change("connections changed", tuple(outside(self.level, wire) for wire in wires))]


@dataclass(frozen=True)
class RemoveEntries:
    """Take many nodes, or their places in the layout, away at once; `holder` is "nodes" or "layout"."""

    level: Level
    holder: str
    keys: tuple[str, ...]

    def carry_out(self, root: Workflow) -> InsertEntries:
        """Change the workflow; gives the edit that undoes it."""
        mapping: dict[str, Any] = getattr(workflow_at(root, self.level), self.holder)
        gone = set(self.keys)
        encode = node_data if self.holder == "nodes" else _as_it_is
        entries = [(i, key, encode(value)) for i, (key, value) in enumerate(mapping.items()) if key in gone]
        for _, key, _ in entries:
            del mapping[key]
        return InsertEntries(self.level, self.holder, tuple(entries))

    def is_so(self, root: Workflow) -> bool:
        """Whether carrying it out would change nothing."""
        return not self.keys

    def changes(self, inverse: InsertEntries) -> Iterable[Change]:
        """What became different, once carried out."""
        kind = "nodes removed" if self.holder == "nodes" else "moved"
        return [Change(kind, tuple(full_id(self.level, key) for _, key, _ in inverse.entries))]


@dataclass(frozen=True)
class InsertEntries:
    """Put many nodes, or their places in the layout, at their indexes at once, which ascend.

    One by one, each would copy the whole mapping to find room for one entry.
    """

    level: Level
    holder: str
    entries: tuple[tuple[int, str, Any], ...]

    def carry_out(self, root: Workflow) -> RemoveEntries:
        """Change the workflow; gives the edit that undoes it."""
        mapping: dict[str, Any] = getattr(workflow_at(root, self.level), self.holder)
        decode = node_from if self.holder == "nodes" else _as_it_is
        held = list(mapping.items())
        merged_entries: list[tuple[str, Any]] = []
        taken = 0
        for index, key, value in self.entries:
            before = max(0, index - len(merged_entries))
            merged_entries += held[taken : taken + before]
            taken += before
            merged_entries.append((key, decode(value)))
        mapping.clear()
        mapping.update(merged_entries + held[taken:])
        return RemoveEntries(self.level, self.holder, tuple(key for _, key, _ in self.entries))

    def is_so(self, root: Workflow) -> bool:
        """Whether carrying it out would change nothing."""
        return not self.entries

    def changes(self, inverse: RemoveEntries) -> Iterable[Change]:
        """What became different, once carried out."""
        kind = "nodes added" if self.holder == "nodes" else "moved"
        return [Change(kind, tuple(full_id(self.level, key) for key in inverse.keys))]


Edit = PutEntry | PutField | Splice | RemoveEntries | InsertEntries


def same_value(held: Any, value: Any) -> bool:
    """Whether two values are written alike: 1, 1.0 and true are different."""
    return bool(held == value) and repr(held) == repr(value)


def outside(level: Level, wire: Connection) -> Connection:
    """A connection as seen from outside its component."""
    if not level:
        return wire
    return Connection(full_id(level, wire.source), wire.output, full_id(level, wire.target), wire.input)


def carry_out(edits: Iterable[Edit], root: Workflow) -> tuple[list[Edit], list[Change]]:
    """Carry out edits in order; gives those that undo them, in the order to do so, and what became different.

    Edits may be made while the earlier ones are carried out. If making one fails, the earlier ones are undone.
    """
    inverses: list[Edit] = []
    changes: list[Change] = []
    try:
        for edit in edits:
            inverse = edit.carry_out(root)
            inverses.append(inverse)
            changes.extend(edit.changes(inverse))  # type: ignore[arg-type]
    except Exception:
        for inverse in reversed(inverses):
            inverse.carry_out(root)
        raise
    return inverses[::-1], merged(changes)


def merged(changes: Iterable[Change]) -> list[Change]:
    """One change of each kind, in an order in which it can be drawn: what is new before what hangs on it."""
    ids: dict[str, dict[Any, None]] = {}
    for change in changes:
        ids.setdefault(change.kind, {}).update(dict.fromkeys(change.ids))
    return [Change(kind, tuple(ids[kind])) for kind in _ORDER if kind in ids]


_ORDER = (
    *("nodes removed", "nodes added", "node changed", "moved", "connections changed"),
    *("notes changed", "variables changed", "details changed"),
)


def _as_it_is(value: Any) -> Any:
    return value


def _insert(mapping: dict[str, Any], key: str, value: Any, index: int | None) -> None:
    if index is None or index >= len(mapping):
        mapping[key] = value
        return
    entries = list(mapping.items())
    entries.insert(index, (key, value))
    mapping.clear()
    mapping.update(entries)
