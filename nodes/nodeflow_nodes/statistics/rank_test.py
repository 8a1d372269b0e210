"""Rank Test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl

from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    GROUPING,
    NUMBER,
    SAMPLES,
    SHARED,
    TEXT,
    WHOLE,
    Calculation,
    Schema,
    chosen_numbers,
    groups_of,
    in_words,
    numbers_of,
    sample_row,
)

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context


class Ranked(NamedTuple):
    """What the node gives."""

    tests: pl.DataFrame
    comparisons: pl.DataFrame
    groups: pl.DataFrame


class RankTest(Calculation):
    """Test by ranks whether values tend to be larger: in one of two groups, in pairs, or in several groups.

    Ranks make no assumption on the distribution and bear outliers.

    | kind | what is compared |
    |---|---|
    | Mann-Whitney | the values of two groups of rows, also called Wilcoxon's rank sum test |
    | Wilcoxon | two columns, row by row: the signed ranks of their differences; pairs without one are dropped |
    | Kruskal-Wallis | the values of several groups, then each pair of them by Dunn's test, corrected by Holm |

    The effect size of Mann-Whitney and Wilcoxon is the rank-biserial correlation: 1 if every value of the
    first is larger, -1 if every one is smaller, 0 if neither; 0.1 is small, 0.3 middling, 0.5 large. Its
    interval is approximate. For Kruskal-Wallis it is epsilon squared, the share of the spread of the ranks
    that the groups explain. Small samples without ties get the exact p-value, others the approximate one.
    Rows with a missing value are left out and counted.

    Inputs:
        table: The table with the values.
    Outputs:
        tests: One row for each tested column.
        comparisons: After Kruskal-Wallis one row for each pair of groups; else empty.
        groups: Each sample described: count, mean, median, standard deviation and standard error.
    """

    category = "Statistics / Tests"
    keywords = (
        "mann-whitney", "wilcoxon", "kruskal-wallis", "rank sum", "signed rank", "nonparametric", "dunn", "u test",
        "mannwhitneyu", "rank-biserial",
    )  # fmt: skip
    headline = "tests"

    kind: Literal["Mann-Whitney", "Wilcoxon", "Kruskal-Wallis"] = parameter(
        default="Mann-Whitney", help="What is compared; see above."
    )
    columns: Columns = parameter(
        default=Columns.typed("number"),
        types=("number",),
        help="The columns to test.",
        when={"kind": ["Mann-Whitney", "Kruskal-Wallis"]},
    )
    group: Column | None = parameter(
        default=None,
        types=GROUPING,
        help="The column that names the groups.",
        when={"kind": ["Mann-Whitney", "Kruskal-Wallis"]},
    )
    groups: list[str] = parameter(
        default=[],
        label="Which groups",
        help="The groups to compare; empty for all.",
        when={"kind": ["Mann-Whitney", "Kruskal-Wallis"]},
    )
    first: Column | None = parameter(
        default=None, types=("number",), help="One value of each pair.", when={"kind": "Wilcoxon"}
    )
    second: Column | None = parameter(
        default=None, types=("number",), help="The other value of each pair.", when={"kind": "Wilcoxon"}
    )
    alternative: Literal["two-sided", "less", "greater"] = parameter(
        default="two-sided",
        help="Whether the first is asked to be smaller or greater, or only to be different.",
        when={"kind": ["Mann-Whitney", "Wilcoxon"]},
    )
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    results: ClassVar[Mapping[str, Schema]] = {
        "tests": {
            "column": TEXT, "compared": TEXT, "test": TEXT, "n": WHOLE, "missing": WHOLE, "statistic": NUMBER,
            "df": NUMBER, "p": NUMBER, "effect": TEXT, "effect_size": NUMBER, "low": NUMBER, "high": NUMBER,
            "in_words": TEXT,
        },
        "comparisons": {
            "column": TEXT, "compared": TEXT, "rank_difference": NUMBER, "z": NUMBER, "p": NUMBER,
            "corrected_p": NUMBER, "in_words": TEXT,
        },
        "groups": SAMPLES,
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> Ranked:
        return Ranked(**self.calculated(table, context))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (rank_tests, rank_row, dunn_rows, *SHARED)

    def _tested(self, schema: Schema) -> list[str]:
        if self.kind == "Wilcoxon":
            return [str(self.first), str(self.second)]
        return chosen_numbers(self.columns, schema, *([self.group] if self.group is not None else []))

    def reads(self, schema: Schema) -> list[str]:
        return [*self._tested(schema), *([] if self.kind == "Wilcoxon" else [str(self.group)])]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        told: dict[str, Any] = {
            "columns": self._tested(schema),
            "kind": self.kind,
            "confidence": self.confidence,
        }
        if self.kind != "Wilcoxon":
            told |= {"group": str(self.group), "wanted": list(self.groups)}
        return told | {"alternative": "two-sided" if self.kind == "Kruskal-Wallis" else self.alternative}

    def check_parameters(self) -> list[Fault]:
        if self.kind == "Wilcoxon":
            for name in ("first", "second"):
                if getattr(self, name) is None:
                    return [Fault(name, f"choose the {name} column of the pairs")]
            if self.first == self.second:
                return [Fault("second", "a column cannot be compared with itself; choose another")]
            return []
        if self.group is None:
            return [Fault("group", "choose the column that names the groups")]
        if len(set(self.groups)) < len(self.groups):
            return [Fault("groups", "a group is named twice; take one out")]
        if self.kind == "Mann-Whitney" and self.groups and len(self.groups) != 2:
            return [Fault("groups", "name two groups, or none where the column has only two")]
        if len(self.groups) == 1:
            return [Fault("groups", "name at least two groups, or none for all")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self._tested(inputs["table"].columns):
            return ()
        return [Fault("columns", f"no number column is chosen ({self.columns}); choose at least one")]

    def summary(self) -> str:
        if self.kind == "Wilcoxon":
            return f"{self.first} against {self.second}"[:80]
        return f"{self.kind}: {self.columns} by {self.group}"[:80]


def rank_tests(
    table: pl.DataFrame,
    columns: Sequence[str],
    kind: str,
    confidence: float,
    group: str = "",
    wanted: Sequence[str] = (),
    alternative: str = "two-sided",
) -> dict[str, list[dict[str, Any]]]:
    """The rank tests of some columns, pairs of groups, and the samples described."""
    if kind == "Wilcoxon":
        pair = [numbers_of(table, name) for name in columns]
        whole = pair[0].is_not_null() & pair[1].is_not_null()
        told = {"column": f"{columns[0]} - {columns[1]}", "compared": "pairs", "test": kind}
        known = [one.filter(whole).to_numpy() for one in pair]
        test = rank_row(known, table.height, told, alternative, confidence)
        described = [sample_row(one, name, "all") for one, name in zip(pair, columns, strict=True)]
        return {"tests": [test], "comparisons": [], "groups": described}
    parts = groups_of(table, group, wanted)
    if len(parts) < 2 or (kind == "Mann-Whitney" and len(parts) > 2):
        way_out = (
            "name the two to compare, or take Kruskal-Wallis" if len(parts) > 2 else "choose another column"
        )
        raise ValueError(f'column "{group[:80]}" has {len(parts)} groups; {way_out}')
    if len(parts) > 200:
        raise ValueError(
            f'column "{group[:80]}" has {len(parts):,} groups, too many to compare; choose another'
        )
    tests, comparisons, described = [], [], []
    for name in columns:
        column = numbers_of(table, name)
        samples = {label: column.filter(rows) for label, rows in parts.items()}
        known = [one.drop_nulls().to_numpy() for one in samples.values()]
        compared = " - ".join(parts) if kind == "Mann-Whitney" else f"{len(parts)} groups"
        told = {"column": name, "compared": compared, "test": kind}
        tests.append(rank_row(known, sum(map(len, samples.values())), told, alternative, confidence))
        described += [sample_row(one, name, label) for label, one in samples.items()]
        if kind == "Kruskal-Wallis" and tests[-1].get("p") is not None:
            comparisons += dunn_rows(dict(zip(samples, known, strict=True)), name, 1 - confidence)
    return {"tests": tests, "comparisons": comparisons, "groups": described}


def rank_row(
    samples: Sequence[np.ndarray], rows: int, told: Mapping[str, str], alternative: str, confidence: float
) -> dict[str, Any]:
    """One rank test as a row."""
    import numpy as np
    from scipy import stats

    kind, n = told["test"], len(samples[0]) if told["test"] == "Wilcoxon" else sum(map(len, samples))
    row: dict[str, Any] = {**told, "n": n, "missing": rows - n}
    if min(map(len, samples)) < 1 or n < 2:
        return row | {"in_words": "Not tested: a sample has no values."}
    z = float(stats.norm.ppf((1 + confidence) / 2))
    if kind == "Kruskal-Wallis":
        if np.ptp(np.concatenate(samples)) == 0:
            return row | {"in_words": "Not tested: all values are equal."}
        found = stats.kruskal(*samples)
        size, low, high = float(found.statistic) / (n - 1), None, None
        row |= {"df": float(len(samples) - 1), "effect": "epsilon squared"}
        told_size = f"the groups explain {size:.1%} of the spread of the ranks"
    else:
        if kind == "Mann-Whitney":
            if np.ptp(np.concatenate(samples)) == 0:
                return row | {"in_words": "Not tested: all values are equal."}
            found = stats.mannwhitneyu(*samples, alternative=alternative)
            many = len(samples[0]) * len(samples[1])
            size = 2 * float(found.statistic) / many - 1
            error = ((n + 1) / (3 * many)) ** 0.5
        else:
            difference = samples[0] - samples[1]
            if not difference.any():
                return row | {"in_words": "Not tested: no pair differs."}
            found = stats.wilcoxon(difference, alternative=alternative)
            seen = difference[difference != 0]
            ranks = stats.rankdata(np.abs(seen))
            size = float((np.sign(seen) * ranks).sum() / ranks.sum())
            m = len(seen)
            error = ((2 * m**3 + 3 * m**2 + m) / 6) ** 0.5 / ((m * m + m) / 2)
        centre = np.arctanh(np.clip(size, -0.999999, 0.999999))
        low, high = float(np.tanh(centre - z * error)), float(np.tanh(centre + z * error))
        row |= {"effect": "rank-biserial correlation"}
        word = next(
            name
            for limit, name in ((0.1, "tiny"), (0.3, "small"), (0.5, "middling"), (2, "large"))
            if abs(size) < limit
        )
        told_size = f"the effect is {word} (r = {size:.2f})"
    p = float(found.pvalue)
    verdict = "The values differ" if p < 1 - confidence else "No proof that the values differ"
    if alternative != "two-sided":
        side = "smaller" if alternative == "less" else "greater"
        verdict = f"The first are {side}" if p < 1 - confidence else f"No proof that the first are {side}"
    return row | {
        "statistic": float(found.statistic), "p": p, "effect_size": size, "low": low, "high": high,
        "in_words": f"{verdict} ({in_words(p)}); {told_size}.",
    }  # fmt: skip


def dunn_rows(samples: Mapping[str, np.ndarray], column: str, significance: float) -> list[dict[str, Any]]:
    """Each pair of groups by Dunn's test, on the ranks of all values, corrected by Holm."""
    import itertools

    import numpy as np
    from scipy import stats

    everything = np.concatenate(list(samples.values()))
    n, ranks = len(everything), stats.rankdata(everything)
    ends = np.cumsum([len(one) for one in samples.values()])
    parts = dict(zip(samples, np.split(ranks, ends[:-1]), strict=True))
    ties = np.unique(everything, return_counts=True)[1].astype(float)
    spread = n * (n + 1) / 12 - float((ties**3 - ties).sum()) / (12 * (n - 1))
    rows = []
    for one, other in itertools.combinations(parts, 2):
        difference = float(parts[one].mean() - parts[other].mean())
        z = difference / (spread * (1 / len(parts[one]) + 1 / len(parts[other]))) ** 0.5
        told = {"column": column, "compared": f"{one} - {other}", "rank_difference": difference, "z": z}
        rows.append({**told, "p": float(2 * stats.norm.sf(abs(z)))})
    highest = 0.0
    for place, index in enumerate(sorted(range(len(rows)), key=lambda at: rows[at]["p"])):
        highest = max(highest, min(1.0, (len(rows) - place) * rows[index]["p"]))
        one, other = itertools.islice(itertools.combinations(parts, 2), index, index + 1).__next__()
        told_pair = "differ" if highest < significance else "are not proved to differ"
        rows[index] |= {
            "corrected_p": highest,
            "in_words": f"{one} and {other} {told_pair} ({in_words(highest)}).",
        }
    return rows
