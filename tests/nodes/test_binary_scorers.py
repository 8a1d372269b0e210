"""Scores of probabilities: the numbers of scikit-learn and of the formulas, with intervals and baselines."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest
from calculating import calculate, refusal, row, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.scoring.calibration_scorer import CalibrationScorer
from nodeflow_nodes.scoring.lift_table import LiftTable
from nodeflow_nodes.scoring.precision_recall_scorer import PrecisionRecallScorer
from nodeflow_nodes.scoring.roc_scorer import RocScorer
from nodeflow_nodes.scoring.threshold import Threshold
from sklearn import metrics

RNG = np.random.default_rng(6)
HIT = RNG.random(400) < 0.3
GOOD = np.clip(0.3 + 0.3 * HIT + RNG.normal(0, 0.15, 400), 0.01, 0.99)
POOR = np.round(np.clip(0.3 + 0.1 * HIT + RNG.normal(0, 0.15, 400), 0, 1), 1)  # with many ties
TABLE = pl.DataFrame({"^a$": [*np.where(HIT, "yes", "no"), None], "*": [*GOOD, 0.5], "poor": [*POOR, 0.1]})


def test_areas_are_scikit_learns_with_ties_counted_half() -> None:
    found = calculate(RocScorer(actual="^a$", points=10_000), table=TABLE)
    areas = found["areas"]
    assert areas["value"].to_list() == pytest.approx(
        [metrics.roc_auc_score(HIT, one) for one in (GOOD, POOR)], rel=1e-12
    )
    assert (row(areas)["positive"], row(areas)["positives"], row(areas)["missing"]) == ("yes", HIT.sum(), 1)
    right = metrics.roc_curve(HIT, POOR, drop_intermediate=False)
    curve = found["curve"].filter(pl.col("column") == "poor")
    assert curve["false_positive_rate"].to_list() == pytest.approx(right[0].tolist())
    assert curve["true_positive_rate"].to_list() == pytest.approx(right[1].tolist())
    assert curve["threshold"].to_list()[1:] == pytest.approx(right[2].tolist()[1:])


def test_the_interval_of_an_area_is_delongs() -> None:
    area = row(calculate(RocScorer(actual="^a$", scores=["*"]), table=TABLE)["areas"])
    wins = (GOOD[HIT][:, None] > GOOD[~HIT][None, :]).astype(float)
    error = (wins.mean(axis=1).var(ddof=1) / HIT.sum() + wins.mean(axis=0).var(ddof=1) / (~HIT).sum()) ** 0.5
    assert area["standard_error"] == pytest.approx(error, rel=1e-12)
    assert area["low"] == pytest.approx(area["value"] - 1.959964 * error)


def test_two_columns_of_scores_are_compared_on_the_same_rows() -> None:
    found = row(calculate(RocScorer(actual="^a$"), table=TABLE)["comparisons"])
    assert found["difference"] == pytest.approx(
        metrics.roc_auc_score(HIT, GOOD) - metrics.roc_auc_score(HIT, POOR)
    )
    draws = [RNG.integers(0, 400, 400) for _ in range(400)]
    spread = np.std(
        [metrics.roc_auc_score(HIT[d], GOOD[d]) - metrics.roc_auc_score(HIT[d], POOR[d]) for d in draws]
    )
    assert found["difference"] / found["z"] == pytest.approx(spread, rel=0.15)
    twins = TABLE.with_columns(pl.nth(1).alias("twin"))
    assert (
        "alike"
        in calculate(RocScorer(actual="^a$", scores=["*", "twin"]), table=twins)["comparisons"]["in_words"][0]
    )


def test_a_long_curve_is_thinned_but_keeps_its_ends() -> None:
    curve = calculate(RocScorer(actual="^a$", scores=["*"], points=20), table=TABLE)["curve"]
    assert curve.height <= 21
    assert curve.select("false_positive_rate", "true_positive_rate").row(0) == (0, 0)
    assert curve.select("false_positive_rate", "true_positive_rate").row(-1) == (1, 1)


def test_average_precision_is_scikit_learns() -> None:
    found = calculate(PrecisionRecallScorer(actual="^a$", points=10_000), table=TABLE)
    right = [metrics.average_precision_score(HIT, one) for one in (GOOD, POOR)]
    assert found["scores"]["value"].to_list() == pytest.approx(right, rel=1e-12)
    assert row(found["scores"])["baseline"] == pytest.approx(HIT.mean())
    assert row(found["scores"])["low"] < right[0] < row(found["scores"])["high"]
    precision, recall, thresholds = metrics.precision_recall_curve(HIT, POOR)
    curve = found["curve"].filter(pl.col("column") == "poor").sort("threshold")
    assert curve["threshold"].to_list() == pytest.approx(thresholds.tolist())
    assert curve["precision"].to_list() == pytest.approx(precision[:-1].tolist())
    assert curve["recall"].to_list() == pytest.approx(recall[:-1].tolist())


def test_lift_and_gain_of_deciles() -> None:
    table = pl.DataFrame(
        {
            "hit": [True, True, False, True, False, False, False, False],
            "p": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
        }
    )
    found = calculate(LiftTable(actual="hit", parts=4), table=table)["table"]
    assert found["positives"].to_list() == [2, 1, 0, 0]
    assert found["lift"].to_list() == pytest.approx([8 / 3, 4 / 3, 0, 0])
    assert found["gain"].to_list() == pytest.approx([2 / 3, 1, 1, 1])
    assert found["cumulated_lift"].to_list() == pytest.approx([8 / 3, 2, 4 / 3, 1])
    tied = table.with_columns(p=pl.lit(0.5))
    assert calculate(LiftTable(actual="hit", parts=4), table=tied)["table"][
        "lift"
    ].to_list() == pytest.approx([1.0] * 4)
    assert "too few for 10" in refusal(LiftTable(actual="hit"), table=table)


def test_calibration_is_scikit_learns() -> None:
    from sklearn.calibration import calibration_curve

    found = calculate(CalibrationScorer(actual="^a$", scores=["*"], classes=5), table=TABLE)
    scores = {
        name: rest
        for name, *rest in found["scores"].select("metric", "value", "low", "high", "baseline").rows()
    }
    assert scores["Brier score"][0] == pytest.approx(metrics.brier_score_loss(HIT, GOOD), rel=1e-12)
    assert scores["Brier score"][3] == pytest.approx(HIT.mean() * (1 - HIT.mean()))
    assert scores["log loss"][0] == pytest.approx(metrics.log_loss(HIT, GOOD), rel=1e-12)
    right = calibration_curve(HIT, GOOD, n_bins=5)
    curve = found["curve"]
    assert curve["observed"].to_list() == pytest.approx(right[0].tolist())
    assert curve["mean_probability"].to_list() == pytest.approx(right[1].tolist())
    assert scores["calibration error"][0] == pytest.approx(
        (np.abs(right[0] - right[1]) * curve["rows"].to_numpy()).sum() / 400
    )
    by_size = calculate(
        CalibrationScorer(actual="^a$", scores=["*"], classes=5, cut="equal size"), table=TABLE
    )["curve"]
    assert by_size["rows"].to_list() == [80] * 5
    above = TABLE.with_columns(pl.nth(1) + 1)
    assert "these are no probabilities" in refusal(CalibrationScorer(actual="^a$", scores=["*"]), table=above)


def best(value) -> tuple[float, float]:
    found = [(value(t <= GOOD), t) for t in np.unique(GOOD)]
    return max(found)


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("F1", lambda said: metrics.f1_score(HIT, said)),
        ("Youden", lambda said: said[HIT].mean() - said[~HIT].mean()),
        ("accuracy", lambda said: (said == HIT).mean()),
        ("cost", lambda said: -(5.0 * (said & ~HIT).sum() + 20.0 * (~said & HIT).sum())),
    ],
)
def test_the_threshold_is_the_best_of_all(by: str, value) -> None:
    node = Threshold(actual="^a$", score="*", by=by, false_positive_cost=5, false_negative_cost=20)
    chosen, baseline = calculate(node, table=TABLE)["chosen"].rows(named=True)
    right, threshold = best(value)
    said = chosen["threshold"] <= GOOD
    assert value(said) == pytest.approx(right)
    assert chosen["threshold"] == pytest.approx(threshold)
    assert (chosen["true_positives"], chosen["false_positives"]) == ((said & HIT).sum(), (said & ~HIT).sum())
    assert baseline["accuracy"] == pytest.approx(((GOOD >= 0.5) == HIT).mean())
    assert chosen["cost"] == 5 * chosen["false_positives"] + 20 * chosen["false_negatives"]


def test_a_threshold_keeps_precision_and_a_dear_false_alarm_calls_none_positive() -> None:
    node = Threshold(actual="^a$", score="*", by="precision", at_least=0.8)
    chosen = row(calculate(node, table=TABLE)["chosen"])
    assert chosen["precision"] >= 0.8
    right = max(
        metrics.recall_score(HIT, t <= GOOD) for t in GOOD if metrics.precision_score(HIT, t <= GOOD) >= 0.8
    )
    assert chosen["recall"] == pytest.approx(right)
    never = Threshold(actual="^a$", score="poor", by="precision", at_least=0.99)
    assert "no threshold reaches a precision" in refusal(never, table=TABLE)
    dear = Threshold(actual="^a$", score="poor", by="cost", false_positive_cost=1000)
    assert row(calculate(dear, table=TABLE)["chosen"])["threshold"] is None
    with pytest.raises(Exception, match="every threshold is as good"):
        Threshold(actual="a", score="p", by="cost", false_positive_cost=0, false_negative_cost=0)


@pytest.mark.parametrize("kind", [RocScorer, PrecisionRecallScorer, LiftTable, CalibrationScorer])
def test_what_cannot_be_told_apart_is_refused(kind, faults) -> None:
    assert 'one class only, "no"' in refusal(kind(actual="^a$"), table=TABLE.filter(pl.nth(0) == "no"))
    assert "has no values" in refusal(kind(actual="^a$"), table=TABLE.clear())
    three = TABLE.with_columns(pl.Series("^a$", ["x", "y", "z", *["x"] * 398]))
    assert "3 classes; say which" in refusal(kind(actual="^a$"), table=three)
    assert 'no class "w"' in refusal(kind(actual="^a$", positive="w"), table=TABLE)
    infinite = TABLE.with_columns(pl.lit(float("inf")).alias("*"))
    assert "infinite" in refusal(kind(actual="^a$", scores=["*"]), table=infinite)
    assert "no column of scores" in faults(kind(actual="^a$"), table=TABLE.select(pl.nth(0)))[0]


def test_a_million_rows_are_scored_in_a_moment() -> None:
    hit = RNG.random(1_000_000) < 0.2
    table = pl.DataFrame({"hit": hit, "p": np.clip(0.3 * hit + RNG.random(1_000_000) * 0.7, 0, 1)})
    start = time.perf_counter()
    area = row(tables(RocScorer(actual="hit"), table=table)["areas"])
    assert area["value"] == pytest.approx(metrics.roc_auc_score(hit, table["p"]), rel=1e-9)
    assert time.perf_counter() - start < 8


SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=4, max_size=60).filter(
    lambda rows: 0 < sum(hit for hit, _ in rows) < len(rows)
)


@given(SCORES)
@settings(max_examples=40, deadline=None)
def test_only_the_order_of_scores_counts_and_the_mirror_is_the_rest(rows) -> None:
    table = pl.DataFrame(rows, schema={"hit": pl.Boolean, "s": pl.Float64}, orient="row")
    table = table.with_columns(cubed=pl.col("s") ** 3, mirror=-pl.col("s"))
    areas = tables(RocScorer(actual="hit"), table=table)["areas"]["value"].to_list()
    assert areas[0] == pytest.approx(areas[1], abs=1e-12)
    assert areas[0] + areas[2] == pytest.approx(1, abs=1e-12)
    assert areas[0] == pytest.approx(metrics.roc_auc_score(table["hit"], table["s"]), abs=1e-12)
