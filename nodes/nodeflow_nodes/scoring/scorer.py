"""Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Fault, Seed, parameter
from nodeflow_nodes.statistics._calculation import GROUPING, NUMBER, TEXT, WHOLE, Calculation, Schema

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Scored(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    confusion: pl.DataFrame
    classes: pl.DataFrame


class Scorer(Calculation):
    """Score predicted classes against the actual ones: accuracy, F1, kappa and more, with intervals and a baseline.

    | score | meaning |
    |---|---|
    | accuracy | share of rows predicted right |
    | balanced accuracy | mean share of rows predicted right in each class, so that small classes count alike |
    | precision, recall, F1 | mean over the classes (macro); each class is in its own table |
    | weighted F1 | mean over the classes, by their size |
    | Cohen's kappa | agreement beyond chance: 0 as by chance, 1 perfect |
    | MCC | Matthews's correlation of actual and predicted: 0 as by chance, 1 perfect |

    The baseline is what one gets by always predicting the most frequent class: a model must beat it. The interval of
    a score is that of a bootstrap over the rows: it says how far the score may lie off by the chance of which rows
    were there. Rows in which either value is missing are left out and counted. A class that was never predicted has
    precision 0.

    Inputs:
        table: A table with an actual and a predicted column.
    Outputs:
        scores: One row a score, with its interval and the baseline.
        confusion: How often each actual class (row) was predicted as each class (column).
        classes: One row for each class: precision, recall, F1 and counts.
    """

    category = "Mining / Scoring"
    keywords = (
        "confusion matrix", "accuracy", "precision", "recall", "f1", "kappa", "mcc", "classification report", "evaluate",
        "sensitivity", "specificity", "error rate",
    )  # fmt: skip
    headline = "scores"

    actual: Column = parameter(types=GROUPING, help="The column with the true classes.")
    prediction: Column = parameter(types=GROUPING, help="The column with the predicted classes.")
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
        "scores": {"metric": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER},
        "confusion": None,
        "classes": {
            "class": TEXT, "rows": WHOLE, "predicted": WHOLE, "right": WHOLE, "precision": NUMBER, "recall": NUMBER,
            "F1": NUMBER, "specificity": NUMBER, "share": NUMBER,
        },
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Scored:
        return Scored(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (class_scores, confusion_of, scores_of_counts)

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


def class_scores(
    table: pl.DataFrame, actual: str, prediction: str, confidence: float, rounds: int, seed: int
) -> dict[str, Any]:
    """The scores of predicted classes, the table of counts, and each class by itself."""
    import numpy as np

    counts, names, missing = confusion_of(table, actual, prediction)
    n, share = counts.sum(), counts.sum(axis=1)
    constant = np.zeros_like(counts)
    constant[:, int(share.argmax())] = share
    found, baseline = scores_of_counts(counts[None]), scores_of_counts(constant[None])
    ends: dict[str, Any] = {}
    if rounds:
        # drawing n rows anew is, for the counts, one draw from the multinomial distribution of their shares
        drawn = np.random.default_rng(seed).multinomial(int(n), counts.ravel() / n, size=rounds)
        again = scores_of_counts(drawn.reshape(rounds, *counts.shape).astype(float))
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        ends = {
            name: np.nanquantile(values, tails)
            for name, values in again.items()
            if not np.isnan(values).all()
        }

    def told(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    scores = []
    for name, values in found.items():
        low, high = ends.get(name, (np.nan, np.nan)) if not np.isnan(values[0]) else (np.nan, np.nan)
        scores.append((name, told(values[0]), told(low), told(high), told(baseline[name][0])))
    scores += [("rows", float(n), None, None, None), ("rows left out", float(missing), None, None, None)]
    right, predicted = np.diag(counts), counts.sum(axis=0)
    classes = []
    for index, name in enumerate(names):
        hits, own, said = right[index], share[index], predicted[index]
        others = n - own
        precision = hits / said if said else 0.0
        recall = hits / own if own else None
        f1 = 2 * hits / (own + said) if own + said else None
        specificity = (others - (said - hits)) / others if others else None
        classes.append((name, int(own), int(said), int(hits), precision, recall, f1, specificity, own / n))
    head = "actual"
    while head in names:
        head += "_"
    confusion: dict[str, Any] = {head: names}
    confusion |= {name: [int(one) for one in counts[:, index]] for index, name in enumerate(names)}
    return {"scores": scores, "confusion": confusion, "classes": classes}


def confusion_of(table: pl.DataFrame, actual: str, prediction: str) -> tuple[np.ndarray, list[str], int]:
    """How often each class was predicted as each, the classes in order, and the rows left out."""
    import numpy as np

    both = pl.DataFrame(
        [table.get_column(actual).alias("actual"), table.get_column(prediction).alias("predicted")]
    )
    if both["actual"].dtype != both["predicted"].dtype:
        kind = pl.Float64 if all(one.is_numeric() for one in both.dtypes) else pl.String
        both = both.cast(kind)
    counted = both.group_by("actual", "predicted", maintain_order=True).len()
    known = counted.drop_nulls()
    missing = table.height - int(known["len"].sum())
    if not known.height:
        raise ValueError(
            f'no row has both a "{actual[:80]}" and a "{prediction[:80]}"; there is nothing to score'
        )
    classes = pl.concat([known["actual"].alias("class"), known["predicted"].alias("class")]).unique().sort()
    if len(classes) > 1000:
        raise ValueError(
            f"there are {len(classes):,} different classes, too many to score; are these numbers to predict?"
        )
    places = pl.DataFrame({"class": classes, "place": pl.int_range(len(classes), eager=True)})
    placed = known.join(places, left_on="actual", right_on="class").join(
        places, left_on="predicted", right_on="class", suffix="_predicted"
    )
    counts = np.zeros((len(classes), len(classes)))
    counts[placed["place"].to_numpy(), placed["place_predicted"].to_numpy()] = placed["len"].to_numpy()
    return counts, classes.cast(pl.String).to_list(), missing


def scores_of_counts(counts: np.ndarray) -> dict[str, np.ndarray]:
    """The scores of many tables of counts at once, of shape (tables, actual, predicted)."""
    import numpy as np

    right = np.diagonal(counts, axis1=1, axis2=2)
    actual, predicted, n = counts.sum(axis=2), counts.sum(axis=1), counts.sum(axis=(1, 2))
    is_there, is_named = actual > 0, (actual + predicted) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(is_there, right / actual, 0)
        precision = np.where(predicted > 0, right / predicted, 0)
        f1 = np.where(is_named, 2 * right / (actual + predicted), 0)
        accuracy = right.sum(axis=1) / n
        chance = (actual * predicted).sum(axis=1) / n**2
        covered = n**2 - (predicted**2).sum(axis=1), n**2 - (actual**2).sum(axis=1)
        above = n * right.sum(axis=1) - (actual * predicted).sum(axis=1)
        mcc = np.where(covered[0] * covered[1] > 0, above / np.sqrt(covered[0] * covered[1]), 0)
        return {
            "accuracy": accuracy,
            "balanced accuracy": recall.sum(axis=1) / is_there.sum(axis=1),
            "precision": precision.sum(axis=1) / is_named.sum(axis=1),
            "recall": recall.sum(axis=1) / is_named.sum(axis=1),
            "F1": f1.sum(axis=1) / is_named.sum(axis=1),
            "weighted F1": (f1 * actual).sum(axis=1) / n,
            "Cohen's kappa": (accuracy - chance) / (1 - chance),
            "MCC": mcc,
        }
