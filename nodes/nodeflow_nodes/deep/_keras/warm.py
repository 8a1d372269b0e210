"""Models that stay ready: built and compiled once, set back to their beginning for each training."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import msgspec
import numpy as np

from nodeflow.networks.structure import Structure
from nodeflow_nodes.deep._keras.building import build, set_weights
from nodeflow_nodes.deep._keras.faults import Fault
from nodeflow_nodes.deep._keras.losses import make_loss, make_metrics
from nodeflow_nodes.deep._keras.optimizers import inner, make_optimizer

MOST_MODELS = 4

_MODELS: OrderedDict[bytes, Warm] = OrderedDict()

_COMPILED = (
    "loss", "metrics", "optimizer", "momentum", "weight_decay", "clip", "clip_at", "ema", "schedule", "precision",
    "tbptt_steps",
)  # fmt: skip
"""Settings that are part of the compiled step; all others are only numbers in it."""

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


@dataclass
class Warm:
    """A model with its optimizer and the optimizer's variables as they were before the first step."""

    structure: Structure
    model: Any
    optimizer_start: list[Any]

    @property
    def optimizer(self) -> Any:
        """The optimizer of the model, which may scale the loss."""
        return self.model.optimizer

    @property
    def variables(self) -> list[Any]:
        """All state of the model: weights, moving statistics, seeds, states of stateful layers."""
        return [*self.model.trainable_variables, *_state(self.model)]


def _state(model: Any) -> list[Any]:
    """What is not trained; the metrics count anew each epoch and are left out."""
    of_metrics = {id(one) for one in model.metrics_variables}
    return [one for one in model.non_trainable_variables if id(one) not in of_metrics]


def trainable(
    structure: Structure,
    weights: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
    batch: int,
    accumulate: int,
) -> Warm:
    """A model at the beginning of a training: with the initial weights of its seed, or those given."""
    fixed = fixed_batch(structure, batch)
    told = {name: settings[name] for name in _COMPILED}
    key = msgspec.json.encode([structure.to_data(), told, accumulate, fixed], order="deterministic")
    keras.utils.set_random_seed(int(settings["seed"]) % 2**32)
    fresh = carry_states(
        build(
            structure,
            dtype_policy=_POLICIES[settings["precision"]],
            tbptt_steps=settings["tbptt_steps"],
            batch_size=fixed,
        )
    )
    warm = _MODELS.get(key)
    if warm is None:
        warm = _compiled(structure, fresh, settings, accumulate)
        _MODELS[key] = warm
        while len(_MODELS) > MOST_MODELS:
            _MODELS.popitem(last=False)
    else:
        for own, new in zip(warm.variables, [*fresh.trainable_variables, *_state(fresh)], strict=True):
            own.assign(new)
        for own, start in zip(warm.optimizer.variables, warm.optimizer_start, strict=True):
            own.assign(start)
    _MODELS.move_to_end(key)
    inner(warm.optimizer).learning_rate = settings["learning_rate"]
    if weights:
        set_weights(warm.model, structure, weights)
    return warm


def _compiled(structure: Structure, model: Any, settings: Mapping[str, Any], accumulate: int) -> Warm:
    if not model.trainable_variables:
        raise Fault("the network has no weights to train; unfreeze a layer, or add one with weights")
    losses = settings["loss"]
    model.compile(
        optimizer=make_optimizer(settings, accumulate),
        loss=[make_loss(one) for one in losses] if len(losses) > 1 else make_loss(losses[0]),
        weighted_metrics=_metrics(settings),
    )
    model.optimizer.build(model.trainable_variables)
    return Warm(structure, model, [np.array(one) for one in model.optimizer.variables])


def _metrics(settings: Mapping[str, Any]) -> Any:
    losses = settings["loss"]
    made = [make_metrics(settings["metrics"], one) for one in losses]
    return made if len(losses) > 1 else made[0]


def fixed_batch(structure: Structure, batch: int) -> int | None:
    """The batch for which a network must be built: layers that carry a state over keep one for each sample of it."""
    return batch if any(layer.config.get("stateful") for layer in structure.layers) else None


def carry_states(model: Any) -> Any:
    """The model, whose stateful layers keep their state from batch to batch on every backend.

    Keras keeps these variables apart from the others, so that a compiled step without side effects, as that of JAX
    is, would lose what it gives them.
    """
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and getattr(layer, "states", None) is not None:
            layer._tracker.unlock()
            for state in keras.tree.flatten(layer.states):
                layer._track_variable(state)
            layer._tracker.lock()
    return model


def forget_states(model: Any) -> None:
    """Begin anew with the states that stateful layers carry from batch to batch."""
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            for state in keras.tree.flatten(getattr(layer, "states", None) or []):
                state.assign(np.zeros(state.shape, "float32"))


def forget_models() -> None:
    """Let go of all models, to have their memory."""
    _MODELS.clear()
