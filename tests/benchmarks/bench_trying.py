"""Trying learners on folds, on one core and on all; scoring millions of rows."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from measure import row

from nodeflow.testing import _Context as Context


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Cross-validation against scikit-learn's own loop, and the time of scorers."""
    from nodeflow_nodes.mining.random_forest_learner import RandomForestLearner
    from nodeflow_nodes.scoring.cross_validation import CrossValidation
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold, cross_validate

    random = np.random.default_rng(0)
    n = 4_000 if quick else 60_000
    values = random.normal(size=(n, 20))
    hit = values[:, 0] + values[:, 1] ** 2 + random.normal(size=n) > 1
    table = pl.DataFrame(values).with_columns(pl.Series("hit", hit))
    model = RandomForestLearner(target="hit", trees=20, seed=1).run(table.head(500), context()).model
    node = CrossValidation(folds=4, seed=1)
    cores, count = os.cpu_count, os.cpu_count() or 1
    taken = {}
    for used in (1, min(2, count)):
        os.cpu_count = lambda used=used: used  # type: ignore[assignment]
        started = time.perf_counter()
        node.run(model, table, context())
        taken[used] = time.perf_counter() - started
    os.cpu_count = cores
    features, target = model.features(table), table["hit"].cast(pl.String).to_numpy()
    started = time.perf_counter()
    cross_validate(
        clone(model.estimator), features, target, cv=StratifiedKFold(4, shuffle=True, random_state=1),
        scoring=["accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef", "roc_auc", "neg_log_loss"],
    )  # fmt: skip
    plain = time.perf_counter() - started
    what = f"cross-validation of a forest, {n:,} x 20"
    yield row(f"{what}: one core against scikit-learn's loop", taken[1] / plain, "x", 1.1)
    if count > 1:
        yield row(f"{what}: two cores against one", taken[2] / taken[1], "x", 1 / 1.6)
    yield from scorers(200_000 if quick else 5_000_000)


def scorers(n: int) -> Iterator[dict[str, Any]]:
    """The time of scorers on many rows."""
    from nodeflow_nodes.scoring.numeric_scorer import NumericScorer
    from nodeflow_nodes.scoring.roc_scorer import RocScorer
    from nodeflow_nodes.scoring.scorer import Scorer

    random = np.random.default_rng(0)
    hit = random.random(n) < 0.2
    table = pl.LazyFrame(
        {"hit": hit, "said": random.random(n) < 0.3, "p": np.clip(0.3 * hit + 0.7 * random.random(n), 0, 1)}
    )
    numbers = pl.LazyFrame({"a": random.normal(size=n), "b": random.normal(size=n)})
    for node, given, budget in (
        (Scorer(actual="hit", prediction="said", seed=1), table, 1.0),
        (RocScorer(actual="hit", scores=["p"]), table, 5.0),
        (NumericScorer(actual="a", prediction="b", seed=1), numbers, 5.0),
    ):
        started = time.perf_counter()
        node.run(given, context())
        yield row(f"{node.name} on {n:,} rows", time.perf_counter() - started, "s", budget)


def context() -> Any:
    """What the nodes ask of the engine, with nothing kept from before."""
    return Context(Path(tempfile.gettempdir()))
