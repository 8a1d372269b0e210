"""Residual Plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import Picture, View, caption, complete, number_text, numbers, pick
from nodeflow_nodes.views._predicted import actual_and_predicted

if TYPE_CHECKING:
    import polars as pl

_STEPS = 200
_CELLS = 60
_MOST_SORTED = 1_000_000


class ResidualPlot(View):
    """Draw how far predicted numbers lie off: the residual, actual minus predicted, over the prediction.

    Residuals of a good model scatter about 0 without a pattern: a bow says that something is not linear, a funnel that
    large predictions are less sure. The orange line is the mean residual of parts of equal size. The Q-Q plot compares
    the residuals with a normal distribution: on the line they are normal, which intervals of linear models assume.
    Behind a Predictor or a Cross-Validation nothing needs to be set. Of large tables counts in small squares are drawn
    instead of points. Rows in which either value is missing or infinite are left out, and told.

    Inputs:
        table: The rows with an actual and a predicted number.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "residuals",
        "qq plot",
        "q-q",
        "heteroscedasticity",
        "regression diagnostics",
        "error plot",
        "residplot",
    )
    sized = False

    actual: Column | None = parameter(
        default=None,
        types=("number",),
        help='The column with the true numbers; empty for the one of which there is a "Prediction (column)".',
    )
    prediction: Column | None = parameter(
        default=None,
        types=("number",),
        help='The column with the predicted numbers; empty for "Prediction (column)".',
    )
    shows: Literal["residuals and Q-Q", "residuals", "Q-Q", "actual by predicted"] = parameter(
        default="residuals and Q-Q",
        help="What is drawn; the last draws the actual numbers over the predicted ones.",
    )
    trend: bool = parameter(
        default=True, label="Mean line", help="Draw the mean residual of up to twenty parts of equal size."
    )
    most_points: int = parameter(
        default=3_000,
        minimum=10,
        maximum=20_000,
        unit="points",
        advanced=True,
        help="Of more rows counts in squares are drawn.",
    )
    width: int = parameter(
        default=420, minimum=100, maximum=4_000, unit="pixels", help="Width of each plot itself."
    )
    height: int = parameter(
        default=360, minimum=100, maximum=4_000, unit="pixels", help="Height of each plot itself."
    )

    def check_parameters(self) -> list[Fault]:
        if self.actual is not None and self.actual == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the actual one")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None:
            return ()
        try:
            self._columns(table.columns)
        except NodeFailed as error:
            return [Fault("actual" if self.actual is None else "prediction", str(error))]
        return ()

    def _columns(self, schema: Mapping[str, pl.DataType]) -> tuple[str, str]:
        found = actual_and_predicted(schema, self.actual, self.prediction)
        texts = [name for name in found if not schema[name].is_numeric()]
        if texts:
            raise NodeFailed(
                f'column "{caption(texts[0])}" holds no numbers; draw classes by a Confusion Matrix View'
            )
        return found

    def default_title(self) -> str:
        what = {"actual by predicted": "Actual by predicted", "Q-Q": "Q-Q plot of the residuals"}
        name = what.get(self.shows, "Residuals")
        return f"{name} of {self.actual.strip()}" if self.actual else name

    def fields(self) -> list[str | None]:
        return [self.actual, self.prediction]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        actual, predicted = self._columns(table.collect_schema())
        frame = pick(table, a=actual, p=predicted).cast(pl.Float64)
        frame, rows = complete(frame, {"a": actual, "p": predicted}, notes)
        if rows > _MOST_SORTED:
            step = -(-rows // _MOST_SORTED)
            notes.append(f"the mean line and the Q-Q plot are those of one in {step:,} rows, spread evenly")
        frame = frame.with_columns((pl.col("a") - pl.col("p")).alias("r"))
        summary = _summary(frame)
        plots, points, columns = [], [], {"p": predicted}
        if self.shows != "Q-Q":
            up = "a" if self.shows == "actual by predicted" else "r"
            columns |= {"v": actual} if up == "a" else {}
            if rows <= self.most_points:
                points = frame.select("p", pl.col(up).alias("v")).collect(engine="streaming").to_dicts()
            plots.append(self._scatter(frame, rows, up, summary, (actual, predicted)))
        if self.shows in ("Q-Q", "residuals and Q-Q"):
            plots.append(self._quantiles(_some(frame, rows)))
        body = {"hconcat": plots, "spacing": 36}
        return Picture(points, body, notes, [_facts(summary, rows)], columns if points else {})

    def _scatter(
        self,
        frame: pl.LazyFrame,
        rows: int,
        up: str,
        summary: Mapping[str, float],
        names: tuple[str, str],
    ) -> dict[str, Any]:
        import polars as pl

        actual, predicted = (caption(name) for name in names)
        title = "Residual (actual - predicted)" if up == "r" else actual
        across = f"Predicted {actual}" if names[1] == f"Prediction ({names[0]})" else predicted
        points = frame.select("p", pl.col(up).alias("v"))
        ends = (summary["p_min"], summary["p_max"], summary[f"{up}_min"], summary[f"{up}_max"])
        high = max(abs(one) for one in ends)
        places = {"x": numbers("p", across, high=high), "y": numbers("v", title, high=high)}
        if rows > self.most_points:
            drawn = self._cells(points, ends, places)
        else:
            mark = {"type": "point", "filled": True, "size": 32, "opacity": 0.6, "color": self.main_colour()}
            tooltip = [
                {"field": "p", "title": "predicted", "format": ",.4~g"},
                {"field": "v", "title": "residual" if up == "r" else "actual", "format": ",.4~g"},
            ]
            drawn = {
                "mark": mark,
                "encoding": {**places, "tooltip": tooltip},
            }
        low, far = (0.0, 0.0) if up == "r" else (min(ends[0], ends[2]), max(ends[1], ends[3]))
        zero = [
            {"p": ends[0] if up == "r" else low, "v": low},
            {"p": ends[1] if up == "r" else far, "v": far},
        ]
        line = {"type": "line", "color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
        layers = [drawn, {"data": {"values": zero}, "mark": line, "encoding": places}]
        if self.trend and up == "r" and rows >= 75:
            means = _means(_some(points, rows), min(20, rows // 25))
            bend = {"type": "line", "color": self.accent(), "strokeWidth": 2.5, "strokeJoin": "round"}
            layers.append({"data": {"values": means}, "mark": bend, "encoding": places})
        return {"width": self.width, "height": self.height, "layer": layers}

    def _cells(self, points: pl.LazyFrame, ends: tuple[float, ...], places: dict[str, Any]) -> dict[str, Any]:
        """Counts in squares."""
        import polars as pl

        p0, p1, v0, v1 = ends
        steps = [(high - low) / _CELLS or 1.0 for low, high in ((p0, p1), (v0, v1))]
        places_of = [
            ((pl.col(role) - low) / step).floor().clip(0, _CELLS - 1).alias(f"{role}_cell")
            for role, low, step in zip(("p", "v"), (p0, v0), steps, strict=True)
        ]
        counts = points.group_by(places_of).agg(pl.len().alias("rows")).sort("p_cell", "v_cell")
        data = [
            {
                "p": p0 + p * steps[0], "p2": p0 + (p + 1) * steps[0],
                "v": v0 + v * steps[1], "v2": v0 + (v + 1) * steps[1], "rows": rows,
            }
            for p, v, rows in counts.collect(engine="streaming").iter_rows()
        ]  # fmt: skip
        faint = "#d6e6f2" if self.theme == "light" else "#27445c"
        scheme = {"range": [faint, self.main_colour()], "type": "log"}
        most = max(row["rows"] for row in data)
        ticks = [one for one in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000) if one <= most]
        colour = {
            "field": "rows", "type": "quantitative", "title": "Rows", "scale": scheme,
            "legend": {"orient": "bottom", "direction": "horizontal", "format": "~s", "values": ticks,
                       "gradientLength": 160},
        }  # fmt: skip
        ranged = {"x": places["x"], "x2": {"field": "p2"}, "y": places["y"], "y2": {"field": "v2"}}
        return {"data": {"values": data}, "mark": "rect", "encoding": {**ranged, "color": colour}}

    def _quantiles(self, frame: pl.LazyFrame) -> dict[str, Any]:
        import numpy as np
        from scipy import stats

        values = np.sort(frame.select("r").collect(engine="streaming").to_series().to_numpy())
        rows, spread = len(values), float(values.std())
        # evenly over the quantiles of the normal distribution, as the tails matter most
        far = float(stats.norm.ppf((rows - 0.5) / rows))
        places_of = stats.norm.cdf(np.linspace(-far, far, _STEPS)) * rows - 0.5
        shown = (
            np.unique(places_of.round().astype(int).clip(0, rows - 1)) if rows > _STEPS else np.arange(rows)
        )
        normal = stats.norm.ppf((shown + 0.5) / rows)
        data = [{"n": float(n), "r": float(values[i])} for n, i in zip(normal, shown, strict=True)]
        middle = float(values.mean())
        line = [{"n": float(n), "r": middle + float(n) * spread} for n in (normal[0], normal[-1])]
        high = float(np.abs(values[[0, -1]]).max())
        places = {
            "x": numbers("n", "Quantile of a normal distribution"),
            "y": numbers("r", "Residual (actual - predicted)", high=high),
        }
        mark = {"type": "point", "filled": True, "size": 32, "opacity": 0.7, "color": self.main_colour()}
        rule = {"type": "line", "color": self.quiet(), "strokeDash": [5, 4], "strokeWidth": 1.5}
        layers = [
            {"data": {"values": line}, "mark": rule, "encoding": places},
            {"data": {"values": data}, "mark": mark, "encoding": places},
        ]
        return {
            "width": self.width if self.shows == "Q-Q" else self.height,
            "height": self.height,
            "layer": layers,
        }


def _some(frame: pl.LazyFrame, rows: int) -> pl.LazyFrame:
    """Rows enough for quantiles and means, as sorting all of a large table takes long."""
    return frame.gather_every(-(-rows // _MOST_SORTED)) if rows > _MOST_SORTED else frame


def _means(points: pl.LazyFrame, parts: int) -> list[dict[str, Any]]:
    """The mean place and value of parts of equal size in the order of place."""
    import polars as pl

    # equal places lie in the same part, so that there is one mean for each
    place = ((pl.col("p").rank("average") - 0.5) * parts / pl.len()).floor()
    means = points.group_by(place.alias("part")).agg(pl.col("p").mean(), pl.col("v").mean()).sort("part")
    return means.select("p", "v").collect(engine="streaming").to_dicts()


def _summary(frame: pl.LazyFrame) -> dict[str, float]:
    """The ends of the columns, and what the scores are calculated from, in one pass."""
    import polars as pl

    ends = [
        getattr(pl.col(role), end)().alias(f"{role}_{end}")
        for role in ("p", "a", "r")
        for end in ("min", "max")
    ]
    means = [
        (pl.col("r") ** 2).mean().alias("squares"),
        pl.col("r").abs().mean().alias("absolute"),
        pl.col("a").var(ddof=0).alias("around"),
    ]
    found: dict[str, float] = frame.select(*ends, *means).collect(engine="streaming").row(0, named=True)
    return found


def _facts(summary: Mapping[str, float], rows: int) -> str:
    """How good the predictions are, in one line."""
    told = f"RMSE {number_text(summary['squares'] ** 0.5)}, MAE {number_text(summary['absolute'])}"
    if summary["a_min"] < summary["a_max"] and summary["around"]:
        told += f", R² {1 - summary['squares'] / summary['around']:.3f}"
    return f"{told} on {rows:,} row{'' if rows == 1 else 's'}"
