"""Distribution Test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl

from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    GROUPING,
    NUMBER,
    SHARED,
    TEXT,
    WHOLE,
    Calculation,
    Schema,
    chosen_numbers,
    groups_of,
    in_words,
    numbers_of,
)

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class DistributionTest(Calculation):
    """Test whether values follow a distribution, or two groups the same one.

    | test | question |
    |---|---|
    | Shapiro-Wilk | are the values normally distributed? For up to 5,000 values |
    | D'Agostino-Pearson | the same by skewness and kurtosis, for many values |
    | Kolmogorov-Smirnov | do the values follow a given distribution? |
    | Kolmogorov-Smirnov, two groups | do the values of two groups of rows follow the same distribution? |

    For Kolmogorov-Smirnov, location and spread of the distribution may be given; what is left empty is taken
    from the values themselves, which makes p too large: the result says so. A large p is no proof that
    the values follow the distribution. Rows with a missing value are left out and counted.

    Inputs:
        table: The table with the values.
    Outputs:
        table: One row for each tested column.
    """

    category = "Statistics / Tests"
    keywords = (
        "normality test", "shapiro-wilk", "kolmogorov-smirnov", "ks test", "goodness of fit", "normal distribution",
        "d'agostino", "kstest", "gaussian",
    )  # fmt: skip
    headline = "table"

    test: Literal[
        "Shapiro-Wilk", "D'Agostino-Pearson", "Kolmogorov-Smirnov", "Kolmogorov-Smirnov, two groups"
    ] = parameter(default="Shapiro-Wilk", help="Which test; see above.")
    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns to test, each by itself."
    )
    distribution: Literal["normal", "uniform", "exponential"] = parameter(
        default="normal", help="The distribution asked for.", when={"test": "Kolmogorov-Smirnov"}
    )
    location: float | None = parameter(
        default=None,
        help="The mean of the normal, the start of the other distributions; empty to take it from the values.",
        when={"test": "Kolmogorov-Smirnov"},
    )
    spread: float | None = parameter(
        default=None,
        above=0,
        help="The standard deviation of the normal, the width of the uniform, the mean distance from the start of "
        "the exponential distribution; empty to take it from the values.",
        when={"test": "Kolmogorov-Smirnov"},
    )
    group: Column | None = parameter(
        default=None,
        types=GROUPING,
        help="The column that names the groups.",
        when={"test": "Kolmogorov-Smirnov, two groups"},
    )
    groups: list[str] = parameter(
        default=[],
        label="Which groups",
        help="The two groups to compare; empty when there are only two.",
        when={"test": "Kolmogorov-Smirnov, two groups"},
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="1 minus the level of significance."
    )

    results: ClassVar[Mapping[str, Schema]] = {
        "table": {
            "column": TEXT, "compared": TEXT, "test": TEXT, "n": WHOLE, "missing": WHOLE, "statistic": NUMBER,
            "p": NUMBER, "skewness": NUMBER, "kurtosis": NUMBER, "in_words": TEXT,
        }
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        return self.calculated(table, context)["table"]

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (distribution_tests, distribution_row, *SHARED)

    def _is_grouped(self) -> bool:
        return self.test == "Kolmogorov-Smirnov, two groups"

    def _tested(self, schema: Schema) -> list[str]:
        return chosen_numbers(self.columns, schema, *([str(self.group)] if self._is_grouped() else []))

    def reads(self, schema: Schema) -> list[str]:
        return [*self._tested(schema), *([str(self.group)] if self._is_grouped() else [])]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        told: dict[str, Any] = {
            "columns": self._tested(schema),
            "test": self.test,
            "confidence": self.confidence,
        }
        if self._is_grouped():
            return told | {"group": str(self.group), "wanted": list(self.groups)}
        if self.test == "Kolmogorov-Smirnov":
            told |= {"distribution": self.distribution, "location": self.location, "spread": self.spread}
        return told

    def check_parameters(self) -> list[Fault]:
        if self._is_grouped():
            if self.group is None:
                return [Fault("group", "choose the column that names the groups")]
            if self.groups and (len(self.groups) != 2 or self.groups[0] == self.groups[1]):
                return [Fault("groups", "name two different groups, or none where the column has only two")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self._tested(inputs["table"].columns):
            return ()
        return [Fault("columns", f"no number column is chosen ({self.columns}); choose at least one")]

    def summary(self) -> str:
        return f"{self.test}: {self.columns}"[:80]


def distribution_tests(
    table: pl.DataFrame,
    columns: Sequence[str],
    test: str,
    confidence: float,
    distribution: str = "normal",
    location: float | None = None,
    spread: float | None = None,
    group: str = "",
    wanted: Sequence[str] = (),
) -> dict[str, list[dict[str, Any]]]:
    """The test of each column."""
    from scipy import stats

    parts = groups_of(table, group, wanted) if group else {}
    if group and len(parts) != 2:
        way_out = "name the two to compare" if len(parts) > 2 else "choose another column"
        raise ValueError(f'column "{group[:80]}" has {len(parts)} groups, but two are compared; {way_out}')
    rows = []
    for name in columns:
        column = numbers_of(table, name)
        samples = [column.filter(part) for part in parts.values()] or [column]
        known = [one.drop_nulls().to_numpy() for one in samples]
        n = sum(map(len, known))
        row: dict[str, Any] = {
            "column": name, "compared": " - ".join(parts), "test": "Kolmogorov-Smirnov" if group else test, "n": n,
            "missing": sum(map(len, samples)) - n,
        }  # fmt: skip
        if not group:
            row["compared"] = distribution if test == "Kolmogorov-Smirnov" else "normal"
            row |= {"skewness": column.skew(), "kurtosis": column.kurtosis()}
        least = {"Shapiro-Wilk": 3, "D'Agostino-Pearson": 8}.get(test, 2)
        if min(map(len, known)) < (1 if group else least):
            rows.append(row | {"in_words": f"Not tested: it takes at least {1 if group else least} values."})
        elif not group and known[0].min() == known[0].max():
            rows.append(
                row | {"skewness": None, "kurtosis": None, "in_words": "Not tested: all values are equal."}
            )
        elif group:
            found = stats.ks_2samp(*known)
            p = float(found.pvalue)
            told = "The distributions differ" if p < 1 - confidence else "No sign against equal distributions"
            rows.append(
                row | {"statistic": float(found.statistic), "p": p, "in_words": f"{told} ({in_words(p)})."}
            )
        else:
            rows.append(row | distribution_row(known[0], test, confidence, distribution, location, spread))
    return {"table": rows}


def distribution_row(
    values: np.ndarray,
    test: str,
    confidence: float,
    distribution: str,
    location: float | None,
    spread: float | None,
) -> dict[str, Any]:
    """The test of one column as a part of a row."""
    import warnings

    from scipy import stats

    doubt = ""
    if test == "Shapiro-Wilk":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that of more than 5,000 values, which is told in the row
            found = stats.shapiro(values)
        if len(values) > 5000:
            doubt = " p is rough for more than 5,000 values; take D'Agostino-Pearson."
    elif test == "D'Agostino-Pearson":
        found = stats.normaltest(values)
    else:
        start = float(values.mean()) if distribution == "normal" else float(values.min())
        start = start if location is None else location
        width = {
            "normal": float(values.std(ddof=1)),
            "uniform": float(values.max()) - start,
            "exponential": float(values.mean()) - start,
        }[distribution]
        width = width if spread is None else spread
        if width <= 0:
            return {"in_words": "Not tested: the location lies above the values, so no spread can be found."}
        law = {"normal": "norm", "uniform": "uniform", "exponential": "expon"}[distribution]
        found = stats.kstest(values, law, args=(start, width))
        if location is None or spread is None:
            doubt = " As the distribution was fitted to the same values, the true p is smaller."
    p = float(found.pvalue)
    law = distribution if test == "Kolmogorov-Smirnov" else "normal"
    told = f"The distribution is not {law}" if p < 1 - confidence else f"No sign against a {law} distribution"
    if law == "exponential" and told.startswith("No"):
        told = "No sign against an exponential distribution"
    return {"statistic": float(found.statistic), "p": p, "in_words": f"{told} ({in_words(p)}).{doubt}"}
