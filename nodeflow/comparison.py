"""What differs between two workflows: nodes, parameters, connections, variables. Layout does not count."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from nodeflow.errors import shorten
from nodeflow.workflow import Connection, NodeInstance, Variable, Workflow


@dataclass
class Difference:
    """The changes from one workflow to another; it is false when there are none.

    `changed` has for each node the old and new value of each part that differs, parameters by their
    name, type and label as "type" and "label", the order of the wires to a port as "order at PORT".
    `renamed` pairs old with new ids.
    """

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    changed: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    disconnected: list[str] = field(default_factory=list)
    workflow: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def to_data(self) -> dict[str, Any]:
        """The difference as plain JSON data."""
        return {
            **{name: value for name, value in vars(self).items() if name not in ("changed", "workflow")},
            "changed": {
                node: {part: {"before": old, "after": new} for part, (old, new) in parts.items()}
                for node, parts in self.changed.items()
            },
            "workflow": {part: {"before": old, "after": new} for part, (old, new) in self.workflow.items()},
        }

    def lines(self) -> list[str]:
        """The difference as text, a change a line."""
        found = [
            f"  workflow {part}: {_told(old)} -> {_told(new)}" for part, (old, new) in self.workflow.items()
        ]
        found += [f"+ node {name}" for name in self.added]
        found += [f"- node {name}" for name in self.removed]
        found += [f"  node {old} is now called {new}" for old, new in self.renamed.items()]
        for node, parts in self.changed.items():
            found += [f"  {node}.{part}: {_told(old)} -> {_told(new)}" for part, (old, new) in parts.items()]
        found += [f"+ {wire}" for wire in self.connected]
        found += [f"- {wire}" for wire in self.disconnected]
        return found


_ABSENT = "(none)"


def compare(before: Workflow, after: Workflow) -> Difference:
    """What changed from `before` to `after`."""
    found = Difference()
    old, new = before.nodes, after.nodes
    found.added = [name for name in new if name not in old]
    found.removed = [name for name in old if name not in new]
    found.renamed = _renamed(before, after, found)
    for name in old:
        twin = found.renamed.get(name, name)
        if twin in new:
            parts = _parts(old[name], new[twin])
            if parts:
                found.changed[twin] = parts
    wires = {str(_moved(wire, found.renamed)): None for wire in before.connections}
    now = {str(wire): None for wire in after.connections}
    found.connected = [wire for wire in now if wire not in wires]
    found.disconnected = [wire for wire in wires if wire not in now]
    orders = _orders(before, found.renamed), _orders(after, {})
    for port, sources in orders[1].items():
        earlier = orders[0].get(port, [])
        if sources != earlier and sorted(sources) == sorted(earlier):
            found.changed.setdefault(port[0], {})[f"order at {port[1]}"] = (earlier, sources)
    for part in ("name", "description", "inputs", "outputs", "expose", "notes", "extra"):
        if not _same(getattr(before, part), getattr(after, part)):
            found.workflow[part] = (getattr(before, part), getattr(after, part))
    for name in {**before.variables, **after.variables}:
        pair = _variable(before.variables.get(name)), _variable(after.variables.get(name))
        if not _same(*pair):
            found.workflow[f"variable {name}"] = pair
    return found


def _renamed(before: Workflow, after: Workflow, found: Difference) -> dict[str, str]:
    """Removed nodes that came back under another id, unchanged otherwise; they leave both lists."""
    gone, come = (
        _by_content(workflow, names) for workflow, names in ((before, found.removed), (after, found.added))
    )
    # of several that are alike nobody can tell which one is which
    pairs = {
        names[0]: come[content][0]
        for content, names in gone.items()
        if len(names) == len(come.get(content, ())) == 1 and before.nodes[names[0]].parameters
    }
    found.removed = [name for name in found.removed if name not in pairs]
    new = set(pairs.values())
    found.added = [name for name in found.added if name not in new]
    return pairs


def _by_content(workflow: Workflow, names: list[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        node = workflow.nodes[name]
        content = [node.type, node.label, node.version, node.parameters, _inner(node), node.extra]
        groups.setdefault(json.dumps(content, sort_keys=True), []).append(name)
    return groups


def _orders(workflow: Workflow, renamed: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """The sources of each input in their order, which counts where an input takes several."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in workflow.connections:
        wire = _moved(one, renamed)
        found.setdefault((wire.target, wire.input), []).append(f"{wire.source}.{wire.output}")
    return found


def _variable(one: Variable | None) -> Any:
    """The default alone, or all there is to say."""
    if one is None:
        return _ABSENT
    return {"default": one.default, "help": one.help, **one.extra} if one.help or one.extra else one.default


def _parts(old: NodeInstance, new: NodeInstance) -> dict[str, tuple[Any, Any]]:
    parts: dict[str, tuple[Any, Any]] = {}
    for part in ("type", "label", "version"):
        if getattr(old, part) != getattr(new, part):
            parts[part] = (getattr(old, part), getattr(new, part))
    for name in {**old.parameters, **new.parameters}:
        pair = (old.parameters.get(name, _ABSENT), new.parameters.get(name, _ABSENT))
        if not _same(*pair):
            parts[name] = pair
    for part, pair in {"workflow": (_inner(old), _inner(new)), "extra": (old.extra, new.extra)}.items():
        if not _same(*pair):
            parts[part] = pair
    return parts


def _inner(node: NodeInstance) -> Any:
    from nodeflow.document import to_data

    return to_data(node.workflow) if isinstance(node.workflow, Workflow) else node.workflow


def _same(old: Any, new: Any) -> bool:
    """Equal as JSON: 1, 1.0 and true are three values."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _moved(wire: Connection, renamed: dict[str, str]) -> Connection:
    source, target = renamed.get(wire.source, wire.source), renamed.get(wire.target, wire.target)
    return Connection(source, wire.output, target, wire.input)


def _told(value: Any) -> str:
    return _ABSENT if value == _ABSENT else shorten(json.dumps(value, ensure_ascii=False), 120)
