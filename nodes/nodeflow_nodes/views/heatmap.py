"""Heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Fault, is_family, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    Picture,
    View,
    caption,
    categories,
    check_sums,
    complete,
    labelled,
    number_text,
    pick,
)
from nodeflow_nodes.views._bins import bins_of, period_of, period_text, truncated
from nodeflow_nodes.views._parts import told
from nodeflow_nodes.views._theme import diverging, ramp

if TYPE_CHECKING:
    import polars as pl

MOST = 60
MOST_WRITTEN = 150


class Heatmap(View):
    """Draw a summary of the rows for each pair of two columns' values, as a coloured cell.

    Texts and small whole numbers have a row or column a value, the most frequent ones if there are many; other numbers are
    put into ranges, dates into periods of the calendar. Cells without rows stay empty. In few cells
    the numbers are written. Rows are summarised where they lie, so that the table may be of any size.

    Inputs:
        table: The rows to summarise.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Matrices"
    keywords = ("heat map", "matrix", "crosstab", "pivot", "two-dimensional histogram", "density")

    x: Column = parameter(
        types=(*GROUPS,), label="Across", help="The column whose values stand side by side."
    )
    y: Column = parameter(
        types=(*GROUPS,), label="Down", help="The column whose values stand one below the other."
    )
    aggregation: Literal["count", "sum", "mean", "median", "min", "max"] = parameter(
        default="count", help="What the colours show: the number of rows, or a summary of a number column."
    )
    summarised: Column | None = parameter(
        default=None,
        types=("number",),
        help="The number column that is summarised.",
        when={"aggregation": ["sum", "mean", "median", "min", "max"]},
    )
    ranges: int = parameter(
        default=20, minimum=2, maximum=MOST, help="About how many ranges numbers and dates are put into."
    )
    middle: float | None = parameter(
        default=None,
        help="A value in the middle of two colours, such as 0; empty for one colour from little to much.",
    )
    show_values: Literal["automatic", "yes", "no"] = parameter(
        default="automatic", help="Whether numbers are written into the cells; automatic: if there are few."
    )

    def check_parameters(self) -> list[Fault]:
        if self.aggregation != "count" and self.summarised is None:
            return [
                Fault(
                    "summarised",
                    f"choose the column whose {self.aggregation} the colours show, or count rows",
                )
            ]
        return []

    def _what(self) -> str:
        return (
            "Rows"
            if self.aggregation == "count"
            else f"{self.aggregation.capitalize()} of {str(self.summarised).strip()}"
        )

    def default_title(self) -> str:
        return f"{self._what()} by {self.x.strip()} and {self.y.strip()}"

    def fields(self) -> list[str | None]:
        return [self.x, self.y, self.summarised if self.aggregation != "count" else None]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        values = None if self.aggregation == "count" else self.summarised
        frame = pick(table, x=self.x, y=self.y, value=values)
        needed = {"value": str(values)} if values else {}
        if needed:
            frame, _ = complete(frame, needed, notes)
        frame, across, x_is_whole = self._axis(frame, "x", self.x, notes)
        frame, down, y_is_whole = self._axis(frame, "y", self.y, notes)
        if is_family(table.collect_schema()[self.y], ("number",)):
            down.reverse()  # numbers grow upwards
        summary = (
            pl.len() if values is None else getattr(pl.col("value").cast(pl.Float64), self.aggregation)()
        )
        cells = (
            frame.group_by("x", "y")
            .agg(summary.alias("value"), pl.len().alias("rows"))
            .collect(engine="streaming")
        )
        check_sums(cells["value"], str(values))
        if cells.is_empty():
            raise NodeFailed(
                f'no row has a usable value in "{self.x}" and "{self.y}"; there is nothing to draw'
            )
        data = [
            {**row, "text": number_text(row["value"])} for row in cells.sort("x", "y").iter_rows(named=True)
        ]
        columns = ({"x": str(self.x)} if x_is_whole else {}) | ({"y": str(self.y)} if y_is_whole else {})
        return Picture(data, self._body(data, across, down), notes, columns=columns)

    def _axis(
        self, frame: pl.LazyFrame, role: str, name: str, notes: list[str]
    ) -> tuple[pl.LazyFrame, list[str], bool]:
        """The frame with the role as the labels of the axis, the labels in order, whether each is one value."""
        import polars as pl

        dtype = frame.collect_schema()[role]
        value = pl.col(role)
        if is_family(dtype, ("date", "datetime")):
            frame, _ = complete(frame, {role: name}, notes)
            every = period_of(frame, role, self.ranges)
            frame = frame.with_columns(truncated(value, every, dtype))
            found = frame.select(value.unique().sort()).collect(engine="streaming").to_series()
            labels = [period_text(one, every) for one in found]
            named = value.replace_strict(found, labels, return_dtype=pl.String)
            return frame.with_columns(named), labels, False
        is_many = dtype.is_numeric() and (
            frame.select(value.n_unique()).collect(engine="streaming").item() > self.ranges
        )
        if not is_many:
            return *labelled(frame, role, MOST, notes), True
        frame, _ = complete(frame, {role: name}, notes)
        bins = bins_of(frame, role, wanted=None, width=_width(frame, role, self.ranges))
        found = frame.select(bins.index().alias(role).unique().sort()).collect(engine="streaming").to_series()
        labels = [bins.told(one) for one in found]
        named = bins.index().replace_strict(found, labels, return_dtype=pl.String)
        return frame.with_columns(named.alias(role)), labels, False

    def _body(self, data: list[dict[str, Any]], across: list[str], down: list[str]) -> dict[str, Any]:
        found = [row["value"] for row in data if row["value"] is not None]
        low, high = min(found, default=0.0), max(found, default=1.0)
        colours: list[str] = ramp(self.theme)
        domain = [low, high] if low < high else [low - 0.5, high + 0.5]
        if self.middle is not None:
            reach = max(abs(high - self.middle), abs(low - self.middle)) or 1.0
            colours, domain = diverging(self.theme), [self.middle - reach, self.middle + reach]
        long = max(map(len, across)) > 3 + 60 // len(across)
        axis = {"grid": False, "domain": False, "ticks": False}
        encoding: dict[str, Any] = {
            "x": categories(
                "x",
                self.x,
                across,
                axis={**axis, "labelAngle": -40 if long else 0, "labelOverlap": len(across) > 40},
            ),
            "y": categories("y", self.y, down, axis={**axis, "labelOverlap": len(down) > 40}),
        }
        shade = {
            "field": "value", "type": "quantitative", "title": caption(self._what()),
            "scale": {"range": colours, "domain": domain, "interpolate": "lab"},
            "legend": {"gradientLength": min(200, self.height // 2), **({"format": "~s"} if abs(high) >= 100_000 else {})},
        }  # fmt: skip
        tips = [told("x", self.x), told("y", self.y), told("text", self._what())]
        if self.aggregation != "count":
            tips.append(told("rows", "Rows"))
        cell = {
            "type": "rect",
            "stroke": self.paper(),
            "strokeWidth": 1 if len(across) * len(down) < 1500 else 0,
        }
        layers = [{"mark": cell, "encoding": {**encoding, "color": shade, "tooltip": tips}}]
        few = len(across) * len(down) <= MOST_WRITTEN and len(across) <= self.width // 40
        if self.show_values == "yes" or (self.show_values == "automatic" and few):
            layers.append(
                {"mark": {"type": "text", "fontSize": 11}, "encoding": {**encoding, **written(domain, self)}}
            )
        return {"layer": layers}


def written(domain: list[float], view: View) -> dict[str, Any]:
    """The encoding of numbers written on cells, dark on light cells and light on dark ones."""
    low, high = domain
    dark = view.theme == "dark"
    change = low + (high - low) * 0.55
    return {
        "text": {"field": "text"},
        "color": {
            "condition": {"test": f"datum.value > {change!r}", "value": "#10151b" if dark else "#ffffff"},
            "value": "#ffffff" if dark else "#10151b",
        },
    }


def _width(frame: pl.LazyFrame, role: str, parts: int) -> float:
    import polars as pl

    from nodeflow_nodes.views._base import nice_step

    low, high = (
        frame.select(pl.col(role).min().alias("a"), pl.col(role).max().alias("b"))
        .collect(engine="streaming")
        .row(0)
    )
    return nice_step(float(high) - float(low), parts)
