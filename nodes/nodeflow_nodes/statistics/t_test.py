"""t-Test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    ASSUMPTIONS,
    GROUPING,
    NUMBER,
    SAMPLES,
    SHARED,
    TEXT,
    WHOLE,
    Calculation,
    Schema,
    chosen_numbers,
    equal_variances,
    groups_of,
    in_words,
    normality,
    numbers_of,
    sample_row,
)

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Tested(NamedTuple):
    """What the node gives."""

    tests: pl.DataFrame
    assumptions: pl.DataFrame
    groups: pl.DataFrame


class TTest(Calculation):
    """Test whether means differ: from a given value, between pairs of columns, or between two groups.

    | kind | what is compared |
    |---|---|
    | two groups | the mean of each column between two groups of rows, named by a column |
    | paired | two columns, row by row, such as before and after |
    | one sample | the mean of each column with a given value |

    Of two groups, Welch's test is taken, which needs no equal variances, unless Student's is chosen. With
    more than two groups say which two to compare, or take One-Way ANOVA.

    Each row of the result has the difference of the means with its confidence interval, t, the degrees of
    freedom, p, and Cohen's d, the difference in units of the standard deviation (of two groups the pooled
    one), with its interval from the noncentral t distribution: 0.2 is small, 0.5 middling, 0.8 large.
    Rows with a missing value are left out and counted. The rows must be independent of each other, which
    no test can tell.

    Inputs:
        table: The table with the values.
    Outputs:
        tests: One row for each tested column.
        assumptions: Whether the values look normally distributed and the variances equal.
        groups: Each sample described: count, mean, median, standard deviation and standard error.
    """

    id = "t_test"
    name = "t-Test"
    category = "Statistics / Tests"
    keywords = (
        "t test", "student", "welch", "single sample", "paired", "independent groups", "compare means", "ttest_ind",
        "ttest_rel", "ttest_1samp", "significance",
    )  # fmt: skip
    headline = "tests"

    kind: Literal["two groups", "paired", "one sample"] = parameter(
        default="two groups", help="What is compared; see above."
    )
    columns: Columns = parameter(
        default=Columns.typed("number"),
        types=("number",),
        help="The columns to test.",
        when={"kind": ["two groups", "one sample"]},
    )
    group: Column | None = parameter(
        default=None, types=GROUPING, help="The column that names the groups.", when={"kind": "two groups"}
    )
    groups: list[str] = parameter(
        default=[],
        label="Which groups",
        help="The two groups to compare; the second is taken from the first. Empty when there are only two.",
        when={"kind": "two groups"},
    )
    variances: Literal["unequal", "equal"] = parameter(
        default="unequal",
        help="Unequal takes Welch's test, equal Student's.",
        when={"kind": "two groups"},
    )
    first: Column | None = parameter(
        default=None, types=("number",), help="One value of each pair.", when={"kind": "paired"}
    )
    second: Column | None = parameter(
        default=None,
        types=("number",),
        help="The other value, which is taken from it.",
        when={"kind": "paired"},
    )
    mean: float = parameter(
        default=0.0,
        label="Compared with",
        help="The value the mean is compared with.",
        when={"kind": "one sample"},
    )
    alternative: Literal["two-sided", "less", "greater"] = parameter(
        default="two-sided",
        help="Whether the difference may be of either sign, or is asked to be below or above 0.",
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    results: ClassVar[Mapping[str, Schema]] = {
        "tests": {
            "column": TEXT, "compared": TEXT, "test": TEXT, "n": WHOLE, "missing": WHOLE, "difference": NUMBER,
            "difference_low": NUMBER, "difference_high": NUMBER, "t": NUMBER, "df": NUMBER, "p": NUMBER,
            "cohens_d": NUMBER, "d_low": NUMBER, "d_high": NUMBER, "in_words": TEXT,
        },
        "assumptions": ASSUMPTIONS,
        "groups": SAMPLES,
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Tested:
        return Tested(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (t_tests, t_test_row, cohens_d_interval, *SHARED)

    def _tested(self, schema: Schema) -> list[str]:
        if self.kind == "paired":
            return [str(self.first), str(self.second)]
        grouping = [self.group] if self.kind == "two groups" and self.group is not None else []
        return chosen_numbers(self.columns, schema, *grouping)

    def reads(self, schema: Schema) -> list[str]:
        grouping = [str(self.group)] if self.kind == "two groups" else []
        return [*self._tested(schema), *grouping]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        told: dict[str, Any] = {"columns": self._tested(schema), "kind": self.kind}
        if self.kind == "two groups":
            told |= {
                "group": str(self.group),
                "wanted": list(self.groups),
                "equal": self.variances == "equal",
            }
        elif self.kind == "one sample":
            told |= {"mean": self.mean}
        return told | {"alternative": self.alternative, "confidence": self.confidence}

    def check_parameters(self) -> list[Fault]:
        if self.kind == "two groups":
            if self.group is None:
                return [Fault("group", "choose the column that names the groups")]
            if self.groups and (len(self.groups) != 2 or self.groups[0] == self.groups[1]):
                return [Fault("groups", "name two different groups, or none where the column has only two")]
        if self.kind == "paired":
            for name in ("first", "second"):
                if getattr(self, name) is None:
                    return [Fault(name, f"choose the {name} column of the pairs")]
            if self.first == self.second:
                return [Fault("second", "a column cannot be compared with itself; choose another")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self._tested(inputs["table"].columns):
            return ()
        return [Fault("columns", f"no number column is chosen ({self.columns}); choose at least one")]

    def summary(self) -> str:
        if self.kind == "paired":
            return f"{self.first} against {self.second}"[:80]
        against = f"by {self.group}" if self.kind == "two groups" else f"against {self.mean:g}"
        return f"{self.columns} {against}"[:80]


def t_tests(
    table: pl.DataFrame,
    columns: Sequence[str],
    kind: str,
    group: str = "",
    wanted: Sequence[str] = (),
    equal: bool = False,
    mean: float = 0.0,
    alternative: str = "two-sided",
    confidence: float = 0.95,
) -> dict[str, list[dict[str, Any]]]:
    """The t-tests of some columns, the assumptions checked, and the samples described."""
    tests, assumptions, described = [], [], []
    if kind == "paired":
        pair = [numbers_of(table, name) for name in columns]
        whole = pair[0].is_not_null() & pair[1].is_not_null()
        values = [one.filter(whole).to_numpy() for one in pair]
        told = {"column": f"{columns[0]} - {columns[1]}", "compared": "pairs", "test": "paired t-test"}
        tests.append(
            t_test_row([values[0] - values[1]], table.height, told, False, 0.0, alternative, confidence)
        )
        assumptions.append(normality(values[0] - values[1], 1 - confidence, told["column"], "differences"))
        described = [sample_row(one, name, "all") for one, name in zip(pair, columns, strict=True)]
        return {"tests": tests, "assumptions": assumptions, "groups": described}
    parts = groups_of(table, group, wanted) if kind == "two groups" else {}
    if kind == "two groups" and len(parts) != 2:
        way_out = "name the two to compare" if len(parts) > 2 else "choose another column"
        raise ValueError(f'column "{group[:80]}" has {len(parts)} groups, but two are compared; {way_out}')
    for name in columns:
        column = numbers_of(table, name)
        samples = {label: column.filter(rows) for label, rows in parts.items()} or {"all": column}
        values = [one.drop_nulls().to_numpy() for one in samples.values()]
        told = {
            "column": name,
            "compared": " - ".join(parts),
            "test": "Student's t-test" if equal else "Welch's t-test",
        }
        if kind == "one sample":
            told |= {"compared": f"mean - {mean:g}", "test": "one-sample t-test"}
        rows = sum(map(len, samples.values()))
        tests.append(t_test_row(values, rows, told, equal, mean, alternative, confidence))
        for (label, sample), known in zip(samples.items(), values, strict=True):
            described.append(sample_row(sample, name, label))
            assumptions.append(normality(known, 1 - confidence, name, label))
        if kind == "two groups":
            assumptions.append(equal_variances(values, 1 - confidence, name))
    return {"tests": tests, "assumptions": assumptions, "groups": described}


def t_test_row(
    samples: Sequence[np.ndarray],
    rows: int,
    told: Mapping[str, str],
    equal: bool,
    mean: float,
    alternative: str,
    confidence: float,
) -> dict[str, Any]:
    """One t-test as a row: of two samples, or of one against a value."""
    import numpy as np
    from scipy import stats

    counts = [len(one) for one in samples]
    n = sum(counts)
    row = {**told, "n": n, "missing": rows - n}
    if min(counts) < 2:
        return {**row, "in_words": "Not tested: a sample has fewer than 2 values."}
    spreads = [float(one.var(ddof=1)) for one in samples]
    difference = float(samples[0].mean() - (samples[1].mean() if len(samples) == 2 else mean))
    row["difference"] = difference
    if not any(spread > 0 for spread in spreads):
        return {**row, "in_words": "Not tested: the values of a sample are all equal."}
    if len(samples) == 2:
        found = stats.ttest_ind(*samples, equal_var=equal, alternative=alternative)
        pooled = sum(s * (c - 1) for s, c in zip(spreads, counts, strict=True)) / (n - 2)
        d, scale, df = difference / pooled**0.5, (counts[0] * counts[1] / n) ** 0.5, n - 2
    else:
        found = stats.ttest_1samp(samples[0], mean, alternative=alternative)
        d, scale, df = difference / spreads[0] ** 0.5, n**0.5, n - 1
    interval = found.confidence_interval(confidence)
    shift = 0.0 if len(samples) == 2 else mean
    low, high = (float(end) - shift if np.isfinite(end) else None for end in interval)
    d_low, d_high = cohens_d_interval(d, scale, df, confidence)
    p = float(found.pvalue)
    is_seen = p < 1 - confidence
    wanted = {"two-sided": "differ", "less": "be below", "greater": "be above"}[alternative]
    size = next(
        word
        for limit, word in ((0.2, "tiny"), (0.5, "small"), (0.8, "middling"), (np.inf, "large"))
        if abs(d) < limit
    )
    verdict = "is more than chance would give" if is_seen else f"is no proof that the means {wanted}"
    words = f"A difference of {difference:.4g} {verdict} ({in_words(p)}); the effect is {size} (d = {d:.2f})."
    return {
        **row, "difference_low": low, "difference_high": high, "t": float(found.statistic), "df": float(found.df),
        "p": p, "cohens_d": d, "d_low": d_low, "d_high": d_high, "in_words": words,
    }  # fmt: skip


def cohens_d_interval(
    d: float, scale: float, df: float, confidence: float
) -> tuple[float | None, float | None]:
    """The interval of Cohen's d: the noncentral t distributions in whose tails the found t lies."""
    from scipy import optimize, special

    # of the distribution of -t as of t: the function fails for some negative values
    t = abs(d * scale)
    width = 8 * (1 + t * t / (2 * df)) ** 0.5
    ends: list[float | None] = []
    for share in ((1 + confidence) / 2, (1 - confidence) / 2):
        try:
            end = optimize.brentq(
                lambda nc, share=share: special.nctdtr(df, nc, t) - share, t - width, t + width
            )
            ends.append(float(end) / scale)
        except (ValueError, RuntimeError):  # beyond what the distribution can be computed for
            ends.append(None)
    if d < 0:
        ends = [None if end is None else -end for end in reversed(ends)]
    return ends[0], ends[1]
