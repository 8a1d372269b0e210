"""Variance Test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.statistics._by_group import GroupTest
from nodeflow_nodes.statistics._calculation import (
    NUMBER,
    SAMPLES,
    SHARED,
    TEXT,
    WHOLE,
    Schema,
    groups_of,
    in_words,
    numbers_of,
    sample_row,
)

if TYPE_CHECKING:
    from nodeflow.node import Context


class Compared(NamedTuple):
    """What the node gives."""

    tests: pl.DataFrame
    groups: pl.DataFrame


class VarianceTest(GroupTest):
    """Test whether the values of several groups spread alike.

    | test | what it is |
    |---|---|
    | Brown-Forsythe | Levene's test around the median: safe for skewed values, the usual choice |
    | Levene | around the mean: for symmetric values |
    | Bartlett | the sharpest, but only for normally distributed values |
    | Fligner-Killeen | by ranks: for values with outliers |

    The ratio is that of the largest to the smallest variance among the groups. Rows with a missing value or
    group are left out and counted.

    Inputs:
        table: The table with the values.
    Outputs:
        tests: One row for each tested column.
        groups: Each sample described: count, mean, median, standard deviation and standard error.
    """

    category = "Statistics / Tests"
    keywords = (
        "levene",
        "brown forsythe",
        "bartlett",
        "fligner",
        "homogeneity of variance",
        "homoscedasticity",
        "spread",
    )
    headline = "tests"

    test: Literal["Brown-Forsythe", "Levene", "Bartlett", "Fligner-Killeen"] = parameter(
        default="Brown-Forsythe", help="Which test; see above."
    )

    results: ClassVar[Mapping[str, Schema]] = {
        "tests": {
            "column": TEXT, "test": TEXT, "groups": WHOLE, "n": WHOLE, "missing": WHOLE, "statistic": NUMBER,
            "df": NUMBER, "df_within": NUMBER, "p": NUMBER, "ratio": NUMBER, "in_words": TEXT,
        },
        "groups": SAMPLES,
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Compared:
        return Compared(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (variance_tests, *SHARED)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return super().arguments(schema) | {"test": self.test}


def variance_tests(
    table: pl.DataFrame, columns: Sequence[str], group: str, confidence: float, test: str
) -> dict[str, list[dict[str, Any]]]:
    """Whether the groups have equal variances, for each column."""
    from scipy import stats

    parts = groups_of(table, group, ())
    if len(parts) < 2:
        raise ValueError(f'column "{group[:80]}" has {len(parts)} groups; at least two are compared')
    tests, described = [], []
    for name in columns:
        column = numbers_of(table, name)
        samples = {label: column.filter(rows) for label, rows in parts.items()}
        described += [sample_row(one, name, label) for label, one in samples.items()]
        known = [one.drop_nulls().to_numpy() for one in samples.values()]
        n, k = sum(map(len, known)), len(known)
        row: dict[str, Any] = {"column": name, "test": test, "groups": k, "n": n, "missing": table.height - n}
        spreads = [float(one.var(ddof=1)) if len(one) > 1 else 0.0 for one in known]
        if min(map(len, known)) < 2 or min(spreads) == 0:
            tests.append(row | {"in_words": "Not tested: a group is too small, or its values are all equal."})
            continue
        if test == "Bartlett":
            found = stats.bartlett(*known)
        elif test == "Fligner-Killeen":
            found = stats.fligner(*known)
        else:
            found = stats.levene(*known, center="mean" if test == "Levene" else "median")
        within = float(n - k) if test in ("Levene", "Brown-Forsythe") else None
        ratio, p = max(spreads) / min(spreads), float(found.pvalue)
        told = "The variances differ" if p < 1 - confidence else "No sign against equal variances"
        words = f"{told} ({in_words(p)}); the largest is {ratio:.3g} times the smallest."
        row |= {"statistic": float(found.statistic), "df": float(k - 1), "df_within": within, "p": p}
        tests.append(row | {"ratio": ratio, "in_words": words})
    return {"tests": tests, "groups": described}
