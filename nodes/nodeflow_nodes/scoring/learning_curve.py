"""Learning Curve."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.scoring._folds import Fold, FoldingNode
from nodeflow_nodes.scoring._measures import Measure, measure_fault, measure_for
from nodeflow_nodes.scoring._unfitted import Unfitted, check_finite, learner_faults
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model

CURVE: dict[str, pl.DataType] = {
    "rows": WHOLE, "share": NUMBER, "measure": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "std": NUMBER,
    "on_learned_rows": NUMBER, "baseline": NUMBER, "folds": WHOLE,
}  # fmt: skip


class LearningCurve(FoldingNode):
    """Show how a learner's score grows with the rows it learns from, to see whether more rows would help.

    In each fold the learner learns from growing shares of the rows outside it, chosen by chance, classes in their
    shares, each part containing the one before; it is scored on the fold and on the rows it learned from. A curve that
    still rises asks for more rows; a wide gap between the two scores asks for a simpler model, or more rows; two low
    scores ask for a better model or better columns.

    Inputs:
        learner: The model of a learner that predicts classes or numbers.
        table: The rows; those without a target are left out.
    Outputs:
        table: One row for each share: the mean over the folds with its interval, and the baseline.
    """

    category = "Mining / Scoring"
    keywords = ("sample size", "more data", "overfitting", "underfitting", "bias variance")
    headline = "table"

    steps: int = parameter(
        default=6, minimum=2, maximum=100, help="How many shares are tried, up to all rows."
    )
    smallest: float = parameter(default=0.1, above=0, below=1, help="The smallest share of the rows.")
    measure: Measure = parameter(
        default="automatic", help="What is measured; automatic is accuracy for classes and R2 for numbers."
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    def run(self, learner: Model, table: pl.DataFrame, context: Context) -> pl.DataFrame:
        from nodeflow_nodes.scoring._trials import Trials
        from nodeflow_nodes.scoring._trying import spread_of, try_on, trying

        unfitted = Unfitted(learner)
        check_finite(table, learner)
        given = trying(table, unfitted, context)
        measure = measure_for(self.measure, given.is_class)
        folds = self.parted(given.table, unfitted.target, given.is_class, context)
        target = given.table.get_column(given.target) if given.is_class else None
        shares = [self.smallest ** (1 - step / (self.steps - 1)) for step in range(self.steps)]
        work: list[tuple[int, Fold]] = []
        for fold in folds:
            order = _mixed(fold, target, int(self.seed or 0))
            for place, share in enumerate(shares):
                some = order[: max(2, round(len(order) * share))]
                if target is None or target[some.tolist()].alias("target").n_unique() > 1:
                    work.append((place, Fold(fold.repeat, fold.number, some, fold.test)))
        if not work:
            raise NodeFailed("no share of the rows has two classes; there are too few rows for a curve")
        tasks = [
            functools.partial(try_on, unfitted, given, fold, context, on_learned=True) for _, fold in work
        ]
        with Trials(context, "trials") as trials:
            tried = trials.run(tasks)
        rows: list[dict[str, Any]] = []
        for place, share in enumerate(shares):
            own = [(fold, one) for (at, fold), one in zip(work, tried, strict=True) if at == place]
            known = [one.measures[measure] for _, one in own]
            values = [value for value in known if value is not None]
            if not values:
                continue
            std, low, high = spread_of(values, [fold for fold, _ in own], self.confidence, measure) or (
                None,
                None,
                None,
            )
            learned = [one.learned[measure] for _, one in own if one.learned[measure] is not None]
            base = [one.baseline[measure] for _, one in own if one.baseline[measure] is not None]
            rows.append(
                {
                    "rows": round(sum(len(fold.train) for fold, _ in own) / len(own)), "share": share, "measure": measure,
                    "value": sum(values) / len(values), "low": low, "high": high, "std": std,
                    "on_learned_rows": _mean(learned), "baseline": _mean(base), "folds": len(own),
                }
            )  # fmt: skip
        return pl.DataFrame(rows, schema=CURVE)

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(CURVE)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        learner = inputs.get("learner")
        faults = learner_faults(learner, inputs.get("table"))
        if learner is not None and not faults:
            faults = measure_fault(self.measure, learner.task == "classification")
        return faults

    def check_parameters(self) -> list[Fault]:
        if self.method == "leave one out":
            return [Fault("method", "a curve over single rows would say nothing; choose folds")]
        return super().check_parameters()

    def summary(self) -> str:
        return f"{self.steps} steps, {self.folds} folds"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _mixed(fold: Fold, target: pl.Series | None, seed: int) -> Any:
    """The rows to learn from in a random order in which every beginning has the classes in their shares."""
    import numpy as np

    random = np.random.default_rng([seed, fold.repeat, fold.number])
    order = random.permutation(fold.train)
    if target is None:
        return order
    labels = target.alias("target").cast(pl.String).to_numpy()[order]
    place = np.zeros(len(order))
    for label in np.unique(labels):
        own = labels == label
        place[own] = (np.arange(own.sum()) + 0.5) / own.sum()
    return order[np.argsort(place, kind="stable")]
