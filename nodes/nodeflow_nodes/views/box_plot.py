"""Box Plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import shorten
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Picture, View, categories, number_text
from nodeflow_nodes.views._parts import axis_of, largest, spread, told

if TYPE_CHECKING:
    import polars as pl

MOST_OUTLIERS = 200


class BoxPlot(View):
    """Draw the middle half, the median, the reach and the outliers of numbers.

    The box holds the middle half of the values, the line in it is the median. The whiskers reach to the
    furthest value within one and a half box lengths of the box (Tukey 1977), or as far as chosen; values beyond
    are drawn one by one. One box a column, or one for each value of a group. The quartiles are computed where the rows
    lie; of many outliers the most extreme are drawn. Missing values are left out.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Distributions"
    keywords = ("boxplot", "box and whisker", "quartiles", "whisker", "outliers", "conditional box plot")

    columns: Columns = parameter(types=("number",), min_length=1, help="The number columns, a box each.")
    group: Column | None = parameter(
        default=None,
        types=GROUPS,
        help="A column with a box for each of its values; then choose one number column.",
    )
    order: Literal["value", "median"] = parameter(
        default="value", help="Whether groups stand in their own order, or by their medians."
    )
    whiskers: float = parameter(
        default=1.5,
        minimum=0,
        maximum=100,
        unit="box lengths",
        help="How far whiskers reach at most; 0 for none.",
    )
    outliers: bool = parameter(default=True, help="Whether values beyond the whiskers are drawn.")
    scale: Literal["linear", "logarithmic"] = parameter(
        default="linear", help="The scale of the values; a logarithmic one leaves out what is not above zero."
    )
    horizontal: bool = parameter(default=False, help="Whether boxes lie instead of standing.")

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
        frame, labels = spread(table, chosen, self.group, notes, logarithmic=self.scale == "logarithmic")
        value = pl.col("value")
        quartiles = (
            frame.group_by("label")
            .agg(
                value.quantile(0.25, "linear").alias("q1"),
                value.median().alias("median"),
                value.quantile(0.75, "linear").alias("q3"),
                value.mean().alias("mean"),
                pl.len().alias("rows"),
            )
            .collect(engine="streaming")
        )
        if self.order == "median" and self.group is not None:
            labels = quartiles.sort("median", descending=True)["label"].to_list()
        length = pl.col("q3") - pl.col("q1")
        limits = quartiles.with_columns(
            (pl.col("q1") - self.whiskers * length).alias("from"),
            (pl.col("q3") + self.whiskers * length).alias("to"),
        )
        within = frame.join(limits.lazy().select("label", "from", "to"), on="label")
        inside = value.is_between(pl.col("from"), pl.col("to"))
        reach = (
            within.group_by("label")
            .agg(
                value.filter(inside).min().alias("low"),
                value.filter(inside).max().alias("high"),
                (~inside).sum().alias("beyond"),
            )
            .collect(engine="streaming")
        )
        boxes = quartiles.join(reach, on="label").with_columns(
            pl.min_horizontal("low", "q1").alias("low"), pl.max_horizontal("high", "q3").alias("high")
        )
        beyond = (
            self._outliers(within.filter(~inside), boxes, notes) if self.outliers and self.whiskers else []
        )
        place = {name: index for index, name in enumerate(labels)}
        rows = sorted(boxes.iter_rows(named=True), key=lambda row: place[row["label"]])
        data: list[dict[str, Any]] = [
            {
                **{
                    name: row[name]
                    for name in ("label", "low", "q1", "median", "q3", "high", "rows", "beyond")
                },
                **{
                    f"{name}_text": number_text(row[name])
                    for name in ("low", "q1", "median", "q3", "high", "mean")
                },
            }
            for row in rows
        ]
        columns = {"label": str(self.group)} if self.group is not None else {}
        return Picture(data, self._body(data, beyond, labels, chosen), notes, columns=columns)

    def _outliers(self, beyond: pl.LazyFrame, boxes: pl.DataFrame, notes: list[str]) -> list[dict[str, Any]]:
        """The values beyond the whiskers, of each box the most extreme."""
        import polars as pl

        away = beyond.join(boxes.lazy().select("label", "median"), on="label").with_columns(
            (pl.col("value") - pl.col("median")).abs().alias("away")
        )
        found = (
            away.group_by("label").agg(pl.col("value").top_k_by("away", MOST_OUTLIERS)).explode("value")
        ).collect(engine="streaming")
        if boxes["beyond"].max() > MOST_OUTLIERS:  # type: ignore[operator]
            notes.append(f"of each box the {MOST_OUTLIERS} outliers furthest away are drawn")
        return found.select("label", "value").unique().sort("label", "value").to_dicts()

    def _body(
        self, data: list[dict[str, Any]], beyond: list[dict[str, Any]], labels: list[str], chosen: list[str]
    ) -> dict[str, Any]:
        import polars as pl

        along, across = ("x", "y") if self.horizontal else ("y", "x")
        what = chosen[0] if len(chosen) == 1 else "value"
        ends = [row[name] for row in data for name in ("low", "high")] + [row["value"] for row in beyond]
        axis = axis_of(
            "q1",
            what,
            pl.Float64(),
            high=largest(min(ends), max(ends)),
            logarithmic=self.scale == "logarithmic",
        )
        if self.scale == "linear":
            axis["scale"] = {"zero": False, "nice": True}
        long = max(map(len, labels)) > 3 + 60 // len(labels)
        angle = {"labelAngle": 0 if self.horizontal or not long else -40, "grid": False}
        group = categories("label", self.group or "", labels, axis=angle)
        tips = [
            told("label", self.group or "column"), told("rows", "Rows"), told("high_text", "Upper whisker"),
            told("q3_text", "Upper quartile"), told("median_text", "Median"), told("mean_text", "Mean"),
            told("q1_text", "Lower quartile"), told("low_text", "Lower whisker"), told("beyond", "Beyond the whiskers"),
        ]  # fmt: skip
        band = max(6, min(48, int(0.5 * (self.height if self.horizontal else self.width) / len(labels))))

        def layer(mark: dict[str, Any], first: str, last: str = "") -> dict[str, Any]:
            encoding = {across: group, along: {**axis, "field": first}, "tooltip": tips}
            if last:
                encoding[f"{along}2"] = {"field": last}
            return {"mark": mark, "encoding": encoding}

        line = {"color": self.ink(), "strokeWidth": 1}
        box = {
            "type": "bar",
            "size": band,
            "color": self.main_colour(),
            "fillOpacity": 0.65,
            "stroke": self.ink(),
        }
        layers = [
            layer({"type": "rule", **line}, "low", "q1"),
            layer({"type": "rule", **line}, "q3", "high"),
            layer({"type": "tick", "size": band // 2, "thickness": 1, "color": self.ink()}, "low"),
            layer({"type": "tick", "size": band // 2, "thickness": 1, "color": self.ink()}, "high"),
            layer(box, "q1", "q3"),
            layer({"type": "tick", "size": band, "thickness": 2, "color": self.ink()}, "median"),
        ]  # fmt: skip
        if beyond:
            points = {"type": "point", "filled": False, "size": 22, "color": self.ink(), "opacity": 0.6}
            layers.append(
                {
                    "data": {"values": beyond},
                    "mark": points,
                    "encoding": {
                        across: group, along: {**axis, "field": "value"},
                        "tooltip": [told("label", self.group or "column"), told("value", what)],
                    },
                }
            )  # fmt: skip
        return {"layer": layers}
