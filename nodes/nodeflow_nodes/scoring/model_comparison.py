"""Model Comparison."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.scoring._folds import Fold, FoldingNode
from nodeflow_nodes.scoring._measures import SMALLER_IS_BETTER, Measure, measure_fault, measure_for
from nodeflow_nodes.scoring._unfitted import Unfitted, check_finite, learner_faults
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, TRUTH, WHOLE, in_words

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow_nodes.scoring._trying import Tried, Trying


class Compared(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    comparisons: pl.DataFrame
    folds: pl.DataFrame
    predictions: pl.DataFrame


RANKING: dict[str, pl.DataType] = {
    "learner": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "std": NUMBER, "baseline": NUMBER, "measure": TEXT,
    "rank": WHOLE, "best": TRUTH,
}  # fmt: skip
PAIRS: dict[str, pl.DataType] = {
    "first": TEXT, "second": TEXT, "difference": NUMBER, "low": NUMBER, "high": NUMBER, "t": NUMBER, "df": NUMBER,
    "p": NUMBER, "in_words": TEXT,
}  # fmt: skip
FOLDS: dict[str, pl.DataType] = {
    "learner": TEXT, "repeat": WHOLE, "fold": WHOLE, "measure": TEXT, "value": NUMBER, "baseline": NUMBER,
}  # fmt: skip


class ModelComparison(FoldingNode):
    """Try several learners on the same folds, rank them, and test which differences are more than chance.

    Each learner learns anew in each fold from the rows outside it, as in Cross-Validation. Two learners are compared
    by the corrected resampled t-test (Nadeau and Bengio 2003), which allows for the folds sharing rows; the plain
    t-test would find differences far too often. Ten folds repeated ten times give it the most power. All learners must
    predict the same column. The baseline always says the most frequent class, or the mean.

    With two classes `predictions` has the probability of the positive class, the last in order, by each learner: connect
    it to ROC Scorer to see their curves. Otherwise it has the predictions of each.

    Inputs:
        learners: The models of the learners to compare, in the order of their names.
        table: The rows; those without a target are left out.
    Outputs:
        scores: One row for each learner, the best first.
        comparisons: One row for each pair of learners.
        folds: Every measure of each learner on each fold.
        predictions: The rows with what each learner said of them without having seen them.
    """

    category = "Mining / Scoring"
    keywords = (
        "compare learners",
        "corrected resampled t-test",
        "benchmark",
        "nadeau bengio",
        "algorithm comparison",
        "leaderboard",
    )
    headline = "scores"

    names: list[str] = parameter(
        default=[],
        help="What the learners are called, in the order of their connection; empty for their own names.",
    )
    measure: Measure = parameter(
        default="automatic",
        help="What they are compared by; automatic is accuracy for classes and R2 for numbers.",
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    def run(self, learners: list[Model], table: pl.DataFrame, context: Context) -> Compared:
        from nodeflow_nodes.scoring._trials import Trials
        from nodeflow_nodes.scoring._trying import try_on, trying

        candidates = [Unfitted(learner) for learner in learners]
        if not candidates:
            raise NodeFailed("no learner is connected; connect the models of two or more")
        if self.names and len(self.names) != len(candidates):
            raise NodeFailed(
                f"{len(self.names)} names are given for {len(candidates)} learners; give one each, or none"
            )
        if len({(one.target, one.is_class) for one in candidates}) > 1:
            raise NodeFailed("the learners predict different columns or kinds; connect those of one target")
        check_finite(table, *learners)
        given = trying(table, candidates[0], context)
        measure = measure_for(self.measure, given.is_class)
        folds = self.parted(given.table, candidates[0].target, given.is_class, context)
        work = [functools.partial(try_on, one, given, fold, context) for one in candidates for fold in folds]
        with Trials(context, "folds of learners") as trials:
            everything = trials.run(work)
        context.progress(1.0)
        names = self.names or _distinct([one.name for one in candidates])
        tried = {name: everything[i * len(folds) : (i + 1) * len(folds)] for i, name in enumerate(names)}
        each = {name: [one.measures[measure] for one in found] for name, found in tried.items()}
        return Compared(
            self._ranked(measure, each, tried, folds),
            self._pairs(measure, each, folds),
            _fold_rows(given, folds, tried),
            _side_by_side(given, folds, tried),
        )

    def _ranked(
        self,
        measure: str,
        each: Mapping[str, Sequence[float | None]],
        tried: Mapping[str, Sequence[Tried]],
        folds: Sequence[Fold],
    ) -> pl.DataFrame:
        from nodeflow_nodes.scoring._trying import spread_of

        rows = []
        for name, values in each.items():
            known = [value for value in values if value is not None]
            base = [one.baseline[measure] for one in tried[name]]
            sure = [value for value in base if value is not None]
            std, low, high = spread_of(known, folds, self.confidence, measure) or (None, None, None)
            mean = sum(known) / len(known) if known else None
            rows.append(
                {
                    "learner": name, "value": mean, "low": low, "high": high, "std": std,
                    "baseline": sum(sure) / len(sure) if sure else None, "measure": measure,
                }
            )  # fmt: skip
        table = pl.DataFrame(rows, schema=RANKING)
        falling = measure not in SMALLER_IS_BETTER
        table = table.sort("value", descending=falling, nulls_last=True, maintain_order=True)
        place = pl.int_range(1, pl.len() + 1)
        return table.with_columns(rank=place.cast(pl.Int64), best=place == 1)

    def _pairs(
        self, measure: str, each: Mapping[str, Sequence[float | None]], folds: Sequence[Fold]
    ) -> pl.DataFrame:
        rows = []
        for first, second in itertools.combinations(each, 2):
            both = [
                (a, b)
                for a, b in zip(each[first], each[second], strict=True)
                if a is not None and b is not None
            ]
            rows.append(
                {"first": first, "second": second, **resampled_t_test(both, folds, measure, self.confidence)}
            )
        return pl.DataFrame(rows, schema=PAIRS)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"scores": TableSpec(RANKING), "comparisons": TableSpec(PAIRS), "folds": TableSpec(FOLDS)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        learners = inputs.get("learners") or []
        faults = [fault for one in learners for fault in learner_faults(one, inputs.get("table"))]
        known = [one for one in learners if one is not None]
        if not faults and known:
            faults += measure_fault(self.measure, known[0].task == "classification")
        return faults

    def check_parameters(self) -> list[Fault]:
        if len(set(self.names)) < len(self.names):
            return [Fault("names", "two learners have the same name; give them different ones")]
        return super().check_parameters()

    def summary(self) -> str:
        return f"{self.measure}, {self.folds} folds"


def resampled_t_test(
    pairs: Sequence[tuple[float, float]], folds: Sequence[Fold], measure: str, confidence: float
) -> dict[str, Any]:
    """The corrected resampled t-test of the differences over folds, as a part of a row."""
    import numpy as np
    from scipy import stats

    from nodeflow_nodes.scoring._trying import share_tried

    if len(pairs) < 2:
        return {"in_words": "Not compared: it takes at least two folds with a score of both."}
    differences = np.array([a - b for a, b in pairs])
    mean, variance, df = float(differences.mean()), float(differences.var(ddof=1)), len(differences) - 1
    row: dict[str, Any] = {"difference": mean, "df": float(df)}
    if variance < 1e-24:
        alike = (
            "The learners score alike on every fold."
            if abs(mean) < 1e-12
            else "They differ by as much on every fold."
        )
        return row | {"in_words": alike}
    error = (variance * (1 / len(differences) + share_tried(folds))) ** 0.5
    t = mean / error
    p = float(2 * stats.t.sf(abs(t), df))
    width = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    better = "first" if (mean > 0) != (measure in SMALLER_IS_BETTER) else "second"
    told = f"The {better} is better" if p < 1 - confidence else "No proof that one is better"
    return row | {
        "low": mean - width,
        "high": mean + width,
        "t": t,
        "p": p,
        "in_words": f"{told} ({in_words(p)}).",
    }


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that come twice with a number."""
    found: list[str] = []
    for name in names:
        title = name.removesuffix(" Learner")
        count, told = 1, title
        while told in found:
            count += 1
            told = f"{title} {count}"
        found.append(told)
    return found


def _fold_rows(given: Trying, folds: Sequence[Fold], tried: Mapping[str, Sequence[Tried]]) -> pl.DataFrame:
    rows = [
        (name, fold.repeat, fold.number, measure, one.measures[measure], one.baseline[measure])
        for name, found in tried.items()
        for fold, one in zip(folds, found, strict=True)
        for measure in given.measures
    ]
    return pl.DataFrame(rows, schema=FOLDS, orient="row")


def _side_by_side(given: Trying, folds: Sequence[Fold], tried: Mapping[str, Sequence[Tried]]) -> pl.DataFrame:
    """The rows with what each learner said of them in the first repeat."""
    from nodeflow_nodes.scoring._trying import predicted_columns

    table = given.table
    columns: list[pl.Series] = []
    for name, found in tried.items():
        parts = [(fold, one) for fold, one in zip(folds, found, strict=True) if fold.repeat == 1]
        fold_column, predicted, *shares = predicted_columns(given, parts, probabilities=given.is_class)
        columns = columns or [fold_column]
        columns.append((shares[-1] if len(shares) == 2 else predicted).alias(name))
    for column in columns:
        name = column.name
        while name in table.columns:
            name += "_"
        table = table.with_columns(column.alias(name))
    return table
