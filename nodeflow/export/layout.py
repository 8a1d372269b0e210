"""Where to draw nodes that have no place yet: in layers from left to right, with few crossings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeflow.workflow import Workflow, topological_order

Place = tuple[float, float]

ACROSS, DOWN = 240.0, 110.0
"""Pixels between the left edges of two layers, and the upper edges of two nodes of a layer."""


def places(workflow: Workflow) -> dict[str, Place]:
    """The upper left corner of each node: as the workflow says, else found by layers."""
    given = {
        name: place for name, place in workflow.layout.items() if name in workflow.nodes and _is_place(place)
    }
    if len(given) == len(workflow.nodes):
        return {name: (float(given[name][0]), float(given[name][1])) for name in workflow.nodes}
    return layered(workflow)


def layered(workflow: Workflow) -> dict[str, Place]:
    """Each node one layer after the last it depends on; within a layer near its neighbours (barycentre)."""
    before: dict[str, list[str]] = {name: [] for name in workflow.nodes}
    after: dict[str, list[str]] = {name: [] for name in workflow.nodes}
    for wire in workflow.connections:
        if wire.source in before and wire.target in before:
            before[wire.target].append(wire.source)
            after[wire.source].append(wire.target)
    order, left = topological_order(list(workflow.nodes), before)
    layer: dict[str, int] = dict.fromkeys(left, 0)
    for name in order:
        layer[name] = 1 + max((layer[source] for source in before[name]), default=-1)
    # a source stands just before its first user
    for name in reversed(order):
        if not before[name] and after[name]:
            layer[name] = max(0, min(layer[user] for user in after[name]) - 1)
    layers: dict[int, list[str]] = {}
    for name in [*order, *left]:
        layers.setdefault(layer[name], []).append(name)
    height = {name: float(row) for names in layers.values() for row, name in enumerate(names)}
    for sweep in range(4):
        neighbours: Mapping[str, list[str]] = before if sweep % 2 == 0 else after
        for index in sorted(layers, reverse=sweep % 2 == 1):
            names = layers[index]
            wanted = {n: _mean([height[o] for o in neighbours[n]], height[n]) for n in names}
            names.sort(key=lambda name, wanted=wanted: (wanted[name], height[name]))  # type: ignore[misc]
            low = 0.0
            for name in names:
                height[name] = max(low, wanted[name])
                low = height[name] + 1.0
    top = min(height.values(), default=0.0)
    return {name: (layer[name] * ACROSS, (height[name] - top) * DOWN) for name in workflow.nodes}


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _is_place(place: Any) -> bool:
    return (
        isinstance(place, list | tuple)
        and len(place) == 2
        and all(isinstance(part, int | float) and abs(part) < 1e6 for part in place)
    )
