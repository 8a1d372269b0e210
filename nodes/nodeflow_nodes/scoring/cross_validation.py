"""Cross-Validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.manipulation._formulas import taken
from nodeflow_nodes.scoring._folds import Fold, FoldingNode
from nodeflow_nodes.scoring._measures import CLASS_MEASURES, NUMBER_MEASURES
from nodeflow_nodes.scoring._unfitted import Unfitted, check_finite, learner_faults
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow_nodes.scoring._trying import Tried, Trying


class Validated(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    folds: pl.DataFrame
    predictions: pl.DataFrame


SCORES: dict[str, pl.DataType] = {
    "metric": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "std": NUMBER, "baseline": NUMBER,
}  # fmt: skip


class CrossValidation(FoldingNode):
    """Try a learner on rows it has not learned from, fold by fold, and score it.

    The learner whose model is connected learns anew in each fold, from the rows outside the fold alone, with all its
    preparation; then it predicts the rows of the fold. What the connected model itself learned is not used. So give
    the learner all the rows that may be used, and no others.

    A score is the mean over the folds. Its interval is Nadeau and Bengio's, which knows that the folds share
    rows and is therefore wider than the usual one. The baseline always says the most frequent class, or the mean, of
    the rows learned from. When one row is left out at a time, the scores are those of all predictions together.
    The folds are tried side by side on all processors; those that are done are kept when the run is stopped.

    Inputs:
        learner: The model of a learner that predicts classes or numbers.
        table: The rows; those without a target are left out.
    Outputs:
        scores: One row a score: mean, interval, spread over the folds, and the baseline.
        folds: One row for each fold with its scores.
        predictions: The rows with the prediction, made by a model that had not seen the row, and its fold.
    """

    name = "Cross-Validation"
    category = "Mining / Scoring"
    keywords = (
        "k-fold", "cross validation", "x-partitioner", "x-aggregator", "out of fold", "leave one out", "cross_val_score",
        "cross_val_predict", "holdout",
    )  # fmt: skip
    headline = "scores"

    probabilities: bool = parameter(
        default=True,
        help="Whether the probability of each class is added to the predictions, if the learner gives one.",
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    def run(self, learner: Model, table: pl.DataFrame, context: Context) -> Validated:
        from nodeflow_nodes.scoring._trials import Trials
        from nodeflow_nodes.scoring._trying import try_all, trying

        unfitted = Unfitted(learner)
        check_finite(table, learner)
        given = trying(table, unfitted, context)
        folds = self.parted(given.table, unfitted.target, given.is_class, context)
        with Trials(context, "folds") as trials:
            tried = try_all(unfitted, given, folds, context, trials)
        context.progress(1.0)
        scores = pl.DataFrame(self._scores(given, folds, tried), schema=SCORES, orient="row")
        return Validated(scores, _fold_table(given, folds, tried), self._predictions(given, folds, tried))

    def _scores(self, given: Trying, folds: Sequence[Fold], tried: Sequence[Tried]) -> list[tuple[Any, ...]]:
        from nodeflow_nodes.scoring._trying import pooled, pooled_baseline, spread_of

        rows: list[tuple[Any, ...]] = []
        if self.method == "leave one out":
            baseline = pooled_baseline(given, folds)
            rows = [
                (name, value, None, None, None, baseline[name])
                for name, value in pooled(given, folds, tried).items()
            ]
        else:
            for name in given.measures:
                values = [one.measures[name] for one in tried]
                base = [value for one in tried if (value := one.baseline[name]) is not None]
                known = [value for value in values if value is not None]
                spread = spread_of(known, folds, self.confidence, name)
                std, low, high = spread or (None, None, None)
                mean = sum(known) / len(known) if known else None
                rows.append((name, mean, low, high, std, sum(base) / len(base) if base else None))
        return [
            *rows,
            ("folds", float(len(folds)), None, None, None, None),
            ("rows", float(given.table.height), *[None] * 4),
        ]

    def _predictions(self, given: Trying, folds: Sequence[Fold], tried: Sequence[Tried]) -> pl.DataFrame:
        """The rows of the first repeat with what was predicted for them."""
        from nodeflow_nodes.scoring._trying import predicted_columns

        parts = [(fold, one) for fold, one in zip(folds, tried, strict=True) if fold.repeat == 1]
        return given.table.hstack(predicted_columns(given, parts, probabilities=self.probabilities))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        measures = CLASS_MEASURES if inputs["learner"].task == "classification" else NUMBER_MEASURES
        return {"scores": TableSpec(SCORES), "folds": TableSpec(_fold_schema(measures))}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        learner, table = inputs.get("learner"), inputs.get("table")
        faults = learner_faults(learner, table)
        if learner is None or table is None or faults:
            return faults
        return taken(["fold", f"Prediction ({learner.target})"], table.columns, "")

    def summary(self) -> str:
        return "leave one out" if self.method == "leave one out" else f"{self.folds} folds, {self.method}"


def _fold_schema(measures: Sequence[str]) -> dict[str, pl.DataType]:
    start = {"repeat": WHOLE, "fold": WHOLE, "learned_from": WHOLE, "tried_on": WHOLE}
    return {**start, **dict.fromkeys(measures, NUMBER), **{f"baseline {name}": NUMBER for name in measures}}


def _fold_table(given: Trying, folds: Sequence[Fold], tried: Sequence[Tried]) -> pl.DataFrame:
    rows = [
        (
            fold.repeat,
            fold.number,
            len(fold.train),
            len(fold.test),
            *(one.measures[name] for name in given.measures),
            *(one.baseline[name] for name in given.measures),
        )
        for fold, one in zip(folds, tried, strict=True)
    ]
    return pl.DataFrame(rows, schema=_fold_schema(given.measures), orient="row")
