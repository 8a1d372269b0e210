"""PCA Summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from nodeflow.parameters import Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    NUMBER,
    TEXT,
    TRUTH,
    Calculation,
    Schema,
    chosen_numbers,
    in_words,
    numbers_of,
)
from nodeflow_nodes.statistics.correlation import label_column

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Summarised(NamedTuple):
    """What the node gives."""

    components: pl.DataFrame
    loadings: pl.DataFrame
    suitability: pl.DataFrame


class PcaSummary(Calculation):
    """Show how many independent directions number columns hold, and what each is made of.

    Principal components are the directions in which the rows spread most. With standardised columns, each counts
    alike; otherwise those with large numbers prevail. `keep` marks the components that are larger than chance would
    make them (broken stick). A loading is the correlation of a column with a component (when standardised). The
    sign of a component is chosen so that its largest loading is positive.

    Whether components are worth while is told by Bartlett's test of sphericity (are the columns correlated at all?)
    and the measure of Kaiser, Meyer and Olkin (0.6 is poor, 0.8 good). Rows with a missing value are left out.

    Inputs:
        table: The table with the columns.
    Outputs:
        components: One row a component, the largest first: variance, share and cumulated share.
        loadings: One row a column, with its loading on each component.
        suitability: Bartlett's test and the measure of Kaiser, Meyer and Olkin.
    """

    name = "PCA Summary"
    category = "Statistics"
    keywords = (
        "principal component analysis",
        "explained variance",
        "scree",
        "eigenvalues",
        "loadings",
        "factor analysis",
        "kmo",
        "bartlett",
    )
    headline = "components"

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns to look at."
    )
    standardise: bool = parameter(
        default=True, help="Whether each column is first brought to mean 0 and standard deviation 1."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Summarised:
        return Summarised(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (pca_summary, suitability_rows, numbers_of, in_words)

    def reads(self, schema: Schema) -> list[str]:
        return chosen_numbers(self.columns, schema)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {"columns": self.reads(schema), "standardise": self.standardise}

    def outputs(self, schema: Schema) -> Mapping[str, Schema | None]:
        names = self.reads(schema)
        components = {
            "component": TEXT,
            "variance": NUMBER,
            "share": NUMBER,
            "cumulated": NUMBER,
            "keep": TRUTH,
        }
        parts = {f"PC{index + 1}": NUMBER for index in range(len(names))}
        suitability = {"measure": TEXT, "value": NUMBER, "df": NUMBER, "p": NUMBER, "in_words": TEXT}
        return {
            "components": components,
            "loadings": {label_column(list(parts)): TEXT, **parts},
            "suitability": suitability,
        }

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or len(self.reads(inputs["table"].columns)) >= 2:
            return ()
        return [
            Fault("columns", f"fewer than two number columns are chosen ({self.columns}); choose two or more")
        ]

    def summary(self) -> str:
        return str(self.columns)[:80]


def pca_summary(table: pl.DataFrame, columns: Sequence[str], standardise: bool) -> dict[str, list[Any]]:
    """The principal components of some columns."""
    import numpy as np

    frame = pl.DataFrame([numbers_of(table, name).alias(f"c{index}") for index, name in enumerate(columns)])
    values = frame.drop_nulls().to_numpy()
    n, k = values.shape
    if n < 3:
        raise ValueError(f"only {n} rows have a value in every chosen column; at least 3 are needed")
    spreads = values.std(axis=0, ddof=1)
    if standardise and (spreads == 0).any():
        name = columns[int(np.argmin(spreads))]
        raise ValueError(
            f'all values of column "{name[:80]}" are equal, so it cannot be standardised; leave it out'
        )
    covariance = np.cov(values, rowvar=False)
    matrix = covariance / np.outer(spreads, spreads) if standardise else covariance
    variances, directions = np.linalg.eigh(matrix)
    variances, directions = np.clip(variances[::-1], 0, None), directions[:, ::-1]
    if variances.sum() == 0:
        raise ValueError("all values of every column are equal; there is nothing to take apart")
    directions = directions * np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(k)])
    shares = variances / variances.sum()
    stick = np.cumsum(1 / np.arange(k, 0, -1))[::-1] / k
    keep = np.cumprod(shares > stick).astype(bool)
    components = [
        (f"PC{i + 1}", float(variances[i]), float(shares[i]), float(shares[: i + 1].sum()), bool(keep[i]))
        for i in range(k)
    ]
    loadings = directions * np.sqrt(variances)
    rows = [(name, *map(float, line)) for name, line in zip(columns, loadings, strict=True)]
    told: list[dict[str, Any]] = []
    if (spreads > 0).all():
        told = suitability_rows(covariance / np.outer(spreads, spreads), n)
    return {"components": components, "loadings": rows, "suitability": told}


def suitability_rows(correlations: np.ndarray, n: int) -> list[dict[str, Any]]:
    """Bartlett's test of sphericity and the measure of Kaiser, Meyer and Olkin."""
    import numpy as np
    from scipy import stats

    k = len(correlations)
    sign, logarithm = np.linalg.slogdet(correlations)
    if sign <= 0 or np.linalg.cond(correlations) > 1e12:
        return [
            {
                "measure": "Bartlett's sphericity",
                "in_words": "Some columns follow exactly from others: leave them out.",
            }
        ]
    statistic, df = float(-(n - 1 - (2 * k + 5) / 6) * logarithm), k * (k - 1) / 2
    p = float(stats.chi2.sf(statistic, df))
    inverse = np.linalg.inv(correlations)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(k, dtype=bool)
    squares = float((correlations[off] ** 2).sum())
    kmo = squares / (squares + float((partial[off] ** 2).sum()))
    word = next(
        name
        for limit, name in ((0.5, "unfit"), (0.6, "poor"), (0.7, "fair"), (0.8, "middling"), (2, "good"))
        if kmo < limit
    )
    told = "The columns are correlated" if p < 0.05 else "No proof that the columns are correlated"
    return [
        {
            "measure": "Bartlett's sphericity",
            "value": statistic,
            "df": df,
            "p": p,
            "in_words": f"{told} ({in_words(p)}).",
        },
        {
            "measure": "Kaiser-Meyer-Olkin",
            "value": kmo,
            "in_words": f"The columns are {word} for components.",
        },
    ]
