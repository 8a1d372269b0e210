"""Where nodes go when they are aligned, distributed or laid out. Pure functions over places."""

from __future__ import annotations

from collections.abc import Mapping

from nodeflow.errors import NodeflowError
from nodeflow.export.layout import layered
from nodeflow.workflow import Workflow
from nodeflow_gui.document.geometry import CARD_WIDTH, Place, snapped, spread

Sizes = Mapping[str, float]
"""The heights of cards; all are equally wide."""

ALIGNMENTS = ("left", "centre", "right", "top", "middle", "bottom")
DIRECTIONS = ("horizontally", "vertically")


def aligned(places: Mapping[str, Place], heights: Sizes, how: str) -> dict[str, Place]:
    """The places with one edge or the middle on a line; `how` is one of `ALIGNMENTS`."""
    if how not in ALIGNMENTS:
        raise NodeflowError(f'nodes are aligned by {", ".join(ALIGNMENTS)}, not "{how}"')
    if len(places) < 2:
        return dict(places)
    lefts, tops = [x for x, _ in places.values()], [y for _, y in places.values()]
    bottoms = [y + heights[name] for name, (_, y) in places.items()]
    line = {
        "left": min(lefts),
        "centre": (min(lefts) + max(lefts)) / 2,
        "right": max(lefts),
        "top": min(tops),
        "middle": (min(tops) + max(bottoms)) / 2,
        "bottom": max(bottoms),
    }[how]
    if how in ("left", "centre", "right"):
        return {name: (line, y) for name, (_, y) in places.items()}
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[how]
    return {name: (x, line - share * heights[name]) for name, (x, _) in places.items()}


def distributed(places: Mapping[str, Place], heights: Sizes, how: str) -> dict[str, Place]:
    """The places with equal gaps between the first and the last; `how` is one of `DIRECTIONS`."""
    if how not in DIRECTIONS:
        raise NodeflowError(f'nodes are distributed {" or ".join(DIRECTIONS)}, not "{how}"')
    if len(places) < 3:
        return dict(places)
    axis = DIRECTIONS.index(how)
    order = sorted(places, key=lambda name: places[name][axis])
    size = {name: CARD_WIDTH if axis == 0 else heights[name] for name in order}
    first, last = order[0], order[-1]
    room = places[last][axis] - places[first][axis] - sum(size[name] for name in order[:-1])
    gap = room / (len(order) - 1)
    found, at = dict(places), places[first][axis]
    for name in order[:-1]:
        found[name] = (at, places[name][1]) if axis == 0 else (places[name][0], at)
        at += size[name] + gap
    return found


def arranged(
    workflow: Workflow, places: Mapping[str, Place], nodes: set[str], heights: Sizes
) -> dict[str, Place]:
    """The nodes in layers along their connections; the upper left corner of what they cover stays."""
    part = Workflow()
    part.nodes = {name: one for name, one in workflow.nodes.items() if name in nodes}
    part.connections = [w for w in workflow.connections if w.source in nodes and w.target in nodes]
    if not part.nodes:
        return {}
    found = without_overlap(spread(layered(part)), heights)
    old, new = [places[name] for name in part.nodes], list(found.values())
    shift = tuple(min(p[axis] for p in old) - min(p[axis] for p in new) for axis in (0, 1))
    return {name: snapped((x + shift[0], y + shift[1])) for name, (x, y) in found.items()}


def without_overlap(places: Mapping[str, Place], heights: Sizes, gap: float = 32.0) -> dict[str, Place]:
    """The places of a layered layout, pushed down where a card is taller than its row."""
    columns: dict[float, list[str]] = {}
    for name, (x, _) in places.items():
        columns.setdefault(x, []).append(name)
    found = dict(places)
    for x, names in columns.items():
        names.sort(key=lambda name: places[name][1])
        lowest = float("-inf")
        for name in names:
            y = max(places[name][1], lowest)
            found[name] = (x, y)
            lowest = y + heights[name] + gap
    return found
