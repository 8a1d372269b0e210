"""Correlation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    NUMBER,
    TEXT,
    WHOLE,
    Calculation,
    Schema,
    chosen_numbers,
    in_words,
    numbers_of,
)

if TYPE_CHECKING:
    from nodeflow.node import Context


class Correlated(NamedTuple):
    """What the node gives."""

    matrix: pl.DataFrame
    pairs: pl.DataFrame


PAIRS: Schema = {
    "first": TEXT, "second": TEXT, "method": TEXT, "n": WHOLE, "missing": WHOLE, "r": NUMBER, "low": NUMBER,
    "high": NUMBER, "p": NUMBER, "in_words": TEXT,
}  # fmt: skip


class Correlation(Calculation):
    """Measure how closely each pair of number columns goes together, from -1 to 1.

    | method | what it sees |
    |---|---|
    | Pearson | how closely the points lie along a straight line; sensitive to outliers |
    | Spearman | how closely one rises with the other, in whatever form: Pearson's of the ranks |
    | Kendall | the same by counting pairs of rows in the same order (tau-b); slower, safe for small tables |

    Intervals are those of Fisher's transformation (with Bonett and Wright's errors for ranks). For many pairs
    correct p by Multiple Testing Correction. For each pair the rows are used in which neither value is missing;
    `missing` counts the others. A column in which all values are equal correlates with nothing: the value is
    missing.

    Inputs:
        table: The table with the columns.
    Outputs:
        matrix: The correlations, a row and a column for each chosen column.
        pairs: One row for each pair with n, r, its interval and p.
    """

    category = "Statistics"
    keywords = (
        "pearson",
        "spearman",
        "kendall",
        "corr",
        "linear correlation",
        "rank correlation",
        "correlation matrix",
    )
    headline = "pairs"

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns to correlate."
    )
    method: Literal["Pearson", "Spearman", "Kendall"] = parameter(
        default="Pearson", help="How correlation is measured; see above."
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Correlated:
        return Correlated(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (correlations, correlation_row, numbers_of, in_words)

    def reads(self, schema: Schema) -> list[str]:
        return chosen_numbers(self.columns, schema)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {"columns": self.reads(schema), "method": self.method, "confidence": self.confidence}

    def outputs(self, schema: Schema) -> Mapping[str, Schema | None]:
        names = self.reads(schema)
        return {"matrix": {label_column(names): TEXT, **dict.fromkeys(names, NUMBER)}, "pairs": PAIRS}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or len(self.reads(inputs["table"].columns)) >= 2:
            return ()
        return [
            Fault("columns", f"fewer than two number columns are chosen ({self.columns}); choose two or more")
        ]

    def summary(self) -> str:
        return f"{self.method}: {self.columns}"[:80]


def label_column(names: Sequence[str]) -> str:
    """The name of the column of a matrix that says which column a row stands for."""
    label = "column"
    while label in names:
        label += "_"
    return label


def correlations(
    table: pl.DataFrame, columns: Sequence[str], method: str, confidence: float
) -> dict[str, list[Any]]:
    """The matrix of correlations and its pairs."""
    values = [numbers_of(table, name) for name in columns]
    matrix: list[list[Any]] = [[None] * len(columns) for _ in columns]
    pairs = []
    for i, one in enumerate(values):
        if one.n_unique() > 1 + (one.null_count() > 0):
            matrix[i][i] = 1.0
        for j in range(i):
            whole = one.is_not_null() & values[j].is_not_null()
            row = correlation_row(values[j].filter(whole), one.filter(whole), method, confidence)
            matrix[i][j] = matrix[j][i] = row["r"]
            told = {"first": columns[j], "second": columns[i], "method": method}
            pairs.append((j, i, {**told, "missing": table.height - row["n"], **row}))
    pairs.sort(key=lambda pair: pair[:2])
    rows = [(name, *line) for name, line in zip(columns, matrix, strict=True)]
    return {"matrix": rows, "pairs": [row for _, _, row in pairs]}


def correlation_row(one: pl.Series, other: pl.Series, method: str, confidence: float) -> dict[str, Any]:
    """The correlation of two columns without missing values as a part of a row."""
    import numpy as np
    from scipy import stats

    x, y, n = one.to_numpy(), other.to_numpy(), len(one)
    row: dict[str, Any] = {"n": n, "r": None, "low": None, "high": None, "p": None}
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {**row, "in_words": "Not measured: too few rows, or all values of a column are equal."}
    found = {"Pearson": stats.pearsonr, "Spearman": stats.spearmanr, "Kendall": stats.kendalltau}[method](
        x, y
    )
    r, p = float(found.statistic), float(found.pvalue)
    row |= {"r": r, "p": p}
    error = {"Pearson": 1.0, "Spearman": 1 + r * r / 2, "Kendall": 0.437}[method] / (
        n - (4 if method == "Kendall" else 3) or 1
    )
    if n > 4 and abs(r) < 1:
        width = float(stats.norm.ppf((1 + confidence) / 2)) * error**0.5
        row |= {"low": float(np.tanh(np.arctanh(r) - width)), "high": float(np.tanh(np.arctanh(r) + width))}
    word = next(
        name
        for limit, name in ((0.1, "no"), (0.3, "a weak"), (0.5, "a middling"), (2, "a strong"))
        if abs(r) < limit
    )
    verdict = "more than chance would give" if p < 1 - confidence else "which chance may give"
    direction = "" if word == "no" else " rising" if r > 0 else " falling"
    return {**row, "in_words": f"{word.capitalize()}{direction} relation, {verdict} ({in_words(p)})."}
