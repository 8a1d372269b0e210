"""One-Way ANOVA."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.statistics._by_group import GroupTest
from nodeflow_nodes.statistics._calculation import (
    ASSUMPTIONS,
    NUMBER,
    SAMPLES,
    SHARED,
    TEXT,
    WHOLE,
    Schema,
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


class Analysed(NamedTuple):
    """What the node gives."""

    tests: pl.DataFrame
    comparisons: pl.DataFrame
    assumptions: pl.DataFrame
    groups: pl.DataFrame


class OneWayAnova(GroupTest):
    """Test whether the means of several groups differ, then which of them do.

    The classical F test takes it that the variances of the groups are equal; Welch's does not. The pairs of
    groups are compared with all of them in mind, so that no further correction is needed: by Tukey's test
    (with Kramer's form for groups of different size) after the classical one, by that of Games and Howell
    after Welch's.

    Eta squared is the share of the variance that the groups explain, with its interval from the noncentral
    F distribution: 0.01 is small, 0.06 middling, 0.14 large. Omega squared is its less biased form. Rows with
    a missing value or group are left out and counted. The groups are in the order of their names.

    Inputs:
        table: The table with the values.
    Outputs:
        tests: One row for each tested column.
        comparisons: One row for each pair of groups: the difference of their means, its interval, and p.
        assumptions: Whether the values look normally distributed and the variances equal.
        groups: Each sample described: count, mean, median, standard deviation and standard error.
    """

    name = "One-Way ANOVA"
    category = "Statistics / Tests"
    keywords = (
        "analysis of variance", "f test", "f_oneway", "tukey", "tukey hsd", "post hoc", "games howell", "welch",
        "eta squared", "compare means",
    )  # fmt: skip
    headline = "tests"

    variances: Literal["equal", "unequal"] = parameter(
        default="equal",
        help="Equal takes the classical F test and Tukey's, unequal Welch's and Games-Howell.",
    )

    results: ClassVar[Mapping[str, Schema]] = {
        "tests": {
            "column": TEXT, "test": TEXT, "groups": WHOLE, "n": WHOLE, "missing": WHOLE, "ss_between": NUMBER,
            "ss_within": NUMBER, "F": NUMBER, "df_between": NUMBER, "df_within": NUMBER, "p": NUMBER,
            "eta_squared": NUMBER, "eta_low": NUMBER, "eta_high": NUMBER, "omega_squared": NUMBER, "in_words": TEXT,
        },
        "comparisons": {
            "column": TEXT, "compared": TEXT, "test": TEXT, "difference": NUMBER, "low": NUMBER, "high": NUMBER,
            "p": NUMBER, "in_words": TEXT,
        },
        "assumptions": ASSUMPTIONS,
        "groups": SAMPLES,
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Analysed:
        return Analysed(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (anova, anova_row, eta_interval, pair_rows, *SHARED)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return super().arguments(schema) | {"equal": self.variances == "equal"}


def anova(
    table: pl.DataFrame, columns: Sequence[str], group: str, confidence: float, equal: bool
) -> dict[str, list[dict[str, Any]]]:
    """The analysis of variance of each column, with the pairs of groups and the assumptions."""
    parts = groups_of(table, group, ())
    if len(parts) < 2:
        raise ValueError(f'column "{group[:80]}" has {len(parts)} groups; at least two are compared')
    if len(parts) > 200:
        raise ValueError(
            f'column "{group[:80]}" has {len(parts):,} groups, too many to compare; choose another'
        )
    found: dict[str, list[dict[str, Any]]] = {"tests": [], "comparisons": [], "assumptions": [], "groups": []}
    for name in columns:
        column = numbers_of(table, name)
        samples = {label: column.filter(rows) for label, rows in parts.items()}
        known = {label: one.drop_nulls().to_numpy() for label, one in samples.items()}
        n = sum(map(len, known.values()))
        row = {"column": name, "groups": len(parts), "n": n, "missing": table.height - n}
        found["tests"].append(row | anova_row(list(known.values()), equal, confidence))
        if found["tests"][-1].get("p") is not None:
            found["comparisons"] += pair_rows(known, name, equal, confidence)
        for label, one in samples.items():
            found["groups"].append(sample_row(one, name, label))
            found["assumptions"].append(normality(known[label], 1 - confidence, name, label))
        found["assumptions"].append(equal_variances(list(known.values()), 1 - confidence, name))
    return found


def anova_row(samples: Sequence[np.ndarray], equal: bool, confidence: float) -> dict[str, Any]:
    """One analysis of variance as a part of a row."""
    import numpy as np
    from scipy import stats

    test = "one-way ANOVA" if equal else "Welch's ANOVA"
    counts = np.array([len(one) for one in samples], dtype=float)
    k, n = len(samples), counts.sum()
    if counts.min() < 2:
        return {"test": test, "in_words": "Not tested: a group has fewer than 2 values."}
    spreads = np.array([one.var(ddof=1) for one in samples])
    if not spreads.any() or (not equal and not spreads.all()):
        return {"test": test, "in_words": "Not tested: the values of a group are all equal."}
    means = np.array([one.mean() for one in samples])
    between = float(counts @ (means - counts @ means / n) ** 2)
    within = float((counts - 1) @ spreads)
    if equal:
        statistic, p = (float(one) for one in stats.f_oneway(*samples))
        df = n - k
    else:
        weights = counts / spreads
        total = weights.sum()
        around = weights @ (means - weights @ means / total) ** 2 / (k - 1)
        loss = float(((1 - weights / total) ** 2 / (counts - 1)).sum())
        statistic = float(around / (1 + 2 * (k - 2) / (k * k - 1) * loss))
        df = (k * k - 1) / (3 * loss)
        p = float(stats.f.sf(statistic, k - 1, df))
    eta = between / (between + within)
    low, high = eta_interval(
        between / (k - 1) / (within / (n - k)), k - 1, float(n - k), float(n), confidence
    )
    mean_square = within / (n - k)
    omega = max(0.0, (between - (k - 1) * mean_square) / (between + within + mean_square))
    verdict = "The means differ" if p < 1 - confidence else "No proof that the means differ"
    words = f"{verdict} ({in_words(p)}); the groups explain {eta:.1%} of the variance."
    return {
        "test": test, "ss_between": between, "ss_within": within, "F": statistic, "df_between": float(k - 1),
        "df_within": float(df), "p": p, "eta_squared": eta, "eta_low": low, "eta_high": high, "omega_squared": omega,
        "in_words": words,
    }  # fmt: skip


def eta_interval(
    statistic: float, between: float, within: float, n: float, confidence: float
) -> tuple[float | None, float | None]:
    """The interval of eta squared: the noncentral F distributions in whose tails the found F lies."""
    from scipy import optimize, special

    ends: list[float | None] = []
    for share in ((1 + confidence) / 2, (1 - confidence) / 2):
        if special.fdtr(between, within, statistic) <= share:
            ends.append(0.0)
            continue
        highest = 10.0 + 4 * statistic * between + 10 * between
        try:
            found = optimize.brentq(
                lambda nc, share=share: special.ncfdtr(between, within, nc, statistic) - share, 1e-12, highest
            )
            ends.append(float(found / (found + n)))
        except (ValueError, RuntimeError):  # beyond what the distribution can be computed for
            ends.append(None)
    return ends[0], ends[1]


def pair_rows(
    samples: Mapping[str, np.ndarray], column: str, equal: bool, confidence: float
) -> list[dict[str, Any]]:
    """Each pair of groups compared, by Tukey's test or that of Games and Howell."""
    import itertools

    import numpy as np
    from scipy import stats

    k = len(samples)
    counts = {label: len(one) for label, one in samples.items()}
    means = {label: float(one.mean()) for label, one in samples.items()}
    spreads = {label: float(one.var(ddof=1)) for label, one in samples.items()}
    freedom = sum(counts.values()) - k
    pooled = sum(spreads[one] * (counts[one] - 1) for one in samples) / freedom
    rows = []
    for one, other in itertools.combinations(samples, 2):
        if equal:
            error, df = (pooled / 2 * (1 / counts[one] + 1 / counts[other])) ** 0.5, float(freedom)
        else:
            parts = [spreads[one] / counts[one], spreads[other] / counts[other]]
            error = (sum(parts) / 2) ** 0.5
            df = sum(parts) ** 2 / (parts[0] ** 2 / (counts[one] - 1) + parts[1] ** 2 / (counts[other] - 1))
        difference = means[one] - means[other]
        p = float(np.clip(stats.studentized_range.sf(abs(difference) / error, k, df), 0, 1))
        width = float(stats.studentized_range.ppf(confidence, k, df)) * error
        told = "differ" if p < 1 - confidence else "are not proved to differ"
        test = "Tukey-Kramer" if equal else "Games-Howell"
        rows.append(
            {
                "column": column,
                "compared": f"{one} - {other}",
                "test": test,
                "difference": difference,
                "low": difference - width,
                "high": difference + width,
                "p": p,
                "in_words": f"The means of {one} and {other} {told} ({in_words(p)}).",
            }
        )
    return rows
