"""The picture of the flow of errors: lines on a logarithmic scale, with what is left at the first step written at them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._theme import line_colour, palette

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

MOST_LINES = 8
MOST_POINTS = 400


def powers(values: Iterable[float | None]) -> list[float]:
    """Some eight powers of ten around the values, for the ticks of a logarithmic scale."""
    known = [math.log10(value) for value in values if value is not None and value > 0]
    if not known:
        return []
    low, high = math.floor(min(known)) - 1, math.ceil(max(known)) + 1
    step = max(1, -(-(high - low) // 9))
    return [10.0**power for power in range(low - low % step, high + 1, step)]


def flow_body(
    table: pl.DataFrame, summary: pl.DataFrame, theme: str, state: str
) -> tuple[dict[str, Any], list[str]]:
    """The part of a specification, and the sentences under its title."""
    several = summary["network"].n_unique() > 1
    is_one_layer = summary.group_by("network").len()["len"].max() == 1
    pairs = list(summary.select("network", "layer").iter_rows())
    names = [
        one if is_one_layer and (several or one == layer) else f"{one}: {layer}" if several else layer
        for one, layer in pairs
    ]
    facts = []
    for name, ratio in zip(names, summary["ratio"], strict=True):
        if ratio is not None:
            fate = "fades to" if ratio < 0.5 else "grows to" if ratio > 2 else "stays at"
            facts.append(f"{name}: {fate} {ratio:.1e} times its length at the last step")
    shown = names[:MOST_LINES]
    if len(names) > len(shown):
        facts.append(f"the first {len(shown)} of {len(names)} layers are drawn")
    every = max(1, -(-table["step"].max() // MOST_POINTS))  # type: ignore[operator]
    data: list[dict[str, Any]] = []
    for row in table.iter_rows(named=True):
        name = names[pairs.index((row["network"], row["layer"]))]
        if name in shown and (row["step"] - 1) % every == 0:
            data.append(
                {
                    "name": name,
                    **{
                        key: row[key] or None
                        for key in ("step", "norm", "least", "largest", "clipped", "bound")
                    },
                }
            )
    colour = {
        "field": "name", "type": "nominal", "sort": shown, "title": None,
        "scale": {"domain": shown, "range": palette(theme)[: len(shown)]},
        "legend": {"orient": "bottom", "columns": 3, "symbolType": "stroke", "symbolStrokeWidth": 3},
    }  # fmt: skip
    x = {
        "field": "step",
        "type": "quantitative",
        "title": "step",
        "axis": {"grid": False, "tickMinStep": 1},
        "scale": {"nice": False, "zero": False},
    }
    y = {
        "field": "norm", "type": "quantitative", "title": f"|dJ/d{state}|",
        "scale": {"type": "log"}, "axis": {"format": ".0e", "values": powers([row["norm"] for row in data])},
    }  # fmt: skip
    tooltip = [
        {"field": "name", "title": "network"}, {"field": "step"},
        *({"field": one, "format": ".3e"} for one in ("norm", "clipped", "bound")),
    ]  # fmt: skip

    def line(field: str, **look: Any) -> dict[str, Any]:
        known = [{"filter": f"isValid(datum.{field}) && datum.{field} > 0"}]
        encoding = {"x": x, "y": {**y, "field": field}, "color": colour, "tooltip": tooltip}
        return {"transform": known, "mark": {"type": "line", **look}, "encoding": encoding}

    band = {
        "transform": [{"filter": "datum.least > 0"}],
        "mark": {"type": "area", "opacity": 0.16, "tooltip": None},
        "encoding": {"x": x, "y": {**y, "field": "least"}, "y2": {"field": "largest"}, "color": colour},
    }  # fmt: skip
    layers = [band, line("bound", strokeWidth=1.4, strokeDash=[1, 4], strokeCap="round")]
    if table["clipped"].null_count() < table.height:
        layers.append(line("clipped", strokeWidth=1.8, strokeDash=[6, 4]))
    layers.append(line("norm", strokeWidth=2.6))
    first = [row for row in data if row["step"] == 1 and row["norm"]]
    mark = {"type": "point", "filled": True, "size": 55, "opacity": 1}
    layers.append(
        {
            "data": {"values": first},
            "mark": mark,
            "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip},
        }
    )
    if table["bound"].null_count() < table.height:
        facts.append("dotted: the bound of Pascanu et al. for the simple layer")
    rule = {"type": "rule", "strokeDash": [2, 3], "color": line_colour(theme), "tooltip": None}
    if min((float(row["least"] or 1.0) for row in data), default=1.0) < 1.2e-38:
        limit = {"datum": 1.2e-38, "type": "quantitative"}
        layers.append({"data": {"values": [{}]}, "mark": rule, "encoding": {"y": limit}})
        facts.append("rule: the smallest normal 32-bit number; below it nothing is learned")
    return {"data": {"values": data}, "layer": layers}, facts
