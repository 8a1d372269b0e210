"""How the contract of the nodes on languages, tags, pairs of texts and pictures is checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import polars as pl

TEXTS = pl.DataFrame({"t": ["abab", "bbaa", None, "ab"]})


def trained(structure: Any, tensors: Any) -> Any:
    """A network trained for an epoch."""
    from nodeflow_nodes.deep._settings import TrainingSettings
    from nodeflow_nodes.deep._training import train

    from nodeflow.testing import _Context
    from nodeflow.values.network import Network

    return train(Network(structure), tensors, None, TrainingSettings(epochs=1), _Context(Path())).model


def tokens() -> Any:
    from nodeflow_nodes.deep.text_tokenizer import TextTokenizer

    from nodeflow.testing import _Context

    node = TextTokenizer(text="t", level="character", next_token=True, length=3)
    return node.run(TEXTS.lazy(), _Context(Path())).tensors


@functools.cache
def language_model() -> Any:
    from nodeflow.networks import Structure

    structure = Structure.of_shape((3,), dtype="int32").then("embedding", input_dim=4, output_dim=4)
    return trained(structure.then("dense", units=4, activation="softmax"), tokens())


CONTRACT: dict[str, Any] = {
    "sequence_generator": lambda folder: {
        "parameters": {"length": 2, "column": "t"},
        "inputs": {"model": language_model(), "table": pl.DataFrame({"t": ["ab", "b"]})},
    },
    "language_model_scorer": lambda folder: {
        "inputs": {"model": language_model(), "test": tokens(), "train": tokens()}
    },
}
