"""Tests of hypotheses: the numbers are SciPy's, and what is left out or doubtful is said."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row
from nodeflow_nodes.statistics.t_test import TTest
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
