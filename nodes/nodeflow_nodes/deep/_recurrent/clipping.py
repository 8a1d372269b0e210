"""Gradients cut short, and two problems on which it matters: a layer that explodes, and the cliff of one unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nodeflow_nodes.deep._recurrent.activations import activation
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays
from nodeflow_nodes.deep._recurrent.layers import Recurrent
from nodeflow_nodes.deep._recurrent.stack import Loss, Stack, gradients_of
from nodeflow_nodes.deep._recurrent.weights import cell_of, initial_weights

ClipName = Literal["none", "value", "norm", "global norm"]


def clipped(gradients: Mapping[str, Array], clip: ClipName, at: float) -> Arrays:
    """The gradients of some groups of weights, cut as Keras cuts them.

    By value each number is kept within -at and at, which turns the gradient. By norm the gradient of each group is
    multiplied by at / its length if it is longer; by global norm all are, by at / the length of them all, which keeps the
    direction of the whole (Pascanu et al. 2013).
    """
    if clip == "value":
        return {name: np.clip(one, -at, at) for name, one in gradients.items()}
    if clip == "norm":
        return {name: one * _shorter(length({name: one}), at) for name, one in gradients.items()}
    factor = _shorter(length(gradients), at) if clip == "global norm" else 1.0
    return {name: one * factor for name, one in gradients.items()}


def length(gradients: Mapping[str, Array]) -> float:
    """The length of all gradients as one vector, which does not overflow on the way."""
    parts = [one.reshape(-1) for one in gradients.values()]
    whole = np.concatenate(parts) if parts else np.zeros(1)
    top = float(np.abs(whole).max(initial=0.0))
    if not np.isfinite(top) or top == 0:
        return top
    return top * float(np.linalg.norm(whole / top))


def _shorter(long: float, at: float) -> float:
    return min(1.0, at / long) if long else 1.0


@dataclass(frozen=True)
class Iteration:
    """One step of training; `angle` is how far clipping turned the gradient, in degrees."""

    loss: float
    before: float
    after: float
    angle: float


def explode(
    clip: ClipName, at: float, *, units: int, steps: int, gain: float, rate: float, iterations: int, seed: int
) -> Iterator[Iteration]:
    """Train a linear recurrent layer whose state grows by the gain at each step; ends when the loss is no number any more.

    The state after all steps should be near a random target of one number a unit.
    """
    random = np.random.default_rng(seed)
    config = {"units": units, "activation": "linear", "gain": gain}
    cell = cell_of("simple_rnn", config, initial_weights("simple_rnn", 2, config, random))
    stack = Stack([Recurrent("layer", (cell,), (False,), sequences=False)])
    x, target, loss = (
        random.standard_normal((16, steps, 2)),
        random.standard_normal((16, units)),
        Loss("squared"),
    )
    for _ in range(iterations):
        with np.errstate(over="ignore", invalid="ignore"):
            passed = stack.gradient(x, target, loss)
            value = loss.value(passed[-1].out, target)
            gradients = gradients_of(passed[0])
        if not np.isfinite(value) or not np.isfinite(length(gradients)):
            yield Iteration(float("nan"), float("nan"), float("nan"), float("nan"))
            return
        cut = clipped(gradients, clip, at)
        yield Iteration(value, length(gradients), length(cut), _angle(gradients, cut))
        for name, one in cut.items():
            cell.parameters[name] -= rate * one


def _angle(first: Arrays, second: Arrays) -> float:
    lengths = length(first), length(second)
    if not all(lengths):
        return 0.0
    cosine = sum(float(((first[name] / lengths[0]) * (second[name] / lengths[1])).sum()) for name in first)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


CLIFF_STEPS = 50
START, WANTED = 0.5, 0.7


def cliff(w: Array, b: Array) -> tuple[Array, Array, Array]:
    """The loss of one unit after 50 steps, and its slopes along w and b.

    x(t) = w s(x(t-1)) + b from x(0) = 0.5, with s the sigmoid and the loss (s(x(50)) - 0.7)^2: figure 6 of Pascanu,
    Mikolov and Bengio (2013).
    """
    s = activation("sigmoid").value
    x = np.full(np.broadcast(w, b).shape, START)
    along_w = along_b = np.zeros_like(x)
    for _ in range(CLIFF_STEPS):
        y = s(x)
        slope = w * y * (1 - y)
        x, along_w, along_b = w * y + b, y + slope * along_w, 1 + slope * along_b
    y = s(x)
    outer = 2 * (y - WANTED) * y * (1 - y)
    return (y - WANTED) ** 2, outer * along_w, outer * along_b


def descend(
    start: tuple[float, float], at: float, rate: float, iterations: int
) -> list[tuple[float, float, float]]:
    """The way of plain descent over the cliff: w, b and loss of each step; `at` is the clipped length, 0 for none."""
    w, b = start
    found = []
    for _ in range(iterations + 1):
        loss, along_w, along_b = (float(one) for one in cliff(np.array(w), np.array(b)))
        found.append((w, b, loss))
        size = float(np.hypot(along_w, along_b))
        factor = _shorter(size, at) if at else 1.0
        w, b = w - rate * factor * along_w, b - rate * factor * along_b
    return found
