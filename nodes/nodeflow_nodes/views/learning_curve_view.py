"""Learning Curve View."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Picture,
    View,
    caption,
    complete,
    labelled,
    numbers,
    pick,
)

if TYPE_CHECKING:
    import polars as pl

_MOST_POINTS = 2_000
_LEARNED, _SCORED, _BASE = "on the rows learned from", "on new rows", "baseline"


class LearningCurveView(View):
    """Draw how a learner's score grows with the rows it learns from, with its interval and the baseline.

    A curve on new rows that still rises asks for more rows; a wide gap to the score on the rows learned from asks for a
    simpler model, or more rows. Behind a Learning Curve nothing needs to be set. Several curves, put together by
    Concatenate, are told apart by a column with the learner. Rows without a number of rows or a value are not shown.

    Inputs:
        table: The table of a Learning Curve.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "sample size",
        "more data",
        "overfitting",
        "underfitting",
        "bias variance",
        "validation curve",
    )

    rows: Column = parameter(
        default=Column("rows"), types=("number",), help="The column with how many rows were learned from."
    )
    value: Column = parameter(
        default=Column("value"), types=("number",), help="The column with the score on new rows."
    )
    learned: Column | None = parameter(
        default=Column("on_learned_rows"),
        types=("number",),
        label="Score on learned rows",
        help="The column with the score on the rows learned from; empty to leave it out.",
    )
    baseline: Column | None = parameter(
        default=Column("baseline"),
        types=("number",),
        help="The column with the score without learning; empty to leave it out.",
    )
    low: Column | None = parameter(
        default=Column("low"), types=("number",), help="The lower ends of the intervals; empty for none."
    )
    high: Column | None = parameter(
        default=Column("high"), types=("number",), help="The upper ends of the intervals; empty for none."
    )
    learner: Column | None = parameter(
        default=None, types=GROUPS, help="A column that names the learner, for several curves in one picture."
    )
    measure: Column | None = parameter(
        default=None,
        types=("text", "category"),
        help='The column that names the score; empty for "measure" if there is one.',
    )
    logarithmic: bool = parameter(
        default=False, help="Whether each tenfold number of rows is as wide as the next."
    )

    def default_title(self) -> str:
        return "Learning curve"

    def fields(self) -> list[str | None]:
        return [
            self.rows,
            self.value,
            self.learned,
            self.baseline,
            self.low,
            self.high,
            self.learner,
            self.measure,
        ]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        schema = table.collect_schema()
        measure = self.measure or ("measure" if schema.get("measure") == pl.String else None)
        numbers_in = {
            "rows": self.rows, "value": self.value, "learned": self.learned, "base": self.baseline,
            "low": self.low, "high": self.high,
        }  # fmt: skip
        frame = pick(table, **numbers_in, learner=self.learner, measure=measure)
        used = [role for role, name in numbers_in.items() if name is not None]
        frame = frame.with_columns(pl.col(used).cast(pl.Float64))
        frame, count = complete(frame, {"rows": self.rows, "value": self.value}, notes)
        if count > _MOST_POINTS:
            raise NodeFailed(
                f"{count:,} points are too many for learning curves; is this the table of a Learning Curve?"
            )
        learners: list[str] = []
        if self.learner is not None:
            frame, learners = labelled(frame, "learner", MOST_COLOURS, notes)
        points = frame.sort("rows", maintain_order=True).collect()
        title = "Score"
        if measure is not None:
            names = points["measure"].drop_nulls().unique().sort().to_list()
            title = caption(names[0]) if len(names) == 1 else "Score"
            title = title[:1].upper() + title[1:]
        return self._drawn(points, learners, title, notes)

    def _drawn(self, points: pl.DataFrame, learners: list[str], title: str, notes: list[str]) -> Picture:
        data: list[dict[str, Any]] = []
        for row in points.iter_rows(named=True):
            own = {"rows": row["rows"], "learner": row.get("learner", _SCORED)}
            for kind, role in ((_SCORED, "value"), (_LEARNED, "learned"), (_BASE, "base")):
                if row.get(role) is not None:
                    ends = {"low": row.get("low"), "high": row.get("high")} if role == "value" else {}
                    data.append({**own, "kind": kind, "score": row[role], **ends})
        kinds = [kind for kind in (_SCORED, _LEARNED, _BASE) if any(row["kind"] == kind for row in data)]
        scale: dict[str, Any] = {"type": "log", "nice": False} if self.logarithmic else {}
        across = numbers("rows", "Rows learned from", high=float(points["rows"].max() or 0), scale=scale)  # type: ignore[arg-type]
        across["axis"] = {"format": ",d", "tickCount": 6, **across["axis"]}
        up = numbers("score", title)
        orange = self.accent()
        look = {
            "orient": "bottom", "direction": "vertical" if learners else "horizontal", "labelLimit": 300,
            "columns": 1 if learners else 3,
        }  # fmt: skip
        colours = {_SCORED: self.main_colour(), _LEARNED: orange, _BASE: self.quiet()}
        colour: dict[str, Any] = {
            "field": "kind", "type": "nominal", "title": "Score", "sort": kinds,
            "scale": {"domain": kinds, "range": [colours[kind] for kind in kinds]},
            "legend": {**look, "symbolType": "stroke", "symbolStrokeWidth": 3},
        }  # fmt: skip
        dashes = {_SCORED: [1, 0], _LEARNED: [7, 4], _BASE: [2, 3]}
        dash = {
            "field": "kind", "type": "nominal", "title": "Score", "sort": kinds,
            "scale": {"domain": kinds, "range": [dashes[kind] for kind in kinds]},
            "legend": None,
        }  # fmt: skip
        if learners:
            colour = self.coloured(
                "learner", str(self.learner), learners, legend={**look, "symbolType": "circle"}
            )
        tooltip = [
            *([{"field": "learner", "title": "learner"}] if learners else []),
            {"field": "kind", "title": "score"},
            {"field": "rows", "title": "rows", "format": ",.0f"},
            {"field": "score", "title": "value", "format": ".4~f"},
            {"field": "low", "title": "at least", "format": ".4~f"},
            {"field": "high", "title": "at most", "format": ".4~f"},
        ]
        band = {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "area", "opacity": 0.16},
            "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}, "color": colour},
        }
        line = {
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"filled": True, "size": 45, "opacity": 1}},
            "encoding": {"x": across, "y": up, "color": colour, "strokeDash": dash, "tooltip": tooltip},
        }
        banded = self.low is not None and self.high is not None
        strokes = {_SCORED: "solid", _LEARNED: "dashed", _BASE: "dotted"}
        facts = (
            [", ".join(f"{strokes[kind]}: {kind}" for kind in kinds)] if learners and len(kinds) > 1 else []
        )
        columns = {"rows": str(self.rows)} | ({"learner": str(self.learner)} if learners else {})
        return Picture(data, {"layer": [band, line] if banded else [line]}, notes, facts, columns)
