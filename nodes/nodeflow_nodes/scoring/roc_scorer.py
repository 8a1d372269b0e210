"""ROC Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.scoring._binary import BINARY, BinaryScores, hits_of, scored_rows, steps_of, thinned
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE, Schema, in_words

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Curves(NamedTuple):
    """What the node gives."""

    areas: pl.DataFrame
    curve: pl.DataFrame
    comparisons: pl.DataFrame


class RocScorer(BinaryScores):
    """Score probabilities by the ROC curve: how well they put the positive class before the others.

    The area under the curve (AUC) is the chance that a row of the positive class has a higher score than another
    row: 0.5 is chance, the baseline, 1 perfect. Its interval, and the comparison of several score columns on the
    same rows, are those of DeLong (1988). Equal scores count half. With more than two classes one of them is
    positive, all others are negative. Rows with a missing class or score are left out and counted.

    Inputs:
        table: A table with the true classes and one or more columns of scores.
    Outputs:
        areas: One row for each score column: the AUC with its interval.
        curve: The points of the curves: the rates of false and of true positives at each threshold.
        comparisons: One row for each pair of score columns: the difference of their AUC, and p.
    """

    name = "ROC Scorer"
    category = "Mining / Scoring"
    keywords = (
        "auc",
        "roc curve",
        "area under the curve",
        "receiver operating characteristic",
        "delong",
        "gini",
        "c statistic",
    )
    headline = "areas"

    points: int = parameter(
        default=500,
        minimum=3,
        maximum=1_000_000,
        help="The most points of each curve; the area uses every row.",
        advanced=True,
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    results: ClassVar[Mapping[str, Schema | None]] = {
        "areas": {
            "column": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER, "standard_error": NUMBER,
            "positive": TEXT, "positives": WHOLE, "negatives": WHOLE, "missing": WHOLE,
        },
        "curve": {"column": TEXT, "threshold": NUMBER, "false_positive_rate": NUMBER, "true_positive_rate": NUMBER},
        "comparisons": {
            "first": TEXT, "second": TEXT, "rows": WHOLE, "difference": NUMBER, "low": NUMBER, "high": NUMBER, "z": NUMBER,
            "p": NUMBER, "in_words": TEXT,
        },
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Curves:
        return Curves(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (roc_scores, area_of, placements, area_comparisons, *BINARY, in_words)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return super().arguments(schema) | {"points": self.points, "confidence": self.confidence}


def roc_scores(
    table: pl.DataFrame, actual: str, positive: str, columns: Sequence[str], points: int, confidence: float
) -> dict[str, list[Any]]:
    """The areas and curves of some columns of scores, and their comparison."""
    from scipy import stats

    hits, name = hits_of(table, actual, positive)
    width = float(stats.norm.ppf((1 + confidence) / 2))
    areas, curve = [], []
    for column in columns:
        rows = scored_rows(table, hits, column)
        steps = steps_of(rows)
        area, error, many, others = area_of(steps)
        ends = (max(0.0, area - width * error), min(1.0, area + width * error))
        areas.append((column, area, *ends, 0.5, error, name, many, others, table.height - rows.height))
        curve.append((column, None, 0.0, 0.0))
        for threshold, positives, negatives in thinned(steps, points - 1).iter_rows():
            curve.append((column, threshold, negatives / others, positives / many))
    return {"areas": areas, "curve": curve, "comparisons": area_comparisons(table, hits, columns, width)}


def area_of(steps: pl.DataFrame) -> tuple[float, float, int, int]:
    """The area, DeLong's standard error, and the numbers of positive and negative rows."""
    import numpy as np

    positives, negatives = steps["positives"].to_numpy(), steps["negatives"].to_numpy()
    many, others = int(positives[-1]), int(negatives[-1])
    of_positive, of_negative = np.diff(positives, prepend=0), np.diff(negatives, prepend=0)
    # for each score the share of negative rows below it, and of positive rows above; equal ones count half
    below = (others - negatives + of_negative / 2) / others
    above = (positives - of_positive / 2) / many
    area = float(of_positive @ below) / many
    variance = 0.0
    for weights, shares, n in ((of_positive, below, many), (of_negative, above, others)):
        if n > 1:
            variance += float(weights @ (shares - area) ** 2) / (n - 1) / n
    return area, variance**0.5, many, others


def placements(rows: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """For each positive row the share of negative ones below it, for each negative the share of positive above."""
    ranks = rows.select(
        "hit",
        pl.col("score").rank("average").alias("all"),
        pl.col("score").rank("average").over("hit").alias("own"),
    )
    among = ranks.with_columns((pl.col("all") - pl.col("own")).alias("before"))
    positive, negative = (
        among.filter("hit")["before"].to_numpy(),
        among.filter(~pl.col("hit"))["before"].to_numpy(),
    )
    return positive / len(negative), 1 - negative / len(positive)


def area_comparisons(
    table: pl.DataFrame, hits: pl.Series, columns: Sequence[str], width: float
) -> list[dict[str, Any]]:
    """DeLong's comparison of each pair of columns on the rows that have both scores."""
    import itertools

    import numpy as np
    from scipy import stats

    found = []
    for first, second in itertools.combinations(columns, 2):
        whole = (
            table.get_column(first).is_not_null()
            & table.get_column(second).is_not_null()
            & hits.is_not_null()
        )
        some, hit = table.filter(whole), hits.filter(whole)
        row: dict[str, Any] = {"first": first, "second": second, "rows": some.height}
        if hit.all() or not hit.any():
            found.append({**row, "in_words": "Not compared: the rows with both scores are all of one kind."})
            continue
        one, other = (placements(scored_rows(some, hit, name)) for name in (first, second))
        difference = float(one[0].mean() - other[0].mean())
        parts = [(one[side] - other[side]) for side in (0, 1)]
        error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts if len(part) > 1)))
        z = difference / error if error > 0 else None
        p = None if z is None else float(2 * stats.norm.sf(abs(z)))
        words = (
            "The areas are alike on every row."
            if p is None
            else f"The areas differ by {difference:.3f} ({in_words(p)})."
        )
        ends = {"low": difference - width * error, "high": difference + width * error}
        found.append({**row, "difference": difference, **ends, "z": z, "p": p, "in_words": words})
    return found
