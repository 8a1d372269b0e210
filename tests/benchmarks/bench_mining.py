"""Learning by a node against the same scikit-learn code, and predicting millions of rows in pieces."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from measure import process, python, row

from nodeflow.testing import _Context as Context


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """The overhead of a learner node; time and peak of a prediction."""
    from nodeflow_nodes.mining.random_forest_learner import RandomForestLearner
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(0)
    n = 5_000 if quick else 100_000
    values = random.normal(size=(n, 20))
    hit = values[:, 0] + values[:, 1] ** 2 + random.normal(size=n) > 1
    table = pl.DataFrame(values).with_columns(pl.Series("hit", hit))
    texts = table["hit"].cast(pl.String).to_numpy()
    taken: dict[str, list[float]] = {"node": [], "plain": []}
    for _ in range(1 if quick else 3):
        started = time.perf_counter()
        RandomForestLearner(target="hit", trees=100, seed=1).run(table, context())
        taken["node"].append(time.perf_counter() - started)
        started = time.perf_counter()
        RandomForestClassifier(100, n_jobs=-1, random_state=1).fit(values, texts)
        taken["plain"].append(time.perf_counter() - started)
    yield row(f"forest on {n:,} x 20, scikit-learn", min(taken["plain"]), "s")
    yield row("  by the node, times that", min(taken["node"]) / min(taken["plain"]), "x", 1.03)
    yield from predictions(100_000 if quick else 5_000_000)


def predictions(n: int) -> Iterator[dict[str, Any]]:
    """A run that reads a model and rows, predicts and writes."""
    import nodeflow as nf

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python(GENERATE, name, str(n))
        workflow = nf.Workflow("predict", folder=folder)
        read = workflow.add("model_reader", path=str(folder / "m.nodeflow-model"))
        given = workflow.add("parquet_reader", path=str(folder / "rows.parquet"))
        applied = workflow.add("predictor", read, given, probabilities=True)
        workflow.add("parquet_writer", applied, path="predicted.parquet")
        workflow.save(folder / "predict.json")
        command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
        seconds, peak = process([command, "run", str(folder / "predict.json"), "--no-cache"])
        yield row(f"predicting {n / 1e6:g} M x 20 rows: read, predict, keep, write", seconds, "s")
        yield row("  peak, with the result kept in memory", peak, "MB")
        seconds, peak = python(ALONE, name)
        yield row("  the node alone, from file to file", seconds, "s")
        yield row("  its peak", peak, "MB", 1_000)


GENERATE = """
import sys
from pathlib import Path
import numpy as np, polars as pl
from nodeflow.testing import _Context
from nodeflow.values.bundle import pack_model
from nodeflow_nodes.mining.logistic_regression_learner import LogisticRegressionLearner
folder, n = Path(sys.argv[1]), int(sys.argv[2])
values = np.random.default_rng(0).normal(size=(n, 20))
table = pl.DataFrame(values)
table.write_parquet(folder / "rows.parquet")
labelled = table.head(5_000).with_columns(pl.Series("hit", values[:5_000, 0] > 0))
model = LogisticRegressionLearner(target="hit").run(labelled, None, _Context(folder)).model
(folder / "m.nodeflow-model").write_bytes(pack_model(model))
"""

ALONE = """
import sys
from pathlib import Path
import polars as pl
from nodeflow.testing import _Context
from nodeflow.values.bundle import unpack_model
from nodeflow_nodes.mining.predictor import Predictor
folder = Path(sys.argv[1])
model = unpack_model((folder / "m.nodeflow-model").read_bytes())
rows = pl.scan_parquet(folder / "rows.parquet")
Predictor(probabilities=True).run(model, rows, _Context(folder)).sink_parquet(folder / "out.parquet")
"""


def context() -> Context:
    return Context(Path(tempfile.mkdtemp()))
