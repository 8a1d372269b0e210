"""Statistics: the contract cases of its nodes."""

from __future__ import annotations

import polars as pl

SURE = pl.DataFrame({"a": [True, False, True, None, False], "p": [0.75, 0.5, 0.25, 0.5, None]})

CONTRACT = {
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
