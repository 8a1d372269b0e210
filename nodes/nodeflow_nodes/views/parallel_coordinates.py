"""Parallel Coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Picture,
    View,
    captions,
    fewer_than_two,
    labelled,
    number_text,
    pick,
)
from nodeflow_nodes.views._parts import told

if TYPE_CHECKING:
    import polars as pl

MOST = 20


class ParallelCoordinates(View):
    """Draw each row as a line across axes that stand side by side, one for each number column.

    Each axis reaches from the smallest to the largest value of its column, which are written at its ends. Rows
    of one group that stay together are alike in those columns; lines that cross between two axes tell
    that one column falls as the other rises. A line is broken where a value is missing. Of a large table a sample
    is drawn, spread evenly over its rows.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Points"
    keywords = ("parallel plot", "profile", "multivariate", "line per row")

    columns: Columns = parameter(
        default=Columns.all(), types=("number",), help="The number columns, an axis each; two to twenty."
    )
    colour: Column | None = parameter(default=None, types=GROUPS, help="A column that colours the lines.")
    opacity: float = parameter(default=0.35, above=0, maximum=1, help="How opaque lines are.")
    most_lines: int = parameter(
        default=500, minimum=10, maximum=5_000, unit="lines", advanced=True, help="Larger tables are sampled."
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        if not columns:
            return []
        chosen = self._chosen(columns)
        return fewer_than_two(chosen, ", ".join(chosen) or "none")

    def _chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return [
            name
            for name in self.columns.resolve(dict(schema))
            if schema[name].is_numeric() and name != self.colour
        ]

    def default_title(self) -> str:
        return "Rows across columns" + (f", by {self.colour.strip()}" if self.colour is not None else "")

    def fields(self) -> list[str | None]:
        return [*(getattr(self.columns, "names", None) or ()), self.colour]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        chosen = self._chosen(dict(table.collect_schema()))
        if len(chosen) < 2:
            raise NodeFailed("fewer than two number columns are chosen; choose two or more")
        if len(chosen) > MOST:
            notes.append(f"the first {MOST} of {len(chosen)} number columns are shown")
            chosen = chosen[:MOST]
        roles = {f"c{place}": name for place, name in enumerate(chosen)}
        frame = pick(table, colour=self.colour, **roles)
        ends = (
            frame.select(
                pl.len().alias("all"),
                *(pl.col(role).min().cast(pl.Float64).alias(f"{role} low") for role in roles),
                *(pl.col(role).max().cast(pl.Float64).alias(f"{role} high") for role in roles),
            )
            .collect(engine="streaming")
            .row(0, named=True)
        )
        roles = {role: name for role, name in roles.items() if ends[f"{role} low"] is not None}
        if not roles:
            raise NodeFailed("no row has a usable value in any of the columns; there is nothing to draw")
        colours: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        if ends["all"] > self.most_lines:
            step = -(-ends["all"] // self.most_lines)
            frame = frame.gather_every(step)
            notes.append(f"a sample of {-(-ends['all'] // step):,} of {ends['all']:,} rows is shown")
        rows = frame.collect(engine="streaming")
        names = dict(zip(roles, captions(list(roles.values())), strict=True))
        data = []
        for line, row in enumerate(rows.iter_rows(named=True)):
            for role, name in names.items():
                low, high = ends[f"{role} low"], ends[f"{role} high"]
                value = row[role]
                at = None if value is None else 0.5 if high == low else (value - low) / (high - low)
                point = {"line": line, "axis": name, "at": at, "text": number_text(value)}
                data.append(point | ({"colour": row["colour"]} if colours else {}))
        bounds = [
            {"axis": name, "low": number_text(ends[f"{role} low"]), "high": number_text(ends[f"{role} high"])}
            for role, name in names.items()
        ]
        columns = {"colour": str(self.colour)} if colours else {}
        return Picture(data, self._body(list(names.values()), bounds, colours), notes, columns=columns)

    def _body(self, names: list[str], bounds: list[dict[str, Any]], colours: list[str]) -> dict[str, Any]:
        long = max(map(len, names)) > 3 + 90 // len(names)
        across = {
            "field": "axis", "type": "nominal", "sort": names, "title": None, "scale": {"type": "point", "padding": 0.3},
            "axis": {"labelAngle": -40 if long else 0, "domain": False, "ticks": False, "grid": True, "gridWidth": 1.5,
                     "gridColor": self.quiet(), "labelPadding": 18, "labelOverlap": False},
        }  # fmt: skip
        up = {"field": "at", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}
        encoding: dict[str, Any] = {
            "x": across, "y": up, "detail": {"field": "line", "type": "nominal"},
            "tooltip": [told("axis", "Column"), told("text", "Value")],
        }  # fmt: skip
        mark: dict[str, Any] = {"type": "line", "opacity": self.opacity, "strokeWidth": 1}
        if colours:
            encoding["tooltip"].insert(0, told("colour", str(self.colour)))
            encoding["color"] = self.coloured(
                "colour", str(self.colour), colours, legend={"symbolOpacity": 1}
            )
        else:
            mark["color"] = self.main_colour()
        text = {"type": "text", "fontSize": 10, "color": self.quiet()}
        return {
            "layer": [
                {"mark": mark, "encoding": encoding},
                {"data": {"values": bounds}, "mark": {**text, "dy": 10},
                 "encoding": {"x": across, "y": {"datum": 0, "type": "quantitative"}, "text": {"field": "low"}}},
                {"data": {"values": bounds}, "mark": {**text, "dy": -8},
                 "encoding": {"x": across, "y": {"datum": 1, "type": "quantitative"}, "text": {"field": "high"}}},
            ]
        }  # fmt: skip
