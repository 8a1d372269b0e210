"""The numeric gradient, which settles whether back-propagation is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodeflow_nodes.deep._recurrent.cell import Array
from nodeflow_nodes.deep._recurrent.stack import Loss, Stack, gradients_of, parameters_of

NUDGE = 1e-4
"""Far enough that rounding does no harm; what the five-point formula errs by is of its fourth power."""


@dataclass(frozen=True)
class Checked:
    """How the gradient of one group of parameters compares with the numeric one, over the entries tried."""

    group: str
    shape: tuple[int, ...]
    entries: int
    analytic: float
    """Length of the gradient over these entries."""
    numeric: float
    relative_error: float
    """Length of the difference by the sum of the lengths; 0 if both vanish."""


def check_gradient(
    stack: Stack,
    number: int,
    x: Array,
    target: Array,
    loss: Loss,
    *,
    most: int | None = None,
    seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> list[Checked]:
    """Compare the gradient of the layer of that number by central differences, at most so many entries a group.

    `tick` is called before each calculation, and may raise to end it all.
    """
    passed = stack.gradient(x, target, loss)
    below, gradients = passed[number].x, gradients_of(passed[number])
    random = np.random.default_rng(seed)

    def value() -> float:
        tick()
        return loss.value(stack.forward(below, number)[-1].out, target)

    found = []
    for group, weights in parameters_of(stack.steps[number]).items():
        tried = np.arange(weights.size)
        if most is not None and weights.size > most:
            tried = np.sort(random.choice(weights.size, most, replace=False))
        flat = weights.reshape(-1)
        numeric = np.array([_slope(flat, int(entry), value) for entry in tried])
        analytic = gradients[group].reshape(-1)[tried]
        lengths = float(np.linalg.norm(analytic)), float(np.linalg.norm(numeric))
        gap = float(np.linalg.norm(analytic - numeric))
        error = gap / sum(lengths) if sum(lengths) > 0 else 0.0
        found.append(Checked(group, weights.shape, len(tried), *lengths, error))
    return found


def _slope(flat: Array, entry: int, value: Callable[[], float]) -> float:
    """The slope of J at one parameter by the five-point central difference."""
    kept = float(flat[entry])
    at = {}
    try:
        for nudge in (-2, -1, 1, 2):
            flat[entry] = kept + nudge * NUDGE
            at[nudge] = value()
    finally:
        flat[entry] = kept
    return float((8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * NUDGE))
