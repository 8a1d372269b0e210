"""Stacked Area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Fault, is_family, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    PLACES,
    Picture,
    View,
    check_sums,
    complete,
    labelled,
    moments,
    numbers,
    pick,
    shares,
    tell_zones,
)
from nodeflow_nodes.views._bins import bins_of, period, period_of, truncated
from nodeflow_nodes.views._parts import axis_of, largest, told

if TYPE_CHECKING:
    import polars as pl

PLACES_ACROSS = 60


class StackedArea(View):
    """Draw how parts add up along a number or over time: an area for each group, one on top of the other.

    Rows are counted, or a number column is summed, for each group and each period of the calendar or range of
    numbers. A group without rows in a period counts as 0 there. What adds up must not be negative; lines show such
    numbers. Groups beyond the eighth are put together as "others".

    Inputs:
        table: The rows to add up.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Lines"
    keywords = ("area chart", "stack", "streamgraph", "share over time", "composition")

    x: Column = parameter(types=PLACES, label="Across", help="The number or date along the horizontal axis.")
    group: Column = parameter(
        types=GROUPS, label="Parts", help="The column with an area for each of its values."
    )
    summed: Column | None = parameter(
        default=None, types=("number",), help="The number column that is summed; empty to count rows."
    )
    period: Literal["automatic", "hour", "day", "week", "month", "quarter", "year", "decade"] = parameter(
        default="automatic", help="By which period of the calendar dates are added up."
    )
    heights: Literal["amount", "share", "stream"] = parameter(
        default="amount",
        help="Amounts from zero on; their shares of the whole; or amounts around a middle line.",
    )

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        dated = self.x in columns and is_family(columns[self.x], ("date", "datetime"))
        if self.x in columns and not dated and self.period != "automatic":
            return [Fault("period", "numbers have no periods of the calendar; leave it automatic")]
        return []

    def _what(self) -> str:
        return "Rows" if self.summed is None else f"Sum of {self.summed.strip()}"

    def default_title(self) -> str:
        return f"{self._what()} by {self.x.strip()} and {self.group.strip()}"

    def fields(self) -> list[str | None]:
        return [self.x, self.group, self.summed]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        dtype = table.collect_schema()[self.x]
        tell_zones(table, [self.x], notes)
        needed = {"x": str(self.x)} | ({"value": self.summed} if self.summed is not None else {})
        frame, _ = complete(pick(table, x=self.x, group=self.group, value=self.summed), needed, notes)
        frame, groups = labelled(frame, "group", MOST_COLOURS, notes)
        if dtype.is_temporal():
            every = (
                period_of(frame, "x", PLACES_ACROSS) if self.period == "automatic" else period(self.period)
            )
            frame = frame.with_columns(truncated(pl.col("x"), every, dtype))
        elif frame.select(pl.col("x").n_unique()).collect(engine="streaming").item() > PLACES_ACROSS:
            bins = bins_of(frame, "x")
            frame = frame.with_columns((bins.index() * bins.step + bins.start + bins.step / 2).alias("x"))
        amount = pl.len() if self.summed is None else pl.col("value").cast(pl.Float64).sum()
        found = frame.group_by("x", "group").agg(amount.alias("value")).collect(engine="streaming")
        check_sums(found["value"], str(self.summed))
        if found["value"].min() < 0:  # type: ignore[operator]
            raise NodeFailed(
                f'some sums of "{self.summed}" are negative and cannot be stacked; a Line Plot shows them'
            )
        every_pair = found.select(pl.col("x").unique().sort()).join(
            pl.DataFrame({"group": groups, "place": range(len(groups))}), how="cross"
        )
        rows = (
            every_pair.join(found, on=["x", "group"], how="left")
            .with_columns(pl.col("value").fill_null(0))
            .sort("x", "place")
        )
        columns = {"x": str(self.x), "group": str(self.group)}
        return Picture(moments(rows).to_dicts(), self._body(rows, dtype, groups), notes, columns=columns)

    def _body(self, rows: pl.DataFrame, dtype: pl.DataType, groups: list[str]) -> dict[str, Any]:
        import polars as pl

        tall = float(rows.group_by("x").agg(pl.col("value").sum())["value"].max() or 0)  # type: ignore[arg-type]
        wide = 0.0 if dtype.is_temporal() else largest(rows["x"].min(), rows["x"].max())  # type: ignore[arg-type]
        up = numbers("value", self._what(), zero=True, high=tall) | {"stack": "zero"}
        if self.heights == "share":
            up = shares("value", f"Share of {self._what().lower()}", stack="normalize", scale={})
        elif self.heights == "stream":
            up = {**up, "stack": "center", "axis": None}
        across = axis_of("x", self.x, dtype, high=wide)
        if not dtype.is_temporal():
            across["scale"] = {"nice": False, "zero": False}
        area = {"type": "area", "fillOpacity": 0.85, "stroke": self.paper(), "strokeWidth": 0.5}
        return {
            "mark": {"type": "bar"} if rows["x"].n_unique() == 1 else area,
            "encoding": {
                "x": across, "y": up, "color": self.coloured("group", self.group, groups),
                "order": {"field": "place", "type": "quantitative"},
                "tooltip": [told("x", self.x, dtype), told("group", self.group), told("value", self._what())],
            },
        }  # fmt: skip
