"""Violin Plot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import shorten
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Picture, View, caption, number_text
from nodeflow_nodes.views._kde import densities
from nodeflow_nodes.views._parts import axis_of, largest, spread, told

if TYPE_CHECKING:
    import polars as pl

POINTS = 100
WIDTH = 0.42
"""Half of the room a shape may take."""


class ViolinPlot(View):
    """Draw the shape of distributions side by side: the wider, the more values lie there.

    Each shape is a density, drawn to both sides (Hintze and Nelson 1998), with the middle half and the median
    of the values in it. One shape a column, or one for each value of a group; widths show shares of the rows of
    a shape, so that small groups are seen as well. Missing values are left out.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Distributions"
    keywords = ("violinplot", "distribution", "kde", "kernel density", "bean plot")

    columns: Columns = parameter(types=("number",), min_length=1, help="The number columns, a shape each.")
    group: Column | None = parameter(
        default=None,
        types=GROUPS,
        help="A column with a shape for each of its values; then choose one number column.",
    )
    smoothness: float = parameter(
        default=1.0,
        above=0,
        maximum=20,
        unit="times",
        help="How wide the kernel is, beside the advised width.",
    )
    box: bool = parameter(default=True, help="Whether the middle half and the median are drawn.")

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        columns = inputs["table"].columns if "table" in inputs else {}
        chosen = self.columns.resolve(columns) if columns else []
        if columns and not chosen:
            return [Fault("columns", "no number column is chosen; choose at least one")]
        if self.group is not None and len(chosen) > 1:
            return [Fault("columns", f"{len(chosen)} columns are chosen; with groups choose one")]
        return []

    def default_title(self) -> str:
        names = ", ".join(getattr(self.columns, "names", None) or ()) or "values"
        return shorten(names.strip(), 80) + (f" by {self.group.strip()}" if self.group is not None else "")

    def fields(self) -> list[str | None]:
        return [*(getattr(self.columns, "names", None) or ()), self.group]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        chosen = self.columns.resolve(dict(table.collect_schema()))
        frame, labels = spread(table, chosen, self.group, notes)
        found = densities(frame, "label", points=POINTS, smoothness=self.smoothness, cut=True)
        value = pl.col("value")
        boxes = {
            row["label"]: row
            for row in frame.group_by("label")
            .agg(
                value.quantile(0.25, "linear").alias("q1"),
                value.median().alias("median"),
                value.quantile(0.75, "linear").alias("q3"),
            )
            .collect(engine="streaming")
            .iter_rows(named=True)
        }
        tallest = max(float(found[name].height.max()) for name in labels) or 1.0
        data = []
        for place, name in enumerate(labels):
            one = found[name]
            own = tallest if self.group is not None else float(one.height.max()) or 1.0
            data += [
                {
                    "value": float(at), "left": place - WIDTH * float(height) / own,
                    "right": place + WIDTH * float(height) / own, "label": name, "rows": one.rows,
                    "median": number_text(boxes[name]["median"]),
                }
                for at, height in zip(one.at, one.height, strict=True)
            ]  # fmt: skip
        columns = {"label": str(self.group)} if self.group is not None else {}
        return Picture(data, self._body(data, labels, boxes, chosen), notes, columns=columns)

    def _body(
        self, data: list[dict[str, Any]], labels: list[str], boxes: Mapping[str, Any], chosen: list[str]
    ) -> dict[str, Any]:
        import polars as pl

        what = chosen[0] if len(chosen) == 1 else "value"
        ends = [row["value"] for row in data]
        up = axis_of("value", what, pl.Float64(), high=largest(min(ends), max(ends)))
        named = json.dumps([caption(name) for name in labels]).replace("</", "<\\/")
        long = max(map(len, labels)) > 3 + 60 // len(labels)
        across = {
            "field": "left", "stack": None, "type": "quantitative", "title": caption(self.group or ""),
            "scale": {"domain": [-0.6, len(labels) - 0.4], "nice": False, "zero": False},
            "axis": {
                "values": list(range(len(labels))), "labelExpr": f"{named}[datum.value]", "grid": False,
                "labelAngle": -40 if long else 0, "labelOverlap": len(labels) > 30,
            },
        }  # fmt: skip
        shape = {
            "mark": {"type": "area", "orient": "horizontal", "fillOpacity": 0.55, "color": self.main_colour()},
            "encoding": {
                "y": up, "x": across, "x2": {"field": "right"}, "detail": {"field": "label", "type": "nominal"},
                "tooltip": [told("label", self.group or "column"), told("rows", "Rows"), told("median", "Median")],
            },
        }  # fmt: skip
        if not self.box:
            return {"layer": [shape]}
        middles = [
            {"x": place, **{k: boxes[name][k] for k in ("q1", "median", "q3")}}
            for place, name in enumerate(labels)
        ]
        at = {**across, "field": "x"}
        bar = {"type": "rule", "strokeWidth": 5, "color": self.ink(), "strokeCap": "round"}
        dot = {"type": "point", "filled": True, "size": 32, "color": self.paper(), "opacity": 1}
        return {
            "layer": [
                shape,
                {
                    "data": {"values": middles},
                    "mark": bar,
                    "encoding": {"x": at, "y": {**up, "field": "q1"}, "y2": {"field": "q3"}},
                },
                {
                    "data": {"values": middles},
                    "mark": dot,
                    "encoding": {"x": at, "y": {**up, "field": "median"}},
                },
            ]
        }
