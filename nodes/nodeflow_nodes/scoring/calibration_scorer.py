"""Calibration Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.scoring._binary import BINARY, BinaryScores, hits_of, scored_rows
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE, Schema

if TYPE_CHECKING:
    from nodeflow.node import Context


class Calibrated(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    curve: pl.DataFrame


class CalibrationScorer(BinaryScores):
    """Check whether probabilities mean what they say: of the rows given 70 %, 70 % should be of the class.

    | score | meaning |
    |---|---|
    | Brier score | mean squared error of the probability: 0 is perfect |
    | Brier skill | share by which it beats the baseline: 1 is perfect, below 0 worse |
    | log loss | mean logarithm of the probability given to what happened, with a minus: punishes false certainty |
    | calibration error | mean distance of the probability from what happened, over the classes of the curve |
    | largest calibration error | the largest of these distances |

    The baseline always says the share of the positive class. The interval of the Brier score and of log loss is the
    usual one of a mean; those of the curve are Wilson's. Rows with a missing class or probability are left out.

    Inputs:
        table: A table with the true classes and one or more columns of probabilities.
    Outputs:
        scores: One row for each score of each column, with its interval and baseline.
        curve: The mean probability and what happened, for each class of probabilities.
    """

    category = "Mining / Scoring"
    keywords = ("brier score", "reliability diagram", "calibration curve", "log loss", "cross entropy", "ece")
    headline = "scores"

    classes: int = parameter(default=10, minimum=2, maximum=1000, help="How many classes the curve has.")
    cut: Literal["equal width", "equal size"] = parameter(
        default="equal width",
        help="Whether the classes are of equal width, such as 0 to 0.1, or of equally many rows.",
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    results: ClassVar[Mapping[str, Schema | None]] = {
        "scores": {"column": TEXT, "metric": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER},
        "curve": {
            "column": TEXT, "part": WHOLE, "from": NUMBER, "to": NUMBER, "rows": WHOLE, "mean_probability": NUMBER,
            "observed": NUMBER, "low": NUMBER, "high": NUMBER,
        },
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Calibrated:
        return Calibrated(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (calibration, *BINARY)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        told = {"classes": self.classes, "by_size": self.cut == "equal size", "confidence": self.confidence}
        return super().arguments(schema) | told


def calibration(
    table: pl.DataFrame,
    actual: str,
    positive: str,
    columns: Sequence[str],
    classes: int,
    by_size: bool,
    confidence: float,
) -> dict[str, list[Any]]:
    """The scores and the curve of some columns of probabilities."""
    import numpy as np
    from scipy import stats

    hits, _ = hits_of(table, actual, positive)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    scores, curve = [], []
    for column in columns:
        rows = scored_rows(table, hits, column)
        if not rows["score"].is_between(0, 1).all():
            raise ValueError(
                f'column "{column[:80]}" holds values below 0 or above 1; these are no probabilities'
            )
        n, rate = rows.height, int(rows["hit"].sum()) / rows.height
        hit = pl.col("hit").cast(pl.Float64)
        # 1e-15 as in scikit-learn, so that a false certainty does not weigh infinitely
        sure = pl.col("score").clip(1e-15, 1 - 1e-15)
        losses = rows.select(
            brier=(pl.col("score") - hit) ** 2,
            log=-pl.when("hit").then(sure.log()).otherwise((1 - sure).log()),
        )
        means = losses.mean().row(0)
        errors = [one / n**0.5 if one is not None else 0.0 for one in losses.std().row(0)]
        base = rate * (1 - rate)
        place = pl.col("score").rank("ordinal") - 1 if by_size else (pl.col("score") * classes).floor()
        place = place.cast(pl.Int64) * classes // n if by_size else place.cast(pl.Int64).clip(0, classes - 1)
        parts = rows.group_by(place.alias("part")).agg(
            pl.len().alias("rows"), pl.col("score").min().alias("from"), pl.col("score").max().alias("to"),
            pl.col("score").mean().alias("mean"), hit.mean().alias("observed"),
        ).sort("part")  # fmt: skip
        off = (parts["mean"] - parts["observed"]).abs()
        entropy = -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)
        scores += [
            (
                column,
                "Brier score",
                means[0],
                max(0.0, means[0] - z * errors[0]),
                means[0] + z * errors[0],
                base,
            ),
            (column, "Brier skill", 1 - means[0] / base, None, None, 0.0),
            (
                column,
                "log loss",
                means[1],
                max(0.0, means[1] - z * errors[1]),
                means[1] + z * errors[1],
                float(entropy),
            ),
            (column, "calibration error", float((off * parts["rows"]).sum() / n), None, None, 0.0),
            (column, "largest calibration error", float(off.to_numpy().max()), None, None, 0.0),
            (column, "rows", float(n), None, None, None),
        ]
        for part, count, start, end, mean, observed in parts.iter_rows():
            centre = (observed + z * z / (2 * count)) / (1 + z * z / count)
            width = (
                z
                * (observed * (1 - observed) / count + z * z / (4 * count * count)) ** 0.5
                / (1 + z * z / count)
            )
            ends = (start, end) if by_size else (part / classes, (part + 1) / classes)
            curve.append(
                (
                    column,
                    part + 1,
                    *ends,
                    count,
                    mean,
                    observed,
                    max(0.0, centre - width),
                    min(1.0, centre + width),
                )
            )
    return {"scores": scores, "curve": curve}
