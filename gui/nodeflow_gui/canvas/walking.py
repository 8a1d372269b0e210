"""Going from node to node by the arrow keys: along wires, and up and down by place. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from nodeflow.workflow import Connection
from nodeflow_gui.document.geometry import Place

Direction = Literal["left", "right", "up", "down"]


def neighbour(
    node: str, direction: Direction, places: Mapping[str, Place], wires: Iterable[Connection]
) -> str | None:
    """The node that an arrow key leads to; None if there is none on that side."""
    if direction == "right":
        found = [wire.target for wire in wires if wire.source == node]
    elif direction == "left":
        found = [wire.source for wire in wires if wire.target == node]
    else:
        found = []
    here = places[node]
    found = [one for one in found if one in places]
    if found:
        return min(found, key=lambda one: (abs(places[one][1] - here[1]), places[one][0]))
    sign = 1 if direction in ("right", "down") else -1
    axis = 0 if direction in ("left", "right") else 1
    ahead = [
        (abs(other[axis] - here[axis]) + 2 * abs(other[1 - axis] - here[1 - axis]), name)
        for name, other in places.items()
        if name != node and sign * (other[axis] - here[axis]) > 8
    ]
    return min(ahead)[1] if ahead else None


def first_node(places: Mapping[str, Place]) -> str | None:
    """Where one begins when nothing is selected: the leftmost, then the uppermost."""
    return min(places, key=lambda name: places[name]) if places else None
