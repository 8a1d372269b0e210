"""Nodes as text and back: what is copied is a workflow file, so it can be pasted anywhere, into a mail too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodeflow.document import dumps, loads
from nodeflow.errors import NodeflowError
from nodeflow.workflow import Connection, Workflow
from nodeflow_gui.document.edits import node_data, node_from
from nodeflow_gui.document.geometry import CARD_HEIGHT, CARD_WIDTH, Place, as_json, places, snapped
from nodeflow_gui.document.words import tr

Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""

OFFSET = 32.0
"""How far pasted nodes lie from those they were copied from."""


def copied(workflow: Workflow, nodes: Collection[str], notes: Iterable[int] = ()) -> str:
    """The text of some nodes, the connections among them, and some notes."""
    chosen = [name for name in workflow.nodes if name in nodes]
    where = places(workflow)
    part = Workflow()
    for name in chosen:
        part.nodes[name] = node_from(node_data(workflow.nodes[name]))
        part.layout[name] = as_json(where[name])
    part.connections = [w for w in workflow.connections if w.source in part.nodes and w.target in part.nodes]
    part.notes = [workflow.notes[index] for index in notes]
    return dumps(part)


@dataclass(frozen=True)
class Pasted:
    """Nodes ready to be added to a workflow, under ids that are free there."""

    nodes: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Place]
    wires: list[Connection]
    notes: list[Any]


def read(text: str, workflow: Workflow, position: Place | None, seen: Area | None = None) -> Pasted:
    """The nodes of a copied text, placed with the upper left corner at `position`, else beside the originals.

    If none of them came to lie in the area that is `seen`, they are placed in its middle.

    Raises:
        NodeflowError: the text is no workflow.
    """
    try:
        part = loads(text, source="the clipboard")
    except NodeflowError:
        raise NodeflowError(tr("the clipboard has no nodes; copy some nodes first")) from None
    if not part.nodes and not part.notes:
        raise NodeflowError(tr("the clipboard has no nodes; copy some nodes first"))
    where = places(part)
    spots = [*where.values(), *(tuple(note["at"]) for note in part.notes if _has_place(note))]
    corner = (min((x for x, _ in spots), default=0.0), min((y for _, y in spots), default=0.0))
    shift = _minus(position, corner) if position is not None else _shift(spots, workflow, seen)
    names: dict[str, str] = {}
    for name in part.nodes:
        names[name] = free_id(name, {*workflow.nodes, *names.values()})
    return Pasted(
        {names[name]: node_data(instance) for name, instance in part.nodes.items()},
        {names[name]: _plus(place, shift) for name, place in where.items()},
        [
            Connection(names[wire.source], wire.output, names[wire.target], wire.input)
            for wire in part.connections
            if wire.source in names and wire.target in names
        ],
        [
            {**note, "at": as_json(_plus(tuple(note["at"]), shift))} if _has_place(note) else note
            for note in part.notes
        ],
    )


def free_id(wanted: str, taken: Collection[str]) -> str:
    """The id, or its stem with the next number that is free."""
    if wanted not in taken:
        return wanted
    stem, _, number = wanted.rpartition("_")
    if not stem or not number.isdigit():
        stem, number = wanted, "1"
    count = int(number) + 1
    while f"{stem}_{count}" in taken:
        count += 1
    return f"{stem}_{count}"


def _shift(spots: Sequence[Place], workflow: Workflow, seen: Area | None) -> Place:
    """Away from cards and notes that lie there already, as often as it takes; into sight, if it must be."""
    taken = {as_tuple(place) for place in places(workflow).values()}
    taken |= {as_tuple(tuple(note["at"])) for note in workflow.notes if _has_place(note)}
    shift = (0.0, 0.0)
    if spots and seen is not None and not any(_is_seen(spot, seen) for spot in spots):
        lefts, tops = [x for x, _ in spots], [y for _, y in spots]
        covered = (min(lefts), min(tops), max(lefts) + CARD_WIDTH, max(tops) + CARD_HEIGHT)
        shift = snapped(_minus(_middle(seen), _middle(covered)))
    while any(as_tuple(_plus(spot, shift)) in taken for spot in spots):
        shift = _plus(shift, (OFFSET, OFFSET))
    return shift


def _is_seen(spot: Place, seen: Area) -> bool:
    """Whether a card at that place is seen whole."""
    left, top, right, bottom = seen
    return left <= spot[0] <= right - CARD_WIDTH and top <= spot[1] <= bottom - CARD_HEIGHT


def _middle(area: Area) -> Place:
    return (area[0] + area[2]) / 2, (area[1] + area[3]) / 2


def as_tuple(place: Place) -> Place:
    """A place as whole pixels."""
    return round(place[0]), round(place[1])


def _has_place(note: Any) -> bool:
    at = note.get("at") if isinstance(note, dict) else None
    return isinstance(at, list) and len(at) == 2 and all(isinstance(part, int | float) for part in at)


def _plus(place: Any, shift: Place) -> Place:
    return place[0] + shift[0], place[1] + shift[1]


def _minus(place: Place, corner: Place) -> Place:
    return place[0] - corner[0], place[1] - corner[1]
