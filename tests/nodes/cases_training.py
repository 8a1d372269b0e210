"""How the contract of the nodes that train and apply networks is checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROWS = pl.DataFrame(
    {"a": [0.5, 1.5, 2.0, 3.5, 4.0, 5.5, 6.0, 7.5], "b": [1.0, 0.0] * 4, "y": [1.0, 2.0, 4.0, 5.0] * 2}
)


def network() -> Any:
    from nodeflow.networks import Structure
    from nodeflow.values.network import Network

    return Network(Structure.of_shape((2,)).then("dense", units=3, activation="tanh").then("dense", units=1))


def samples() -> Any:
    """Samples of a number, made as a table's rows would be."""
    from nodeflow.values.preparation import ColumnsPreparation, plain
    from nodeflow.values.scaling import Scaler
    from nodeflow.values.tensors import Tensors

    x = ROWS.select("a", "b").to_numpy().astype("float32")
    y = ROWS.select("y").to_numpy().astype("float32")
    preparation = ColumnsPreparation(
        ("a", "b"),
        "y",
        "regression",
        scaler=Scaler((0.0, 0.0), (1.0, 1.0)),
        target_scaler=Scaler((0.0,), (1.0,)),
    )
    return Tensors(
        {"x": x, "y": y, "row": np.arange(8)},
        targets=("y",),
        task="regression",
        preparation=plain(preparation),
    )


@functools.cache
def model() -> Any:
    """A network trained for an epoch."""
    from nodeflow_nodes.deep._settings import TrainingSettings
    from nodeflow_nodes.deep._training import train

    from nodeflow.testing import _Context

    settings = TrainingSettings(epochs=1, batch_size=4)
    return train(network(), samples(), None, settings, _Context(Path())).model


CONTRACT: dict[str, Any] = {
    "deep_learner": lambda folder: {
        "parameters": {"epochs": 1, "batch_size": 4},
        "inputs": {"network": network(), "train": samples(), "validation": samples()},
    },
    "deep_predictor": lambda folder: {"inputs": {"model": model(), "tensors": samples(), "table": None}},
    "model_to_network": lambda folder: {"inputs": {"model": model()}},
    "deep_evaluator": lambda folder: {"inputs": {"model": model(), "tensors": samples()}},
}
