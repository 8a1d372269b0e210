"""The views of models and scores: how each is used in the check of its contract, and on tables made for it."""

from __future__ import annotations

from typing import Any

import polars as pl

SCORED = pl.DataFrame(
    {
        "class": ["yes", "no"] * 12,
        "first": [(7 * i % 24) / 24 for i in range(24)],
        "second": [0.9 - (i % 2) * 0.5 - i / 100 for i in range(24)],
    }
)
"""True classes and two columns of probabilities."""

_SCORES = {"parameters": {"actual": "class", "scores": ["first", "second"]}, "inputs": {"table": SCORED}}

CONTRACT: dict[str, Any] = {
    "roc_curve_view": _SCORES,
    "precision_recall_view": _SCORES,
    "lift_gain_chart": _SCORES,
    "calibration_plot": _SCORES,
}
