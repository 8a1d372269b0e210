"""Scorers: the numbers of scikit-learn, with intervals that hold and baselines beside them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row
from nodeflow_nodes.scoring.cluster_scorer import ClusterScorer
from nodeflow_nodes.scoring.cost_scorer import CostScorer
from nodeflow_nodes.scoring.numeric_scorer import NumericScorer
from nodeflow_nodes.scoring.scorer import Scorer
from sklearn import metrics

RNG = np.random.default_rng(2)
ACTUAL = RNG.choice(["a", "b", "c"], 300, p=[0.6, 0.3, 0.1])
PREDICTED = np.where(RNG.random(300) < 0.7, ACTUAL, RNG.choice(["a", "b", "d"], 300))
CLASSES = pl.DataFrame({"*": [*ACTUAL, None], "^p$": [*PREDICTED, "a"]})


def by_metric(table: pl.DataFrame, column: str = "value") -> dict[str, float]:
    return dict(table.select("metric", column).iter_rows())


def test_class_scores_are_scikit_learns() -> None:
    found = calculate(Scorer(actual="*", prediction="^p$", seed=0), table=CLASSES)
    scores = by_metric(found["scores"])
    labels = ["a", "b", "c", "d"]
    right = {
        "accuracy": metrics.accuracy_score(ACTUAL, PREDICTED),
        "precision": metrics.precision_score(
            ACTUAL, PREDICTED, average="macro", labels=labels, zero_division=0
        ),
        "recall": metrics.recall_score(ACTUAL, PREDICTED, average="macro", labels=labels, zero_division=0),
        "F1": metrics.f1_score(ACTUAL, PREDICTED, average="macro", labels=labels, zero_division=0),
        "weighted F1": metrics.f1_score(ACTUAL, PREDICTED, average="weighted", zero_division=0),
        "Cohen's kappa": metrics.cohen_kappa_score(ACTUAL, PREDICTED),
        "MCC": metrics.matthews_corrcoef(ACTUAL, PREDICTED),
        "balanced accuracy": metrics.recall_score(ACTUAL, PREDICTED, average="macro", labels=labels[:3]),
        "rows": 300,
        "rows left out": 1,
    }
    assert scores == pytest.approx(right, rel=1e-12)
    assert found["confusion"].columns == ["actual", *labels]
    confusion = metrics.confusion_matrix(ACTUAL, PREDICTED, labels=labels)
    assert found["confusion"].drop("actual").to_numpy().tolist() == confusion.tolist()
    each = metrics.precision_recall_fscore_support(ACTUAL, PREDICTED, labels=labels, zero_division=0)
    assert found["classes"]["precision"].to_list() == pytest.approx(each[0].tolist())
    assert found["classes"]["recall"].to_list()[:3] == pytest.approx(each[1].tolist()[:3])
    assert found["classes"]["rows"].to_list() == each[3].tolist()


def test_the_baseline_always_says_the_most_frequent_class() -> None:
    baseline = by_metric(
        calculate(Scorer(actual="*", prediction="^p$", seed=0), table=CLASSES)["scores"], "baseline"
    )
    assert baseline["accuracy"] == pytest.approx((ACTUAL == "a").mean())
    assert baseline["balanced accuracy"] == pytest.approx(1 / 3)
    assert (baseline["Cohen's kappa"], baseline["MCC"]) == pytest.approx((0, 0))


def test_the_interval_is_that_of_rows_drawn_anew() -> None:
    scores = calculate(Scorer(actual="*", prediction="^p$", seed=0), table=CLASSES)["scores"]
    draws = RNG.integers(0, 300, (2000, 300))
    right = np.quantile((ACTUAL[draws] == PREDICTED[draws]).mean(axis=1), [0.025, 0.975])
    assert [row(scores)["low"], row(scores)["high"]] == pytest.approx(right.tolist(), abs=0.01)
    none = calculate(Scorer(actual="*", prediction="^p$", rounds=0, seed=0), table=CLASSES)["scores"]
    assert none["low"].null_count() == none.height


def test_classes_of_other_types_are_compared_by_their_values() -> None:
    table = pl.DataFrame(
        {"a": [True, False, True], "p": ["true", "true", "true"], "n": [1, 2, 10], "m": [1.0, 2.0, 10.0]}
    )
    assert by_metric(calculate(Scorer(actual="a", prediction="p", seed=0), table=table)["scores"])[
        "accuracy"
    ] == pytest.approx(2 / 3)
    numbers = calculate(Scorer(actual="n", prediction="m", seed=0), table=table)
    assert by_metric(numbers["scores"])["accuracy"] == 1
    assert numbers["classes"]["class"].to_list() == ["1.0", "2.0", "10.0"]
    one = calculate(Scorer(actual="a", prediction="p", seed=0), table=table.filter("a"))["scores"]
    assert by_metric(one)["accuracy"] == 1
    assert by_metric(one)["Cohen's kappa"] is None


def test_what_cannot_be_scored_is_told() -> None:
    assert "nothing to score" in refusal(Scorer(actual="*", prediction="^p$"), table=CLASSES.tail(1))
    many = pl.DataFrame({"a": range(3000), "p": range(3000)})
    assert "too many to score" in refusal(Scorer(actual="a", prediction="p"), table=many)
    with pytest.raises(Exception, match="another column"):
        Scorer(actual="a", prediction="a")


NUMBERS = pl.DataFrame({"a": RNG.normal(50, 10, 5000)}).with_columns(
    p=pl.col("a") + pl.Series(RNG.normal(1, 4, 5000))
)


def test_number_scores_have_intervals_and_the_mean_beside_them() -> None:
    table = calculate(NumericScorer(actual="a", prediction="p", seed=0), table=NUMBERS)["table"]
    a, p = NUMBERS["a"].to_numpy(), NUMBERS["p"].to_numpy()
    assert by_metric(table) == pytest.approx(
        {
            "R2": metrics.r2_score(a, p), "MAE": metrics.mean_absolute_error(a, p),
            "RMSE": metrics.root_mean_squared_error(a, p), "MAPE": metrics.mean_absolute_percentage_error(a, p),
            "mean signed difference": (p - a).mean(), "max error": metrics.max_error(a, p), "rows": 5000,
            "rows left out": 0,
        },
        rel=1e-9,
    )  # fmt: skip
    baseline = by_metric(table, "baseline")
    assert (baseline["R2"], baseline["RMSE"]) == pytest.approx((0, a.std()))
    mae = row(table, 1)
    error = np.abs(p - a).std(ddof=1) / 5000**0.5
    assert (mae["low"], mae["high"]) == pytest.approx(
        (mae["value"] - 1.96 * error, mae["value"] + 1.96 * error), rel=5e-3
    )


def test_numbers_that_cannot_be_scored_are_told_or_left_out() -> None:
    table = pl.DataFrame({"a": [2.0, 2.0, None], "p": [1.0, float("inf"), 3.0]})
    found = calculate(NumericScorer(actual="a", prediction="p", seed=0), table=table)["table"]
    assert (by_metric(found)["R2"], by_metric(found)["rows"], by_metric(found)["rows left out"]) == (
        None,
        1,
        2,
    )
    assert "nothing to score" in refusal(NumericScorer(actual="a", prediction="p"), table=table.clear())


def test_costs_are_added_up_and_the_cheapest_constant_stands_beside() -> None:
    table = pl.DataFrame(
        {"a": ["fraud", "fine", "fine", "fraud", None], "p": ["fine", "fine", "fraud", "fraud", "fine"]}
    )
    costs = [
        {"actual": "fraud", "predicted": "fine", "cost": 10},
        {"actual": "fine", "predicted": "fraud", "cost": 1},
    ]
    found = calculate(CostScorer(actual="a", prediction="p", costs=costs), table=table)
    assert by_metric(found["scores"])["cost in all"] == 11
    assert by_metric(found["scores"], "baseline")["cost in all"] == 2  # always fraud
    assert row(found["scores"])["value"] == 2.75
    assert found["cells"]["total"].to_list() == [0, 1, 10, 0]
    wrong = [{"actual": "frod", "predicted": "fine", "cost": 10}]
    assert 'speaks of "frod"' in refusal(CostScorer(actual="a", prediction="p", costs=wrong), table=table)
    with pytest.raises(Exception, match="has a cost already"):
        CostScorer(actual="a", prediction="p", costs=[costs[0], costs[0]])


CENTRES = np.array([[0, 0], [6, 0], [0, 6]])
GROUP = RNG.integers(0, 3, 90)
POINTS = CENTRES[GROUP] + RNG.normal(size=(90, 2))
CLUSTERS = pl.DataFrame(
    {
        "x": [*POINTS[:, 0], 50.0],
        "^y$": [*POINTS[:, 1], None],
        "c": [*GROUP, 1],
        "true": ["ABC"[g] for g in [*GROUP[:80], *[0] * 11]],
    }
)


def test_cluster_scores_are_scikit_learns() -> None:
    from sklearn.preprocessing import StandardScaler

    found = calculate(ClusterScorer(cluster="c", actual="true", seed=0), table=CLUSTERS)
    points = StandardScaler().fit_transform(POINTS)
    scores = by_metric(found["scores"])
    right = {
        "silhouette": metrics.silhouette_score(points, GROUP),
        "Davies-Bouldin": metrics.davies_bouldin_score(points, GROUP),
        "Calinski-Harabasz": metrics.calinski_harabasz_score(points, GROUP),
        "adjusted Rand index": metrics.adjusted_rand_score(CLUSTERS["true"], CLUSTERS["c"]),
        "normalised mutual information": metrics.normalized_mutual_info_score(CLUSTERS["true"], CLUSTERS["c"]),
        "rows": 90, "rows left out": 1, "clusters": 3,
    }  # fmt: skip
    assert {name: scores[name] for name in right} == pytest.approx(right, rel=1e-9)
    each = found["table"]["silhouette"].to_list()
    assert each[:90] == pytest.approx(metrics.silhouette_samples(points, GROUP).tolist())
    assert each[90] is None
    assert found["clusters"]["rows"].to_list() == np.bincount(GROUP).tolist()
    plain = calculate(
        ClusterScorer(cluster="c", columns=["x", "^y$"], standardise=False, seed=0), table=CLUSTERS
    )
    assert by_metric(plain["scores"])["silhouette"] == pytest.approx(metrics.silhouette_score(POINTS, GROUP))


def test_many_rows_are_sampled_and_noise_is_left_out(faults) -> None:
    found = calculate(ClusterScorer(cluster="c", columns=["x"], most_rows=30, seed=0), table=CLUSTERS)
    assert found["table"]["silhouette"].null_count() == 61
    noisy = CLUSTERS.with_columns(pl.col("c").replace(2, -1))
    scores = by_metric(calculate(ClusterScorer(cluster="c", seed=0), table=noisy)["scores"])
    assert (scores["clusters"], scores["rows left out"]) == (2, 1 + (GROUP == 2).sum())
    one = CLUSTERS.with_columns(c=pl.lit(1))
    assert "one cluster only" in refusal(ClusterScorer(cluster="c"), table=one)
    assert "0 clusters" in refusal(ClusterScorer(cluster="c"), table=CLUSTERS.clear())
    assert "no number column" in faults(ClusterScorer(cluster="c", columns=["c"]), table=CLUSTERS)[0]
