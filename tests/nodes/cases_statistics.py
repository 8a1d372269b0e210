"""Statistics: the contract cases of its nodes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import nodeflow as nf

SURE = pl.DataFrame({"a": [True, False, True, None, False], "p": [0.75, 0.5, 0.25, 0.5, None]})

ROWS = pl.DataFrame({"x": [float(i * i % 17) for i in range(24)], "y": [float(i % 5) for i in range(24)]})


@cache
def learned() -> Any:
    """A model that predicts one column of the rows above from the other."""
    workflow = nf.Workflow("model")
    columns = [
        {"name": name, "type": "number", "cells": [str(one) for one in ROWS[name]]} for name in ROWS.columns
    ]
    workflow.add("table_creator", columns=columns, id="rows")
    workflow.add("linear_regression_learner", workflow["rows"], id="learn", target="y")
    return workflow.run(cache=False)["learn"].model


def trying(port: str = "learner", many: bool = False, **parameters: Any) -> Any:
    """A case with a model and rows to try it on."""

    def case(folder: Path) -> dict[str, Any]:
        model = [learned(), learned()] if many else learned()
        return {"parameters": parameters, "inputs": {port: model, "table": ROWS}}

    return case


CONTRACT = {
    "cross_validation": trying(folds=3, seed=1, confidence=0.9),
    "model_comparison": trying("learners", many=True, folds=3, seed=1),
    "learning_curve": trying(folds=3, steps=2, smallest=0.5, seed=1),
    "permutation_importance": trying("model", repeats=2, seed=1),
    "parameter_optimisation": trying(
        folds=3, seed=1, settings=[{"name": "fit_intercept", "options": ["true", "false"]}]
    ),
    "cost_scorer": {"parameters": {"actual": "text", "prediction": "flag"}},
    "cluster_scorer": {"parameters": {"cluster": "flag", "columns": ["number"]}},
    "roc_scorer": {"parameters": {"actual": "flag", "scores": ["number"]}},
    "precision_recall_scorer": {"parameters": {"actual": "flag", "scores": ["number"]}},
    "lift_table": {"parameters": {"actual": "flag", "scores": ["number"], "parts": 3}},
    "calibration_scorer": {"parameters": {"actual": "a"}, "inputs": {"table": SURE}},
    "threshold": {"parameters": {"actual": "flag", "score": "number"}},
    "scorer": {"parameters": {"actual": "text", "prediction": "flag"}},
    "numeric_outliers": {"parameters": {"groups": ["flag"]}},
    "crosstab": {"parameters": {"rows": "text", "columns": "flag"}},
    "multiple_testing_correction": {"parameters": {"p": "number"}},
    "rank_test": {"parameters": {"group": "flag"}},
    "distribution_test": {"parameters": {"columns": ["whole"]}},
    "one_way_anova": {"parameters": {"group": "flag"}},
    "variance_test": {"parameters": {"group": "flag"}},
    "t_test": {"parameters": {"group": "flag"}},
}
PORTABLE: dict[str, object] = {}
