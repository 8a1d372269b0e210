"""Permutation Importance."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.scoring._measures import SMALLER_IS_BETTER, Measure, measure_fault, measure_for
from nodeflow_nodes.scoring._unfitted import Unfitted, check_finite, learner_faults
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model

IMPORTANCES: dict[str, pl.DataType] = {
    "column": TEXT, "importance": NUMBER, "low": NUMBER, "high": NUMBER, "std": NUMBER, "value_without": NUMBER,
    "value": NUMBER, "measure": TEXT, "rank": WHOLE,
}  # fmt: skip


class PermutationImportance(Node):
    """Measure how much a model needs each column: how much worse it predicts when the column's values are shuffled.

    Give it rows that the model has not learned from. Each column is shuffled several times by itself; its importance is
    the mean loss of the score, whatever kind the model is. An importance near 0, or below, says that the model does
    as well without the column. Two columns that say the same may both look unimportant, as each stands in for the other.

    Inputs:
        model: A model that predicts classes or numbers.
        table: Rows with the target that the model has not seen.
    Outputs:
        table: One row for each column that the model uses, the most important first.
    """

    category = "Mining / Scoring"
    keywords = (
        "feature importance",
        "variable importance",
        "explain model",
        "model agnostic",
        "interpretation",
    )
    headline = "table"

    repeats: int = parameter(default=10, minimum=2, maximum=1000, help="How often each column is shuffled.")
    measure: Measure = parameter(
        default="automatic", help="What is measured; automatic is accuracy for classes and R2 for numbers."
    )
    most_rows: int = parameter(
        default=10_000,
        minimum=10,
        unit="rows",
        help="A random sample of so many rows is used if there are more.",
        advanced=True,
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def run(self, model: Model, table: pl.DataFrame, context: Context) -> pl.DataFrame:
        import numpy as np
        from scipy import stats

        from nodeflow_nodes.scoring._trials import Trials
        from nodeflow_nodes.scoring._trying import measured, predictions_of, trying

        check_finite(table, model)
        given = trying(table, Unfitted(model), context)
        random = np.random.default_rng(int(self.seed or 0))
        rows = given.table
        if rows.height > self.most_rows:
            rows = rows[np.sort(random.choice(rows.height, self.most_rows, replace=False))]
            context.warn(f"a random sample of {self.most_rows:,} rows was used")
        measure = measure_for(self.measure, given.is_class)

        def score(changed: pl.DataFrame) -> float | None:
            return measured(given, changed, *predictions_of(model, changed, given.is_class))[measure]

        def shuffled(name: str, seed: int) -> float | None:
            order = np.random.default_rng(seed).permutation(rows.height)
            return score(rows.with_columns(rows.get_column(name)[order]))

        names = list(model.spec.features.columns)
        whole = score(rows)
        seeds = random.integers(0, 2**31, size=(len(names), self.repeats))
        work = [
            functools.partial(shuffled, name, int(one))
            for name, own in zip(names, seeds, strict=True)
            for one in own
        ]
        with Trials(context, "shuffles") as trials:
            found = trials.run(work)
        sign = -1.0 if measure in SMALLER_IS_BETTER else 1.0
        told: list[dict[str, Any]] = []
        for place, name in enumerate(names):
            own = [one for one in found[place * self.repeats : (place + 1) * self.repeats] if one is not None]
            row: dict[str, Any] = {"column": name, "value": whole, "measure": measure}
            if own and whole is not None:
                losses = sign * (whole - np.array(own))
                std = float(losses.std(ddof=1)) if len(own) > 1 else 0.0
                width = (
                    float(stats.t.ppf((1 + self.confidence) / 2, max(len(own) - 1, 1)))
                    * std
                    / len(own) ** 0.5
                )
                mean = float(losses.mean())
                row |= {"importance": mean, "low": mean - width, "high": mean + width, "std": std}
                row["value_without"] = float(np.mean(own))
            told.append(row)
        result = pl.DataFrame(told, schema=IMPORTANCES)
        result = result.sort("importance", descending=True, nulls_last=True, maintain_order=True)
        return result.with_columns(rank=pl.int_range(1, pl.len() + 1).cast(pl.Int64))

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(IMPORTANCES)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        faults = learner_faults(model, inputs.get("table"))
        if model is not None and not faults:
            faults = measure_fault(self.measure, model.task == "classification")
        return faults

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the shuffled rows are predicted side by side by nodeflow")

    def summary(self) -> str:
        return f"{self.measure}, {self.repeats} times"
