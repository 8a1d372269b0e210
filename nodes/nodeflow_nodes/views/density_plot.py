"""Density Plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.parameters import Column, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Picture,
    View,
    complete,
    labelled,
    number_text,
    numbers,
    pick,
)
from nodeflow_nodes.views._kde import densities
from nodeflow_nodes.views._parts import axis_of, largest, told

if TYPE_CHECKING:
    import polars as pl


class DensityPlot(View):
    """Draw how numbers are distributed, as a smooth curve, or one for each group.

    The area under each curve is 1, so that groups of different size can be compared. The curve is that of
    a Gaussian kernel whose width follows Silverman (1986); more smoothness hides more detail.
    The kernel is laid over fine bins, so that the table may be of any size. Missing values are left out.

    Inputs:
        table: The rows to draw.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Distributions"
    keywords = ("kde", "kernel density", "kdeplot", "distribution", "smooth histogram")

    column: Column = parameter(types=("number",), help="The numbers.")
    colour: Column | None = parameter(
        default=None, types=GROUPS, label="Split by", help="A column with a curve for each of its values."
    )
    smoothness: float = parameter(
        default=1.0,
        above=0,
        maximum=20,
        unit="times",
        help="How wide the kernel is, beside the advised width.",
    )
    cut: bool = parameter(default=False, help="Whether curves end at the lowest and the highest value.")
    fill: bool = parameter(default=True, help="Whether the area below a curve is filled.")

    def default_title(self) -> str:
        split = f" by {self.colour.strip()}" if self.colour is not None else ""
        return f"Density of {self.column.strip()}{split}"

    def fields(self) -> list[str | None]:
        return [self.column, self.colour]

    def picture(self, table: pl.LazyFrame) -> Picture:
        notes: list[str] = []
        frame, _ = complete(pick(table, value=self.column, colour=self.colour), {"value": self.column}, notes)
        colours: list[str] = []
        if self.colour is not None:
            frame, colours = labelled(frame, "colour", MOST_COLOURS, notes)
        found = densities(frame, "colour" if colours else None, smoothness=self.smoothness, cut=self.cut)
        order = colours or list(found)
        data = [
            {
                "value": float(at),
                "density": float(height),
                "group": name,
                "rows": found[name].rows,
                "text": number_text(height),
            }
            for name in order
            for at, height in zip(found[name].at, found[name].height, strict=True)
        ]
        columns = {"value": str(self.column)} | ({"group": str(self.colour)} if colours else {})
        return Picture(data, self._body(data, colours), notes, columns=columns)

    def _body(self, data: list[dict[str, Any]], colours: list[str]) -> dict[str, Any]:
        import polars as pl

        ends = [row["value"] for row in data]
        encoding: dict[str, Any] = {
            "x": axis_of("value", self.column, pl.Float64(), high=largest(min(ends), max(ends)), scale={"nice": False}),
            "y": numbers("density", "Density", zero=True) | {"stack": None},
            "tooltip": [
                *([told("group", str(self.colour)), told("rows", "Rows")] if colours else []),
                told("value", self.column), told("text", "Density"),
            ],
        }  # fmt: skip
        mark: dict[str, Any] = {"type": "area", "line": {"strokeWidth": 1.75}, "fillOpacity": 0.25}
        if not self.fill:
            mark = {"type": "line", "strokeWidth": 1.75}
        if colours:
            encoding["color"] = self.coloured("group", str(self.colour), colours)
        else:
            mark["color"] = self.main_colour()
            if self.fill:
                mark["line"]["color"] = self.main_colour()
        return {"mark": mark, "encoding": encoding}
