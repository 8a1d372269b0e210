"""Histogram."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Column, Fault, is_family, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    PLACES,
    Picture,
    View,
    complete,
    labelled,
    number_text,
    numbers,
    pick,
    shares,
    tell_zones,
)
from nodeflow_nodes.views._bins import MOST_BINS, after, bins_of, period_of, period_text, truncated
from nodeflow_nodes.views._parts import MOST_PANELS, axis_of, largest, panels, told

if TYPE_CHECKING:
    import polars as pl


class Histogram(View):
    """Draw how the values of a column are distributed: a bar for each range of values.

    The width of the ranges follows the number of rows and their spread (Freedman and Diaconis 1981), rounded to
    1, 2, 2.5 or 5 and their tenfold; whole numbers in a short range have a bar each; dates are counted by day,
    week, month or year, whichever fits. A value on the border of two ranges counts for the upper one. Rows are
    counted where they lie, so that the table may be of any size. Rows without a value are not shown, and their
    number is told under the title; infinite values count as missing.

    Inputs:
        table: The rows to count.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Distributions"
    keywords = ("hist", "histplot", "distribution", "frequency", "bins", "distplot")

    column: Column = parameter(types=PLACES, help="The numbers or dates to count.")
    bins: int | None = parameter(
        default=None, minimum=1, maximum=MOST_BINS, help="How many bars; empty for as many as fit."
    )
    bin_width: float | None = parameter(
        default=None, above=0, help="How wide a range is, for numbers; instead of the number of bars."
    )
    colour: Column | None = parameter(
        default=None, types=GROUPS, help="A column that splits the bars by colour."
    )
    bars: Literal["stacked", "overlaid"] = parameter(
        default="stacked", help="Bars of several colours: on top of each other, or each from the bottom."
    )
    facet: Column | None = parameter(
        default=None, types=GROUPS, label="Panels", help="A column with a panel for each of its values."
    )
    heights: Literal["count", "share", "density"] = parameter(
        default="count",
        help="What heights show: rows, their share of the panel (of the colour if overlaid), "
        "or the share for each unit of width, so that areas add up to 1.",
    )
    cumulative: bool = parameter(default=False, help="Whether each bar includes all bars before it.")
    lines: Literal["none", "mean", "median", "both"] = parameter(
        default="none", help="Lines at the mean or the median of a number column."
    )
    scale: Literal["linear", "logarithmic"] = parameter(
        default="linear", help="The scale of the values; a logarithmic one leaves out what is not above zero."
    )
    heights_scale: Literal["linear", "logarithmic"] = parameter(
        default="linear", help="The scale of the heights; a logarithmic one shows rare values as well."
    )
    low: float | None = parameter(
        default=None, label="From", advanced=True, help="Smaller numbers are left out."
    )
    high: float | None = parameter(
        default=None, label="To", advanced=True, help="Larger numbers are left out."
    )

    def check_parameters(self) -> list[Fault]:
        if self.bins is not None and self.bin_width is not None:
            return [Fault("bin_width", "give the number of bars or the width of a range, not both")]
        if self.low is not None and self.high is not None and self.low >= self.high:
            return [Fault("low", f"no number lies from {self.low:g} to {self.high:g}; exchange the two")]
        if self.cumulative and self.heights == "density":
            return [Fault("heights", "densities do not add up; show shares or counts if bars are cumulative")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        if self.column not in columns or is_family(columns[self.column], ("number",)):
            return []
        found = []
        if self.bin_width is not None:
            found.append(Fault("bin_width", "dates have no ranges of a given width; give the number of bars"))
        if self.scale == "logarithmic":
            found.append(Fault("scale", "dates have no logarithmic scale; choose the linear one"))
        if self.heights == "density":
            found.append(Fault("heights", "months differ in width; show shares or counts of dates"))
        return found

    def default_title(self) -> str:
        return f"Distribution of {self.column.strip()}"

    def fields(self) -> list[str | None]:
        return [self.column, self.colour, self.facet]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        frame = pick(table, value=self.column, colour=self.colour, facet=self.facet)
        dtype = frame.collect_schema()["value"]
        tell_zones(table, [self.column], notes)
        frame, _ = complete(frame, {"value": self.column}, notes)
        if not dtype.is_temporal():
            frame = self._within(frame, notes)
        by = ["bin"]
        colours: list[str] = []
        facets: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
            by.append("colour")
        if self.facet is not None:
            frame, facets = labelled(frame, "facet", MOST_PANELS, notes)
            by.append("facet")
        ranges: Any
        if dtype.is_temporal():
            every = period_of(frame, "value", self.bins or 30)
            index = truncated(pl.col("value"), every, dtype)
        else:
            ranges = bins_of(
                frame,
                "value",
                wanted=self.bins,
                width=self.bin_width,
                logarithmic=self.scale == "logarithmic",
            )
            index = ranges.index()
        counts = (
            frame.with_columns(index.alias("bin"))
            .group_by(by)
            .agg(pl.len().alias("n"))
            .sort(by)
            .collect(engine="streaming")
        )
        if dtype.is_temporal():
            starts = counts.get_column("bin").unique().sort().to_list()
            places = {one: (one, after(one, every), period_text(one, every)) for one in starts}
        else:
            starts = counts.get_column("bin").unique().sort().to_list()
            places = {one: (ranges.edge(one), ranges.edge(one + 1), ranges.told(one)) for one in starts}
        data = self._bars(counts, places, colours, facets)
        columns = {"start": str(self.column), "end": str(self.column)}
        if colours:
            columns["colour"] = str(self.colour)
        if facets:
            columns["facet"] = str(self.facet)
        marks = [] if dtype.is_temporal() or self.lines == "none" else self._middles(frame, facets)
        return Picture(data, self._body(data, dtype, colours, facets, marks), notes, columns=columns)

    def _within(self, frame: pl.LazyFrame, notes: list[str]) -> pl.LazyFrame:
        """The rows within the limits and, on a logarithmic scale, above zero."""
        import polars as pl

        kept, value = pl.lit(value=True), pl.col("value")
        if self.low is not None:
            kept &= value >= self.low
        if self.high is not None:
            kept &= value <= self.high
        if self.scale == "logarithmic":
            kept &= value > 0
        if self.low is None and self.high is None and self.scale == "linear":
            return frame
        within: list[str] = []
        frame, _ = complete(frame, {"value": self.column}, within, kept)
        notes += [note.replace("without a usable value", "beyond the limits") for note in within]
        return frame

    def _bars(
        self, counts: pl.DataFrame, places: Mapping[Any, Any], colours: list[str], facets: list[str]
    ) -> list[dict[str, Any]]:
        """The rows of data: where each bar begins and ends, and what it shows."""
        found = {
            (row["bin"], row.get("colour", ""), row.get("facet", "")): row["n"]
            for row in counts.iter_rows(named=True)
        }
        stacked = self.bars == "stacked"
        data = []
        for panel in facets or [""]:
            whole = sum(n for (_, _, where), n in found.items() if where == panel)
            sums = dict.fromkeys(colours or [""], 0)
            sizes = {
                one: whole if stacked else sum(n for (_, c, w), n in found.items() if (c, w) == (one, panel))
                for one in sums
            }
            for place, (start, end, words) in places.items():
                bottom = 0.0
                for shade in sums:
                    count = found.get((place, shade, panel), 0)
                    sums[shade] = sums[shade] + count if self.cumulative else count
                    if not sums[shade]:
                        continue
                    height: float = sums[shade]
                    if self.heights != "count":
                        height /= sizes[shade]
                    if self.heights == "density":
                        height /= end - start
                    row = {
                        "start": _iso(start), "end": _iso(end), "low": bottom, "high": bottom + height, "range": words,
                        "text": number_text(height) if self.heights != "share" else f"{height:.1%}",
                    }  # fmt: skip
                    bottom += height if stacked else 0
                    data.append(
                        row | ({"colour": shade} if colours else {}) | ({"facet": panel} if facets else {})
                    )
        return data

    def _middles(self, frame: pl.LazyFrame, facets: list[str]) -> list[dict[str, Any]]:
        """Where lines for the mean and the median stand."""
        import polars as pl

        values = pl.col("value").cast(pl.Float64)
        asked = [
            expr.alias(name)
            for name, expr in (("mean", values.mean()), ("median", values.median()))
            if self.lines in (name, "both")
        ]
        found = (frame.group_by("facet").agg(asked) if facets else frame.select(asked)).collect(
            engine="streaming"
        )
        return [
            {"at": row[name], "words": f"{name} {number_text(row[name])}", "kind": name}
            | ({"facet": row["facet"]} if facets else {})
            for row in found.iter_rows(named=True)
            for name in ("mean", "median")
            if name in row
        ]

    def _body(
        self,
        data: list[dict[str, Any]],
        dtype: pl.DataType,
        colours: list[str],
        facets: list[str],
        marks: list[dict[str, Any]],
    ) -> dict[str, Any]:
        what = {"count": "Rows", "share": "Share of rows", "density": "Density"}[self.heights]
        what = f"{what}, cumulative" if self.cumulative else what
        tall = max(row["high"] for row in data)
        span = 0.0 if dtype.is_temporal() else largest(data[0]["start"], data[-1]["end"])
        across = axis_of(
            "start", self.column, dtype, high=span, logarithmic=self.scale == "logarithmic",
            scale={"nice": False, "padding": 4} if not dtype.is_temporal() else {"type": "utc"},
        )  # fmt: skip
        up = (
            shares("low", what, scale={"domainMin": 0})
            if self.heights == "share"
            else numbers("low", what, zero=True, high=tall)
        )
        if self.heights_scale == "logarithmic":
            few = 1.0 if self.heights == "count" else max(1e-6, min(r["high"] for r in data))
            up["scale"] = {"type": "symlog", "constant": few, "domainMin": 0, "nice": False}
        encoding: dict[str, Any] = {
            "x": across, "x2": {"field": "end"}, "y": up, "y2": {"field": "high"},
            "tooltip": [
                told("range", self.column),
                *([told("colour", str(self.colour))] if colours else []),
                told("text", what),
            ],
        }  # fmt: skip
        mark: dict[str, Any] = {"type": "rect", "stroke": self.paper(), "strokeWidth": 0.75}
        if len({row["range"] for row in data}) > 120:
            mark.pop("stroke")
        if colours:
            encoding["color"] = self.coloured("colour", str(self.colour), colours)
            mark["opacity"] = 1 if self.bars == "stacked" else 0.5
        else:
            mark["color"] = self.main_colour()
        body: dict[str, Any] = {"mark": mark, "encoding": encoding}
        if marks:
            body = {"layer": [body, *self._lines(marks, across, dtype)]}
        return panels(body, str(self.facet), facets, self.width, self.height) if facets else body

    def _lines(
        self, marks: list[dict[str, Any]], across: dict[str, Any], dtype: pl.DataType
    ) -> list[dict[str, Any]]:
        where = {**across, "field": "at", "axis": None}
        named = {
            "field": "kind", "type": "nominal", "title": None, "scale": {"domain": ["mean", "median"],
            "range": [[1, 0], [5, 4]]}, "legend": None,
        }  # fmt: skip
        rule = {"type": "rule", "color": self.ink(), "strokeWidth": 1.5}
        text = {"type": "text", "color": self.ink(), "fontSize": 11, "y": 6, "dx": 5}
        lower = sorted(marks, key=lambda one: one["at"])
        sides = {one["kind"]: "right" if one is lower[0] and len(marks) > 1 else "left" for one in marks}
        layers: list[dict[str, Any]] = [
            {"data": {"values": marks}, "mark": rule, "encoding": {"x": where, "strokeDash": named}}
        ]
        for kind, align in sides.items():
            shift = {"align": align, "dx": -5 if align == "right" else 5}
            layers.append(
                {
                    "data": {"values": [one for one in marks if one["kind"] == kind]},
                    "mark": text | shift,
                    "encoding": {"x": where, "text": {"field": "words"}},
                }
            )
        return layers


def _iso(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    return value.isoformat() if isinstance(value, datetime.date) else value
