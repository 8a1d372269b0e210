"""Numeric Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from nodeflow.parameters import Column, Fault, Seed, parameter
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, Calculation, Schema

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class NumericScorer(Calculation):
    """Score predicted numbers against the actual ones: R2, MAE, RMSE and more, with intervals and a baseline.

    | score | meaning |
    |---|---|
    | R2 | share of the variance that is explained: 1 is perfect, 0 no better than the mean; missing if nothing varies |
    | MAE | mean absolute error, in the unit of the column |
    | RMSE | root of the mean squared error, which large errors weigh on more |
    | MAPE | mean absolute error as a share of the actual value, rows with an actual 0 left out |
    | mean signed difference | predicted minus actual: whether the predictions are too high on the whole |
    | max error | the largest absolute error |

    The baseline is a model that always says the mean of the actual values: it is there to be beaten. The interval
    of a score is that of a bootstrap: it says how far the score may lie off by the chance of which rows were there.
    With more than 2,000 rows, 2,000 sets of every so many-th row are drawn instead of single rows, which gives the
    same in less time. Rows in which either value is missing, infinite or not a number are left out.

    Inputs:
        table: A table with an actual and a predicted column.
    Outputs:
        table: One row a score, with its interval and the baseline.
    """

    category = "Mining / Scoring"
    keywords = ("regression score", "error", "r squared", "rmse", "mae", "mse", "evaluate", "metrics", "mape")
    headline = "table"
    version = 2

    actual: Column = parameter(types=("number",), help="The column with the true values.")
    prediction: Column = parameter(types=("number",), help="The column with the predicted values.")
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")
    rounds: int = parameter(
        default=1000,
        minimum=0,
        maximum=100_000,
        label="Bootstrap rounds",
        help="How often the rows are drawn anew to find the intervals; 0 for none.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed of the bootstrap; empty to take one from the run's seed."
    )

    results: ClassVar[Mapping[str, Schema | None]] = {
        "table": {"metric": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER}
    }

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        found = self.calculated(table, context)["table"]
        left_out = found["value"][-1]
        if left_out:
            context.warn(f"{left_out:,.0f} rows with a missing or infinite value are not scored")
        return found

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (number_scores, scores_of_sums)

    def reads(self, schema: Schema) -> list[str]:
        return [self.actual, self.prediction]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {
            "actual": str(self.actual),
            "prediction": str(self.prediction),
            "confidence": self.confidence,
            "rounds": self.rounds,
            "seed": int(self.seed or 0),
        }

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the actual one")]
        return []

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}"[:80]


def number_scores(
    table: pl.DataFrame, actual: str, prediction: str, confidence: float, rounds: int, seed: int
) -> dict[str, Any]:
    """The scores of predicted numbers."""
    import numpy as np

    pairs = pl.DataFrame(
        [table.get_column(actual).alias("actual"), table.get_column(prediction).alias("predicted")]
    )
    known = pairs.cast(pl.Float64).filter(pl.all_horizontal(pl.all().is_finite().fill_null(value=False)))
    if not known.height:
        raise ValueError(
            f'no row has both a "{actual[:80]}" and a "{prediction[:80]}"; there is nothing to score'
        )
    error, around = pl.col("predicted") - pl.col("actual"), pl.col("actual") - pl.col("actual").mean()
    nonzero = pl.when(pl.col("actual") != 0).then(pl.col("actual").abs())
    parts = known.select(
        set=pl.int_range(pl.len()) % 2000, rows=pl.lit(1.0), signed=error, absolute=error.abs(), squared=error**2,
        relative=(error.abs() / nonzero).fill_null(0), nonzero=nonzero.is_not_null().cast(pl.Float64), around=around,
        off=around.abs(), spread=around**2, off_relative=(around.abs() / nonzero).fill_null(0),
    )  # fmt: skip
    largest = parts.select(pl.col("absolute").max(), pl.col("off").max()).row(0)
    sums = parts.group_by("set").agg(pl.all().sum()).sort("set").drop("set")
    names = sums.columns
    matrix = sums.to_numpy()
    found, baseline = scores_of_sums(dict(zip(names, matrix.sum(axis=0)[:, None], strict=True)))
    ends: dict[str, Any] = {}
    if rounds:
        k = len(matrix)
        random = np.random.default_rng(seed)
        times = np.stack([np.bincount(random.integers(0, k, k), minlength=k) for _ in range(rounds)])
        again, _ = scores_of_sums(dict(zip(names, (times @ matrix).T, strict=True)))
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        ends = {name: np.nanquantile(one, tails) for name, one in again.items() if not np.isnan(one).all()}

    def told(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    rows = []
    for name, values in found.items():
        low, high = ends.get(name, (np.nan, np.nan)) if not np.isnan(values[0]) else (np.nan, np.nan)
        rows.append((name, told(values[0]), told(low), told(high), told(baseline[name][0])))
    rows.append(("max error", largest[0], None, None, largest[1]))
    rows.append(("rows", float(known.height), None, None, None))
    rows.append(("rows left out", float(table.height - known.height), None, None, None))
    return {"table": rows}


def scores_of_sums(sums: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The scores from sums over rows, and those of a model that always says the mean; many draws at once."""
    import numpy as np

    n = sums["rows"]
    # around the mean of all rows, so that a draw's own mean is taken off here
    spread = np.maximum(sums["spread"] - sums["around"] ** 2 / n, 0)
    varies = spread > 1e-12 * sums["spread"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "R2": np.where(varies, 1 - sums["squared"] / spread, np.nan),
            "MAE": sums["absolute"] / n,
            "RMSE": np.sqrt(sums["squared"] / n),
            "MAPE": np.where(sums["nonzero"] > 0, sums["relative"] / sums["nonzero"], np.nan),
            "mean signed difference": sums["signed"] / n,
        }
        baseline = {
            "R2": np.where(varies, 0.0, np.nan),
            "MAE": sums["off"] / n,
            "RMSE": np.sqrt(spread / n),
            "MAPE": np.where(sums["nonzero"] > 0, sums["off_relative"] / sums["nonzero"], np.nan),
            "mean signed difference": np.zeros_like(n),
        }
    return found, baseline
