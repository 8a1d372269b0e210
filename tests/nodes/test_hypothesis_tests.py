"""Tests of hypotheses: the numbers are SciPy's, and what is left out or doubtful is said."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row
from nodeflow_nodes.statistics.distribution_test import DistributionTest
from nodeflow_nodes.statistics.one_way_anova import OneWayAnova
from nodeflow_nodes.statistics.rank_test import RankTest
from nodeflow_nodes.statistics.t_test import TTest
from nodeflow_nodes.statistics.variance_test import VarianceTest
from scipy import stats

RNG = np.random.default_rng(3)
A, B, C = RNG.normal(5, 1, 30), RNG.normal(5.8, 2, 25), RNG.normal(6.5, 1.2, 20)
TABLE = pl.DataFrame(
    {
        "x": [*A, *B, *C, None],
        "*": [*(A + RNG.normal(0.3, 0.5, 30)), *B, *C, 1.0],
        "^g$": ["a"] * 30 + ["b"] * 25 + ["c"] * 21,
        "t": ["word"] * 76,
        "k": [4.0] * 76,
    }
)
exactly = {"rel": 1e-12, "abs": 0}


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_two_groups_are_compared_as_scipy_does(equal: bool, alternative: str) -> None:
    node = TTest(
        columns=["x"], group="^g$", groups=["a", "b"], variances="equal" if equal else "unequal", alternative=alternative,
    )  # fmt: skip
    found = calculate(node, table=TABLE)
    test = row(found["tests"])
    right = stats.ttest_ind(A, B, equal_var=equal, alternative=alternative)
    assert (test["t"], test["p"], test["df"]) == pytest.approx(
        (right.statistic, right.pvalue, right.df), **exactly
    )
    low, high = right.confidence_interval(0.95)
    assert test["difference_low"] == (None if np.isinf(low) else pytest.approx(low, **exactly))
    assert test["difference_high"] == (None if np.isinf(high) else pytest.approx(high, **exactly))
    assert test["difference"] == pytest.approx(A.mean() - B.mean(), rel=1e-12)
    assert test["compared"] == "a - b"
    assert (test["n"], test["missing"]) == (55, 0)
    pooled = ((29 * A.var(ddof=1) + 24 * B.var(ddof=1)) / 53) ** 0.5
    assert test["cohens_d"] == pytest.approx((A.mean() - B.mean()) / pooled)
    assert found["groups"]["n"].to_list() == [30, 25]


def test_the_interval_of_cohens_d_is_that_of_the_noncentral_t() -> None:
    test = row(calculate(TTest(columns=["x"], group="^g$", groups=["a", "b"]), table=TABLE)["tests"])
    scale = (30 * 25 / 55) ** 0.5
    t = test["cohens_d"] * scale
    assert stats.nct.cdf(t, 53, test["d_low"] * scale) == pytest.approx(0.975, abs=1e-9)
    assert stats.nct.cdf(t, 53, test["d_high"] * scale) == pytest.approx(0.025, abs=1e-9)


def test_one_sample_and_pairs_are_as_scipy_does() -> None:
    test = row(calculate(TTest(kind="one sample", columns=["x"], mean=5.5), table=TABLE)["tests"])
    known = TABLE["x"].drop_nulls().to_numpy()
    right = stats.ttest_1samp(known, 5.5)
    assert (test["t"], test["p"], test["df"]) == pytest.approx(
        (right.statistic, right.pvalue, right.df), **exactly
    )
    interval = right.confidence_interval(0.95)
    assert (test["difference_low"] + 5.5, test["difference_high"] + 5.5) == pytest.approx(tuple(interval))
    assert (test["n"], test["missing"], test["compared"]) == (75, 1, "mean - 5.5")
    found = calculate(TTest(kind="paired", first="*", second="x"), table=TABLE)
    pairs = TABLE.drop_nulls("x").select(pl.nth(1), pl.nth(0)).to_numpy()
    right = stats.ttest_rel(pairs[:, 0], pairs[:, 1])
    test = row(found["tests"])
    assert (test["t"], test["p"], test["df"]) == pytest.approx(
        (right.statistic, right.pvalue, right.df), **exactly
    )
    assert (test["column"], test["n"], test["missing"]) == ("* - x", 75, 1)


def test_assumptions_are_checked_and_stated() -> None:
    found = calculate(TTest(columns=["x"], group="^g$", groups=["a", "b"]), table=TABLE)["assumptions"]
    assert found["assumption"].to_list() == ["normal distribution", "normal distribution", "equal variances"]
    right = stats.shapiro(A)
    assert row(found)["p"] == pytest.approx(right.pvalue, **exactly)
    levene = stats.levene(A, B)
    assert row(found, 2)["statistic"] == pytest.approx(levene.statistic, **exactly)
    assert row(found, 2)["holds"] is False
    assert "prefer Welch" in row(found, 2)["in_words"]


def test_what_cannot_be_tested_is_said(faults) -> None:
    found = calculate(TTest(columns=["k", "x"], group="^g$", groups=["a", "b"]), table=TABLE)["tests"]
    assert "all equal" in row(found)["in_words"]
    assert row(found)["p"] is None
    assert row(found, 1)["p"] is not None
    one_row = TABLE.filter(pl.nth(2) != "b").vstack(TABLE.filter(pl.nth(2) == "b").head(1))
    found = calculate(TTest(columns=["x"], group="^g$", groups=["a", "b"]), table=one_row)["tests"]
    assert "fewer than 2" in row(found)["in_words"]
    assert "has 3 groups" in refusal(TTest(group="^g$"), table=TABLE)
    assert "has 1 groups" in refusal(TTest(group="t"), table=TABLE)
    assert 'has no value "z"' in refusal(TTest(group="^g$", groups=["a", "z"]), table=TABLE)
    infinite = pl.DataFrame({"x": [1.0, float("inf")], "g": ["a", "b"]})
    assert "infinite" in refusal(TTest(group="g"), table=infinite)
    assert "is text, not number" in faults(TTest(columns=["t"], group="^g$"), table=TABLE)[0]
    assert "no number column" in faults(TTest(group="t"), table=TABLE.select("t"))[0]
    with pytest.raises(Exception, match="choose the column"):
        TTest()


def test_anova_is_scipys_with_eta_squared_and_tukey() -> None:
    found = calculate(OneWayAnova(columns=["x"], group="^g$"), table=TABLE)
    test, right = row(found["tests"]), stats.f_oneway(A, B, C)
    assert (test["F"], test["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    assert (test["df_between"], test["df_within"], test["groups"], test["n"], test["missing"]) == (
        2,
        72,
        3,
        75,
        1,
    )
    everything = np.concatenate([A, B, C])
    between = sum(len(one) * (one.mean() - everything.mean()) ** 2 for one in (A, B, C))
    total = ((everything - everything.mean()) ** 2).sum()
    assert test["eta_squared"] == pytest.approx(between / total)
    assert test["eta_low"] < test["eta_squared"] < test["eta_high"]
    narrow = row(calculate(OneWayAnova(columns=["x"], group="^g$", confidence=0.7), table=TABLE)["tests"])
    lowest = narrow["eta_low"] / (1 - narrow["eta_low"]) * 75
    assert stats.ncf.cdf(test["F"], 2, 72, lowest) == pytest.approx(0.85, abs=1e-6)
    assert test["eta_low"] == 0
    tukey = stats.tukey_hsd(A, B, C)
    intervals = tukey.confidence_interval(0.95)
    pairs = found["comparisons"]
    assert pairs["compared"].to_list() == ["a - b", "a - c", "b - c"]
    places = [(0, 1), (0, 2), (1, 2)]
    assert pairs["p"].to_list() == pytest.approx([tukey.pvalue[at] for at in places], rel=1e-9)
    assert pairs["low"].to_list() == pytest.approx([intervals.low[at] for at in places], rel=1e-6)
    assert found["assumptions"].height == 4
    assert found["groups"]["n"].to_list() == [30, 25, 20]


def test_welchs_anova_of_two_groups_is_welchs_t_squared() -> None:
    two = TABLE.filter(pl.nth(2) != "c")
    found = calculate(OneWayAnova(columns=["x"], group="^g$", variances="unequal"), table=two)
    test, right = row(found["tests"]), stats.ttest_ind(A, B, equal_var=False)
    assert (test["F"], test["df_within"], test["p"]) == pytest.approx(
        (right.statistic**2, right.df, right.pvalue)
    )
    assert row(found["comparisons"])["p"] == pytest.approx(right.pvalue, rel=1e-6)
    assert row(found["comparisons"])["test"] == "Games-Howell"


def test_anova_says_what_it_cannot_test(faults) -> None:
    found = calculate(OneWayAnova(columns=["k"], group="^g$"), table=TABLE)
    assert "all equal" in row(found["tests"])["in_words"]
    assert found["comparisons"].height == 0
    assert "1 groups; at least two" in refusal(OneWayAnova(group="t"), table=TABLE)
    assert "0 groups" in refusal(OneWayAnova(columns=["x"], group="t"), table=TABLE.clear())
    assert "no number column" in faults(OneWayAnova(columns=["x"], group="x"), table=TABLE)[0]


@pytest.mark.parametrize(
    ("test", "right"),
    [
        ("Brown-Forsythe", stats.levene(A, B, C)),
        ("Levene", stats.levene(A, B, C, center="mean")),
        ("Bartlett", stats.bartlett(A, B, C)),
        ("Fligner-Killeen", stats.fligner(A, B, C)),
    ],
)
def test_variances_are_compared_as_scipy_does(test: str, right) -> None:
    found = row(calculate(VarianceTest(columns=["x"], group="^g$", test=test), table=TABLE)["tests"])
    assert (found["statistic"], found["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    assert found["ratio"] == pytest.approx(B.var(ddof=1) / min(A.var(ddof=1), C.var(ddof=1)))
    constant = row(calculate(VarianceTest(columns=["k"], group="^g$", test=test), table=TABLE)["tests"])
    assert (constant["p"], constant["in_words"][:10]) == (None, "Not tested")


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_mann_whitney_is_scipys(alternative: str) -> None:
    node = RankTest(columns=["x"], group="^g$", groups=["a", "b"], alternative=alternative)
    found, right = (
        row(calculate(node, table=TABLE)["tests"]),
        stats.mannwhitneyu(A, B, alternative=alternative),
    )
    assert (found["statistic"], found["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    above = (A[:, None] > B[None, :]).mean()
    assert found["effect_size"] == pytest.approx(2 * above - 1)
    assert found["low"] < found["effect_size"] < found["high"]


def test_wilcoxon_is_scipys_and_drops_pairs_that_are_equal() -> None:
    found = row(calculate(RankTest(kind="Wilcoxon", first="*", second="x"), table=TABLE.head(30))["tests"])
    pairs = TABLE.head(30).select(pl.nth(1), pl.nth(0)).to_numpy()
    right = stats.wilcoxon(pairs[:, 0], pairs[:, 1])
    assert (found["statistic"], found["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    same = pl.DataFrame({"p": [1.0, 2.0, 3.0], "q": [1.0, 2.0, 3.0]})
    assert (
        "no pair differs"
        in row(calculate(RankTest(kind="Wilcoxon", first="p", second="q"), table=same)["tests"])["in_words"]
    )
    up = same.with_columns(pl.col("q") - 1)
    assert (
        row(calculate(RankTest(kind="Wilcoxon", first="p", second="q"), table=up)["tests"])["effect_size"]
        == 1
    )


def test_kruskal_wallis_is_scipys_and_dunns_pairs_are_corrected_by_holm() -> None:
    found = calculate(RankTest(kind="Kruskal-Wallis", columns=["x"], group="^g$"), table=TABLE)
    test, right = row(found["tests"]), stats.kruskal(A, B, C)
    assert (test["statistic"], test["p"], test["df"]) == pytest.approx(
        (right.statistic, right.pvalue, 2), **exactly
    )
    pairs = found["comparisons"].sort("p")
    worst = np.maximum.accumulate(np.minimum(1, pairs["p"].to_numpy() * [3, 2, 1]))
    assert pairs["corrected_p"].to_list() == pytest.approx(worst.tolist())
    ranks = stats.rankdata(np.concatenate([A, B, C]))
    difference = ranks[:30].mean() - ranks[55:].mean()
    z = difference / (75 * 76 / 12 * (1 / 30 + 1 / 20)) ** 0.5
    assert row(found["comparisons"], 1)["z"] == pytest.approx(z)
    assert "3 groups; name the two" in refusal(RankTest(group="^g$"), table=TABLE)
    constant = calculate(RankTest(columns=["k"], group="^g$", kind="Kruskal-Wallis"), table=TABLE)
    assert "all values are equal" in row(constant["tests"])["in_words"]


@pytest.mark.parametrize(
    ("settings", "right"),
    [
        ({"test": "Shapiro-Wilk"}, stats.shapiro(TABLE["x"].drop_nulls())),
        ({"test": "D'Agostino-Pearson"}, stats.normaltest(TABLE["x"].drop_nulls())),
        (
            {"test": "Kolmogorov-Smirnov", "location": 5.0, "spread": 2.0},
            stats.kstest(TABLE["x"].drop_nulls(), "norm", args=(5, 2)),
        ),
        (
            {"test": "Kolmogorov-Smirnov", "distribution": "uniform"},
            stats.kstest(TABLE["x"].drop_nulls(), "uniform", args=(TABLE["x"].min(), TABLE["x"].max() - TABLE["x"].min())),
        ),
        (
            {"test": "Kolmogorov-Smirnov, two groups", "group": "^g$", "groups": ["a", "b"]},
            stats.ks_2samp(A, B),
        ),
    ],
)  # fmt: skip
def test_distributions_are_tested_as_scipy_does(settings, right) -> None:
    found = row(calculate(DistributionTest(columns=["x"], **settings), table=TABLE)["table"])
    assert (found["statistic"], found["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    constant = row(calculate(DistributionTest(columns=["k"], test="Shapiro-Wilk"), table=TABLE)["table"])
    assert constant["in_words"] == "Not tested: all values are equal."
    few = row(calculate(DistributionTest(columns=["x"]), table=TABLE.head(2))["table"])
    assert "at least 3" in few["in_words"]
    doubtful = row(
        calculate(DistributionTest(columns=["x"], test="Kolmogorov-Smirnov"), table=TABLE)["table"]
    )
    assert "the true p is smaller" in doubtful["in_words"]


@pytest.mark.parametrize("scale", [1e-310, 1e300])
def test_numbers_near_the_ends_of_what_there_is_give_missing_results_not_nan(scale: float) -> None:
    table = pl.DataFrame({"v": [scale * one for one in (1.0, -2.0, 0.5, 1.5)], "g": ["a", "a", "b", "b"]})
    for node in (
        TTest(columns=["v"], group="g"),
        OneWayAnova(columns=["v"], group="g"),
        TTest(kind="one sample", columns=["v"]),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for found in calculate(node, exported=False, table=table).values():
                assert not any(
                    found[name].is_nan().any() for name in found.columns if found[name].dtype == pl.Float64
                )
