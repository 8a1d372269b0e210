"""Trying learners on folds: the numbers of scikit-learn, no leak, the same with any number of processors."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import FakeContext
from nodeflow_nodes.mining.random_forest_learner import RandomForestLearner
from nodeflow_nodes.scoring._folds import FoldingNode
from nodeflow_nodes.scoring._trials import Trials
from nodeflow_nodes.scoring._trying import pooled, spread_of, try_all, try_on, trying
from nodeflow_nodes.scoring._unfitted import Unfitted
from sklearn import datasets, metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from nodeflow.errors import Cancelled, NodeFailed

IRIS = datasets.load_iris()
TABLE = pl.DataFrame(IRIS.data, schema=["a", "b", "c", "d"]).with_columns(
    pl.Series("kind", [str(IRIS.target_names[one]) for one in IRIS.target])
)


class Counted(Unfitted):
    """An unfitted learner that counts how often it learned."""

    fits = 0

    def fit(self, table: pl.DataFrame, context: Any) -> Any:
        self.fits += 1
        return super().fit(table, context)


def model(target: str = "kind", trees: int = 20, table: pl.DataFrame = TABLE) -> Any:
    learner = RandomForestLearner(target=target, trees=trees, seed=1)
    return learner.run(table, FakeContext(Path(tempfile.gettempdir()))).model


def forest(target: str = "kind", trees: int = 20, table: pl.DataFrame = TABLE) -> Counted:
    return Counted(model(target, trees, table))


def tried(unfitted: Any, table: pl.DataFrame, context: Any, **settings: Any) -> Any:
    node = FoldingNode(**{"seed": 3, **settings})
    given = trying(table, unfitted, context)
    folds = node.parted(given.table, unfitted.target, given.is_class, context)
    with Trials(context, "folds") as trials:
        return given, folds, try_all(unfitted, given, folds, context, trials)


def test_each_fold_is_scored_as_scikit_learn_does(context) -> None:
    _, folds, found = tried(forest(), TABLE, context)
    splits = StratifiedKFold(5, shuffle=True, random_state=3)
    right = cross_val_score(RandomForestClassifier(20, random_state=1), IRIS.data, IRIS.target, cv=splits)
    assert [one.measures["accuracy"] for one in found] == pytest.approx(right.tolist(), abs=0.04)
    assert np.mean([one.measures["accuracy"] for one in found]) == pytest.approx(right.mean(), abs=0.01)
    assert [one.baseline["accuracy"] for one in found] == pytest.approx([1 / 3] * 5)
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(150))
    shares = np.stack([found[0].shares[name] for name in IRIS.target_names], axis=1)
    truth = IRIS.target[folds[0].test]
    assert found[0].measures["AUC"] == pytest.approx(metrics.roc_auc_score(truth, shares, multi_class="ovr"))
    assert found[0].measures["log loss"] == pytest.approx(
        metrics.log_loss(truth, np.clip(shares, 1e-15, 1)), rel=1e-3
    )


def test_numbers_are_measured_and_the_mean_of_what_was_learned_stands_beside(context) -> None:
    given, folds, found = tried(forest("d"), TABLE, context, folds=3)
    assert found[0].measures["R2"] > 0.8
    train, test = TABLE["d"].to_numpy()[folds[0].train], TABLE["d"].to_numpy()[folds[0].test]
    assert found[0].baseline["MAE"] == pytest.approx(np.abs(test - train.mean()).mean())
    assert pooled(given, folds, found)["R2"] == pytest.approx(
        metrics.r2_score(
            TABLE["d"].to_numpy()[np.concatenate([fold.test for fold in folds])],
            [one for each in found for one in each.predicted],
        )
    )


def test_targets_by_chance_score_as_chance(context) -> None:
    rng = np.random.default_rng(0)
    table = pl.DataFrame(rng.normal(size=(300, 40))).with_columns(
        pl.Series("target", rng.choice(["x", "y"], 300)),
        pl.Series("town", rng.choice(list("abcdefghij"), 300)),
    )
    _, _, found = tried(forest("target", 50, table), table, context)
    assert np.mean([one.measures["accuracy"] for one in found]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([one.measures["AUC"] for one in found]) == pytest.approx(0.5, abs=0.08)


def test_what_was_tried_is_not_tried_again(context) -> None:
    unfitted = forest()
    _, _, first = tried(unfitted, TABLE, context)
    assert unfitted.fits == 5
    _, _, again = tried(unfitted, TABLE, context)
    assert unfitted.fits == 5
    assert [one.measures for one in again] == [one.measures for one in first]
    tried(unfitted, TABLE.with_columns(pl.col("a") + 1), context)
    assert unfitted.fits == 10


def test_trials_are_cancelled_at_once(context) -> None:
    started = threading.Event()

    def check() -> None:
        if started.is_set():
            raise Cancelled("cancelled")

    context.check_cancelled = check
    with pytest.raises(Cancelled), Trials(context, "pieces") as trials:
        trials.run([lambda: started.set() or threading.Event().wait(0.3) for _ in range(50)])


def test_trials_come_in_order_and_tell_warnings_once(context) -> None:
    import warnings

    def piece(number: int) -> int:
        warnings.warn("it wobbles", stacklevel=1)
        return number

    with Trials(context, "pieces") as trials:
        assert trials.run([lambda at=at: piece(at) for at in range(20)]) == list(range(20))
    assert context.warnings == ["it wobbles (20 times)"]


def parts(context: Any, table: pl.DataFrame = TABLE, is_class: bool = True, **settings: Any) -> list[Any]:
    return FoldingNode(**{"seed": 1, **settings}).parted(table, "kind", is_class, context)


def test_rows_are_parted_as_asked(context) -> None:
    table = TABLE.with_columns(g=pl.int_range(150) // 10, t=pl.lit(200) - pl.int_range(150))
    for fold in parts(context, table, method="grouped", group="g"):
        assert not set(table["g"].to_numpy()[fold.train]) & set(table["g"].to_numpy()[fold.test])
    for fold in parts(context, table, method="time series", time="t"):
        assert table["t"].to_numpy()[fold.train].max() < table["t"].to_numpy()[fold.test].min()
    assert len(parts(context, table, method="leave one out")) == 150
    repeated = parts(context, table, repeats=3)
    assert [(fold.repeat, fold.number) for fold in repeated] == [
        (r, f) for r in (1, 2, 3) for f in range(1, 6)
    ]
    assert repeated[0].test.tolist() != repeated[5].test.tolist()
    for fold in parts(context, table):
        assert np.unique(TABLE["kind"].to_numpy()[fold.test], return_counts=True)[1].tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    ("table", "settings", "words"),
    [
        (TABLE.head(1), {}, "only 1 row"),
        (TABLE.head(3), {"method": "random"}, "3 rows cannot be parted into 5 folds"),
        (TABLE.with_columns(g=pl.lit("x")), {"method": "grouped", "group": "g"}, "has 1 groups, too few"),
        (
            TABLE.with_columns(pl.int_range(150).cast(pl.String).alias("kind")),
            {},
            "no class has as many rows",
        ),
        (
            TABLE.with_columns(t=pl.lit(None, pl.Int64)),
            {"method": "time series", "time": "t"},
            "have no time",
        ),
    ],
)
def test_rows_that_cannot_be_parted_are_told(context, table, settings, words: str) -> None:
    with pytest.raises(NodeFailed, match=words):
        parts(context, table, **settings)


def test_rare_classes_are_told(context) -> None:
    table = TABLE.with_columns(kind=pl.when(pl.int_range(150) < 3).then(pl.lit("rare")).otherwise("kind"))
    assert len(parts(context, table)) == 5
    assert "the rarest class has 3 rows" in context.warnings[0]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TABLE.drop("kind"), 'no column "kind"'),
        (TABLE.with_columns(kind=pl.lit(None, pl.String)), "nothing to learn"),
        (TABLE.head(50), "one class only"),
    ],
)
def test_what_cannot_be_tried_is_told(context, table, words: str) -> None:
    with pytest.raises(NodeFailed, match=words):
        trying(table, forest(), context)


def test_rows_without_a_target_are_left_out(context) -> None:
    table = TABLE.with_columns(kind=pl.when(pl.int_range(150) != 7).then("kind"))
    assert trying(table, forest(), context).table.height == 149
    assert "1 rows without a value" in context.warnings[0]


def test_the_interval_over_folds_knows_that_they_are_alike(context) -> None:
    folds = parts(context)
    values = [0.9, 0.92, 0.94, 0.88, 0.91]
    spread, low, high = spread_of(values, folds, 0.95, "MAE")
    assert spread == pytest.approx(np.std(values, ddof=1))
    error = spread * (1 / 5 + 30 / 120) ** 0.5
    assert (high - low) / 2 == pytest.approx(2.7764451 * error)
    assert spread_of([0.5], folds, 0.95, "MAE") is None
    assert spread_of([0.9, 1.0], folds, 0.95, "accuracy")[2] == 1


def test_a_fold_alone_can_be_tried(context) -> None:
    given = trying(TABLE, forest(), context)
    fold = parts(context)[0]
    found = try_on(forest(), given, fold, context)
    assert len(found.predicted) == len(fold.test) == len(found.shares["setosa"])
