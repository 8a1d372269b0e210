"""Charts of what networks give beside what is true: lines along a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._base import caption, moments, places, tooltip
from nodeflow_nodes.views._theme import config, line_colour, palette

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.chart import Chart

_MOST = 1_500


def lines_chart(
    table: pl.DataFrame,
    along: str,
    lines: Mapping[str, str],
    *,
    title: str,
    facts: Sequence[str],
    up: str,
    level: float | None = None,
    logarithmic: bool = False,
    numbered: str | None = None,
) -> Chart:
    """Columns of a table as lines along another column; `lines` maps a column to what it is called.

    Of more rows than can be told apart the last ones are shown. `level` draws a straight line across. Values of 0 and less
    are left out of a logarithmic scale. Lines break where the whole numbers of the column `numbered` leave some out.
    """
    import polars as pl

    from nodeflow.values.chart import Chart

    shown = table.tail(_MOST)
    piece = pl.Series("piece", [0] * shown.height)
    if numbered is not None:
        piece = (shown.get_column(numbered).diff().fill_null(1) > 1).cum_sum().alias("piece")
    told = list(facts)
    if shown.height < table.height:
        told.append(f"the last {shown.height:,} of {table.height:,} are drawn")
    names = [caption(one) for one in lines.values()]
    parts = [
        shown.select(
            pl.nth(shown.columns.index(along)).alias("along"),
            pl.nth(shown.columns.index(column)).cast(pl.Float64).alias("value"),
            pl.lit(name).alias("line"),
            piece,
        )
        for column, name in zip(lines, names, strict=True)
    ]
    long = pl.concat(parts)
    if logarithmic:
        long = long.filter(pl.col("value") > 0)
    across = places("along", along, long.schema["along"])
    across["axis"] = {**across.get("axis", {}), "grid": False}
    scale = {"type": "log"} if logarithmic else {"zero": False}
    value = {"field": "value", "type": "quantitative", "title": caption(up), "scale": scale}
    colours = palette("light")[: len(names)]
    colour = {
        "field": "line", "type": "nominal", "title": None, "sort": names,
        "scale": {"domain": names, "range": colours}, "legend": {"orient": "top", "direction": "horizontal"},
    }  # fmt: skip
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "strokeWidth": 1.8},
            "encoding": {
                "x": across,
                "y": value,
                "color": colour,
                "detail": {"field": "piece"},
                "tooltip": tooltip(along=along, line="line", value=up),
            },
        }
    ]
    if level is not None:
        layers.append(
            {
                "data": {"values": [{"level": level}]},
                "mark": {"type": "rule", "strokeDash": [5, 4], "color": line_colour("light")},
                "encoding": {"y": {"field": "level", "type": "quantitative"}},
            }
        )
    return Chart(
        {
            "title": {"text": title, **({"subtitle": told} if told else {})},
            "width": 720,
            "height": 300,
            "data": {"values": moments(long).to_dicts()},
            "layer": layers,
            "config": config("light"),
        }
    )
