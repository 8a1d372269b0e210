"""Lift and Gain Chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.views._base import number_text, numbers, shares
from nodeflow_nodes.views._scores import Line, ScoreView, gathered

if TYPE_CHECKING:
    import polars as pl

_PARTS = 100


class LiftGainChart(ScoreView):
    """Draw what is gained by taking the rows with the highest scores first, as for a mailing to the likeliest buyers.

    Gain is the share of all rows of the positive class that is reached; lift is how many times more often than by
    chance the positive class comes, among all rows taken so far or in each part. The dashed line is chance. Behind a
    Predictor that adds probabilities nothing needs to be set; with more than two classes there is a curve for each
    class against all others. The table that a Lift Table gives is drawn as it is. Rows with a missing class or score
    are left out, and told.

    Inputs:
        tables: The rows with their true classes and scores, or the table of a Lift Table; several for several models.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    name = "Lift and Gain Chart"
    category = "Views / Models"
    keywords = (
        "lift chart",
        "cumulative gains",
        "gain chart",
        "deciles",
        "campaign",
        "targeting",
        "lift curve",
    )
    made_by = (
        "column",
        "part",
        "rows",
        "lowest_score",
        "positives",
        "cumulated_rows",
        "gain",
        "cumulated_lift",
        "lift",
    )

    shows: Literal["gain", "cumulated lift", "lift"] = parameter(
        default="gain",
        help="The share reached so far, the lift of all rows taken so far, or of each part by itself.",
    )
    parts: int = parameter(
        default=10,
        minimum=2,
        maximum=100,
        help="How many parts of equal size the rows are cut into.",
        when={"shows": ["lift"]},
    )

    def default_title(self) -> str:
        what = {"gain": "Gain", "cumulated lift": "Cumulated lift", "lift": "Lift"}[self.shows]
        return f"{what} for {self.actual.strip()}" if self.actual else f"{what} by the highest scores first"

    def lines(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        from nodeflow_nodes.scoring._binary import hits_of, scored_rows
        from nodeflow_nodes.scoring.lift_table import lift_rows

        def calculate(frame: pl.DataFrame, actual: str, curve: Any) -> Line:
            parts = self.parts
            if self.shows != "lift":
                hits, _ = hits_of(frame, actual, curve.positive)
                parts = min(_PARTS, scored_rows(frame, hits, curve.column).height)
            rows = lift_rows(frame, actual, curve.positive, [curve.column], max(parts, 2))["table"]
            points = [
                _point(lowest, reached, gain, so_far, lift, positives)
                for _, _, _, lowest, positives, _, lift, reached, gain, so_far in rows
            ]
            return self._line(curve.name, points)

        return [line for _, line in self.calculated(table, notes, calculate)]

    def lines_made(self, points: pl.DataFrame) -> list[Line]:
        found = []
        used = ("lowest_score", "cumulated_rows", "gain", "cumulated_lift", "lift", "positives")
        for name, part in gathered(points):
            rows = [_point(*row) for row in part.drop_nulls(used[1:]).select(used).iter_rows()]
            if rows:
                found.append(self._line(name, rows))
        return found

    def _line(self, name: str, points: list[dict[str, Any]]) -> Line:
        """The curve; the area under its gain tells which is best."""
        before, area = {"rows": 0.0, "gain": 0.0}, 0.0
        for step, point in enumerate(points):
            area += (point["rows"] - before["rows"]) * (point["gain"] + before["gain"]) / 2
            point |= {
                "step": step + 1,
                "from": before["rows"],
                "middle": (before["rows"] + point["rows"]) / 2,
            }
            before = point
        if self.shows == "gain":
            points = [{**points[0], "rows": 0.0, "gain": 0.0, "score": "", "step": 0}, *points]
        return Line(name, points, area)

    def body(self, lines: Sequence[Line]) -> dict[str, Any]:
        colour = self.legend(lines, "Scores")
        across = shares("rows", "Rows taken, the highest scores first", axis={"tickCount": 6})
        up = shares("gain", "Gain (share of all positives reached)", axis={"tickCount": 6})
        flat = {"datum": 1}
        if self.shows != "gain":
            what = {"cumulated lift": "so_far", "lift": "lift"}[self.shows]
            told = "Lift of the rows taken so far" if what == "so_far" else "Lift of each part"
            up = numbers(what, f"{told} (times chance)", zero=True, axis={"format": ",.6~g"})
        tooltip = [
            {"field": "curve", "title": "scores"},
            {"field": "score", "title": "score at least"},
            {"field": "rows", "title": "rows taken", "format": ".1%"},
            {"field": "gain", "title": "gain", "format": ".1%"},
            {"field": "so_far", "title": "lift so far", "format": ".2f"},
            {"field": "lift", "title": "lift of the part", "format": ".2f"},
        ]
        chance = {"color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
        base: dict[str, Any]
        if self.shows == "gain":
            ends = [{"rows": 0, "gain": 0}, {"rows": 1, "gain": 1}]
            base = {
                "data": {"values": ends},
                "mark": {"type": "line", **chance},
                "encoding": {"x": across, "y": up},
            }
        else:
            base = {"data": {"values": [{}]}, "mark": {"type": "rule", **chance}, "encoding": {"y": flat}}
        mark: dict[str, Any] = {"type": "line", "strokeWidth": 2.5, "strokeJoin": "round"}
        places: dict[str, Any] = {"x": across, "y": up}
        if self.shows == "lift":
            places["x"] = {**across, "field": "middle"}
            mark |= {"interpolate": "linear", "point": {"filled": True, "size": 60, "opacity": 1}}
        curve = {
            "mark": mark,
            "encoding": {**places, "color": colour, "order": {"field": "step"}, "tooltip": tooltip},
        }
        return {"layer": [base, curve]}


def _point(
    lowest: float | None, rows: float, gain: float, so_far: float, lift: float, positives: float
) -> dict[str, Any]:
    return {
        "score": number_text(lowest), "rows": round(rows, 6), "gain": round(gain, 6), "so_far": round(so_far, 6),
        "lift": round(lift, 6), "positives": number_text(positives),
    }  # fmt: skip
