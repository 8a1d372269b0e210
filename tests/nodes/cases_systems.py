"""How the contract of the nodes that make, train and apply networks of their own is checked."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import polars as pl

POINTS = pl.DataFrame(
    {
        "a": [0.5, 1.5, 2.0, 3.5, 4.0, 5.5, 6.0, 7.5],
        "b": [1.0, 0.0, 2.0, 1.0, 0.0, 2.0, 1.0, 3.0],
        "c": [2.0, 1.0, 4.0, 3.0, 2.0, 5.0, 4.0, 8.0],
    }
)
SERIES = pl.DataFrame({"t": list(range(40)), "v": [math.sin(step / 3) for step in range(40)]})


def chain() -> Any:
    from nodeflow.networks import Structure
    from nodeflow.values.network import Network

    built = Structure.of_shape((3,)).then("dense", units=4, activation="sigmoid")
    return Network(built.then("dense", units=2, activation="sigmoid").then("dense", units=1))


def samples() -> Any:
    from nodeflow.values.tensors import Tensors

    return Tensors({"x": POINTS.to_numpy().astype("float32"), "row": np.arange(8)})


@functools.cache
def autoencoder() -> Any:
    import nodeflow as nf

    workflow = nf.Workflow("autoencoder")
    columns = [
        {"name": name, "type": "number", "cells": [str(one) for one in POINTS[name]]}
        for name in POINTS.columns
    ]
    table = workflow.add("table_creator", columns=columns)
    workflow.add("autoencoder_learner", table, id="learn", epochs=1, validation_share=0.0)
    return workflow.run(cache=False)["learn"]["model"]


CONTRACT: dict[str, Any] = {
    "adding_problem": {"parameters": {"steps": 6, "samples": 5}},
    "autoencoder_apply": lambda folder: {
        "inputs": {"model": autoencoder(), "table": POINTS, "tensors": None}
    },
    "autoencoder_learner": {
        "parameters": {"epochs": 1, "batch_size": 4, "code": 1},
        "inputs": {"table": POINTS, "tensors": None, "test": POINTS},
    },
    "image_scorer": {"inputs": {"table": POINTS, "changed": POINTS + 0.5}},
    "layerwise_pretrainer": lambda folder: {
        "parameters": {"epochs": 1},
        "inputs": {"network": chain(), "train": samples()},
    },
    "lstm_forecaster": {
        "parameters": {
            "target": "v", "time": "t", "lookback": 4, "horizon": 1, "units": [2], "epochs": 1, "season": 3,
        },
        "inputs": {"table": SERIES},
    },
    "pca_reconstruction": {"parameters": {"columns": ["a", "b"]}, "inputs": {"table": POINTS, "rows": POINTS}},
    "reconstruction_error": lambda folder: {
        "inputs": {"model": autoencoder(), "table": POINTS, "tensors": None}
    },
    "sequence_autoencoder": {
        "parameters": {"columns": ["v"], "time": "t", "window": 4, "units": 2, "epochs": 1},
        "inputs": {"table": SERIES},
    },
}  # fmt: skip
