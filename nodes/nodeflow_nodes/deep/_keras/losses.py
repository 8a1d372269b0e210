"""Losses and metrics of Keras by our names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from nodeflow_nodes.deep._keras.crf import ChainLoss, TagAccuracy
from nodeflow_nodes.deep._keras.faults import Fault

_LOSSES = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "huber": "Huber",
    "log_cosh": "LogCosh",
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "poisson": "Poisson",
    "kl_divergence": "KLDivergence",
    "ctc": "CTC",
}


def make_loss(told: Mapping[str, Any]) -> Any:
    """A loss whose value of a batch is the mean over the samples that count."""
    options = {name: value for name, value in told.items() if name != "name"}
    if told["name"] == "crf":
        return ChainLoss(reduction="mean_with_sample_weight")
    return getattr(keras.losses, _LOSSES[told["name"]])(reduction="mean_with_sample_weight", **options)


def make_metrics(names: Sequence[str], loss: Mapping[str, Any]) -> list[Any]:
    """The metrics for an output with that loss."""
    return [_metric(name, loss["name"], bool(loss.get("from_logits"))) for name in names]


def _metric(name: str, loss: str, from_logits: bool) -> Any:
    metrics = keras.metrics
    if loss == "crf":
        if name != "accuracy":
            raise Fault(f"{name} does not fit the labels of a CRF Head; take accuracy")
        return TagAccuracy(name=name)
    if name == "accuracy":
        if loss == "binary_crossentropy":
            return metrics.BinaryAccuracy(name=name, threshold=0.0 if from_logits else 0.5)
        if loss == "categorical_crossentropy":
            return metrics.CategoricalAccuracy(name=name)
        return metrics.SparseCategoricalAccuracy(name=name)
    if name == "top_3_accuracy":
        if loss == "categorical_crossentropy":
            return metrics.TopKCategoricalAccuracy(k=3, name=name)
        return metrics.SparseTopKCategoricalAccuracy(k=3, name=name)
    plain = {
        "mae": metrics.MeanAbsoluteError,
        "mse": metrics.MeanSquaredError,
        "rmse": metrics.RootMeanSquaredError,
        "mape": metrics.MeanAbsolutePercentageError,
        "cosine_similarity": metrics.CosineSimilarity,
    }
    return plain[name](name=name)
