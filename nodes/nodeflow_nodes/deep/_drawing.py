"""A network drawn: a box for each layer, from the inputs at the top to the outputs at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.networks import RULES
from nodeflow.networks.rule import shown

if TYPE_CHECKING:
    from nodeflow.networks import Structure

MOST_LAYERS = 200
_COLOURS = {
    "Input": "#d9d9d9", "Core": "#c1d0e1", "Heads": "#c1d0e1", "Recurrent": "#fcd4ad", "Convolution": "#c6dfc3",
    "Pooling": "#d6f0d2", "Attention": "#e2cfdc", "Regularisation": "#f6c6c7", "Normalisation": "#dcd0c9",
    "Merge": "#f9eebd", "Shape": "#d0e8e6",
}  # fmt: skip
_WIDTH, _HEIGHT = 0.9, 0.62


def drawing(structure: Structure) -> dict[str, Any]:
    """The picture as a Vega-Lite specification; of a long network its first layers."""
    layers = structure.layers[:MOST_LAYERS]
    facts = structure.facts
    counts = structure.parameter_counts()
    groups = {one.name: "Input" for one in structure.inputs} | {one.id: one.rule.group for one in layers}
    titles = {one.name: "Input" for one in structure.inputs} | {one.id: one.rule.title for one in layers}
    inbound: dict[str, tuple[str, ...]] = {one.name: () for one in structure.inputs}
    inbound |= {one.id: one.inbound for one in layers}
    places = _places(inbound)
    boxes = []
    for name, (column, row) in places.items():
        trained, fixed = counts.get(name, (0, 0))
        parameters = f" · {trained + fixed:,} parameters" if trained + fixed else ""
        boxes.append(
            {
                "layer": name,
                "title": titles[name] if name in RULES else f"{titles[name]} “{name}”",
                "gives": f"{shown(facts[name].shape)}{parameters}",
                "group": groups[name],
                "left": column - _WIDTH / 2,
                "right": column + _WIDTH / 2,
                "top": row - _HEIGHT / 2,
                "bottom": row + _HEIGHT / 2,
                "column": column,
                "row": row,
            }
        )
    wires = [
        {
            "from_column": places[before][0], "from_row": places[before][1] + _HEIGHT / 2,
            "to_column": places[name][0], "to_row": places[name][1] - _HEIGHT / 2,
        }
        for name, befores in inbound.items()
        for before in befores
    ]  # fmt: skip
    columns = max(column for column, _ in places.values()) + 1
    rows = max(row for _, row in places.values()) + 1
    used = [group for group in _COLOURS if group in groups.values()]
    x: dict[str, Any] = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [-0.5, columns - 0.5], "nice": False},
    }
    y: dict[str, Any] = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [rows - 0.5, -0.5], "nice": False},
    }
    left_out = len(structure.layers) - len(layers)
    note = f", the first {len(layers)} layers" if left_out else ""
    total = sum(trained + fixed for trained, fixed in counts.values())
    return {
        "title": {"text": "Network", "subtitle": f"{len(structure.layers)} layers, {total:,} parameters{note}"},
        "width": 300 * columns,
        "height": 62 * rows,
        "view": {"stroke": None},
        "layer": [
            {
                "data": {"values": wires},
                "mark": {"type": "rule", "color": "#999", "strokeWidth": 1.5},
                "encoding": {
                    "x": {"field": "from_column", **x}, "y": {"field": "from_row", **y},
                    "x2": {"field": "to_column"}, "y2": {"field": "to_row"},
                },
            },
            {
                "data": {"values": boxes},
                "mark": {"type": "rect", "cornerRadius": 5, "stroke": "#555"},
                "encoding": {
                    "x": {"field": "left", **x}, "x2": {"field": "right"},
                    "y": {"field": "top", **y}, "y2": {"field": "bottom"},
                    "color": {
                        "field": "group", "type": "nominal", "legend": None,
                        "scale": {"domain": used, "range": [_COLOURS[one] for one in used]},
                    },
                    "tooltip": [{"field": "layer"}, {"field": "gives"}],
                },
            },
            _words(boxes, "title", -7, 12, x, y),
            _words(boxes, "gives", 9, 10, x, y),
        ],
    }  # fmt: skip


def _words(boxes: list[dict[str, Any]], field: str, down: int, size: int, x: Any, y: Any) -> dict[str, Any]:
    return {
        "data": {"values": boxes},
        "mark": {"type": "text", "dy": down, "fontSize": size, "limit": 265, "color": "#222"},
        "encoding": {
            "x": {"field": "column", **x}, "y": {"field": "row", **y}, "text": {"field": field, "type": "nominal"},
        },
    }  # fmt: skip


def _places(inbound: dict[str, tuple[str, ...]]) -> dict[str, tuple[int, int]]:
    """Column and row of each: below all that goes into it, no higher than it must, under the first of them."""
    rows: dict[str, int] = {}
    for name, befores in inbound.items():
        rows[name] = 1 + max((rows[one] for one in befores), default=-1)
    lowest: dict[str, int] = {}
    for name, befores in reversed(inbound.items()):
        rows[name] = lowest.get(name, rows[name])
        for one in befores:
            lowest[one] = min(lowest.get(one, rows[name] - 1), rows[name] - 1)
    top = min(rows.values())
    places: dict[str, tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()
    used = -1
    for name, befores in inbound.items():
        row = rows[name] - top
        column = min((places[one][0] for one in befores), default=used + 1)
        while (column, row) in taken:
            column += 1
        places[name] = (column, row)
        taken.add((column, row))
        used = max(used, column)
    return places
