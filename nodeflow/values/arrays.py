"""The two kinds of arrays that tensors hold: dense ones, and windows over a series that copy no row."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from nodeflow.errors import NodeflowError
from nodeflow.values.tensor_specs import DTYPES

Numbers = np.ndarray[Any, np.dtype[Any]]


class TensorError(NodeflowError):
    """Arrays do not fit together, or a file of tensors is not sound."""


class Array(Protocol):
    """An array whose first axis counts samples; it is never changed."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of all axes, samples first."""

    @property
    def dtype(self) -> str:
        """The name of the dtype."""

    def take(self, indices: Numbers) -> Numbers:
        """The samples at these places, as an array of their own."""

    def chosen(self, indices: Numbers) -> Array:
        """The samples at these places, as an array of the same kind."""

    def to_numpy(self) -> Numbers:
        """All samples; of windows this is the large copy that they avoid."""


class Dense:
    """An array that holds each value once: in memory, or mapped from a file."""

    __slots__ = ("values",)

    def __init__(self, values: Numbers) -> None:
        self.values: Numbers = _checked(values)
        if self.values.ndim < 1:
            raise TensorError("an array needs an axis of samples; this one is a single value")

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of all axes, samples first."""
        return tuple(self.values.shape)

    @property
    def dtype(self) -> str:
        """The name of the dtype."""
        return str(self.values.dtype)

    def take(self, indices: Numbers) -> Numbers:
        """The samples at these places, as an array of their own."""
        return np.take(self.values, indices, axis=0)

    def chosen(self, indices: Numbers) -> Dense:
        """The samples at these places."""
        return Dense(self.take(indices))

    def to_numpy(self) -> Numbers:
        """All samples."""
        return self.values

    def __repr__(self) -> str:
        return f"Dense({'x'.join(map(str, self.shape))}, {self.dtype})"


class Windows:
    """Windows over the rows of one array: sample i has the rows `starts[i]`, `starts[i] + step`, ...

    `base` is (rows, features) or (rows,), `length` the rows of a window. Windows may overlap as they like:
    only the places where they start are kept, 8 bytes a window.
    """

    __slots__ = ("base", "length", "starts", "step")

    def __init__(self, base: Numbers, starts: Numbers, length: int, step: int = 1) -> None:
        self.base: Numbers = _checked(base)
        self.starts: Numbers = np.ascontiguousarray(starts, dtype=np.int64)
        self.length, self.step = int(length), int(step)
        if self.base.ndim < 1 or self.starts.ndim != 1:
            raise TensorError("windows need an array with rows and a list of places where they start")
        if self.length < 1 or self.step < 1:
            raise TensorError("windows need a length and a step of at least 1")
        last = (self.length - 1) * self.step  # Python's integers do not overflow
        if len(self.starts) and (
            int(self.starts.min()) < 0 or int(self.starts.max()) + last >= len(self.base)
        ):
            raise TensorError("a window reaches beyond the rows it is taken from")

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of all axes: samples, rows of a window, and those of a row."""
        return (len(self.starts), self.length, *self.base.shape[1:])

    @property
    def dtype(self) -> str:
        """The name of the dtype."""
        return str(self.base.dtype)

    def take(self, indices: Numbers) -> Numbers:
        """The windows at these places, as an array of their own."""
        rows = np.arange(self.length, dtype=np.int64) * self.step
        return np.take(self.base, self.starts[indices][:, None] + rows, axis=0)

    def chosen(self, indices: Numbers) -> Windows:
        """The windows at these places, over the same rows."""
        return Windows(self.base, self.starts[indices], self.length, self.step)

    def trimmed(self) -> Windows:
        """The same windows over no more rows than they reach."""
        if not len(self.starts):
            return Windows(self.base[:0], self.starts, self.length, self.step)
        reach = (self.length - 1) * self.step
        first, end = int(self.starts.min()), int(self.starts.max()) + reach + 1
        edges = np.zeros(end - first + 1, np.int64)
        np.add.at(edges, self.starts - first, 1)
        np.add.at(edges, self.starts - first + reach + 1, -1)
        used = np.cumsum(edges[:-1]) > 0
        if used.all():
            return Windows(self.base[first:end], self.starts - first, self.length, self.step)
        # rows between groups, or parts of them, that no window reaches
        places = np.cumsum(used) - 1
        return Windows(self.base[first:end][used], places[self.starts - first], self.length, self.step)

    def to_numpy(self) -> Numbers:
        """All windows, each row copied as often as windows hold it."""
        return self.take(np.arange(len(self.starts)))

    def __repr__(self) -> str:
        return f"Windows({'x'.join(map(str, self.shape))}, {self.dtype}, over {len(self.base)} rows)"


def _checked(values: Any) -> Numbers:
    """The values as an array in the byte order of the machine, of a dtype that can be stored."""
    array: Numbers = np.asarray(values)
    if str(array.dtype) not in DTYPES and str(array.dtype.newbyteorder("=")) in DTYPES:
        array = array.astype(array.dtype.newbyteorder("="))
    if str(array.dtype) not in DTYPES:
        raise TensorError(f"an array of {array.dtype} cannot be a tensor; turn it into numbers first")
    return array
