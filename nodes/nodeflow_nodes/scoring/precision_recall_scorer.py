"""Precision-Recall Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.scoring._binary import BINARY, BinaryScores, hits_of, scored_rows, steps_of, thinned
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE, Schema

if TYPE_CHECKING:
    from nodeflow.node import Context


class PrecisionRecall(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    curve: pl.DataFrame


class PrecisionRecallScorer(BinaryScores):
    """Score probabilities by precision and recall, which tell more than ROC where the positive class is rare.

    Average precision is the mean precision over the recall gained, the area under the curve of steps. The baseline is
    the share of the positive class, which scores by chance reach. The interval is the one by the logit (Boyd, Eng
    and Page 2013). With more than two classes one is positive, all others are negative. Rows with a missing class or
    score are left out and counted.

    Inputs:
        table: A table with the true classes and one or more columns of scores.
    Outputs:
        scores: One row for each score column: average precision, its interval and baseline, and the best F1.
        curve: Precision and recall at each threshold.
    """

    name = "Precision-Recall Scorer"
    category = "Mining / Scoring"
    keywords = (
        "average precision",
        "pr curve",
        "auprc",
        "precision recall curve",
        "imbalanced",
        "rare class",
    )
    headline = "scores"

    points: int = parameter(
        default=500,
        minimum=3,
        maximum=1_000_000,
        help="The most points of each curve; the scores use every row.",
        advanced=True,
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    results: ClassVar[Mapping[str, Schema | None]] = {
        "scores": {
            "column": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER, "best_F1": NUMBER,
            "threshold_of_best_F1": NUMBER, "positive": TEXT, "positives": WHOLE, "negatives": WHOLE, "missing": WHOLE,
        },
        "curve": {"column": TEXT, "threshold": NUMBER, "recall": NUMBER, "precision": NUMBER, "F1": NUMBER},
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> PrecisionRecall:
        return PrecisionRecall(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (precision_recall, *BINARY)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return super().arguments(schema) | {"points": self.points, "confidence": self.confidence}


def precision_recall(
    table: pl.DataFrame, actual: str, positive: str, columns: Sequence[str], points: int, confidence: float
) -> dict[str, list[Any]]:
    """Average precision and the curve of some columns of scores."""
    import numpy as np
    from scipy import special, stats

    hits, name = hits_of(table, actual, positive)
    width = float(stats.norm.ppf((1 + confidence) / 2))
    scores, curve = [], []
    for column in columns:
        rows = scored_rows(table, hits, column)
        steps = steps_of(rows)
        found, named = steps["positives"].to_numpy(), (steps["positives"] + steps["negatives"]).to_numpy()
        many = int(found[-1])
        precision, gained = found / named, np.diff(found, prepend=0) / many
        average = float((precision * gained).sum())
        f1 = 2 * found / (many + named)
        best = int(f1.argmax())
        ends: tuple[float | None, float | None] = (None, None)
        if 0 < average < 1:
            error = 1 / float(np.sqrt(many * average * (1 - average)))
            centre = float(special.logit(average))
            ends = (
                float(special.expit(centre - width * error)),
                float(special.expit(centre + width * error)),
            )
        told = (
            float(f1[best]),
            steps["threshold"][best],
            name,
            many,
            rows.height - many,
            table.height - rows.height,
        )
        scores.append((column, average, *ends, many / rows.height, *told))
        for threshold, positives, negatives in thinned(steps, points).iter_rows():
            share = positives / (positives + negatives)
            curve.append(
                (column, threshold, positives / many, share, 2 * positives / (many + positives + negatives))
            )
    return {"scores": scores, "curve": curve}
