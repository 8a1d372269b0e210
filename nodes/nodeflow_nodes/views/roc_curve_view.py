"""ROC Curve View."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.parameters import parameter
from nodeflow_nodes.views._base import number_text, shares
from nodeflow_nodes.views._scores import Line, ScoreView, gathered

if TYPE_CHECKING:
    import polars as pl


class RocCurveView(ScoreView):
    """Draw the ROC curves of one or more models: the true positives gained for the false ones accepted.

    The area under a curve (AUC) stands in the legend: 0.5 is chance, the dashed line, and 1 perfect. Behind a
    Predictor that adds probabilities nothing needs to be set; with more than two classes there is a curve for each
    class against all others. Several models are compared by choosing the score column of each, or by connecting a
    table of each. The points that a ROC Scorer gives are drawn as they are. Rows with a missing class or score are
    left out, and told.

    Inputs:
        tables: The rows with their true classes and scores, or the curve of a ROC Scorer; several for several models.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    name = "ROC Curve View"
    category = "Views / Models"
    keywords = (
        "auc",
        "receiver operating characteristic",
        "sensitivity",
        "specificity",
        "roc plot",
        "roc curve",
    )
    made_by = ("column", "threshold", "false_positive_rate", "true_positive_rate")

    show_best: bool = parameter(
        default=False,
        label="Mark the best threshold",
        help="Mark the point with the largest distance from chance (Youden's index) with its threshold.",
    )
    width: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def default_title(self) -> str:
        return f"ROC curve of {self.actual.strip()}" if self.actual else "ROC curve"

    def lines(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        from nodeflow_nodes.scoring._binary import hits_of, scored_rows, steps_of, thinned
        from nodeflow_nodes.scoring.roc_scorer import area_of

        def calculate(frame: pl.DataFrame, actual: str, curve: Any) -> tuple[float, list[dict[str, Any]]]:
            hits, _ = hits_of(frame, actual, curve.positive)
            steps = steps_of(scored_rows(frame, hits, curve.column))
            area, _, many, others = area_of(steps)
            points = [
                _point(threshold, negatives / others, positives / many)
                for threshold, positives, negatives in thinned(steps, 500).iter_rows()
            ]
            return area, [_point(None, 0.0, 0.0), *points]

        found = self.calculated(table, notes, calculate)
        return [_line(curve.name, points, area) for curve, (area, points) in found]

    def lines_made(self, points: pl.DataFrame) -> list[Line]:
        found = []
        for name, part in gathered(points):
            rows = [_point(*row[1:]) for row in part.drop_nulls(self.made_by[2:]).iter_rows()]
            area = sum((b["x"] - a["x"]) * (a["y"] + b["y"]) / 2 for a, b in itertools.pairwise(rows))
            if rows:
                found.append(_line(name, rows, area))
        return found

    def body(self, lines: Sequence[Line]) -> dict[str, Any]:
        colour = self.legend(lines, "Area under the curve (AUC)")
        places = {
            "x": shares("x", "False positives (share of all negatives)", axis={"tickCount": 6}),
            "y": shares("y", "True positives (share of all positives)", axis={"tickCount": 6}),
        }
        told = [
            {"field": "curve", "title": "curve"},
            {"field": "threshold", "title": "threshold"},
            {"field": "x", "title": "false positives", "format": ".1%"},
            {"field": "y", "title": "true positives", "format": ".1%"},
        ]
        chance = {"type": "line", "color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
        line = {"type": "line", "strokeWidth": 2.5, "strokeJoin": "round"}
        layers: list[dict[str, Any]] = [
            {"data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}, "mark": chance, "encoding": places},
            {
                "mark": line,
                "encoding": {**places, "color": colour, "order": {"field": "step"}, "tooltip": told},
            },
        ]
        best = []
        if self.show_best:
            best = [
                {"curve": one.told, **one.mark, "said": f"≥ {one.mark['threshold']}"}
                for one in lines
                if one.mark
            ]
        if best:
            point = {
                "type": "point",
                "filled": True,
                "size": 90,
                "stroke": self.paper(),
                "strokeWidth": 1.5,
                "opacity": 1,
            }
            text = {"type": "text", "align": "left", "dx": 9, "dy": 9, "color": self.ink(), "fontSize": 11}
            layers += [
                {
                    "data": {"values": best},
                    "mark": point,
                    "encoding": {**places, "color": colour, "tooltip": told},
                },
                {
                    "data": {"values": best},
                    "mark": text,
                    "encoding": {**places, "text": {"field": "said"}},
                },
            ]
        return {"layer": layers}


def _point(threshold: float | None, x: float, y: float) -> dict[str, Any]:
    return {"threshold": number_text(threshold), "x": round(x, 6), "y": round(y, 6)}


def _line(name: str, points: list[dict[str, Any]], area: float) -> Line:
    for step, point in enumerate(points):
        point["step"] = step
    best = max(points, key=lambda point: point["y"] - point["x"])
    return Line(name, points, area, f"{area:.3f}", best)
