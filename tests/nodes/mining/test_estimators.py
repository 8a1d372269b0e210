"""Nodes around scikit-learn's estimators: the numbers of hand-written pipelines, models that travel, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from nodeflow_nodes.mining._curated import CURATED
from nodeflow_nodes.mining._estimator_table import ESTIMATORS
from nodeflow_nodes.mining._survey import COVERED, LEFT_OUT
from nodeflow_nodes.mining.logistic_regression_learner import LogisticRegressionLearner
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
    model = run(which, "nearest_neighbours_learner", target="kind", neighbours=neighbours).model
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
        ("logistic_regression_learner", {}),
        ("random_forest_learner", {"seed": 0}),
        ("gradient_boosting_learner", {"seed": 0}),
        ("svm_learner", {}),
    ],
)
@pytest.mark.parametrize("which", ["iris", "wine", "breast_cancer"])
def test_learners_are_those_of_scikit_learn(which: str, node: str, options: dict[str, Any]) -> None:
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    table = table_of(which)
    model = run(which, node, target="kind", **options).model
    learner = clone(model.estimator.named_steps["learn"])
    if node in ("logistic_regression_learner", "svm_learner"):
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
    model = run("digits", "nearest_neighbours_learner", target="kind", neighbours=3, one_scale=False).model
    labels = table["kind"].to_numpy()
    ours = cross_val_score(model.estimator, model.features(table), labels, cv=split).mean()
    assert ours == pytest.approx(0.988, abs=0.002)
    for count, expected in ((2, 0.594), (5, 0.906), (8, 0.956), (16, 0.982), (32, 0.985)):
        node = run(
            "digits",
            "pca",
            features={"pattern": "^x"},
            components=count,
            keep=False,
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
        "svm_learner",
        "gradient_boosting_learner",
        "nearest_neighbours_learner",
    ):
        seed = {"seed": 3} if "boosting" in node else {}
        model = run("wine", node, target="kind", **seed).model
        data = pack_model(model)
        assert pack_model(unpack_model(data)) == data
        assert (unpack_model(data).predict(table) == model.predict(table)).all()


def test_a_recipe_that_was_tampered_with_is_refused() -> None:
    import io
    import json
    import zipfile

    model = run("iris", "svm_learner", target="kind").model

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
    groups = workflow.add("k_means", given, id="groups", features={"pattern": "^x"}, clusters=3, seed=0)
    odd = workflow.add("local_outlier_factor", given, id="odd", features={"pattern": "^x"})
    forest = workflow.add("isolation_forest", given, id="forest", features={"pattern": "^x"}, seed=0)
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
    tree = workflow.add("decision_tree_learner", given, id="tree", target="kind", depth=2, seed=0)
    line = workflow.add("logistic_regression_learner", given, id="line", target="kind")
    stacked = workflow.add(
        "stacking_classifier", given, [tree["model"], line["model"]], id="stacked", target="kind"
    )
    workflow.add("predictor", stacked["model"], given, id="apply")
    table = workflow.run(cache=False)["apply"].table.to_polars()
    assert (table["kind"] == table["Prediction (kind)"]).mean() > 0.97


def test_texts_are_read_word_by_word(context: Any) -> None:
    texts = ["good fine nice", "nice good", "bad awful", "awful bad poor"] * 10
    table = pl.DataFrame({"review": texts, "kind": ["+", "+", "-", "-"] * 10})
    node = LogisticRegressionLearner(target="kind", words=["review"])  # type: ignore[attr-defined]
    learned = node.run(table, None, context)
    assert learned.model.predict(pl.DataFrame({"review": ["fine and good", "poor"]})).tolist() == ["+", "-"]
    assert "review: good" in learned.details["term"].to_list()


BAD = pl.DataFrame(
    {"x": [1.0, 2.0, np.inf, 4.0], "y": [1.0, 2.0, 3.0, 4.0], "one": ["a"] * 4, "empty": [None] * 4}
)


@pytest.mark.parametrize(
    ("type_", "parameters", "words"),
    [
        ("svm_learner", {"target": "one"}, "one class only"),
        ("regularised_regression_learner", {"target": "y"}, "infinite values"),
        ("regularised_regression_learner", {"target": "one"}, "number"),
        ("regularised_regression_learner", {"target": "y", "features": ["empty"]}, "no feature column"),
        ("k_means", {"features": ["y"], "clusters": 9}, "learning failed"),
        (
            "sklearn_nu_svc",
            {"target": "y", "gamma": "wide"},
            'must be "auto", "scale" or a number of at least 0',
        ),
        ("logistic_regression_learner", {"target": "one", "features": ["y"], "words": ["one"]}, "one class"),
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


def test_a_tree_is_told_node_by_node(context: Any) -> None:
    from nodeflow_nodes.mining.decision_tree_learner import DecisionTreeLearner

    node = DecisionTreeLearner(target="kind", depth=2, seed=0)
    found = node.run(table_of("iris"), None, context).details
    assert found["rule"].to_list()[:2] == ["(all rows)", "x2 <= 2.45"] or found["rule"][1] == "x3 <= 0.8"
    assert found.row(0, named=True)["rows"] == 150
    leaves = found.filter("leaf")
    assert leaves["rows"].sum() == 150
    assert found["depth"].max() == 2
    shares = leaves.select("share (setosa)", "share (versicolor)", "share (virginica)").sum_horizontal()
    assert shares.to_list() == pytest.approx([1.0] * leaves.height)


def test_logistic_weights_have_the_errors_of_the_likelihood(context: Any) -> None:
    from nodeflow_nodes.mining.logistic_regression_learner import LogisticRegressionLearner

    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    table = pl.DataFrame(
        {"x": x, "kind": np.where(rng.uniform(size=4000) < 1 / (1 + np.exp(-(0.5 + 2 * x))), "b", "a")}
    )
    found = LogisticRegressionLearner(target="kind", penalty=0.0).run(table, None, context).details
    scaled = 2 * x.std()
    intercept, slope = found.rows(named=True)
    assert intercept["lower 95 %"] < 0.5 + 2 * x.mean() < intercept["upper 95 %"]
    assert slope["lower 95 %"] < scaled < slope["upper 95 %"]
    # by the textbook: inverse of the information matrix of the two weights
    z = (x - x.mean()) / x.std()
    p = 1 / (1 + np.exp(-(intercept["weight (b)"] + slope["weight (b)"] * z)))
    design = np.column_stack([np.ones(4000), z])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))))
    assert [intercept["standard error"], slope["standard error"]] == pytest.approx(errors.tolist(), rel=1e-6)


def test_the_lasso_chooses_columns(context: Any) -> None:
    from nodeflow_nodes.mining.regularised_regression_learner import RegularisedRegressionLearner

    rng = np.random.default_rng(1)
    table = pl.DataFrame({f"x{i}": rng.normal(size=300) for i in range(10)})
    table = table.with_columns(y=3 * pl.col("x0") - 2 * pl.col("x1") + pl.Series(rng.normal(size=300)))
    found = (
        RegularisedRegressionLearner(target="y", kind="lasso", strength=0.3).run(table, None, context).details
    )
    kept = found.filter(pl.col("weight") != 0)["term"].to_list()
    assert kept == ["(intercept)", "x0", "x1"]


def test_a_polynomial_is_found_again(context: Any) -> None:
    from nodeflow_nodes.mining.polynomial_regression_learner import PolynomialRegressionLearner

    x = np.linspace(-3, 3, 50)
    table = pl.DataFrame({"x": x, "y": 1 + 2 * x - 0.5 * x**2})
    learned = PolynomialRegressionLearner(target="y").run(table, None, context)
    assert learned.details["term"].to_list() == ["(intercept)", "x", "x^2"]
    assert learned.model.predict(pl.DataFrame({"x": [10.0]})).tolist() == pytest.approx([1 + 20 - 50])


def test_hierarchical_joins_are_those_of_scipy(context: Any) -> None:
    from nodeflow_nodes.mining.hierarchical_clustering import HierarchicalClustering
    from scipy.cluster import hierarchy
    from sklearn.metrics import adjusted_rand_score

    table = table_of("iris")
    node = HierarchicalClustering(features=["x0", "x1", "x2", "x3"], one_scale=False)
    found = node.run(table, context)
    tree = hierarchy.linkage(table.select(pl.selectors.float()).to_numpy(), "ward")
    assert found.details["distance"].to_list() == pytest.approx(tree[:, 2].tolist())
    assert found.details["rows"].to_list()[-1] == 150
    right = hierarchy.fcluster(tree, 3, "maxclust")
    assert adjusted_rand_score(found.table["cluster"].to_list(), right) == 1.0


def test_pca_tells_the_variance_it_keeps(context: Any) -> None:
    from nodeflow_nodes.mining.pca import Pca

    table = table_of("iris").drop("kind")
    found = Pca(one_scale=False, components=None, share=0.95).run(table, context)
    assert found.details["share"].to_list() == pytest.approx([0.92461872, 0.05306648], abs=1e-7)
    values = found.table.select("PC 1", "PC 2").to_numpy()
    assert np.corrcoef(values.T)[0, 1] == pytest.approx(0, abs=1e-10)
    assert found.model.spec.changes[0].gives is not None


def test_baskets_give_the_rules_one_counts_by_hand(context: Any) -> None:
    from nodeflow_nodes.mining.association_rules import AssociationRules

    baskets = [
        ["bread", "milk"],
        ["bread", "beer", "eggs"],
        ["milk", "beer", "cola"],
        ["bread", "milk", "beer"],
    ]
    baskets.append(["bread", "milk", "cola"])
    rows = [(number, item) for number, items in enumerate(baskets) for item in items]
    table = pl.DataFrame(rows, schema=["basket", "item"], orient="row")
    found = AssociationRules(basket="basket", item="item", support=0.4, confidence=0.7).run(table, context)
    sets = {tuple(items): count for items, count in found.sets.select("items", "baskets").iter_rows()}
    assert sets == {
        ("bread",): 4, ("milk",): 4, ("beer",): 3, ("cola",): 2, ("bread", "milk"): 3, ("beer", "bread"): 2,
        ("beer", "milk"): 2, ("cola", "milk"): 2,
    }  # fmt: skip
    rules = {(tuple(i), f): (s, c, lift) for i, f, s, c, lift, _ in found.rules.iter_rows()}
    assert rules.keys() == {(("bread",), "milk"), (("milk",), "bread"), (("cola",), "milk")}
    assert rules[("cola",), "milk"] == pytest.approx((0.4, 1.0, 1.25))


@pytest.mark.parametrize("which", ["iris", "wine"])
def test_a_model_goes_to_other_programs_as_onnx(which: str, context: Any, tmp_path: Any) -> None:
    pytest.importorskip("skl2onnx")
    runtime = pytest.importorskip("onnxruntime")
    from nodeflow_nodes.io.model_writer import ModelWriter

    table = table_of(which)
    for type_, options in (
        ("logistic_regression_learner", {}),
        ("random_forest_learner", {"seed": 0, "trees": 5}),
    ):
        model = run(which, type_, target="kind", **options).model
        path = tmp_path / "model.onnx"
        ModelWriter(path=str(path), form="onnx").run(model, context)
        session = runtime.InferenceSession(path.read_bytes())
        given = {
            f"f{i}": table[f"x{i}"].to_numpy().astype("float32").reshape(-1, 1)
            for i in range(table.width - 1)
        }
        labels, shares = session.run(None, given)
        assert (labels == model.predict(table)).mean() > 0.99
        assert np.abs(shares - model.predict_shares(table)).max() < 0.35
        told = session.get_modelmeta().custom_metadata_map["nodeflow"]
        assert '"column": "x0"' in told


def test_a_file_with_rows_says_so(context: Any, tmp_path: Any) -> None:
    from nodeflow_nodes.io.model_reader import ModelReader
    from nodeflow_nodes.io.model_writer import ModelWriter

    model = run("iris", "svm_learner", target="kind").model
    path = str(tmp_path / "m.nodeflow-model")
    ModelWriter(path=path).run(model, context)
    assert any("holds the 150 rows" in text for text in context.warnings)
    assert ModelReader(path=path).spec({}) == model.spec
    assert (ModelReader(path=path).run().predict(table_of("iris")) == model.predict(table_of("iris"))).all()
    context.warnings.clear()
    ModelWriter(path=path).run(run("iris", "random_forest_learner", target="kind", seed=0).model, context)
    assert not context.warnings


def test_what_comes_before_is_learned_anew_within_the_folds() -> None:
    """Of columns of pure chance those that fit best are chosen: outside the folds that looks like knowledge."""
    rng = np.random.default_rng(0)
    table = pl.DataFrame({f"x{i}": rng.normal(size=80) for i in range(300)}).with_columns(
        pl.Series("kind", ["a", "b"] * 40)
    )

    class Chance(nf.Node):
        """Give the table.

        Outputs:
            table: The table.
        """

        category = "Test"

        def run(self) -> pl.DataFrame:
            return table

    workflow = nf.Workflow("chance")
    given = workflow.add(Chance, id="given")
    best = workflow.add("select_best_columns", given, id="best", target="kind", k="10")
    inside = workflow.add("naive_bayes_learner", given, id="inside", target="kind", before=best["model"])
    outside = workflow.add("naive_bayes_learner", best["table"], id="outside", target="kind")
    workflow.add("cross_validation", inside["model"], given, id="honest", seed=0, repeats=4)
    workflow.add("cross_validation", outside["model"], best["table"], id="misled", seed=0, repeats=4)
    result = workflow.run(cache=False)
    accuracy = {
        name: dict(result[name]["scores"].to_polars().select("metric", "value").iter_rows())["accuracy"]
        for name in ("honest", "misled")
    }
    assert abs(accuracy["honest"] - 0.5) < 0.12
    assert accuracy["misled"] > 0.7
    assert result["inside"]["details"].to_polars().height > 0


@pytest.mark.parametrize("before", ["pca", "sklearn_polynomial_features", "sklearn_standard_scaler"])
def test_columns_may_be_made_before_learning(before: str) -> None:
    workflow = nf.Workflow("before")
    given = workflow.add(Given, id="given", which="iris")
    made = workflow.add(before, given, id="made", features={"pattern": "^x"})
    learned = workflow.add(
        "logistic_regression_learner", given, id="learn", target="kind", before=made["model"]
    )
    workflow.add("predictor", learned["model"], given, id="apply")
    table = workflow.run(cache=False)["apply"].table.to_polars()
    assert (table["kind"] == table["Prediction (kind)"]).mean() > 0.9


def test_many_thousand_texts_stay_sparse_or_are_refused(context: Any) -> None:
    from nodeflow_nodes.mining.gradient_boosting_learner import GradientBoostingLearner

    from nodeflow.errors import NodeFailed

    rng = np.random.default_rng(0)
    table = pl.DataFrame({"place": [f"p{i}" for i in rng.integers(0, 10_000, 20_000)]}).with_columns(
        pl.Series("kind", rng.choice(["a", "b"], 20_000)), pl.Series("x", rng.normal(size=20_000))
    )
    model = LogisticRegressionLearner(target="kind", features=["place", "x"]).run(table, None, context).model
    prepared = model.estimator.named_steps["prepare"].transform(model.features(table.head(5)))
    assert prepared.shape[1] > 8_000
    assert prepared.nnz == 10
    with pytest.raises(NodeFailed, match="more than 500 different texts"):
        GradientBoostingLearner(target="kind", features=["place", "x"]).run(table, None, context)


def test_curated_words_speak_of_estimators_that_are_there() -> None:
    assert CURATED.keys() <= {row["class"].rpartition(".")[2] for row in ESTIMATORS}
    assert len({one.id for one in CURATED.values()}) == len(CURATED)


THREADS = """
import hashlib, json, sys
sys.path.append(sys.argv[1])
from test_estimators import run
from nodeflow.values import Model
from nodeflow.values.bundle import pack_model

told = {}
for type_, parameters in {
    "isomap": {"features": {"pattern": "^x"}},
    "kernel_pca": {"features": {"pattern": "^x"}, "n_components": 5},
    "cluster_numbers": {"features": {"pattern": "^x"}, "most": 4},
    "k_means": {"features": {"pattern": "^x"}},
    "logistic_regression_learner": {"target": "kind"},
    "linear_regression_learner": {"target": "x20"},
    "gradient_boosting_learner": {"target": "kind", "rounds": 3},
    "random_forest_learner": {"target": "kind", "trees": 10},
    "mlp_learner": {"target": "kind", "layers": [20], "rounds": 5},
}.items():
    found = run("digits", type_, **parameters)
    for port in found.outputs():
        value = found[port]
        data = pack_model(value) if isinstance(value, Model) else value.to_polars().write_ipc(None).getvalue()
        told[f"{type_}.{port}"] = hashlib.sha256(data).hexdigest()
print(json.dumps(told))
"""


def test_bits_are_the_same_on_any_number_of_threads() -> None:
    def bits(threads: str) -> Any:
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", THREADS, str(Path(__file__).parent)],
            env={**os.environ, **limits}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    assert bits("1") == bits("2")


def test_methods_without_a_seed_do_not_move_the_generator_of_the_caller() -> None:
    np.random.seed(7)
    wanted = np.random.get_state()[1].tolist()  # type: ignore[index]
    run("digits", "isomap", features={"pattern": "^x"})
    assert np.random.get_state()[1].tolist() == wanted  # type: ignore[index]
