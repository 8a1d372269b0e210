"""Crosstab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    GROUPING,
    NUMBER,
    TEXT,
    WHOLE,
    Calculation,
    Schema,
    in_words,
    numbers_of,
)

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Crossed(NamedTuple):
    """What the node gives."""

    table: pl.DataFrame
    cells: pl.DataFrame
    tests: pl.DataFrame


class Crosstab(Calculation):
    """Count how often the values of two columns come together, and test whether they depend on each other.

    The chi-square test compares the counts with those expected if the columns had nothing to do with each other.
    Cramer's V tells how strong the dependence is, from 0 to 1, with its interval from the noncentral chi-square
    distribution. For two by two values there is Fisher's exact test as well, with the odds ratio. Where many
    expected counts are below 5 the chi-square test is rough, and the result says so.

    In `cells`, `expected` is the count to expect without dependence; an `adjusted_residual` beyond 2 or -2 marks a
    cell with more or fewer rows than that. Values are in their own order. With a weight each row counts so many
    times.

    Inputs:
        table: The table with both columns.
    Outputs:
        table: A row for each value of the first column, a column for each value of the second, with totals.
        cells: One row for each pair of values: count, expected count, shares and residual.
        tests: The tests, one row each.
    """

    category = "Statistics / Tests"
    keywords = (
        "contingency table", "chi-square", "chi2", "fisher exact", "cramers v", "cross tabulation", "independence",
        "odds ratio", "pivot", "association",
    )  # fmt: skip
    headline = "tests"

    rows: Column = parameter(types=GROUPING, help="The column whose values become rows.")
    columns: Column = parameter(types=GROUPING, help="The column whose values become columns.")
    weight: Column | None = parameter(
        default=None,
        types=("number",),
        help="A column that says how many times each row counts; empty for once.",
    )
    missing: Literal["leave out", "count"] = parameter(
        default="leave out", label="Missing values", help="Whether a missing value is a value of its own."
    )
    correction: bool = parameter(
        default=False,
        label="Yates's correction",
        help="Whether chi-square of two by two values is made smaller, to be safe with small counts.",
        advanced=True,
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    results: ClassVar[Mapping[str, Schema | None]] = {
        "table": None,
        "cells": {
            "row": TEXT, "column": TEXT, "count": NUMBER, "expected": NUMBER, "share": NUMBER, "share_of_row": NUMBER,
            "share_of_column": NUMBER, "adjusted_residual": NUMBER,
        },
        "tests": {
            "test": TEXT, "n": NUMBER, "missing": WHOLE, "statistic": NUMBER, "df": NUMBER, "p": NUMBER, "effect": TEXT,
            "effect_size": NUMBER, "low": NUMBER, "high": NUMBER, "in_words": TEXT,
        },
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Crossed:
        return Crossed(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (crosstab, association_rows, cramers_interval, numbers_of, in_words)

    def reads(self, schema: Schema) -> list[str]:
        return [self.rows, self.columns, *([] if self.weight is None else [self.weight])]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {
            "row": str(self.rows),
            "column": str(self.columns),
            "weight": None if self.weight is None else str(self.weight),
            "counts_missing": self.missing == "count",
            "correction": self.correction,
            "confidence": self.confidence,
        }

    def check_parameters(self) -> list[Fault]:
        if self.rows == self.columns:
            return [Fault("columns", "the same column twice tells nothing; choose another")]
        if self.weight in (self.rows, self.columns):
            return [Fault("weight", "the weight must be another column than those that are counted")]
        return []

    def summary(self) -> str:
        return f"{self.rows} by {self.columns}"[:80]


def crosstab(
    table: pl.DataFrame,
    row: str,
    column: str,
    weight: str | None,
    counts_missing: bool,
    correction: bool,
    confidence: float,
) -> dict[str, Any]:
    """The counts as a wide and a long table, and the tests."""
    import numpy as np

    both = pl.DataFrame([table.get_column(row).alias("row"), table.get_column(column).alias("column")])
    times = pl.repeat(1, table.height, eager=True) if weight is None else numbers_of(table, weight)
    both = both.with_columns(times.alias("times"))
    if (both["times"] < 0).any():
        raise ValueError(
            f'the weight "{str(weight)[:80]}" is negative in some rows; a row counts 0 times or more'
        )
    known = both.drop_nulls("times" if counts_missing else None)
    missing = both.height - known.height
    counted = known.group_by("row", "column", maintain_order=True).agg(pl.col("times").sum())
    orders = []
    for name in ("row", "column"):
        values = counted[name].unique().sort(nulls_last=True)
        if len(values) > 1000:
            which = row if name == "row" else column
            raise ValueError(
                f'column "{which[:80]}" has {len(values):,} different values, too many for a crosstab'
            )
        orders.append(values.cast(pl.String).fill_null("(missing)").to_list())
    texts = counted.with_columns(pl.col("row", "column").cast(pl.String).fill_null("(missing)"))
    counts = np.zeros((len(orders[0]), len(orders[1])))
    places = [{one: index for index, one in enumerate(order)} for order in orders]
    for one, other, number in texts.iter_rows():
        counts[places[0][one], places[1][other]] += number
    if counts.sum() == 0:
        raise ValueError("there is no row with both values; nothing can be counted")
    head = row
    while head in orders[1]:
        head += "_"
    total = "total"
    while total in (*orders[1], head):
        total += "_"
    whole = weight is None
    wide = {head: [*orders[0], total]}
    bottom = np.vstack([counts, counts.sum(axis=0)])
    for index, name in enumerate([*orders[1], total]):
        line = bottom[:, index] if index < len(orders[1]) else bottom.sum(axis=1)
        wide[name] = [int(one) if whole else float(one) for one in line]
    n, down, across = counts.sum(), counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    expected = down @ across / n
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = (counts - expected) / np.sqrt(expected * (1 - down / n) * (1 - across / n))
        shares = [counts / n, counts / down, counts / across, residual]
    cells = []
    for i, one in enumerate(orders[0]):
        for j, other in enumerate(orders[1]):
            found = [float(part[i, j]) for part in (counts, expected, *shares)]
            cells.append(
                (one, other, *(None if part != part or abs(part) == float("inf") else part for part in found))
            )
    return {"table": wide, "cells": cells, "tests": association_rows(counts, missing, correction, confidence)}


def association_rows(
    counts: np.ndarray, missing: int, correction: bool, confidence: float
) -> list[dict[str, Any]]:
    """The tests of a table of counts."""
    import numpy as np
    from scipy import stats

    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    n = float(counts.sum())
    told: dict[str, Any] = {"n": n, "missing": missing}
    if min(counts.shape) < 2:
        return [{"test": "chi-square", **told, "in_words": "Not tested: a column has one value only."}]
    found = stats.chi2_contingency(counts, correction=correction)
    plain = stats.chi2_contingency(counts, correction=False).statistic
    df, p, least = int(found.dof), float(found.pvalue), min(counts.shape) - 1
    v = float((plain / n / least) ** 0.5)
    low, high = cramers_interval(float(plain), df, n * least, confidence)
    few = float((found.expected_freq < 5).mean())
    verdict = "The columns depend on each other" if p < 1 - confidence else "No proof that the columns depend"
    doubt = f" {few:.0%} of the expected counts are below 5: the test is rough." if few > 0.2 else ""
    rows = [
        {
            "test": "chi-square", **told, "statistic": float(found.statistic), "df": float(df), "p": p,
            "effect": "Cramer's V", "effect_size": v, "low": low, "high": high,
            "in_words": f"{verdict} ({in_words(p)}); Cramer's V = {v:.2f}.{doubt}",
        }
    ]  # fmt: skip
    if counts.shape == (2, 2) and (counts == counts.round()).all() and n < 1e9:
        p = float(stats.fisher_exact(counts.astype(int)).pvalue)
        (a, b), (c, d) = counts
        odds = float(a * d / (b * c)) if b * c > 0 else None
        ends: list[float | None] = [None, None]
        if odds is not None and counts.all():
            width = float(stats.norm.ppf((1 + confidence) / 2)) * float(np.sqrt((1 / counts).sum()))
            ends = [float(np.exp(np.log(odds) - width)), float(np.exp(np.log(odds) + width))]
        verdict = (
            "The columns depend on each other" if p < 1 - confidence else "No proof that the columns depend"
        )
        rows.append(
            {
                "test": "Fisher's exact test", **told, "p": p, "effect": "odds ratio", "effect_size": odds,
                "low": ends[0], "high": ends[1], "in_words": f"{verdict} ({in_words(p)}).",
            }
        )  # fmt: skip
    return rows


def cramers_interval(
    statistic: float, df: int, scale: float, confidence: float
) -> tuple[float | None, float | None]:
    """The interval of Cramer's V: the noncentral chi-square distributions in whose tails the found one lies."""
    from scipy import optimize, special

    ends: list[float | None] = []
    for share in ((1 + confidence) / 2, (1 - confidence) / 2):
        if special.chndtr(statistic, df, 0) <= share:
            ends.append(0.0)
            continue
        highest = 4 * statistic + 10 * df + 50
        try:
            found = optimize.brentq(
                lambda nc, share=share: special.chndtr(statistic, df, nc) - share, 0, highest
            )
            ends.append(min(1.0, float(found / scale) ** 0.5))
        except (ValueError, RuntimeError):  # beyond what the distribution can be computed for
            ends.append(None)
    return ends[0], ends[1]
