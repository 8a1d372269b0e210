"""Nodes that try learners: cross-validation, comparison, learning curve, importance, optimisation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import FakeContext
from nodeflow_nodes.mining.linear_regression_learner import LinearRegressionLearner
from nodeflow_nodes.mining.random_forest_learner import RandomForestLearner
from nodeflow_nodes.scoring._unfitted import Unfitted
from nodeflow_nodes.scoring.cross_validation import CrossValidation
from nodeflow_nodes.scoring.learning_curve import LearningCurve
from nodeflow_nodes.scoring.model_comparison import ModelComparison
from nodeflow_nodes.scoring.parameter_optimisation import ParameterOptimisation
from nodeflow_nodes.scoring.permutation_importance import PermutationImportance
from polars.testing import assert_frame_equal
from sklearn import datasets, metrics
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_validate

import nodeflow as nf
from nodeflow.errors import Cancelled, NodeFailed, ParameterError
from nodeflow.execution.calling import give_seed, named_outputs
from nodeflow.validation import output_specs, parameter_faults
from nodeflow.values.model import Model, ModelCodec
from nodeflow.values.specs import TableSpec

CANCER = datasets.load_breast_cancer()
ROWS = slice(0, 240)
TABLE = pl.DataFrame(CANCER.data[ROWS, :6], schema=list("abcdef")).with_columns(
    pl.Series("malignant", CANCER.target[ROWS] == 0)
)
DIABETES = datasets.load_diabetes()
NUMBERS = pl.DataFrame(DIABETES.data[:200], schema=DIABETES.feature_names).with_columns(
    pl.Series("y", DIABETES.target[:200])
)


def new_context() -> FakeContext:
    return FakeContext(Path(tempfile.gettempdir()))


def forest(table: pl.DataFrame = TABLE, target: str = "malignant", **settings: Any) -> Model:
    node = RandomForestLearner(**{"target": target, "trees": 15, "seed": 2, **settings})
    return node.run(table, new_context()).model


def line(table: pl.DataFrame = NUMBERS, target: str = "y", **settings: Any) -> Model:
    return LinearRegressionLearner(target=target, **settings).run(table, new_context()).model


def run(node: Any, context: FakeContext | None = None, **inputs: Any) -> dict[str, Any]:
    node = type(node).from_json(node.to_json())
    give_seed(node, 3, "node")
    assert faults_of(node, **inputs) == []
    outputs = named_outputs(node.signature(), node.run(**inputs, context=context or new_context()), node.name)
    specs = output_specs(node, specs_of(inputs))
    for port, value in outputs.items():
        if isinstance(value, pl.DataFrame) and specs.get(port) is not None:
            assert specs[port] == TableSpec(value.schema), port
    return outputs


def specs_of(inputs: dict[str, Any]) -> dict[str, Any]:
    def spec(value: Any) -> Any:
        if isinstance(value, list):
            return [spec(one) for one in value]
        return ModelCodec().spec_of(value) if isinstance(value, Model) else TableSpec(value.schema)

    return {name: spec(value) for name, value in inputs.items()}


def faults_of(node: Any, **inputs: Any) -> list[str]:
    specs = specs_of(inputs)
    return [fault.sentence for fault in (*parameter_faults(node, specs), *node.check(specs))]


def by_name(table: pl.DataFrame, key: str = "metric", value: str = "value") -> dict[str, Any]:
    return dict(table.select(key, value).iter_rows())


# -- Cross-Validation -------------------------------------------------------------------------------------


def test_cross_validation_scores_as_scikit_learn_does() -> None:
    model = forest()
    found = run(CrossValidation(folds=4, seed=5), learner=model, table=TABLE)
    features, target = model.features(TABLE), TABLE["malignant"].cast(pl.String).to_numpy()
    splits = StratifiedKFold(4, shuffle=True, random_state=5)
    names = {
        "accuracy": "accuracy",
        "balanced accuracy": "balanced_accuracy",
        "AUC": "roc_auc",
        "MCC": "matthews_corrcoef",
    }
    right = cross_validate(clone(model.estimator), features, target, cv=splits, scoring=names)
    scores = by_name(found["scores"])
    for name in names:
        assert scores[name] == pytest.approx(right[f"test_{name}"].mean(), rel=1e-9), name
    assert found["folds"]["accuracy"].to_list() == pytest.approx(right["test_accuracy"].tolist())
    assert by_name(found["scores"], value="std")["AUC"] == pytest.approx(right["test_AUC"].std(ddof=1))
    assert by_name(found["scores"], value="baseline")["AUC"] == pytest.approx(0.5)
    predicted = cross_val_predict(clone(model.estimator), features, target, cv=splits)
    rows = found["predictions"]
    assert rows["Prediction (malignant)"].to_list() == (predicted == "true").tolist()
    assert rows["P (malignant=true)"].is_between(0, 1).all()
    assert sorted(rows["fold"].unique()) == [1, 2, 3, 4]
    assert rows.select(TABLE.columns).equals(TABLE)


def test_numbers_are_cross_validated() -> None:
    model = line()
    found = run(CrossValidation(folds=5, seed=1), learner=model, table=NUMBERS)
    splits = KFold(5, shuffle=True, random_state=1)
    right = cross_validate(
        clone(model.estimator), model.features(NUMBERS), NUMBERS["y"].to_numpy(), cv=splits, scoring="r2"
    )
    assert by_name(found["scores"])["R2"] == pytest.approx(right["test_score"].mean(), rel=1e-9)
    assert by_name(found["scores"], value="baseline")["R2"] < 0
    alone = run(CrossValidation(method="leave one out"), learner=model, table=NUMBERS.head(30))
    left = alone["predictions"]
    assert by_name(alone["scores"])["R2"] == pytest.approx(
        metrics.r2_score(left["y"], left["Prediction (y)"])
    )
    assert by_name(alone["scores"])["folds"] == 30


def test_a_time_series_learns_only_from_the_past() -> None:
    table = NUMBERS.with_row_index("t").with_columns(pl.col("t").cast(pl.Int64)).reverse()
    model = line(table, features={"exclude": ["t"]})
    found = run(CrossValidation(method="time series", time="t", folds=3), learner=model, table=table)
    rows = found["predictions"].sort("t")
    assert rows["fold"].to_list()[:50] == [None] * 50
    assert rows["fold"].drop_nulls().is_sorted()
    assert rows["Prediction (y)"].null_count() == 50


def test_a_target_by_chance_scores_as_chance_whatever_stands_in_the_chain() -> None:
    from sklearn.feature_selection import SelectKBest
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import TargetEncoder

    rng = np.random.default_rng(8)
    table = pl.DataFrame(rng.normal(size=(200, 300))).with_columns(
        pl.Series("target", rng.choice(["x", "y"], 200))
    )
    model = forest(table, "target")
    prepare = model.estimator.named_steps["prepare"]
    # both look at the target: fitted on all rows they would let the learner see it
    chain = Pipeline(
        [
            ("prepare", prepare), ("encode", TargetEncoder(random_state=0)), ("select", SelectKBest(k=10)),
            ("learn", RandomForestClassifier(30, random_state=0)),
        ]
    )  # fmt: skip
    chosen = Model(chain, model.spec)
    honest = by_name(run(CrossValidation(seed=1), learner=chosen, table=table)["scores"])
    assert honest["accuracy"] == pytest.approx(0.5, abs=0.1)
    assert honest["AUC"] == pytest.approx(0.5, abs=0.1)
    features, target = model.features(table), table["target"].to_numpy()
    leaky = SelectKBest(k=10).fit_transform(prepare.fit_transform(features), target)
    score = cross_validate(RandomForestClassifier(30, random_state=0), leaky, target, scoring="roc_auc")[
        "test_score"
    ].mean()
    assert score > 0.65, "the test would see a leak"


def test_a_stopped_cross_validation_goes_on_where_it_was() -> None:
    context = new_context()
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 12:
            raise Cancelled("cancelled")

    context.check_cancelled = check  # type: ignore[method-assign]
    node = CrossValidation(folds=10, seed=1)
    with pytest.raises(Cancelled):
        node.run(forest(trees=40), TABLE, context)
    context.check_cancelled = lambda: None  # type: ignore[method-assign]
    done = len(context.parts)
    again = node.run(forest(trees=40), TABLE, context)
    assert len(context.parts) == 10
    assert done < 10
    fresh = node.run(forest(trees=40), TABLE, new_context())
    assert_frame_equal(again.scores, fresh.scores)


def test_what_does_not_fit_is_told_before_running() -> None:
    model = forest()
    assert (
        'no column "malignant"'
        in faults_of(CrossValidation(), learner=model, table=TABLE.drop("malignant"))[0]
    )
    assert 'uses "a"' in faults_of(CrossValidation(), learner=model, table=TABLE.drop("a"))[0]
    texts = TABLE.with_columns(pl.col("a").cast(pl.String))
    assert (
        "is text, but the learner takes float" in faults_of(CrossValidation(), learner=model, table=texts)[0]
    )
    with_fold = TABLE.with_columns(fold=1)
    assert 'a column "fold" already' in faults_of(CrossValidation(), learner=model, table=with_fold)[0]
    assert (
        "does not measure predicted classes"
        in faults_of(LearningCurve(measure="R2"), learner=model, table=TABLE)[0]
    )
    with pytest.raises(NodeFailed, match="infinite"):
        run(CrossValidation(), learner=model, table=TABLE.with_columns(a=pl.lit(float("inf"))))
    with pytest.raises(ParameterError, match="stay together"):
        CrossValidation(method="grouped")


# -- Model Comparison -------------------------------------------------------------------------------------


def test_learners_are_compared_on_the_same_folds() -> None:
    models = [forest(), forest(trees=1, depth=1, features=["e"]), forest()]
    found = run(ModelComparison(folds=4, repeats=2, seed=1, measure="AUC"), learners=models, table=TABLE)
    scores = found["scores"]
    assert scores["learner"].to_list() == ["Random Forest", "Random Forest 3", "Random Forest 2"]
    assert scores["rank"].to_list() == [1, 2, 3]
    each = run(CrossValidation(folds=4, repeats=2, seed=1), learner=models[0], table=TABLE)
    assert scores["value"][0] == pytest.approx(by_name(each["scores"])["AUC"])
    pairs = found["comparisons"].rows(named=True)
    folds = found["folds"].filter(pl.col("measure") == "AUC")
    values = [
        folds.filter(pl.col("learner") == name)["value"].to_numpy()
        for name in ("Random Forest", "Random Forest 2")
    ]
    difference = values[0] - values[1]
    t = difference.mean() / (difference.var(ddof=1) * (1 / 8 + 60 / 180)) ** 0.5
    assert (pairs[0]["t"], pairs[0]["df"]) == pytest.approx((t, 7))
    assert "The first is better" in pairs[0]["in_words"]
    assert "alike on every fold" in pairs[1]["in_words"]
    rows = found["predictions"]
    assert metrics.roc_auc_score(TABLE["malignant"], rows["Random Forest"]) > 0.9
    assert rows.columns == [*TABLE.columns, "fold", "Random Forest", "Random Forest 2", "Random Forest 3"]


def test_learners_that_cannot_be_compared_are_told() -> None:
    other = forest(TABLE.with_columns(other=pl.col("a") > 12), "other")
    table = TABLE.with_columns(other=pl.col("a") > 12)
    with pytest.raises(NodeFailed, match="different columns"):
        run(ModelComparison(), learners=[forest(), other], table=table)
    with pytest.raises(NodeFailed, match="3 names are given for 1"):
        run(ModelComparison(names=["x", "y", "z"]), learners=[forest()], table=TABLE)


# -- Learning Curve and Permutation Importance ------------------------------------------------------------


def test_the_curve_ends_at_the_score_of_all_rows() -> None:
    model = forest()
    curve = run(LearningCurve(folds=3, steps=4, seed=1), learner=model, table=TABLE)["table"]
    whole = run(CrossValidation(folds=3, seed=1), learner=model, table=TABLE)["scores"]
    assert curve["share"].to_list() == pytest.approx([0.1, 0.1 ** (2 / 3), 0.1 ** (1 / 3), 1])
    assert curve["rows"].to_list() == [16, 34, 74, 160]
    assert curve["value"][-1] == pytest.approx(by_name(whole)["accuracy"], abs=0.05)
    assert (curve["on_learned_rows"] > 0.9).all()
    assert (curve["value"] > curve["baseline"]).all()
    assert curve["value"][0] <= curve["value"][-1] + 0.02


def test_a_column_of_noise_is_not_important() -> None:
    rng = np.random.default_rng(1)
    table = TABLE.with_columns(noise=pl.Series(rng.normal(size=240)))
    found = run(PermutationImportance(seed=1), model=forest(table[:160]), table=table[160:])["table"]
    importance = by_name(found, "column", "importance")
    assert set(importance) == {*"abcdef", "noise"}
    assert abs(importance["noise"]) < 0.03
    assert found["importance"][0] > 0.01
    assert (found["value"] - found["value_without"]).to_list() == pytest.approx(found["importance"].to_list())
    numbers = run(PermutationImportance(seed=1, measure="RMSE"), model=line(), table=NUMBERS)["table"]
    assert numbers["column"][0] in ("s5", "bmi", "s1")
    assert numbers["importance"][0] > 0


# -- Parameter Optimisation -------------------------------------------------------------------------------


def test_a_grid_tries_every_combination_and_learns_the_best_from_all_rows() -> None:
    settings = [
        {"name": "max_depth", "options": ["1", "4"]},
        {"name": "n_estimators", "lowest": 2, "highest": 12, "whole": True, "steps": 3},
    ]
    found = run(ParameterOptimisation(settings=settings, folds=3, seed=1), learner=forest(), table=TABLE)
    trials = found["trials"]
    assert trials["settings"].to_list() == [
        f"max_depth = {depth}, n_estimators = {trees}" for depth in (1, 4) for trees in (2, 7, 12)
    ]
    by_hand = run(CrossValidation(folds=3, seed=1), learner=forest(trees=7, depth=4), table=TABLE)
    assert trials["value"][4] == pytest.approx(by_name(by_hand["scores"])["accuracy"])
    best = trials.filter("best")
    assert best.height == 1
    assert best["value"][0] == trials["value"].max()
    learner = found["model"].estimator.named_steps["learn"]
    assert best["settings"][0] == f"max_depth = {learner.max_depth}, n_estimators = {learner.n_estimators}"
    assert found["model"].spec.classes == ("false", "true")


@pytest.mark.parametrize("search", ["random", "Bayesian"])
def test_a_search_starts_at_the_learner_as_it_stands_and_is_the_same_again(search: str) -> None:
    if search == "Bayesian":
        pytest.importorskip("optuna")
    settings = [
        {"name": "n_estimators", "lowest": 1, "highest": 20, "whole": True, "logarithmic": True},
        {"name": "max_features", "options": ["sqrt", "1.0", "none"]},
        {"name": "min_impurity_decrease", "lowest": 0, "highest": 0.3},
    ]
    node = ParameterOptimisation(
        settings=settings, search=search, trials=6, folds=3, seed=1, measure="log loss"
    )
    found = run(node, learner=forest(), table=TABLE)["trials"]
    assert found.height == 6
    assert found["settings"][0] == "n_estimators = 15, max_features = sqrt, min_impurity_decrease = 0"
    assert found.filter("best")["value"][0] == found["value"].min()
    again = run(node, learner=forest(), table=TABLE)["trials"]
    assert_frame_equal(found, again)


def test_more_trials_go_on_from_those_that_were_done() -> None:
    context, settings = new_context(), [{"name": "n_estimators", "lowest": 1, "highest": 9, "whole": True}]
    options = {"settings": settings, "search": "random", "folds": 3, "seed": 1}
    run(ParameterOptimisation(trials=3, **options), context, learner=forest(), table=TABLE)
    done = len(context.parts)
    run(ParameterOptimisation(trials=5, **options), context, learner=forest(), table=TABLE)
    assert done <= 9
    assert len(context.parts) <= done + 6


def test_a_trial_that_fails_is_listed_and_the_search_goes_on() -> None:
    settings = [{"name": "max_depth", "options": ["never", "2"]}]
    found = run(ParameterOptimisation(settings=settings, folds=3), learner=forest(), table=TABLE)["trials"]
    assert "max_depth" in found["note"][0]
    assert found["best"].to_list() == [False, True]
    with pytest.raises(NodeFailed, match="no trial could be scored"):
        run(
            ParameterOptimisation(settings=[{"name": "max_depth", "options": ["never"]}]),
            learner=forest(),
            table=TABLE,
        )
    with pytest.raises(NodeFailed, match='no setting "max_dept"; did you mean "max_depth"'):
        run(
            ParameterOptimisation(settings=[{"name": "max_dept", "options": ["1"]}]),
            learner=forest(),
            table=TABLE,
        )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([{"name": "x"}], "needs values"),
        ([{"name": "x", "lowest": 2, "highest": 1}], "below the highest"),
        ([{"name": "x", "lowest": 0, "highest": 1, "logarithmic": True}], "above 0"),
        ([{"name": "x", "lowest": 0.5, "highest": 2, "whole": True}], "whole numbers"),
        ([{"name": "x", "options": ["1"]}, {"name": "x", "options": ["1"]}], "listed twice"),
        ([{"name": n, "lowest": 0, "highest": 1, "steps": 100} for n in "abc"], "1,000,000 combinations"),
    ],
)
def test_settings_that_make_no_sense_are_told(settings: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        ParameterOptimisation(settings=settings)


def test_the_number_of_processors_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    node, model = CrossValidation(folds=4, seed=1), forest()
    both = node.run(model, TABLE, new_context())
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = node.run(model, TABLE, new_context())
    for one, other in zip(both, alone, strict=True):
        assert_frame_equal(one, other, check_exact=True)


def test_what_was_kept_reads_as_it_was() -> None:
    context, node = new_context(), CrossValidation(folds=3, seed=1)
    for model, table in ((forest(), TABLE), (line(), NUMBERS)):
        first = node.run(model, table, context)
        again = node.run(model, table, context)
        for one, other in zip(first, again, strict=True):
            assert_frame_equal(one, other, check_exact=True)


def test_in_a_workflow_the_folds_are_kept_for_other_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def workflow(confidence: float) -> nf.Workflow:
        made = nf.Workflow("kept")
        rows = made.add("sample_data", id="rows", data="iris")
        forest = made.add("random_forest_learner", rows, id="forest", target="species", trees=5, seed=1)
        made.add(
            "cross_validation", learner=forest["model"], table=rows, id="try", folds=3, seed=1, confidence=confidence
        )  # fmt: skip
        return made

    first = (
        workflow(0.95).run(executor="inline", cache_folder=tmp_path, check=False)["try"]["scores"].to_polars()
    )
    monkeypatch.setattr(Unfitted, "fit", lambda *given: pytest.fail("the folds were learned again"))
    again = (
        workflow(0.8).run(executor="inline", cache_folder=tmp_path, check=False)["try"]["scores"].to_polars()
    )
    assert again["value"].to_list() == first["value"].to_list()
    assert again["low"][0] > first["low"][0]
