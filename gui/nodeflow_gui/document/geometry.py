"""How large the cards are and where their ports sit, as plain numbers that drawing and layout share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.export.layout import layered
from nodeflow.workflow import Workflow

Place = tuple[float, float]

GRID = 8.0
"""Nodes are laid on a grid of this many pixels."""

CARD_WIDTH, CARD_HEIGHT = 184.0, 60.0
PORT_STEP = 20.0
LEAST_GAP = 40.0
"""Between cards that a wire joins, so that the wire is seen."""
COLUMN, ROW = 264.0, 112.0
"""From card to card, for cards that the program places."""


def card_height(declaration: Mapping[str, Any]) -> float:
    """The height of a node's card: it grows with the number of ports."""
    return height_for(len(declaration["inputs"]), len(declaration["outputs"]))


def height_for(inputs: int, outputs: int) -> float:
    """The height of a card with so many ports."""
    return max(CARD_HEIGHT, (max(inputs, outputs) + 1) * PORT_STEP)


def port_offsets(count: int, height: float) -> list[float]:
    """How far below the card's upper edge each of its ports sits: around the middle, evenly."""
    step = min(PORT_STEP, height / (count + 1)) if count else 0.0
    return [height / 2 + (index - (count - 1) / 2) * step for index in range(count)]


def snapped(place: Place, grid: float = GRID) -> Place:
    """The nearest place on the grid."""
    return round(place[0] / grid) * grid, round(place[1] / grid) * grid


def as_json(place: Place) -> list[float]:
    """A place as the file has it: whole pixels."""
    return [round(place[0]), round(place[1])]


def is_place(value: Any) -> bool:
    """Whether a value of the file's layout is a place."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(part, int | float) and abs(part) < 1e6 for part in value)
    )


def places(workflow: Workflow) -> dict[str, Place]:
    """The upper left corner of each card: as the file says, else beside the node it comes after."""
    found: dict[str, Place] = {
        name: (float(place[0]), float(place[1]))
        for name, place in workflow.layout.items()
        if name in workflow.nodes and is_place(place)
    }
    missing = [name for name in workflow.nodes if name not in found]
    if not missing:
        return found
    if not found:
        return spread(layered(workflow))
    by_target: dict[str, list[str]] = {}
    for wire in workflow.connections:
        by_target.setdefault(wire.target, []).append(wire.source)
    taken = {snapped(place) for place in found.values()}
    bottom = max(y for _, y in found.values()) + ROW
    left = min(x for x, _ in found.values())
    columns: dict[int, set[Place]] = {}
    for place in taken:
        columns.setdefault(_column_of(place), set()).add(place)
    for name in missing:
        before = [found[source] for source in by_target.get(name, ()) if source in found]
        place = (max(x for x, _ in before) + COLUMN, before[0][1]) if before else (left, bottom)
        here = _column_of(snapped(place))
        near = set().union(*(columns.get(one, ()) for one in (here - 1, here, here + 1)))
        found[name] = free_place(place, near)
        columns.setdefault(_column_of(found[name]), set()).add(found[name])
    return found


def _column_of(place: Place) -> int:
    """Cards that lie over each other are in one column or in two side by side."""
    return math.floor(place[0] / (CARD_WIDTH + GRID))


def spread(layers: Mapping[str, Place]) -> dict[str, Place]:
    """Places of the engine's layout, with the room our cards need."""
    from nodeflow.export.layout import ACROSS, DOWN

    return {name: snapped((x / ACROSS * COLUMN, y / DOWN * ROW)) for name, (x, y) in layers.items()}


def room_between(before: Place, after: Place, wanted: Place) -> tuple[Place, float]:
    """Where a card between two others goes, and how far what lies behind must move to the right for it."""
    x, y = wanted
    if after[0] < before[0] + CARD_WIDTH:  # the wire leads back or down: there is no between
        return snapped(wanted), 0.0
    if abs(y - before[1]) < CARD_HEIGHT:
        x = max(x, before[0] + CARD_WIDTH + LEAST_GAP)
    near = abs(y - after[1]) < CARD_HEIGHT and x + CARD_WIDTH + LEAST_GAP > after[0]
    if near and after[0] - before[0] < 2 * COLUMN - GRID:
        x = before[0] + COLUMN
        return snapped((x, y)), x + COLUMN - after[0]
    if near:
        x = after[0] - CARD_WIDTH - LEAST_GAP
    return snapped((x, y)), 0.0


def free_place(wanted: Place, taken: Sequence[Place] | set[Place]) -> Place:
    """The place, or the next one below it where no other card lies."""
    x, y = snapped(wanted)
    step, apart = GRID * 2, CARD_HEIGHT + GRID
    for other in sorted(top for left, top in taken if abs(x - left) < CARD_WIDTH + GRID):
        if abs(y - other) < apart:
            y += math.ceil((other + apart - y) / step) * step
    return x, y
