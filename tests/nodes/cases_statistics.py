"""Statistics: the contract cases of its nodes."""

from __future__ import annotations

CONTRACT = {
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
