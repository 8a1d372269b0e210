"""Pie Chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    OTHERS,
    Picture,
    View,
    check_sums,
    complete,
    label,
    nothing,
    number_text,
    pick,
)
from nodeflow_nodes.views._parts import told

if TYPE_CHECKING:
    import polars as pl


class PieChart(View):
    """Draw the parts of a whole: a slice for each category, as large as its share of the rows or of a sum.

    The largest slices come first, from noon on clockwise; small ones are put together as "others". More than six
    slices are hard to compare: a Bar Chart tells more. What adds up must not be negative. Rows without
    a category are a slice of their own.

    Inputs:
        table: The rows to count or to sum.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Bars and parts"
    keywords = ("donut", "doughnut", "ring", "share", "proportion", "parts of a whole")

    group: Column = parameter(
        types=GROUPS, label="Category", help="The column with a slice for each of its values."
    )
    summed: Column | None = parameter(
        default=None, types=("number",), help="The number column that is summed; empty to count rows."
    )
    most_slices: int = parameter(default=6, minimum=2, maximum=20, help="How many slices, others included.")
    shape: Literal["pie", "donut"] = parameter(
        default="pie", help="Whether there is a hole with the whole in it."
    )
    labels: Literal["share", "value", "both", "none"] = parameter(
        default="share", help="What is written beside slices."
    )

    def default_title(self) -> str:
        return f"{self._what()} by {self.group.strip()}"

    def _what(self) -> str:
        return "Rows" if self.summed is None else f"Sum of {self.summed.strip()}"

    def fields(self) -> list[str | None]:
        return [self.group, self.summed]

    def check_parameters(self) -> list[Fault]:
        if self.summed is not None and self.summed == self.group:
            return [Fault("summed", "is the column of the categories; choose another, or count rows")]
        return []

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        frame = pick(table, group=self.group, value=self.summed)
        if self.summed is not None:
            frame, _ = complete(frame, {"value": self.summed}, notes)
        amount = pl.len() if self.summed is None else pl.col("value").cast(pl.Float64).sum()
        name = label("group", frame.collect_schema()["group"]).alias("name")
        rows = (
            frame.group_by(name)
            .agg(amount.alias("value"), pl.col("group").min().alias("first"))
            .sort("value", "first", descending=[True, False], nulls_last=True)
            .collect(engine="streaming")
        )
        check_sums(rows["value"], str(self.summed))
        if rows["first"].null_count() == rows.height:
            raise nothing([self.group])
        if rows["value"].min() < 0:  # type: ignore[operator]
            low = rows.row(-1, named=True)
            raise NodeFailed(
                f'"{self.summed}" sums to {number_text(low["value"])} for {low["name"]}; a slice cannot be negative, '
                "a Bar Chart shows such sums"
            )
        rows = rows.filter(pl.col("value") > 0)
        whole = float(rows["value"].sum())
        if not whole:
            raise NodeFailed(f'"{self.summed}" sums to 0; there is nothing to draw')
        slices = [(one, float(size)) for one, size in rows.select("name", "value").iter_rows()]
        if len(slices) > self.most_slices:
            rest = slices[self.most_slices - 1 :]
            slices = [*slices[: self.most_slices - 1], (OTHERS, sum(size for _, size in rest))]
            notes.append(
                f"the {self.most_slices - 1} largest of {rows.height:,} categories are shown, the rest as others"
            )
        data = [
            {
                "group": one,
                "value": size,
                "place": place,
                "share": f"{size / whole:.1%}",
                "text": number_text(size),
            }
            for place, (one, size) in enumerate(slices)
        ]
        return Picture(data, self._body(data, whole), notes, columns={"group": str(self.group)})

    def _body(self, data: list[dict[str, Any]], whole: float) -> dict[str, Any]:
        radius = min(self.width, self.height) / 2 - 36
        names = [row["group"] for row in data]
        shade = self.coloured("group", self.group, names)
        encoding: dict[str, Any] = {
            "theta": {"field": "value", "type": "quantitative", "stack": True},
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [told("group", self.group), told("text", self._what()), told("share", "Share")],
        }
        arc = {
            "type": "arc", "outerRadius": radius, "innerRadius": radius * 0.6 if self.shape == "donut" else 0,
            "stroke": self.paper(), "strokeWidth": 1.5,
        }  # fmt: skip
        layers: list[dict[str, Any]] = [{"mark": arc, "encoding": {**encoding, "color": shade}}]
        if self.labels != "none":
            # slices too narrow for their words have them under the mouse only
            whole_words = {
                "share": "datum.share",
                "value": "datum.text",
                "both": "datum.text + ' (' + datum.share + ')'",
            }
            told_text = f"datum.value < {whole / 28!r} ? '' : {whole_words[self.labels]}"
            layers.append(
                {
                    "transform": [{"calculate": told_text, "as": "words"}],
                    "mark": {"type": "text", "radius": radius + 20, "color": self.ink(), "fontSize": 11},
                    "encoding": {**encoding, "text": {"field": "words"}},
                }
            )
        if self.shape == "donut":
            middle = {"type": "text", "fontSize": 18, "fontWeight": 600, "color": self.ink()}
            layers.append(
                {
                    "data": {"values": [{"whole": number_text(whole)}]},
                    "mark": middle,
                    "encoding": {"text": {"field": "whole"}},
                }
            )
        return {"layer": layers}
