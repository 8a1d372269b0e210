"""Relations between columns: crosstab, correlation, covariance, and correction for many tests."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.statistics.correlation import Correlation
from nodeflow_nodes.statistics.covariance import Covariance
from nodeflow_nodes.statistics.crosstab import Crosstab
from nodeflow_nodes.statistics.multiple_testing_correction import MultipleTestingCorrection
from scipy import stats

exactly = {"rel": 1e-12, "abs": 0}
RNG = np.random.default_rng(8)
PEOPLE = pl.DataFrame(
    {
        "*": ["m", "f", "m", "f", "m", "m", "f", "f", "f", None] * 4,
        "smokes": [True, False, True, True, False, True, False, False, False, True] * 4,
        "size": [10, 9, 10, 11, 12, 10, 9, 10, None, 9] * 4,
        "w": [2, 1] * 20,
        "one": ["x"] * 40,
    }
)


def test_a_crosstab_counts_and_tests_as_scipy_does() -> None:
    found = calculate(Crosstab(rows="*", columns="smokes"), table=PEOPLE)
    assert found["table"].columns == ["*", "false", "true", "total"]
    assert found["table"].rows() == [("f", 16, 4, 20), ("m", 4, 12, 16), ("total", 20, 16, 36)]
    counts = np.array([[16, 4], [4, 12]])
    right, fisher = stats.chi2_contingency(counts, correction=False), stats.fisher_exact(counts)
    chi, exact = found["tests"].rows(named=True)
    assert (chi["statistic"], chi["p"], chi["df"]) == pytest.approx(
        (right.statistic, right.pvalue, 1), **exactly
    )
    assert exact["p"] == pytest.approx(fisher.pvalue, **exactly)
    assert exact["effect_size"] == pytest.approx(12.0)
    assert (chi["n"], chi["missing"]) == (36, 4)
    assert chi["effect_size"] == pytest.approx(stats.contingency.association(counts, method="cramer"))
    low = chi["low"] ** 2 * 36
    assert stats.ncx2.cdf(chi["statistic"], 1, low) == pytest.approx(0.975)
    cells = found["cells"]
    assert cells["expected"].to_list() == pytest.approx(right.expected_freq.ravel().tolist())
    assert cells["share_of_row"].to_list() == pytest.approx([0.8, 0.2, 0.25, 0.75])
    assert row(cells)["adjusted_residual"] == pytest.approx(chi["statistic"] ** 0.5)
    corrected = row(calculate(Crosstab(rows="*", columns="smokes", correction=True), table=PEOPLE)["tests"])
    assert corrected["p"] == pytest.approx(stats.chi2_contingency(counts).pvalue, **exactly)


def test_missing_values_and_weights_are_counted_if_asked() -> None:
    found = calculate(Crosstab(rows="*", columns="size", missing="count"), table=PEOPLE)["table"]
    assert found["*"].to_list() == ["f", "m", "(missing)", "total"]
    assert found.columns == ["*", "9", "10", "11", "12", "(missing)", "total"]
    assert found["total"].to_list() == [20, 16, 4, 40]
    weighted = calculate(Crosstab(rows="*", columns="smokes", weight="w"), table=PEOPLE)
    assert weighted["table"]["total"][-1] == PEOPLE.filter(pl.nth(0).is_not_null())["w"].sum()
    assert "below 5" in row(calculate(Crosstab(rows="*", columns="size"), table=PEOPLE)["tests"])["in_words"]


def test_crosstabs_that_cannot_be_made_are_told() -> None:
    one = calculate(Crosstab(rows="*", columns="one"), table=PEOPLE)["tests"]
    assert row(one)["in_words"] == "Not tested: a column has one value only."
    assert "nothing can be counted" in refusal(Crosstab(rows="*", columns="smokes"), table=PEOPLE.clear())
    many = pl.DataFrame({"a": range(2000), "b": ["x"] * 2000})
    assert "too many for a crosstab" in refusal(Crosstab(rows="a", columns="b"), table=many)
    minus = PEOPLE.with_columns(pl.col("w") - 2)
    assert "negative" in refusal(Crosstab(rows="*", columns="smokes", weight="w"), table=minus)


X = RNG.normal(size=50)
NUMBERS = pl.DataFrame(
    {
        "^x$": X,
        "y": [*(X[:49] ** 3 + RNG.normal(size=49)), None],
        "column": RNG.integers(0, 5, 50),
        "flat": [2.0] * 50,
        "name": ["a"] * 50,
    }
)


@pytest.mark.parametrize(
    ("method", "function"),
    [("Pearson", stats.pearsonr), ("Spearman", stats.spearmanr), ("Kendall", stats.kendalltau)],
)
def test_correlations_are_scipys(method: str, function) -> None:
    found = calculate(Correlation(method=method), table=NUMBERS)
    assert found["matrix"].columns == ["column_", "^x$", "y", "column", "flat"]
    known = NUMBERS.drop_nulls("y")
    right = function(known[:, 0].to_numpy(), known[:, 1].to_numpy())
    first = row(found["pairs"])
    assert (first["r"], first["p"]) == pytest.approx((right.statistic, right.pvalue), **exactly)
    assert (first["first"], first["second"], first["n"], first["missing"]) == ("^x$", "y", 49, 1)
    assert found["pairs"].height == 6
    # of columns without missing values too, which go another way
    whole = found["pairs"].row(1, named=True)
    right_whole = function(NUMBERS[:, 0].to_numpy(), NUMBERS["column"].to_numpy())
    assert (whole["first"], whole["second"], whole["n"]) == ("^x$", "column", 50)
    assert (whole["r"], whole["p"]) == pytest.approx((right_whole.statistic, right_whole.pvalue), **exactly)
    matrix = found["matrix"].drop("column_").to_numpy()
    assert matrix[0, 1] == matrix[1, 0] == first["r"]
    assert np.isnan(matrix[3]).all()
    assert found["matrix"]["flat"].null_count() == 4
    if method == "Pearson":
        assert (first["low"], first["high"]) == pytest.approx(tuple(right.confidence_interval()), rel=1e-9)


def test_correlation_needs_two_number_columns(faults) -> None:
    assert "fewer than two" in faults(Correlation(columns=["y"]), table=NUMBERS)[0]
    few = calculate(Correlation(), table=NUMBERS.head(2))
    assert few["pairs"]["r"].null_count() == 6


def test_covariances_are_numpys() -> None:
    found = calculate(Covariance(), table=NUMBERS)["table"]
    known = NUMBERS.drop_nulls("y")
    right = np.cov(known["^x$".replace("^x$", "column")], known["y"])
    assert found["column"][1] == pytest.approx(right[0, 1])
    assert found["y"][1] == pytest.approx(right[1, 1])
    rows = calculate(Covariance(missing="by row", divisor="n"), table=NUMBERS)["table"]
    assert rows[0, "^x$"] == pytest.approx(np.var(X[:49]))
    assert (
        calculate(Covariance(), table=NUMBERS.head(1))["table"]
        .drop("column_")
        .null_count()
        .sum_horizontal()
        .item()
        == 16
    )


def by_hand(p: np.ndarray, method: str) -> np.ndarray:
    m, order = len(p), np.argsort(p, kind="stable")
    ranked, at = p[order], np.arange(1, len(p) + 1)
    if method == "Bonferroni":
        return np.minimum(1, p * m)
    if method == "Holm":
        found = np.maximum.accumulate(ranked * (m - at + 1))
    else:
        found = np.minimum.accumulate((ranked * (m - at + 1))[::-1])[::-1]
    back = np.empty(m)
    back[order] = np.minimum(1, found)
    return back


P = pl.DataFrame({"p": [0.01, None, 0.04, 0.03, 0.5, 0.01, 7.0], "t": list("abcdefg")})


@pytest.mark.parametrize(
    "method", ["Holm", "Bonferroni", "Hochberg", "Benjamini-Hochberg", "Benjamini-Yekutieli"]
)
def test_p_values_are_corrected(apply, method: str) -> None:
    found = apply(MultipleTestingCorrection(method=method), table=P)
    known = np.array([0.01, 0.04, 0.03, 0.5, 0.01])
    if method.startswith("Benjamini"):
        right = stats.false_discovery_control(known, method="bh" if method == "Benjamini-Hochberg" else "by")
    else:
        right = by_hand(known, method)
    got = found["corrected_p"].to_list()
    assert got[1] is got[6] is None
    assert [got[at] for at in (0, 2, 3, 4, 5)] == pytest.approx(right.tolist(), **exactly)
    assert found["significant"].to_list() == [None if one is None else one < 0.05 for one in got]


def test_corrected_columns_do_not_take_names_that_are_there(apply, faults) -> None:
    taken = faults(MultipleTestingCorrection(corrected_column="t"), table=P)
    assert 'has a column "t" already' in taken[0]
    assert apply(MultipleTestingCorrection(significant_column=""), table=P.clear()).columns == [
        "p",
        "t",
        "corrected_p",
    ]
    assert apply(MultipleTestingCorrection(), table=P.head(1))["corrected_p"].to_list() == [0.01]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.sampled_from(["Holm", "Bonferroni", "Hochberg", "Benjamini-Hochberg"]),
)
@settings(max_examples=60, deadline=None)
def test_a_correction_never_lowers_p_and_never_changes_their_order(p, method) -> None:
    table = pl.LazyFrame({"p": p})
    found = MultipleTestingCorrection(method=method).run(table).collect()["corrected_p"].to_numpy()
    assert (found >= np.array(p) - 1e-15).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= -1e-15).all()
    holm = MultipleTestingCorrection(method="Holm").run(table).collect()["corrected_p"].to_numpy()
    assert (found <= np.minimum(1, np.array(p) * len(p)) + 1e-15).all()
    assert (holm <= np.minimum(1, np.array(p) * len(p)) + 1e-15).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
@settings(max_examples=40, deadline=None)
def test_the_counts_of_a_crosstab_add_up(rows) -> None:
    table = pl.DataFrame(rows, schema=["a", "b"], orient="row")
    found = tables(Crosstab(rows="a", columns="b"), table=table)
    assert found["cells"]["count"].sum() == found["table"]["total"][-1] == len(rows)
    assert found["cells"]["expected"].sum() == pytest.approx(len(rows))
