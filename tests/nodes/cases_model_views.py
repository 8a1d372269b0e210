"""The views of models and scores: how each is used in the check of its contract, and on tables made for it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import polars as pl

SCORED = pl.DataFrame(
    {
        "class": ["yes", "no"] * 12,
        "first": [(7 * i % 24) / 24 for i in range(24)],
        "second": [0.9 - (i % 2) * 0.5 - i / 100 for i in range(24)],
    }
)
"""True classes and two columns of probabilities."""

_SCORES = {"parameters": {"actual": "class", "scores": ["first", "second"]}, "inputs": {"tables": SCORED}}

PREDICTED = pl.DataFrame(
    {
        "kind": ["a", "b", "c", None, "a", "b", "c", "a", "a", "b", "c", "c"],
        "Prediction (kind)": ["a", "b", "b", "a", "a", "c", "c", None, "b", "b", "c", "c"],
        "size": [1.0, 2.0, None, 4.0, 5.0, 6.5, 7.0, 8.0, 9.0, 11.0, 10.0, 12.5],
        "Prediction (size)": [1.5, 2.5, 3.0, 3.5, 4.5, 6.0, 8.0, 8.5, 8.0, 10.0, 11.0, 12.0],
    }
)
"""Classes and numbers with their predictions."""

CURVE = pl.DataFrame(
    {
        "rows": [10, 50, 200],
        "measure": ["accuracy"] * 3,
        "value": [0.6, 0.75, 0.8],
        "low": [0.5, 0.7, 0.78],
        "high": [0.7, 0.8, 0.82],
        "on_learned_rows": [1.0, 0.95, 0.9],
        "baseline": [0.5, 0.5, None],
    }
)

NUMBERS = pl.DataFrame(
    {
        "clusters": [2, 3, 4, 5, 6],
        "within": [100.0, 40.0, 35.0, 31.0, 28.0],
        "silhouette": [0.5, 0.6, 0.4, None, 0.3],
    }
)

CLUSTERED = pl.DataFrame(
    {
        "cluster": ["one"] * 5 + ["two"] * 4 + ["three"] * 3,
        "x": [0.0, 1.0, 0.5, 0.2, 0.7, 10.0, 11.0, 10.5, 9.0, 20.0, 21.0, 13.0],
        "y": [0.0, 0.5, 1.0, 0.3, 0.2, 10.0, 10.5, 11.0, 9.0, 0.0, 1.0, 3.0],
    }
)

IMPORTANCES = pl.DataFrame(
    {
        "column": ["age", "income", "height", None],
        "importance": [0.5, -0.1, 0.2, 9.0],
        "low": [0.4, -0.2, 0.1, 0.0],
        "high": [0.6, 0.05, 0.3, 0.0],
    }
)

ROOMS = pl.DataFrame(
    {
        "rooms": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 6,
        "size": [float(20 + (7 * i) % 100) for i in range(36)],
        "town": ["Basel", "Bern", None] * 12,
        "dear": ["no", "no", "no", "yes", "yes", "yes"] * 5 + ["no", "yes", "no", "yes", "no", "yes"],
    }
)


JOINS = pl.DataFrame(
    {
        "one": [1, 3, 6, 8],
        "other": [2, 4, 7, 5],
        "distance": [1.0, 2.0, 4.0, 9.0],
        "join": [6, 7, 8, 9],
        "rows": [2, 2, 4, 5],
    }
)
"""A tree of five rows: ((1 2) (3 4)) 5."""

IMAGES = pl.DataFrame(
    {
        "a": [0.0, 1.0, 2.0, None],
        "b": [1.0, 0.0, 2.0, None],
        "c": [2.0, 2.0, 0.0, None],
        "d": [0.0, 1.0, None, None],
        "name": ["x", "y", "z", "w"],
        "said": ["x", "z", "z", "w"],
    }
)

EDGES = pl.DataFrame(
    {
        "source": ["a", "a", "b", "c", "d", "d", "e", None, "f"],
        "target": ["b", "c", "c", "a", "e", "e", "d", "a", "f"],
        "weight": [1.0, 2.0, 3.0, 4.0, 0.5, 1.5, 1.0, 1.0, 1.0],
    }
)

NODES = pl.DataFrame({"name": ["a", "b", "c", "d"], "team": ["red", "red", None, "blue"]})

TEXTS = pl.DataFrame(
    {
        "title": ["one", "two", None, "four"],
        "text": ["A cat sat on the mat. The cat slept.", "Cats and dogs", None, "  "],
        "kind": ["x", "y", "x", None],
    }
)


@functools.cache
def a_tree() -> Any:
    """The model of a small tree that says whether a flat is dear."""
    from fitting import fake_context
    from nodeflow_nodes.mining.decision_tree_learner import DecisionTreeLearner

    return DecisionTreeLearner(target="dear", depth=3).run(ROOMS, None, fake_context()).model


def _tree(folder: Path | None = None) -> dict[str, Any]:
    return {"inputs": {"model": a_tree()}}


def _tree_and_rows(folder: Path | None = None) -> dict[str, Any]:
    return {"inputs": {"model": a_tree(), "table": ROOMS}}


CONTRACT: dict[str, Any] = {
    "roc_curve_view": _SCORES,
    "precision_recall_view": _SCORES,
    "lift_gain_chart": _SCORES,
    "calibration_plot": _SCORES,
    "confusion_matrix_view": {
        "parameters": {"actual": "kind", "prediction": "Prediction (kind)"},
        "inputs": {"table": PREDICTED},
    },
    "residual_plot": {
        "parameters": {"actual": "size", "prediction": "Prediction (size)"},
        "inputs": {"table": PREDICTED},
    },
    "learning_curve_view": {
        "parameters": {
            "rows": "rows",
            "value": "value",
            "low": "low",
            "high": "high",
            "learned": "on_learned_rows",
            "baseline": "baseline",
            "measure": "measure",
        },
        "inputs": {"table": CURVE},
    },
    "elbow_plot": {
        "parameters": {"clusters": "clusters", "within": "within", "silhouette": "silhouette"},
        "inputs": {"table": NUMBERS},
    },
    "silhouette_plot": {
        "parameters": {"cluster": "cluster", "columns": ["x", "y"]},
        "inputs": {"table": CLUSTERED},
    },
    "feature_importance_view": {
        "parameters": {"column": "column", "importance": "importance"},
        "inputs": {"table": IMPORTANCES},
    },
    "partial_dependence": _tree_and_rows,
    "decision_tree_view": _tree,
    "decision_surface": _tree_and_rows,
    "dendrogram": {
        "parameters": {"one": "one", "other": "other", "height_column": "distance", "names": "name"},
        "inputs": {"table": JOINS, "rows": pl.DataFrame({"name": ["p", "q", "r", None, "t"]})},
    },
    "image_grid": {
        "parameters": {"pixels": ["a", "b", "c", "d"], "names": "name", "compared": "said"},
        "inputs": {"table": IMAGES},
    },
    "network_view": {
        "parameters": {
            "source": "source",
            "target": "target",
            "weight": "weight",
            "colour": "column",
            "coloured_by": "team",
            "key": "name",
        },
        "inputs": {"table": EDGES, "nodes": NODES},
    },
    "text_view": {
        "parameters": {"text": "text", "titles": "title", "colour": "kind"},
        "inputs": {"table": TEXTS},
    },
    "text_concordance": {
        "parameters": {"text": "text", "titles": "title", "word": "cat*"},
        "inputs": {"table": TEXTS},
    },
}
