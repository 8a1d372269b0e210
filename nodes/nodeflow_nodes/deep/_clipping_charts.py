"""The pictures of clipping: a training that explodes, and the cliff of one unit with two ways down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.values.looks import PALETTES
from nodeflow_nodes.deep._flow_chart import powers
from nodeflow_nodes.views._theme import ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

_CELLS = 90
_WIDE, _TALL = (2.4, 7.6), (-4.0, 2.2)
_FROM, _RATE, _AT, _STEPS = (5.5, -2.0), 2.0, 0.1, 40
_PLAIN, _CUT = "without clipping", f"clipped at length {_AT:g}"


def training_body(
    table: pl.DataFrame, clips: Sequence[str], theme: str, width: int
) -> tuple[dict[str, Any], list[str]]:
    """The part of a specification, and the sentences under its title."""
    data = table.to_dicts()
    facts = [
        f"{row['clip']}: the loss is no number any more at iteration {row['iteration']}"
        for row in data
        if row["loss"] is None
    ]
    colour = {
        "field": "clip", "type": "nominal", "title": "clipping", "sort": list(clips),
        "scale": {"domain": list(clips), "range": [_colour(one, theme) for one in clips]},
        "legend": {"symbolType": "stroke", "symbolStrokeWidth": 3},
    }  # fmt: skip
    axis = {"grid": False, "tickMinStep": 1}

    def is_drawn(row: dict[str, Any], field: str) -> bool:
        return field != "norm_after" or row["clip"] != "none"

    def panel(field: str, title: str, height: int, is_last: bool) -> dict[str, Any]:
        across = {
            "field": "iteration", "type": "quantitative", "title": "iteration" if is_last else None,
            "axis": axis, "scale": {"nice": False},
        }  # fmt: skip
        up = {
            "field": field,
            "type": "quantitative",
            "title": title,
            "scale": {"type": "log"},
            "axis": {"format": ".0e", "values": powers(row[field] for row in data if is_drawn(row, field))},
        }
        tooltip = [
            {"field": "clip"},
            {"field": "iteration"},
            {"field": field, "title": title, "format": ".4~g"},
        ]
        encoding = {"x": across, "y": up, "color": colour, "tooltip": tooltip}
        known = [{"filter": f"isValid(datum.{field}) && datum.{field} > 0"}]
        if field == "norm_after":  # what was not clipped would hide the others
            known.append({"filter": "datum.clip !== 'none'"})
        lines: list[dict[str, Any]] = [
            {
                "transform": known,
                "mark": {"type": "line", "strokeWidth": 2.2, "point": {"size": 22}},
                "encoding": encoding,
            }
        ]
        if field == "loss":
            ends = {row["clip"]: row for row in data if row["loss"] is not None}
            ending = {row["clip"] for row in data if row["loss"] is None}
            crosses = [ends[clip] for clip in clips if clip in ending and clip in ends]
            cross = {
                "type": "point",
                "shape": "cross",
                "angle": 45,
                "size": 260,
                "filled": True,
                "opacity": 1,
            }
            if crosses:
                lines.append({"data": {"values": crosses}, "mark": cross, "encoding": encoding})
        return {"width": width, "height": height, "layer": lines}

    plots = [
        panel("loss", "loss J", 230, False),
        panel("norm_before", "length before clipping", 150, False),
        panel("norm_after", "length after clipping", 150, True),
    ]
    return {"data": {"values": data}, "vconcat": plots, "spacing": 14}, facts


def _colour(clip: str, theme: str) -> str:
    colours = PALETTES[theme]
    return {"none": colours[3], "value": colours[1], "norm": colours[2], "global norm": colours[0]}[clip]


def cliff_body(theme: str, width: int) -> tuple[dict[str, Any], list[str]]:
    """The loss over w and b as a map, with the way of plain and of clipped descent."""
    import numpy as np

    from nodeflow_nodes.deep._recurrent.clipping import cliff, descend

    edges_w, edges_b = np.linspace(*_WIDE, _CELLS + 1), np.linspace(*_TALL, _CELLS + 1)
    w, b = (edges_w[1:] + edges_w[:-1]) / 2, (edges_b[1:] + edges_b[:-1]) / 2
    loss = cliff(w[None], b[:, None])[0]
    cells = [
        {"w": round(float(edges_w[j]), 4), "w2": round(float(edges_w[j + 1]), 4), "b": round(float(edges_b[i]), 4),
         "b2": round(float(edges_b[i + 1]), 4), "height": round(float(loss[i, j]) ** 0.5, 4),
         "loss": round(float(loss[i, j]), 6)}
        for i in range(_CELLS)
        for j in range(_CELLS)
    ]  # fmt: skip
    ways = {_PLAIN: descend(_FROM, 0.0, _RATE, _STEPS), _CUT: descend(_FROM, _AT, _RATE, _STEPS)}
    paths = [
        {"way": way, "step": step, "w": one[0], "b": one[1], "loss": one[2]}
        for way, steps in ways.items()
        for step, one in enumerate(steps)
    ]
    facts = [f"{way}: the loss is {steps[-1][2]:.4f} after {_STEPS} steps" for way, steps in ways.items()]
    x = {
        "field": "w",
        "type": "quantitative",
        "title": "w",
        "axis": {"grid": False},
        "scale": {"domain": _WIDE, "nice": False, "zero": False},
    }
    y = {
        "field": "b",
        "type": "quantitative",
        "title": "b",
        "axis": {"grid": False},
        "scale": {"domain": _TALL, "nice": False, "zero": False},
    }
    ground = {
        "data": {"values": cells},
        "mark": {"type": "rect", "strokeWidth": 1},
        "encoding": {
            "x": x, "x2": {"field": "w2"}, "y": y, "y2": {"field": "b2"},
            "color": {
                "field": "height", "type": "quantitative", "scale": {"range": ramp(theme)},
                "legend": {"title": "√loss", "gradientLength": 120},
            },
            "stroke": {"field": "height", "type": "quantitative", "scale": {"range": ramp(theme)}, "legend": None},
            "tooltip": [{"field": "loss", "format": ".4f"}],
        },
    }  # fmt: skip
    domain = [_PLAIN, _CUT]
    tone = {
        "field": "way", "type": "nominal", "title": "descent", "sort": domain,
        "scale": {"domain": domain, "range": [PALETTES[theme][3], PALETTES[theme][1]]},
        "legend": {"symbolType": "stroke", "symbolStrokeWidth": 3},
    }  # fmt: skip
    tooltip = [
        {"field": "way"},
        {"field": "step"},
        *({"field": one, "format": ".4~g"} for one in ("w", "b", "loss")),
    ]
    lines = {
        "data": {"values": paths},
        "mark": {"type": "line", "strokeWidth": 2.4, "clip": True, "point": {"filled": True, "size": 34}},
        "encoding": {
            "x": x,
            "y": y,
            "color": tone,
            "order": {"field": "step", "type": "quantitative"},
            "tooltip": tooltip,
        },
    }
    start = {
        "data": {"values": [{"w": _FROM[0], "b": _FROM[1], "text": "start"}]},
        "encoding": {"x": x, "y": y},
    }
    ink = "#1f2933" if theme == "light" else "#e4e7eb"
    marks = [
        {**start, "mark": {"type": "point", "size": 150, "strokeWidth": 2.5, "opacity": 1, "color": ink}},
        {**start, "mark": {"type": "text", "dx": 12, "dy": -10, "align": "left", "fontWeight": 600, "color": ink},
         "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]  # fmt: skip
    body = {"width": width, "height": round(width * 0.72), "layer": [ground, lines, *marks]}
    return body | {"resolve": {"scale": {"color": "independent"}}}, facts
