"""Measures of predictions, for trying learners: named numbers, and which way is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import polars as pl

from nodeflow.parameters import Fault

if TYPE_CHECKING:
    import numpy as np

CLASS_MEASURES = ("accuracy", "balanced accuracy", "F1", "Cohen's kappa", "MCC", "AUC", "log loss")
NUMBER_MEASURES = ("R2", "MAE", "RMSE", "MAPE")
SMALLER_IS_BETTER = ("log loss", "MAE", "RMSE", "MAPE")
_LOWEST = {"R2": float("-inf"), "Cohen's kappa": -1.0, "MCC": -1.0}

Measure = Literal[
    "automatic",
    "accuracy",
    "balanced accuracy",
    "F1",
    "Cohen's kappa",
    "MCC",
    "AUC",
    "log loss",
    "R2",
    "MAE",
    "RMSE",
    "MAPE",
]
"""What a learner is chosen by; automatic is accuracy for classes and R2 for numbers."""


def measures_for(is_class: bool) -> tuple[str, ...]:
    """The measures of predicted classes or numbers."""
    return CLASS_MEASURES if is_class else NUMBER_MEASURES


def number_measures(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """The measures of predicted numbers."""
    import numpy as np

    error, around = predicted - actual, actual - actual.mean()
    spread, nonzero = float(around @ around), actual != 0
    return {
        "R2": 1 - float(error @ error) / spread if spread > 0 else None,
        "MAE": float(np.abs(error).mean()),
        "RMSE": float(np.sqrt((error**2).mean())),
        "MAPE": float(np.abs(error[nonzero] / actual[nonzero]).mean()) if nonzero.any() else None,
    }


def class_measures(
    actual: Sequence[str], predicted: Sequence[str], shares: Mapping[str, np.ndarray] | None
) -> dict[str, float | None]:
    """The measures of predicted classes; `shares` are the probabilities of each class, if there are any."""
    import numpy as np

    from nodeflow_nodes.scoring.scorer import confusion_of, scores_of_counts

    table = pl.DataFrame(
        {"actual": list(actual), "predicted": list(predicted)},
        schema={"actual": pl.String, "predicted": pl.String},
    )
    counts, _, _ = confusion_of(table, "actual", "predicted")
    found = {name: float(values[0]) for name, values in scores_of_counts(counts[None]).items()}
    told: dict[str, float | None] = {name: found[name] for name in CLASS_MEASURES if name in found}
    told |= {"AUC": None, "log loss": None}
    if shares:
        truth = np.asarray(table["actual"].to_list(), dtype=object)
        told |= {"AUC": _area(truth, shares), "log loss": _loss(truth, shares)}
    return {name: None if value is None or np.isnan(value) else value for name, value in told.items()}


def _area(truth: np.ndarray, shares: Mapping[str, np.ndarray]) -> float | None:
    """The area under the ROC curve: of two classes, else the mean of each class against all others."""
    from scipy import stats

    areas = []
    names = list(shares) if len(shares) > 2 else list(shares)[-1:]
    for name in names:
        hit = truth == name
        many, others = int(hit.sum()), int((~hit).sum())
        if many and others:
            ranks = stats.rankdata(shares[name])
            areas.append(float((ranks[hit].sum() - many * (many + 1) / 2) / (many * others)))
    return sum(areas) / len(areas) if areas else None


def _loss(truth: np.ndarray, shares: Mapping[str, np.ndarray]) -> float:
    """Minus the mean logarithm of the probability given to what is true."""
    import numpy as np

    given = np.zeros(len(truth))
    for name, share in shares.items():
        given = np.where(truth == name, share, given)
    return float(-np.log(np.clip(given, 1e-15, 1.0)).mean())


def ends_of(measure: str) -> tuple[float, float]:
    """The lowest and highest value that a measure can have."""
    return _LOWEST.get(measure, 0.0), float("inf") if measure in SMALLER_IS_BETTER else 1.0


def measure_for(measure: str, is_class: bool) -> str:
    """The measure that is meant."""
    return ("accuracy" if is_class else "R2") if measure == "automatic" else measure


def measure_fault(measure: str, is_class: bool) -> list[Fault]:
    """A fault if the measure does not fit what is predicted."""
    if measure == "automatic" or measure in measures_for(is_class):
        return []
    what, known = ("classes", CLASS_MEASURES) if is_class else ("numbers", NUMBER_MEASURES)
    return [Fault("measure", f"{measure} does not measure predicted {what}; choose {', '.join(known)}")]
