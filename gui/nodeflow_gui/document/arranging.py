"""Where nodes go when they are aligned, distributed or laid out. Pure functions over places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodeflow.errors import NodeflowError
from nodeflow.export.layout import layered
from nodeflow.workflow import Workflow
from nodeflow_gui.document.geometry import CARD_WIDTH, Place, snapped, spread

Sizes = Mapping[str, float]
"""The heights of cards; all are equally wide."""

ALIGNMENTS = ("left", "centre", "right", "top", "middle", "bottom")
DIRECTIONS = ("horizontally", "vertically")
CLOSEST = 16.0
"""Between cards that are distributed where there is no room."""


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
    """The places with equal gaps between the first and the last; `how` is one of `DIRECTIONS`.

    Where the cards have no room between those two, they are spread beyond the last.
    """
    if how not in DIRECTIONS:
        raise NodeflowError(f'nodes are distributed {" or ".join(DIRECTIONS)}, not "{how}"')
    if len(places) < 3:
        return dict(places)
    axis = DIRECTIONS.index(how)
    order = sorted(places, key=lambda name: places[name][axis])
    size = {name: CARD_WIDTH if axis == 0 else heights[name] for name in order}
    first, last = order[0], order[-1]
    room = places[last][axis] - places[first][axis] - sum(size[name] for name in order[:-1])
    gap = max(room / (len(order) - 1), CLOSEST)
    found, at = dict(places), places[first][axis]
    for name in order:
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
    found = settled(part, spread(layered(part)), heights)
    old, new = [places[name] for name in part.nodes], list(found.values())
    shift = tuple(min(p[axis] for p in old) - min(p[axis] for p in new) for axis in (0, 1))
    return {name: snapped((x + shift[0], y + shift[1])) for name, (x, y) in found.items()}


def settled(
    workflow: Workflow, places: Mapping[str, Place], heights: Sizes, sweeps: int = 40
) -> dict[str, Place]:
    """A layered layout with each node as near as can be to the height of its neighbours, so that wires run straight.

    The order within a layer stays. Each layer in turn is laid by least squares under the gaps that must remain.
    """
    neighbours: dict[str, list[str]] = {name: [] for name in places}
    for wire in workflow.connections:
        neighbours[wire.source].append(wire.target)
        neighbours[wire.target].append(wire.source)
    columns: dict[float, list[str]] = {}
    for name, (x, _) in sorted(places.items(), key=lambda entry: entry[1]):
        columns.setdefault(x, []).append(name)
    middle = {name: y + heights[name] / 2 for name, (_, y) in places.items()}
    order = sorted(columns)
    for sweep in range(sweeps):
        for x in order if sweep % 2 else order[::-1]:
            names = columns[x]
            wanted = [_mean([middle[one] for one in neighbours[name]], middle[name]) for name in names]
            middle.update(zip(names, spaced(wanted, [heights[name] for name in names]), strict=True))
    return {name: (x, middle[name] - heights[name] / 2) for name, (x, _) in places.items()}


def spaced(wanted: Sequence[float], heights: Sequence[float], gap: float = 36.0) -> list[float]:
    """The middles nearest to those wanted, by least squares, in the same order and with a gap between the cards.

    Pooling adjacent violators: neighbours that come too close are moved together until none do.
    """
    offsets, reach = [], 0.0
    for index, height in enumerate(heights):
        reach += (heights[index - 1] + height) / 2 + gap if index else 0.0
        offsets.append(reach)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, size = pools.pop()
            total, count = total + before, count + size
        pools.append((total, count))
    levels = [total / count for total, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default
