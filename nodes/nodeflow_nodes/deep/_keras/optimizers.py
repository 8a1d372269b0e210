"""Optimizers that measure gradients before and after clipping, with a learning rate by schedule.

Both live in the optimizer's own variables, so that they work in the compiled step of every backend, are
part of a checkpoint, and need no new compilation when epochs or data change.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("Nadam", {}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "ftrl": ("Ftrl", {}),
    "lion": ("Lion", {}),
    "lamb": ("Lamb", {}),
}

_CLIPS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}

COUNT, SUM, LARGEST, CLIPPED_SUM, CLIPPED_LARGEST, BAD = range(6)
"""Places in the measured numbers: steps, norms before and after clipping, the first step that was not finite."""


@functools.cache
def measured(base: type) -> type:
    """An optimizer class that also measures gradients and follows a schedule."""

    class Measured(base):
        schedule = "constant"

        def build(self, variables: Any) -> None:
            if self.built:
                return
            super().build(variables)
            self.schedule_numbers = self.add_variable((5,), dtype="float32", name="schedule_numbers")
            self.norms = self.add_variable((6,), dtype="float32", name="norms")

        def _get_current_learning_rate(self) -> Any:
            rate = super()._get_current_learning_rate()
            if not self.built:
                return rate
            return rate * factor(self.schedule, self.iterations, self.schedule_numbers)

        def _clip_gradients(self, grads: Any) -> Any:
            clipped = super()._clip_gradients(grads)
            ops = keras.ops
            before = _norm(grads)
            after = before if self.clip_kind == "none" else _norm(clipped)
            old = self.norms
            step = ops.cast(self._iterations, "float32") + 1.0
            is_bad = ops.logical_not(ops.isfinite(before))
            first = ops.where(ops.logical_and(is_bad, old[BAD] == 0), step, old[BAD])
            old.assign(
                ops.stack(
                    [
                        old[COUNT] + 1.0,
                        old[SUM] + before,
                        ops.maximum(old[LARGEST], before),
                        old[CLIPPED_SUM] + after,
                        ops.maximum(old[CLIPPED_LARGEST], after),
                        first,
                    ]
                )
            )
            return clipped

    Measured.__name__ = Measured.__qualname__ = base.__name__
    return Measured


def _norm(gradients: Any) -> Any:
    """The length of all gradients taken as one vector."""
    ops = keras.ops
    parts = [ops.sum(ops.square(ops.cast(one, "float32"))) for one in gradients if one is not None]
    return ops.sqrt(sum(parts[1:], start=parts[0]))


def factor(schedule: str, step: Any, numbers: Any) -> Any:
    """What the learning rate is multiplied by at a step; see `schedule_numbers`."""
    ops = keras.ops
    step = ops.cast(step, "float32")
    warm_up, every, total, decay, least = (numbers[i] for i in range(5))
    warmth = ops.minimum((step + 1.0) / ops.maximum(warm_up, 1.0), 1.0)
    later = ops.maximum(step - warm_up, 0.0)
    if schedule == "exponential":
        return warmth * ops.maximum(ops.power(decay, later / every), least)
    if schedule == "step":
        return warmth * ops.maximum(ops.power(decay, ops.floor(later / every)), least)
    if schedule == "cosine":
        share = ops.minimum(later / ops.maximum(total - warm_up, 1.0), 1.0)
        return warmth * (least + (1.0 - least) * 0.5 * (1.0 + ops.cos(math.pi * share)))
    return warmth


def schedule_numbers(settings: Mapping[str, Any], steps_per_epoch: int) -> np.ndarray[Any, Any]:
    """Warm-up steps, steps between two decays, all steps, decay and least factor, from settings in epochs."""
    return np.array(
        [
            settings["warm_up"] * steps_per_epoch,
            max(settings["decay_every"] * steps_per_epoch, 1),
            settings["epochs"] * steps_per_epoch,
            settings["decay"],
            settings["least_rate"],
        ],
        dtype="float32",
    )


def make_optimizer(settings: Mapping[str, Any], accumulate: int) -> Any:
    """The optimizer that settings ask for; its learning rate and schedule are set later, by `set_rate`."""
    name, options = _KINDS[settings["optimizer"]]
    given: dict[str, Any] = dict(options)
    if "momentum" in given and settings["momentum"] is not None:
        given["momentum"] = settings["momentum"]
    if settings["weight_decay"]:
        given["weight_decay"] = settings["weight_decay"]
    if settings["clip"] != "none":
        given[_CLIPS[settings["clip"]]] = settings["clip_at"]
    if accumulate > 1:
        given["gradient_accumulation_steps"] = accumulate
    if settings["ema"]:
        given |= {"use_ema": True, "ema_momentum": settings["ema"]}
    optimizer = measured(getattr(keras.optimizers, name))(learning_rate=settings["learning_rate"], **given)
    optimizer.schedule = settings["schedule"]
    optimizer.clip_kind = settings["clip"]
    if settings["precision"] == "float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def inner(optimizer: Any) -> Any:
    """The optimizer that does the steps, without the scaling of the loss around it."""
    return getattr(optimizer, "inner_optimizer", optimizer)
