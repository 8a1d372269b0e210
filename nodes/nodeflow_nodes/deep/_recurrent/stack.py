"""A chain of layers with a loss: forward, and the errors back through all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nodeflow_nodes.deep._recurrent.cell import Array
from nodeflow_nodes.deep._recurrent.layers import Dense, Passed, Recurrent, Step

LossName = Literal["squared", "crossentropy", "binary"]
_TINY = 1e-300


@dataclass(frozen=True)
class Loss:
    """J, summed over outputs and steps and averaged over samples.

    "squared" is half the sum of squares, as in the textbooks; "crossentropy" takes one-hot targets and shares of
    classes; "binary" takes targets and shares of 0 to 1 for each output by itself.
    """

    name: LossName

    def value(self, out: Array, target: Array) -> float:
        """J."""
        if self.name == "squared":
            each = 0.5 * (out - target) ** 2
        elif self.name == "crossentropy":
            each = -target * np.log(np.maximum(out, _TINY))
        else:
            each = -target * np.log(np.maximum(out, _TINY)) - (1 - target) * np.log(
                np.maximum(1 - out, _TINY)
            )
        return float(each.sum() / len(out))

    def slope(self, out: Array, target: Array) -> Array:
        """dJ/doutput."""
        if self.name == "squared":
            slope = out - target
        elif self.name == "crossentropy":
            slope = -target / np.maximum(out, _TINY)
        else:
            slope = (1 - target) / np.maximum(1 - out, _TINY) - target / np.maximum(out, _TINY)
        return np.asarray(slope / len(out))


class Stack:
    """Layers one after the other."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    def recurrent(self) -> list[Recurrent]:
        """The recurrent layers, those next to the input first."""
        return [step for step in self.steps if isinstance(step, Recurrent)]

    def forward(self, x: Array, start: int = 0) -> list[Passed]:
        """What went through each layer, from the layer number `start` on."""
        found = []
        for step in self.steps[start:]:
            found.append(step.forward(x))
            x = found[-1].out
        return found

    def backward(self, passed: Sequence[Passed], error: Array, window: int | None = None) -> list[Passed]:
        """The same with the errors, given dJ/doutput of the last layer."""
        found: list[Passed] = []
        for one in reversed(passed):
            found.append(one.layer.backward(one, error, window))
            below = found[-1].error_below
            assert below is not None
            error = below
        return found[::-1]

    def gradient(self, x: Array, target: Array, loss: Loss, window: int | None = None) -> list[Passed]:
        """Forward and back."""
        passed = self.forward(x)
        return self.backward(passed, loss.slope(passed[-1].out, target), window)


def parameters_of(step: Step) -> dict[str, Array]:
    """The groups of parameters of a layer, themselves and no copies; of two cells the second has a dash."""
    if isinstance(step, Dense):
        return {"kernel": step.kernel, "bias": step.bias}
    if isinstance(step, Recurrent):
        marks = ("", "'")
        pairs = zip(step.cells, marks, strict=False)
        return {name + mark: one for cell, mark in pairs for name, one in cell.parameters.items()}
    return {}


def gradients_of(passed: Passed) -> dict[str, Array]:
    """dJ/dparameters of a layer after the way back, by group."""
    step = passed.layer
    if isinstance(step, Recurrent):
        marks, found = ("", "'"), dict[str, Array]()
        for trace, mark in zip(passed.traces, marks, strict=False):
            gradient = trace.cell.gradient(trace.x, trace.values, trace.errors)
            found |= {name + mark: one for name, one in gradient.items()}
        return found
    if isinstance(step, Dense) and passed.error is not None:
        assert passed.net is not None
        if step.is_softmax:
            inner = passed.out * (passed.error - (passed.error * passed.out).sum(axis=-1, keepdims=True))
        else:
            inner = passed.error * step.g.slope(passed.net, passed.out)
        rows, errors = passed.x.reshape(-1, passed.x.shape[-1]), inner.reshape(-1, inner.shape[-1])
        return {"kernel": rows.T @ errors, "bias": errors.sum(axis=0)}
    return {}
