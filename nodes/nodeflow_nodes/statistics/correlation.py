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
    import numpy as np

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
        return (
            correlations,
            unit_of,
            products_of,
            p_of,
            correlation_of,
            correlation_row,
            numbers_of,
            in_words,
        )

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
    # columns without missing values are ranked and brought to unit length once, not once a pair
    units = [None if one.null_count() or method == "Kendall" else unit_of(one, method) for one in values]
    products = products_of({index: unit for index, unit in enumerate(units) if unit is not None})
    matrix: list[list[Any]] = [[None] * len(columns) for _ in columns]
    pairs = []
    r: float | None
    p: float | None
    for i, one in enumerate(values):
        if one.n_unique() > 1 + (one.null_count() > 0):
            matrix[i][i] = 1.0
        for j in range(i + 1, len(columns)):
            if (i, j) in products:
                n, r = table.height, products[i, j]
                p = p_of(r, n, method)
            else:
                whole = one.is_not_null() & values[j].is_not_null()
                n, r, p = correlation_of(one.filter(whole), values[j].filter(whole), method)
            row = correlation_row(n, r, p, method, confidence)
            matrix[i][j] = matrix[j][i] = row["r"]
            told = {"first": columns[i], "second": columns[j], "method": method}
            pairs.append({**told, "missing": table.height - n, **row})
    return {"matrix": [(name, *line) for name, line in zip(columns, matrix, strict=True)], "pairs": pairs}


def unit_of(values: pl.Series, method: str) -> np.ndarray | None:
    """A column, or its ranks, around 0 with length 1, so that the product of two is their correlation."""
    import numpy as np

    found = (values.rank("average") if method == "Spearman" else values).to_numpy()
    if len(found) < 3 or found.min() == found.max():
        return None
    around = found - found.mean()
    largest = np.abs(around).max()
    scaled: np.ndarray = around / largest
    return scaled / float(np.linalg.norm(scaled))


def products_of(units: Mapping[int, np.ndarray]) -> dict[tuple[int, int], float]:
    """The product of each pair of columns, some rows at a time so that it takes little memory."""
    import numpy as np

    places, total = list(units), np.zeros((len(units), len(units)))
    for start in range(0, len(units[places[0]]) if places else 0, 50_000):
        block = np.stack([unit[start : start + 50_000] for unit in units.values()])
        total += block @ block.T
    return {
        (places[i], places[j]): float(total[i, j]) for i in range(len(places)) for j in range(len(places))
    }


def p_of(r: float, n: int, method: str) -> float:
    """The p-value of a correlation of Pearson or Spearman, as SciPy has it."""
    from scipy import stats

    if abs(r) >= 1:
        return 0.0 if n > 2 else 1.0
    if method == "Pearson":
        return 2 * float(stats.beta(n / 2 - 1, n / 2 - 1, loc=-1, scale=2).sf(abs(r)))
    return 2 * float(stats.t.sf(abs(r) * ((n - 2) / ((1 + r) * (1 - r))) ** 0.5, n - 2))


def correlation_of(one: pl.Series, other: pl.Series, method: str) -> tuple[int, float | None, float | None]:
    """Number of rows, correlation and p-value of two columns without missing values."""
    from scipy import stats

    n = len(one)
    if n < 3 or one.n_unique() < 2 or other.n_unique() < 2:
        return n, None, None
    measure = {"Pearson": stats.pearsonr, "Spearman": stats.spearmanr, "Kendall": stats.kendalltau}[method]
    found = measure(one.to_numpy(), other.to_numpy())
    return n, float(found.statistic), float(found.pvalue)


def correlation_row(
    n: int, r: float | None, p: float | None, method: str, confidence: float
) -> dict[str, Any]:
    """A correlation with its interval as a part of a row."""
    import numpy as np
    from scipy import special

    row: dict[str, Any] = {"n": n, "r": r, "low": None, "high": None, "p": p}
    if r is None or p is None:
        return {**row, "in_words": "Not measured: too few rows, or all values of a column are equal."}
    if n > 4 and abs(r) < 1:
        spread = {"Pearson": 1 / (n - 3), "Spearman": (1 + r * r / 2) / (n - 3), "Kendall": 0.437 / (n - 4)}[
            method
        ]
        width = float(special.ndtri((1 + confidence) / 2)) * spread**0.5
        row |= {"low": float(np.tanh(np.arctanh(r) - width)), "high": float(np.tanh(np.arctanh(r) + width))}
    words = ((0.1, "no"), (0.3, "a weak"), (0.5, "a middling"), (2.0, "a strong"))
    word = next(name for limit, name in words if abs(r) < limit)
    verdict = "more than chance would give" if p < 1 - confidence else "which chance may give"
    direction = "" if word == "no" else " rising" if r > 0 else " falling"
    return {**row, "in_words": f"{word.capitalize()}{direction} relation, {verdict} ({in_words(p)})."}
