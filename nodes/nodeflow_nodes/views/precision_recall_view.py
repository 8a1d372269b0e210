"""Precision-Recall View."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.parameters import parameter
from nodeflow_nodes.views._base import number_text, shares
from nodeflow_nodes.views._scores import Line, ScoreView, gathered

if TYPE_CHECKING:
    import polars as pl


class PrecisionRecallView(ScoreView):
    """Draw precision against recall for one or more models, which tells more than ROC where a class is rare.

    The mean precision over the recall gained (average precision) stands in the legend. The dashed line is what chance
    reaches, the share of the positive class; it is drawn where the curves have about one share in common. Behind a Predictor
    that adds probabilities nothing needs to be set; with more than two classes there is a curve for each class against
    all others. The curve that a Precision-Recall Scorer gives is drawn as it is. Rows with a missing class or score
    are left out, and told.

    Inputs:
        tables: The rows with their true classes and scores, or the curve of a Precision-Recall Scorer;
            several for several models.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    name = "Precision-Recall View"
    category = "Views / Models"
    keywords = (
        "average precision",
        "pr curve",
        "auprc",
        "precision recall curve",
        "rare class",
        "imbalanced",
    )
    made_by = ("column", "threshold", "recall", "precision", "F1")

    show_best: bool = parameter(
        default=False,
        label="Mark the best threshold",
        help="Mark the point with the largest F1 with its threshold.",
    )
    width: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=440, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def default_title(self) -> str:
        return f"Precision and recall of {self.actual.strip()}" if self.actual else "Precision and recall"

    def lines(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        from nodeflow_nodes.scoring.precision_recall_scorer import precision_recall

        def calculate(frame: pl.DataFrame, actual: str, curve: Any) -> Line:
            found = precision_recall(frame, actual, curve.positive, [curve.column], 500, 0.95)
            _, average, _, _, share, *_ = found["scores"][0]
            return _line(curve.name, [_point(*row[1:]) for row in found["curve"]], average, share)

        return [line for _, line in self.calculated(table, notes, calculate)]

    def lines_made(self, points: pl.DataFrame) -> list[Line]:
        found = []
        for name, part in gathered(points):
            rows = [_point(*row[1:]) for row in part.drop_nulls(("recall", "precision", "F1")).iter_rows()]
            average, before = 0.0, 0.0
            for row in rows:
                average, before = average + (row["x"] - before) * row["y"], row["x"]
            if rows:
                # the lowest threshold takes every row, so that its precision is the share of the class
                found.append(_line(name, rows, average, rows[-1]["y"]))
        return found

    def body(self, lines: Sequence[Line]) -> dict[str, Any]:
        colour = self.legend(lines, "Average precision")
        places = {
            "x": shares("x", "Recall (share of all positives found)", axis={"tickCount": 6}),
            "y": shares("y", "Precision (share of the found that are positive)", axis={"tickCount": 6}),
        }
        told = [
            {"field": "curve", "title": "curve"},
            {"field": "threshold", "title": "threshold"},
            {"field": "x", "title": "recall", "format": ".1%"},
            {"field": "y", "title": "precision", "format": ".1%"},
            {"field": "f1", "title": "F1"},
        ]
        line = {"type": "line", "strokeWidth": 2.5, "interpolate": "step-before"}
        layers: list[dict[str, Any]] = [
            {
                "mark": line,
                "encoding": {**places, "color": colour, "order": {"field": "step"}, "tooltip": told},
            }
        ]
        chance = [line.points[-1]["base"] for line in lines]
        if max(chance) - min(chance) < 0.02:
            share = sum(chance) / len(chance)
            rule = {"type": "rule", "color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
            layers.insert(
                0, {"data": {"values": [{"y": share}]}, "mark": rule, "encoding": {"y": places["y"]}}
            )
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
            text = {"type": "text", "align": "right", "dx": -9, "dy": 9, "color": self.ink(), "fontSize": 11}
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


def _point(threshold: float | None, recall: float, precision: float, f1: float) -> dict[str, Any]:
    return {
        "threshold": number_text(threshold), "x": round(recall, 6), "y": round(precision, 6), "f1": round(f1, 4),
    }  # fmt: skip


def _line(name: str, points: list[dict[str, Any]], average: float, share: float) -> Line:
    # no row is found above the highest score: precision is taken as it is there
    points = [{**points[0], "x": 0.0, "f1": 0.0, "threshold": ""}, *points]
    for step, point in enumerate(points):
        point["step"] = step
    points[-1]["base"] = share
    return Line(name, points, average, f"{average:.3f}", max(points, key=lambda point: point["f1"]))
