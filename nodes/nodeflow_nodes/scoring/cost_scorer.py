"""Cost Scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow_nodes.scoring.scorer import confusion_of
from nodeflow_nodes.statistics._calculation import GROUPING, NUMBER, TEXT, WHOLE, Calculation, Schema

if TYPE_CHECKING:
    from nodeflow.node import Context


class Cost(Record):
    """What it costs to predict one class where another is true."""

    actual: str = parameter(help="The true class.")
    predicted: str = parameter(help="The predicted class.")
    cost: float = parameter(help="What each such row costs; below 0 for a gain.")


class Priced(NamedTuple):
    """What the node gives."""

    scores: pl.DataFrame
    cells: pl.DataFrame


class CostScorer(Calculation):
    """Score predicted classes by what each kind of mistake costs.

    Give the costs that matter, such as 100 for a missed fraud and 1 for a false alarm; every other mistake costs what
    `other mistakes` says, and being right nothing unless a cost is given for it. The baseline always predicts the
    one class that then costs least, which a model must beat. The interval is the usual one of a mean. Rows in which
    either value is missing are left out.

    Inputs:
        table: A table with an actual and a predicted column.
    Outputs:
        scores: The cost in all and for each row, with the baseline.
        cells: One row for each pair of classes: how often it came, and what it cost.
    """

    category = "Mining / Scoring"
    keywords = ("cost matrix", "misclassification cost", "profit", "price of errors", "utility")
    headline = "scores"

    actual: Column = parameter(types=GROUPING, help="The column with the true classes.")
    prediction: Column = parameter(types=GROUPING, help="The column with the predicted classes.")
    costs: list[Cost] = parameter(default=[], help="What pairs of classes cost.")
    other: float = parameter(
        default=1.0, label="Other mistakes", help="What each mistake costs that is not listed."
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the interval.")

    results: ClassVar[Mapping[str, Schema | None]] = {
        "scores": {"metric": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "baseline": NUMBER},
        "cells": {"actual": TEXT, "predicted": TEXT, "rows": WHOLE, "cost": NUMBER, "total": NUMBER},
    }

    def run(self, table: pl.LazyFrame, context: Context) -> Priced:
        return Priced(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (cost_scores, confusion_of)

    def reads(self, schema: Schema) -> list[str]:
        return [self.actual, self.prediction]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {
            "actual": str(self.actual),
            "prediction": str(self.prediction),
            "costs": {(one.actual, one.predicted): one.cost for one in self.costs},
            "other": self.other,
            "confidence": self.confidence,
        }

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the actual one")]
        pairs = [(one.actual, one.predicted) for one in self.costs]
        return [
            Fault(f"costs[{i}]", f'"{pair[1]}" predicted for "{pair[0]}" has a cost already; take one out')
            for i, pair in enumerate(pairs)
            if pair in pairs[:i]
        ]

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}, {len(self.costs)} costs"[:80]


def cost_scores(
    table: pl.DataFrame,
    actual: str,
    prediction: str,
    costs: Mapping[tuple[str, str], float],
    other: float,
    confidence: float,
) -> dict[str, list[Any]]:
    """The cost of the predictions, and of each pair of classes."""
    import numpy as np
    from scipy import stats

    counts, names, missing = confusion_of(table, actual, prediction)
    for pair in costs:
        for one in pair:
            if one not in names:
                raise ValueError(
                    f'a cost speaks of "{one[:80]}", but the classes are {", ".join(name[:40] for name in names[:8])}'
                )
    prices = np.full(counts.shape, float(other))
    np.fill_diagonal(prices, 0.0)
    for (true, said), price in costs.items():
        prices[names.index(true), names.index(said)] = price
    n, total = counts.sum(), float((counts * prices).sum())
    mean = total / n
    spread = float((counts * (prices - mean) ** 2).sum() / max(n - 1, 1))
    width = float(stats.norm.ppf((1 + confidence) / 2)) * (spread / n) ** 0.5
    always = float((counts.sum(axis=1) @ prices).min())
    scores = [
        ("cost per row", mean, mean - width, mean + width, always / n),
        ("cost in all", total, (mean - width) * n, (mean + width) * n, always),
        ("rows", float(n), None, None, None),
        ("rows left out", float(missing), None, None, None),
    ]
    cells = [
        (true, said, int(counts[i, j]), float(prices[i, j]), float(counts[i, j] * prices[i, j]))
        for i, true in enumerate(names)
        for j, said in enumerate(names)
    ]
    return {"scores": scores, "cells": cells}
