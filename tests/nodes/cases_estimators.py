"""How the contract of the nodes around scikit-learn's estimators is checked: each on data that suit it."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
from nodeflow_nodes.mining import estimators
from nodeflow_nodes.mining._estimator_table import ESTIMATORS


@cache
def flowers() -> pl.DataFrame:
    """Every third iris: 50 flowers of three kinds, measures and a text."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    columns = {name.split(" (")[0]: iris.data[::3, place] for place, name in enumerate(iris.feature_names)}
    kinds = [str(iris.target_names[one]) for one in iris.target[::3]]
    texts = [f"a {kind} of the {'garden' if place % 2 else 'meadow'}" for place, kind in enumerate(kinds)]
    return pl.DataFrame({**columns, "kind": kinds, "text": texts})


@cache
def measures() -> pl.DataFrame:
    return flowers().drop("kind", "text")


@cache
def learner(task: str) -> Any:
    """The model of a small learner."""
    from nodeflow_nodes.mining.decision_tree_learner import DecisionTreeLearner
    from nodeflow_nodes.mining.regularised_regression_learner import RegularisedRegressionLearner  # type: ignore[attr-defined]

    import nodeflow as nf

    workflow = nf.Workflow("learner")
    table = workflow.add(_Given, id="given")
    target = "kind" if task == "classification" else "sepal length"
    made = DecisionTreeLearner if task == "classification" else RegularisedRegressionLearner
    features = ["petal length", "petal width"]
    workflow.add(
        made,
        table,
        id="learn",
        target=target,
        features=features,
        **({"seed": 0} if task == "classification" else {}),
    )
    return workflow.run(cache=False)["learn"].model


def _given() -> Any:
    import nodeflow as nf

    class Given(nf.Node):
        """Give the flowers.

        Outputs:
            table: The flowers.
        """

        category = "Test"

        def run(self) -> pl.DataFrame:
            return flowers()

    return Given


_Given = _given()

PARAMETERS: dict[str, dict[str, Any]] = {
    "CategoricalNB": {"features": ["text"]},
    "IsotonicRegression": {"features": ["petal length"]},
    "OneHotEncoder": {"features": ["kind"]},
    "OrdinalEncoder": {"features": ["kind"]},
    "TSNE": {"perplexity": 10.0},
    "RadiusNeighborsClassifier": {"radius": 5.0},
    "RadiusNeighborsRegressor": {"radius": 5.0},
    "SelectFdr": {},
}
BINARY = {"FixedThresholdClassifier", "TunedThresholdClassifierCV"}


def case_of(row: dict[str, Any]) -> dict[str, Any]:
    """Parameters and inputs for one estimator."""
    own, role = row["class"].rpartition(".")[2], row["role"]
    parameters = dict(PARAMETERS.get(own, {}))
    table = flowers() if own not in BINARY else flowers().filter(pl.col("kind") != "setosa")
    inputs: dict[str, Any] = {"table": table}
    names = list(measures().columns)
    if role in (
        "SupervisedNode",
        "MetaNode",
        "ManyMetaNode",
        "SelectNode",
        "MetaSelectNode",
        "SupervisedReduceNode",
    ):
        task = row["task"] or "classification"
        parameters.setdefault("target", "kind" if task == "classification" else "sepal length")
        parameters.setdefault("features", names[1:])
        if role in ("MetaNode", "MetaSelectNode"):
            inputs["learner"] = learner(task)
        if role == "ManyMetaNode":
            inputs["learners"] = [learner(task), learner(task)]
    elif role == "TextNode":
        parameters["column"] = "text"
    elif role != "NeighboursNode":
        parameters.setdefault("features", names)
    if row["seeded"]:
        parameters["seed"] = 0
    return {"parameters": parameters, "inputs": inputs}


def _case(row: dict[str, Any]) -> Any:
    return lambda folder: case_of(row)


CONTRACT = {getattr(estimators, row["class"].rpartition(".")[2]).id: _case(row) for row in ESTIMATORS}

_BOTH = {"target": "kind", "features": ["petal length", "petal width"]}
_NUMBER = {"target": "sepal length", "features": ["petal length", "petal width"]}


def _curated(**parameters: Any) -> Any:
    return lambda folder: {"parameters": parameters, "inputs": {"table": flowers()}}


CONTRACT |= {
    "decision_tree_learner": _curated(**_BOTH, depth=3, seed=0),
    "gradient_boosting_learner": _curated(**_BOTH, rounds=5, seed=0),
    "logistic_regression_learner": _curated(**_BOTH),
    "nearest_neighbours_learner": _curated(**_BOTH),
    "naive_bayes_learner": _curated(**_BOTH),
    "svm_learner": _curated(**_BOTH),
    "mlp_learner": _curated(**_NUMBER, layers=[5], rounds=20, seed=0),
    "regularised_regression_learner": _curated(**_NUMBER),
    "polynomial_regression_learner": _curated(**_NUMBER),
    "k_means": _curated(features=["petal length", "petal width"], seed=0),
    "cluster_numbers": _curated(features=["petal length", "petal width"], most=4, seed=0),
    "hierarchical_clustering": _curated(features=["petal length", "petal width"]),
    "pca": _curated(features={"types": ["number"]}),
    "association_rules": _curated(basket="sepal width", item="kind", support=0.1),
}
