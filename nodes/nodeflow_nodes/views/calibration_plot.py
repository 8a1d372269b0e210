"""Calibration Plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.views._base import shares
from nodeflow_nodes.views._scores import Line, ScoreView, gathered

if TYPE_CHECKING:
    import polars as pl


class CalibrationPlot(ScoreView):
    """Draw whether probabilities mean what they say: of the rows given 70 %, 70 % should be of the class.

    Points on the dashed line are right; below it the model is too sure, above it not sure enough. The bars are the
    intervals of what happened (Wilson's), the panel below says how many rows got which probability. The mean squared
    error (Brier score, 0 is perfect) stands in the legend. Behind a Predictor that adds probabilities nothing needs to
    be set; with more than two classes there is a curve for each class against all others. The curve that a Calibration
    Scorer gives is drawn as it is. Rows with a missing class or probability are left out, and told.

    Inputs:
        tables: The rows with their true classes and probabilities, or the curve of a Calibration Scorer;
            several for several models.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = ("reliability diagram", "calibration curve", "brier score", "probability", "overconfident")
    made_by = ("column", "part", "from", "to", "rows", "mean_probability", "observed", "low", "high")
    sized = False

    classes: int = parameter(
        default=10, minimum=2, maximum=100, help="How many classes of probability there are."
    )
    cut: Literal["equal width", "equal size"] = parameter(
        default="equal width",
        help="Whether the classes are of equal width, such as 0 to 0.1, or of equally many rows.",
    )
    show_intervals: bool = parameter(default=True, help="Draw how far chance may move each point.")
    show_rows: bool = parameter(default=True, help="Draw how many rows got which probability.")
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.", advanced=True)
    width: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def default_title(self) -> str:
        return f"Calibration of the probabilities of {self.actual.strip()}" if self.actual else "Calibration"

    def lines(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        from nodeflow_nodes.scoring.calibration_scorer import calibration

        by_size = self.cut == "equal size"

        def calculate(frame: pl.DataFrame, actual: str, curve: Any) -> Line:
            found = calibration(
                frame, actual, curve.positive, [curve.column], self.classes, by_size, self.confidence
            )
            brier = found["scores"][0][2]
            points = [_point(*row[2:]) for row in found["curve"]]
            return Line(curve.name, points, -brier, f"{brier:.3f}")

        return [line for _, line in self.calculated(table, notes, calculate)]

    def lines_made(self, points: pl.DataFrame) -> list[Line]:
        found = []
        for name, part in gathered(points):
            rows = [_point(*row[2:]) for row in part.drop_nulls().iter_rows()]
            if rows:
                found.append(Line(name, rows, -math.inf))
        return found

    def body(self, lines: Sequence[Line]) -> dict[str, Any]:
        is_made = not any(line.score for line in lines)
        colour = self.legend(lines, "Probabilities" if is_made else "Brier score")
        across = shares("mean", "Mean probability", axis={"tickCount": 6})
        up = shares("observed", "What happened (share of the positive class)", axis={"tickCount": 6})
        tooltip = [
            {"field": "curve", "title": "probabilities"},
            {"field": "class", "title": "class"},
            {"field": "rows", "title": "rows", "format": ","},
            {"field": "mean", "title": "mean probability", "format": ".1%"},
            {"field": "observed", "title": "happened", "format": ".1%"},
            {"field": "low", "title": "at least", "format": ".1%"},
            {"field": "high", "title": "at most", "format": ".1%"},
        ]
        right = {"type": "line", "color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
        ends = [{"mean": 0, "observed": 0}, {"mean": 1, "observed": 1}]
        places = {"x": across, "y": up}
        layers: list[dict[str, Any]] = [{"data": {"values": ends}, "mark": right, "encoding": places}]
        if self.show_intervals:
            bar = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.45}
            edges = {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}, "color": colour}
            layers.append({"mark": bar, "encoding": edges})
        mark = {
            "type": "line", "strokeWidth": 2, "point": {"filled": True, "size": 55, "opacity": 1},
        }  # fmt: skip
        layers.append({"mark": mark, "encoding": {**places, "color": colour, "tooltip": tooltip}})
        main = {"width": self.width, "height": self.height, "layer": layers}
        if not self.show_rows:
            return {"vconcat": [main]}
        bare = {**across, "title": None, "axis": {"labels": False, "ticks": False, "tickCount": 6}}
        for layer in layers:
            layer["encoding"] = {**layer["encoding"], "x": bare}
        below = {
            "width": self.width,
            "height": max(self.height // 5, 40),
            "mark": {"type": "rect", "opacity": 0.55 if len(lines) > 1 else 0.9},
            "encoding": {
                "x": {**across, "field": "from", "title": "Probability"},
                "x2": {"field": "to"},
                "y": {
                    "field": "rows",
                    "type": "quantitative",
                    "title": "Rows",
                    "stack": None,
                    "axis": {"tickCount": 3},
                },
                "color": colour,
                "tooltip": tooltip[:3],
            },
        }
        return {"vconcat": [main, below], "spacing": 12}


def _point(
    start: float, end: float, rows: int, mean: float, observed: float, low: float, high: float
) -> dict[str, Any]:
    told = [round(one, 6) for one in (mean, observed, low, high)]
    return {
        "class": f"{start:.3g} to {end:.3g}", "from": start, "to": end, "rows": rows,
        **dict(zip(("mean", "observed", "low", "high"), told, strict=True)),
    }  # fmt: skip
