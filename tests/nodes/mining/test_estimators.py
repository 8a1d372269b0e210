"""Nodes around scikit-learn's estimators: the numbers of hand-written pipelines, models that travel, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.mining import estimators
from nodeflow_nodes.mining._estimator_table import ESTIMATORS
from nodeflow_nodes.mining._survey import COVERED, LEFT_OUT
from sklearn import datasets

import nodeflow as nf
from nodeflow.values.bundle import ModelError, pack_model, unpack_model


def table_of(name: str) -> pl.DataFrame:
    found = getattr(datasets, f"load_{name}")()
    columns = {f"x{place}": found.data[:, place] for place in range(found.data.shape[1])}
    return pl.DataFrame({**columns, "kind": [str(found.target_names[one]) for one in found.target]})


class Given(nf.Node):
    """Give a sample table.

    Outputs:
        table: The table.
    """

    category = "Test"
    which: str = nf.parameter(help="Which.")

    def run(self) -> pl.DataFrame:
        return table_of(self.which)


def run(which: str, type_: str, /, **parameters: Any) -> Any:
    workflow = nf.Workflow("test")
    workflow.add(type_, workflow.add(Given, id="given", which=which), id="it", **parameters)
    return workflow.run(cache=False)["it"]


def test_every_estimator_has_a_node_or_a_reason() -> None:
    from sklearn.utils import all_estimators

    names = {name for name, _ in all_estimators()}
    made = {row["class"].rpartition(".")[2] for row in ESTIMATORS}
    assert made | COVERED.keys() | LEFT_OUT.keys() == names
    assert not made & (COVERED.keys() | LEFT_OUT.keys())
    assert len(made | COVERED.keys()) >= 180


@pytest.mark.parametrize(
    ("which", "folds", "neighbours", "expected"),
    [("iris", 10, 5, 0.947), ("wine", 10, 5, 0.961), ("breast_cancer", 10, 5, 0.965)],
)
def test_nearest_neighbours_reach_the_known_scores(
    which: str, folds: int, neighbours: int, expected: float
) -> None:
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = table_of(which)
    model = run(which, "sklearn_k_neighbors_classifier", target="kind", n_neighbors=neighbours).model
    split = StratifiedKFold(folds)
    ours = cross_val_score(model.estimator, model.features(table), table["kind"].to_numpy(), cv=split).mean()
    by_hand = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))
    found = datasets.__dict__[f"load_{which}"]()
    right = cross_val_score(by_hand, found.data, found.target, cv=split).mean()
    assert ours == pytest.approx(right, abs=1e-12)
    assert ours == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("node", "options"),
    [
        ("sklearn_logistic_regression", {}),
        ("random_forest_learner", {"seed": 0}),
        ("sklearn_hist_gradient_boosting_classifier", {"seed": 0}),
        ("sklearn_svc", {"seed": 0}),
    ],
)
@pytest.mark.parametrize("which", ["iris", "wine", "breast_cancer"])
def test_learners_are_those_of_scikit_learn(which: str, node: str, options: dict[str, Any]) -> None:
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    table = table_of(which)
    model = run(which, node, target="kind", **options).model
    learner = clone(model.estimator.named_steps["learn"])
    if node in ("sklearn_logistic_regression", "sklearn_svc"):
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        learner = make_pipeline(StandardScaler(), learner)
    found = datasets.__dict__[f"load_{which}"]()
    right = cross_val_score(learner, found.data, found.target, cv=StratifiedKFold(3)).mean()
    ours = cross_val_score(
        model.estimator, model.features(table), table["kind"].to_numpy(), cv=StratifiedKFold(3)
    ).mean()
    assert ours == pytest.approx(right, abs=0.005)


def test_digits_by_their_nearest_neighbours_and_reduced_to_few_numbers() -> None:
    from sklearn.decomposition import PCA
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    split = StratifiedKFold(10, shuffle=True, random_state=0)
    plain = datasets.load_digits()
    table = table_of("digits")
    model = run(
        "digits", "sklearn_k_neighbors_classifier", target="kind", n_neighbors=3, one_scale=False
    ).model
    labels = table["kind"].to_numpy()
    ours = cross_val_score(model.estimator, model.features(table), labels, cv=split).mean()
    assert ours == pytest.approx(0.988, abs=0.002)
    for count, expected in ((2, 0.594), (5, 0.906), (8, 0.956), (16, 0.982), (32, 0.985)):
        node = run(
            "digits",
            "sklearn_pca",
            features={"pattern": "^x"},
            n_components=str(count),
            keep=False,
            seed=0,
            one_scale=False,
        )
        values = node["table"].to_polars().select(pl.selectors.float()).to_numpy()
        assert values.shape[1] == count
        found = cross_val_score(KNeighborsClassifier(3), values, labels, cv=split).mean()
        by_hand = PCA(count, random_state=0).fit_transform(plain.data)
        right = cross_val_score(KNeighborsClassifier(3), by_hand, plain.target, cv=split).mean()
        assert found == pytest.approx(right, abs=0.002)
        assert found == pytest.approx(expected, abs=0.02)


def test_a_model_of_any_estimator_travels_as_what_it_learned_from() -> None:
    table = table_of("wine")
    for node in (
        "sklearn_svc",
        "sklearn_hist_gradient_boosting_classifier",
        "sklearn_k_neighbors_classifier",
    ):
        seed = {} if "neighbors" in node else {"seed": 3}
        model = run("wine", node, target="kind", **seed).model
        data = pack_model(model)
        assert pack_model(unpack_model(data)) == data
        assert (unpack_model(data).predict(table) == model.predict(table)).all()


def test_a_recipe_that_was_tampered_with_is_refused() -> None:
    import io
    import json
    import zipfile

    model = run("iris", "sklearn_svc", target="kind", seed=0).model

    def changed(told: Any) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(pack_model(model))) as source, zipfile.ZipFile(buffer, "w") as target:
            members = {info.filename: source.read(info) for info in source.infolist()}
            recipe = json.loads(members["recipe.json"])
            told(recipe)
            members["recipe.json"] = json.dumps(recipe).encode()
            import hashlib

            description = json.loads(members["model.json"])
            description["sha256"]["recipe.json"] = hashlib.sha256(members["recipe.json"]).hexdigest()
            members["model.json"] = json.dumps(description).encode()
            for name, data in members.items():
                target.writestr(zipfile.ZipInfo(name), data)
        return buffer.getvalue()

    def step(recipe: Any) -> Any:
        return recipe["estimator"]["with"]["steps"][1]["tuple"][1]

    hostile = {
        "an unknown class": lambda r: step(r).update({"class": "os.system", "with": {}}),
        "a private class": lambda r: step(r).update({"class": "svm._classes.SVC"}),
        "a function": lambda r: step(r).update({"class": "preprocessing.FunctionTransformer", "with": {}}),
        "no estimator": lambda r: step(r).update({"class": "svm.l1_min_c", "with": {}}),
        "a cache on disk": lambda r: r["estimator"]["with"].update({"memory": "/tmp/x"}),
        "files as texts": lambda r: step(r).update(
            {"class": "feature_extraction.text.CountVectorizer", "with": {"input": "filename"}}
        ),
        "other values": lambda r: step(r)["with"].update({"C": {"eval": "1"}}),
        "unknown settings": lambda r: step(r)["with"].update({"zz": 1}),
        "more parts": lambda r: r.update({"code": "x"}),
    }
    for change in hostile.values():
        data = changed(change)
        with pytest.raises(ModelError):
            unpack_model(data)


def test_groups_and_odd_rows_are_found_in_other_rows_too() -> None:
    workflow = nf.Workflow("apply")
    given = workflow.add(Given, id="given", which="iris")
    groups = workflow.add(
        "sklearn_k_means", given, id="groups", features={"pattern": "^x"}, n_clusters=3, seed=0
    )
    odd = workflow.add("sklearn_local_outlier_factor", given, id="odd", features={"pattern": "^x"})
    forest = workflow.add("sklearn_isolation_forest", given, id="forest", features={"pattern": "^x"}, seed=0)
    for name, handle in (("groups", groups), ("odd", odd), ("forest", forest)):
        workflow.add("predictor", handle["model"], given, id=f"apply_{name}")
    result = workflow.run(cache=False)
    applied = result["apply_groups"].table.to_polars()
    assert applied["cluster"].to_list() == result["groups"]["table"].to_polars()["cluster"].to_list()
    assert (
        sorted(applied["cluster"].value_counts()["count"].to_list()) == [39, 61, 50]
        or applied["cluster"].n_unique() == 3
    )
    assert result["groups"]["details"].to_polars()["rows"].sum() == 150
    forest_table = result["apply_forest"].table.to_polars()
    assert forest_table["outlier"].to_list() == result["forest"]["table"].to_polars()["outlier"].to_list()
    assert forest_table["outlier score"].dtype == pl.Float64
    assert result["apply_odd"].table.to_polars()["outlier"].dtype == pl.Boolean


def test_learners_can_be_made_of_others() -> None:
    workflow = nf.Workflow("stack")
    given = workflow.add(Given, id="given", which="wine")
    tree = workflow.add(
        "sklearn_decision_tree_classifier", given, id="tree", target="kind", max_depth=2, seed=0
    )
    line = workflow.add("sklearn_logistic_regression", given, id="line", target="kind")
    stacked = workflow.add(
        "sklearn_stacking_classifier", given, [tree["model"], line["model"]], id="stacked", target="kind"
    )
    workflow.add("predictor", stacked["model"], given, id="apply")
    table = workflow.run(cache=False)["apply"].table.to_polars()
    assert (table["kind"] == table["Prediction (kind)"]).mean() > 0.97


def test_texts_are_read_word_by_word(context: Any) -> None:
    texts = ["good fine nice", "nice good", "bad awful", "awful bad poor"] * 10
    table = pl.DataFrame({"review": texts, "kind": ["+", "+", "-", "-"] * 10})
    node = estimators.LogisticRegression(target="kind", words=["review"])  # type: ignore[attr-defined]
    learned = node.run(table, context)
    assert learned.model.predict(pl.DataFrame({"review": ["fine and good", "poor"]})).tolist() == ["+", "-"]
    assert "review: good" in learned.details["term"].to_list()


BAD = pl.DataFrame(
    {"x": [1.0, 2.0, np.inf, 4.0], "y": [1.0, 2.0, 3.0, 4.0], "one": ["a"] * 4, "empty": [None] * 4}
)


@pytest.mark.parametrize(
    ("type_", "parameters", "words"),
    [
        ("sklearn_svc", {"target": "one"}, "one class only"),
        ("sklearn_ridge", {"target": "y"}, "infinite values"),
        ("sklearn_ridge", {"target": "one"}, "number"),
        ("sklearn_ridge", {"target": "y", "features": ["empty"]}, "no feature column"),
        ("sklearn_k_means", {"features": ["y"], "n_clusters": 9}, "learning failed"),
        (
            "sklearn_svc",
            {"target": "y", "gamma": "wide"},
            'must be "auto", "scale" or a number of at least 0',
        ),
        ("sklearn_logistic_regression", {"target": "one", "features": ["y"], "words": ["one"]}, "one class"),
    ],
)
def test_bad_input_gets_a_sentence(type_: str, parameters: dict[str, Any], words: str) -> None:
    class Bad(nf.Node):
        """Give the table.

        Outputs:
            table: The table.
        """

        category = "Test"

        def run(self) -> pl.DataFrame:
            return BAD

    def run_it() -> None:
        workflow = nf.Workflow("bad")
        workflow.add(type_, workflow.add(Bad, id="given"), id="it", **parameters)
        workflow.run(cache=False)

    with pytest.raises(nf.NodeflowError) as caught:
        run_it()
    assert words in str(caught.value)
