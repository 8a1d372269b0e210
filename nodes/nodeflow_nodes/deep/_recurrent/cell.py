"""What the recurrent cells share: values and errors of each step, and the gradient, whole and step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

Array = np.ndarray
Arrays = dict[str, Array]


@dataclass(frozen=True)
class Use:
    """How a group of parameters takes part in a step, and so what its gradient is.

    The error `delta` arises where the group meets `input`: a matrix (gradient input' delta), a bias (delta), or
    a weight a unit, such as a peephole (input times delta).
    """

    how: Literal["matrix", "bias", "weight"]
    delta: Array
    input: Array | None = None

    def gradient(self, steps: slice = slice(None)) -> Array:
        """The gradient, of all steps or of some."""
        delta = self.delta[:, steps]
        if self.input is None:
            return np.asarray(delta.sum(axis=(0, 1)))
        seen = self.input[:, steps]
        if self.how == "weight":
            return np.asarray((seen * delta).sum(axis=(0, 1)))
        return np.asarray(np.einsum("sti,stj->ij", seen, delta, optimize=True))


class Cell:
    """A recurrent layer: its groups of parameters, the way forward, and the way back through time.

    `forward` gives the arrays of all values, and `backward` those of all errors, each (samples, steps, units); an
    error has the name of the value by which J is differentiated. A value with a bar, such as `z_bar`, is what goes
    into an activation.
    """

    state: ClassVar[str] = "h"
    """The value that the layer gives, and that returns to it at the next step."""
    memory: ClassVar[str] = "h"
    """The value that is kept from step to step."""

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        self.parameters: Arrays = {
            name: np.array(one, np.float64, order="C") for name, one in parameters.items()
        }

    @property
    def units(self) -> int:
        """How many units the layer has."""
        raise NotImplementedError

    def forward(self, x: Array) -> Arrays:
        """All values of all steps."""
        raise NotImplementedError

    def backward(self, x: Array, values: Arrays, above: Array, window: int | None = None) -> Arrays:
        """All errors of all steps, from those that come `above`: dJ/dstate at each step without the way over later steps.

        With a `window` the errors do not pass from one stretch of so many steps into the one before, as in
        truncated back-propagation; a window of all steps changes nothing.
        """
        raise NotImplementedError

    def uses(self, x: Array, values: Arrays, errors: Arrays) -> dict[str, Use]:
        """How each group of parameters takes part."""
        raise NotImplementedError

    def gradient(self, x: Array, values: Arrays, errors: Arrays) -> Arrays:
        """dJ/dparameters, by group, summed over samples and steps."""
        return {name: use.gradient() for name, use in self.uses(x, values, errors).items()}

    def contributions(self, x: Array, values: Arrays, errors: Arrays) -> Iterator[Arrays]:
        """What each step adds to the gradient, by group, one step after the other."""
        uses = self.uses(x, values, errors)
        for step in range(x.shape[1]):
            yield {name: use.gradient(slice(step, step + 1)) for name, use in uses.items()}


def before(states: Array) -> Array:
    """The states one step earlier; zeros before the first."""
    earlier = np.zeros_like(states)
    earlier[:, 1:] = states[:, :-1]
    return earlier


def total(parts: Iterable[Array]) -> Array:
    """The sum of arrays of one shape."""
    whole, *others = parts
    for one in others:
        whole = whole + one
    return whole


def is_cut(step: int, window: int | None) -> bool:
    """Whether errors stop between this step and the one before."""
    return window is not None and step % window == 0
