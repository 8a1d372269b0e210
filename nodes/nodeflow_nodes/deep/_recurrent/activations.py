"""Activations and their slopes, as Keras defines them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodeflow.errors import NodeFailed

Array = np.ndarray


@dataclass(frozen=True)
class Activation:
    """A function of one number, with its slope; `steepest` is the largest slope there is."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    """From what went in and what came out."""
    steepest: float


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))  # never overflows
    result: Array = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return result


def _softplus(x: Array) -> Array:
    result: Array = np.logaddexp(x, 0.0)
    return result


_KNOWN = [
    Activation("linear", lambda x: x, lambda x, y: np.ones_like(x), 1.0),
    Activation("tanh", np.tanh, lambda x, y: 1.0 - y * y, 1.0),
    Activation("sigmoid", _sigmoid, lambda x, y: y * (1.0 - y), 0.25),
    Activation(
        "hard_sigmoid", lambda x: np.clip(x / 6.0 + 0.5, 0.0, 1.0), lambda x, y: (np.abs(x) < 3.0) / 6.0, 1 / 6
    ),
    Activation("relu", lambda x: np.maximum(x, 0.0), lambda x, y: (x > 0.0) * 1.0, 1.0),
    Activation("softsign", lambda x: x / (1.0 + np.abs(x)), lambda x, y: (1.0 - np.abs(y)) ** 2, 1.0),
    Activation("softplus", _softplus, lambda x, y: _sigmoid(x), 1.0),
    Activation(
        "elu", lambda x: np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0))),
        lambda x, y: np.where(x > 0.0, 1.0, y + 1.0), 1.0,
    ),
    Activation("exponential", np.exp, lambda x, y: y, float("inf")),
    Activation(
        "silu", lambda x: x * _sigmoid(x), lambda x, y: y + _sigmoid(x) * (1.0 - y), 1.0998393194,
    ),
]  # fmt: skip

ACTIVATIONS = {one.name: one for one in _KNOWN} | {"swish": _KNOWN[-1]}


def activation(name: str | None) -> Activation:
    """The activation of that name; None is the linear one.

    Raises:
        NodeFailed: it is none that can be followed by hand.
    """
    found = ACTIVATIONS.get(name or "linear")
    if found is None:
        raise NodeFailed(
            f'the activation "{name}" cannot be followed step by step; choose one of {", ".join(ACTIVATIONS)}'
        )
    return found
