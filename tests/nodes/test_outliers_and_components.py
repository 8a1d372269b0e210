"""Outliers, principal components and filters of columns by what they hold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row
from nodeflow_nodes.manipulation.column_statistics_filter import ColumnStatisticsFilter
from nodeflow_nodes.statistics.linear_correlation_filter import LinearCorrelationFilter
from nodeflow_nodes.statistics.numeric_outliers import NumericOutliers
from nodeflow_nodes.statistics.pca_summary import PcaSummary
from polars.testing import assert_frame_equal

TABLE = pl.DataFrame(
    {
        "*": [1.0, 2.0, 3.0, 4.0, 100.0, None, 2.5, -50.0],
        "whole": [1, 2, 3, 4, 5, 6, 7, 90],
        "g": ["a", "a", "b", "b", "a", "b", "a", "b"],
    }
)


def test_tukeys_fences_are_those_of_numpys_quartiles() -> None:
    found = calculate(NumericOutliers(columns=["*"]), table=TABLE)
    known = TABLE[:, 0].drop_nulls().to_numpy()
    low, high = np.quantile(known, [0.25, 0.75])
    limits = row(found["limits"])
    assert (limits["lower"], limits["upper"]) == pytest.approx(
        (low - 1.5 * (high - low), high + 1.5 * (high - low))
    )
    assert (limits["n"], limits["missing"], limits["below"], limits["above"], limits["outliers"]) == (
        7,
        1,
        1,
        1,
        2,
    )
    assert found["table"]["whole"].to_list() == [1, 2, 3, 4, 6, 7]


@pytest.mark.parametrize("method", ["z-score", "median deviation"])
def test_other_limits_are_those_of_their_formulas(method: str) -> None:
    node = NumericOutliers(columns=["*"], method=method, factor=2, treatment="mark")
    found = calculate(node, table=TABLE)
    x = TABLE[:, 0].drop_nulls().to_numpy()
    centre = x.mean() if method == "z-score" else np.median(x)
    width = 2 * (x.std(ddof=1) if method == "z-score" else 1.4826 * np.median(np.abs(x - centre)))
    assert (row(found["limits"])["lower"], row(found["limits"])["upper"]) == pytest.approx(
        (centre - width, centre + width)
    )
    outside = [v is not None and abs(v - centre) > width for v in TABLE[:, 0]]
    assert found["table"]["outlier"].to_list() == outside


def test_outliers_are_clipped_or_emptied_in_their_type() -> None:
    clipped = calculate(NumericOutliers(treatment="clip"), table=TABLE)
    assert clipped["table"].schema == TABLE.schema
    upper = row(clipped["limits"], 1)["upper"]
    assert clipped["table"]["whole"].to_list() == [1, 2, 3, 4, 5, 6, 7, int(upper)]
    assert clipped["table"][:, 0].to_list()[4] == row(clipped["limits"])["upper"]
    assert clipped["table"][:, 0].to_list()[5] is None
    emptied = calculate(NumericOutliers(treatment="missing", side="high"), table=TABLE)
    assert emptied["table"][:, 0].to_list() == [1.0, 2.0, 3.0, 4.0, None, None, 2.5, -50.0]
    assert row(emptied["limits"])["lower"] is None
    kept = calculate(NumericOutliers(treatment="keep only outliers", columns=["whole"]), table=TABLE)
    assert kept["table"]["whole"].to_list() == [90]


def test_groups_have_limits_of_their_own(faults) -> None:
    found = calculate(NumericOutliers(columns=["whole"], groups=["g"]), table=TABLE)
    assert found["limits"]["g"].to_list() == ["a", "b"]
    assert row(found["limits"], 1)["upper"] == pytest.approx(
        np.quantile([3, 4, 6, 90], 0.75) + 1.5 * (27 - 3.75)
    )
    assert found["table"]["whole"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    clash = TABLE.rename({"g": "n"})
    assert "rename that group column" in faults(NumericOutliers(groups=["n"]), table=clash)[0]


def test_tables_without_spread_have_no_outliers() -> None:
    same = pl.DataFrame({"x": [3.0] * 5})
    for method in ("interquartile range", "z-score", "median deviation"):
        assert calculate(NumericOutliers(method=method), table=same)["table"].height == 5
        assert calculate(NumericOutliers(method=method), table=same.clear())["table"].height == 0
        assert calculate(NumericOutliers(method=method), table=same.head(1))["table"].height == 1


def test_an_isolation_forest_is_scikit_learns(faults) -> None:
    from sklearn.ensemble import IsolationForest

    rng = np.random.default_rng(1)
    table = pl.DataFrame({"x": [*rng.normal(size=60), 8.0, None], "y": [*rng.normal(size=60), -8.0, 1.0]})
    node = NumericOutliers(method="isolation forest", treatment="mark", seed=5, share=0.05)
    found = calculate(node, exported=False, table=table)["table"]
    right = (
        IsolationForest(random_state=5, contamination=0.05).fit_predict(table.drop_nulls().to_numpy()) == -1
    )
    assert found["outlier"].to_list() == [*right.tolist(), False]
    assert found["outlier"][60]
    assert "2 or more" in refusal(node, table=table.head(1))
    with pytest.raises(Exception, match="odd rows"):
        NumericOutliers(method="isolation forest", treatment="clip")
    assert "already" in faults(NumericOutliers(treatment="mark", mark="g"), table=TABLE)[0]


def test_components_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_iris
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    iris = load_iris()
    table = pl.DataFrame(iris.data, schema=["a", "^b$", "c", "column"])
    found = calculate(PcaSummary(), table=table)
    right = PCA().fit(StandardScaler().fit_transform(iris.data))
    assert found["components"]["share"].to_list() == pytest.approx(right.explained_variance_ratio_.tolist())
    assert found["components"]["cumulated"][-1] == pytest.approx(1)
    assert found["components"]["keep"].to_list() == [True, False, False, False]
    loadings = np.abs(found["loadings"].drop("column").to_numpy())
    assert loadings == pytest.approx(
        np.abs(right.components_.T) * np.sqrt(found["components"]["variance"].to_numpy())
    )
    assert found["suitability"]["value"].to_list() == pytest.approx(
        [706.96, 0.540], rel=1e-3
    )  # as in R's psych
    plain = calculate(PcaSummary(standardise=False), table=table)["components"]
    assert plain["variance"].to_list() == pytest.approx(PCA().fit(iris.data).explained_variance_.tolist())


def test_components_that_cannot_be_found_are_told(faults) -> None:
    flat = pl.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0] * 4, "c": [2.0, 4.0, 6.0, 8.0]})
    assert 'column "b" are equal' in refusal(PcaSummary(), table=flat)
    assert "at least 3" in refusal(PcaSummary(), table=flat.head(2))
    twins = calculate(PcaSummary(columns=["a", "c"]), table=flat)
    assert "follow exactly" in row(twins["suitability"])["in_words"]
    assert "fewer than two" in faults(PcaSummary(columns=["a"]), table=flat)[0]
    assert_frame_equal(twins["components"].select("share"), pl.DataFrame({"share": [1.0, 0.0]}))


X = np.arange(20.0)
COLUMNS = pl.DataFrame(
    {
        "*": X,
        "^twice$": -2 * X + np.where(X == 3, 1, 0),
        "other": [*(X[:10] % 3), *([None] * 10)],
        "flat": [7] * 20,
        "id": [f"n{i}" for i in range(20)],
        "empty": pl.Series([None] * 20, dtype=pl.String),
        "few": [None] * 11 + list("abcabcabc"),
        "lists": [[1]] * 20,
    }
)


def test_of_columns_that_say_the_same_one_stays() -> None:
    found = calculate(LinearCorrelationFilter(), table=COLUMNS)
    assert found["table"].columns == [name for name in COLUMNS.columns if name != "^twice$"]
    assert found["left_out"].rows() == [
        ("^twice$", "*", pytest.approx(np.corrcoef(COLUMNS[:, 0], COLUMNS[:, 1])[0, 1]))
    ]
    nothing = calculate(
        LinearCorrelationFilter(method="Spearman", most=0.9999), table=COLUMNS.select(pl.nth(0), pl.nth(2))
    )
    assert nothing["left_out"].height == 0
    assert calculate(LinearCorrelationFilter(), table=COLUMNS.clear())["table"].width == COLUMNS.width


def test_the_column_that_goes_with_most_others_stays() -> None:
    rng = np.random.default_rng(4)
    hub = rng.normal(size=500)
    table = pl.DataFrame({"a": hub + rng.normal(0, 0.5, 500), "hub": hub, "b": hub + rng.normal(0, 0.5, 500)})
    assert abs(np.corrcoef(table["a"], table["b"])[0, 1]) < 0.85 < np.corrcoef(table["a"], table["hub"])[0, 1]
    found = calculate(LinearCorrelationFilter(most=0.85), table=table)
    assert found["table"].columns == ["hub"]
    assert found["left_out"]["kept_instead"].to_list() == ["hub", "hub"]


def test_columns_are_left_out_by_what_they_hold(faults) -> None:
    found = calculate(ColumnStatisticsFilter(), table=COLUMNS)
    assert found["table"].columns == ["*", "^twice$", "other", "id", "lists"]
    reasons = dict(found["report"].select("column", "reason").iter_rows())
    assert reasons["flat"] == "all values are equal"
    assert reasons["empty"] == "100.0% of the values are missing"
    assert reasons["few"] == "55.0% of the values are missing"
    strict = calculate(
        ColumnStatisticsFilter(missing=None, distinct=0.9, variance=1, correlation=0.9), table=COLUMNS
    )
    assert strict["table"].columns == ["*", "few", "lists"]
    told = {
        name: rest
        for name, *rest in strict["report"]
        .select("column", "distinct", "distinct_share", "variance", "reason")
        .rows()
    }
    assert told["other"] == [3, 0.3, pytest.approx(np.var(X[:10] % 3, ddof=1)), "the variance is 0.7667"]
    assert told["^twice$"][3] == "its correlation with * is -1.000"
    assert told["id"][3] == "100.0% of the values are different"
    some = calculate(ColumnStatisticsFilter(columns=["flat"], constant=False), table=COLUMNS)
    assert some["table"].columns == COLUMNS.columns
    assert (
        calculate(ColumnStatisticsFilter(correlation=0.5), table=COLUMNS.clear())["table"].columns
        == COLUMNS.columns
    )
    assert "no column is chosen" in faults(ColumnStatisticsFilter(columns=[]), table=COLUMNS)[0]
