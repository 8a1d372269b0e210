"""Batches of tensors for Keras: all of one shape, shuffled anew each epoch in an order known beforehand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from nodeflow.values.tensors import Tensors


@dataclass(frozen=True)
class Reading:
    """How tensors become what a model takes: arrays by the model's inputs and outputs, in order.

    `depths` counts, for each output, the axes of its loss before the mean is taken, samples included; `chains` says
    which are labels of a CRF Head, where a step without weight has none.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    depths: tuple[int, ...]
    class_weights: tuple[float, ...] | None = None
    chains: tuple[bool, ...] = ()


class Batches(keras.utils.PyDataset):
    """Batches of `batch` samples; `accumulate` of them together make one step.

    The last step of an epoch has the samples that are left, spread over its batches and filled up with others
    whose weight is 0, so that no batch has another shape, which would have to be compiled anew.
    The order of an epoch follows from the seed and the epoch's number alone.
    """

    def __init__(
        self,
        tensors: Tensors,
        reading: Reading,
        batch: int,
        *,
        accumulate: int = 1,
        shuffle_seed: int | None = None,
        weighted: bool = True,
    ) -> None:
        super().__init__()
        self.tensors, self.reading = tensors, reading
        self.batch, self.accumulate = batch, accumulate
        self.weighted = weighted
        self._shuffle_seed = shuffle_seed
        self.epoch = 0
        self._ordered: tuple[int, Any] | None = None
        self.steps = math.ceil(tensors.samples / (batch * accumulate))

    @property
    def num_batches(self) -> int:
        """The batches of an epoch."""
        return self.steps * self.accumulate

    def counts(self) -> list[int]:
        """How many samples of their own the batches of the last step have."""
        left = self.tensors.samples - (self.steps - 1) * self.batch * self.accumulate
        return [len(part) for part in np.array_split(np.arange(left), self.accumulate)]

    def order(self) -> Any:
        """The places of the samples in the order of the epoch."""
        if self._ordered is None or self._ordered[0] != self.epoch:
            places = np.arange(self.tensors.samples)
            if self._shuffle_seed is not None:
                generator = np.random.Generator(np.random.PCG64([self._shuffle_seed, self.epoch]))
                places = generator.permutation(self.tensors.samples)
            self._ordered = (self.epoch, places)
        return self._ordered[1]

    def inputs(self, index: int) -> Any:
        """What the model takes of one batch."""
        places, _ = self._places(index)
        arrays = self.tensors.arrays
        return _alone([_plain(arrays[name].take(places)) for name in self.reading.inputs])

    def _places(self, index: int) -> tuple[Any, int]:
        """The samples of a batch, and how many of them do not only fill up."""
        step, part = divmod(index, self.accumulate)
        whole = self.batch * self.accumulate
        places = self.order()[step * whole : (step + 1) * whole]
        if len(places) < whole:
            places = np.array_split(places, self.accumulate)[part]
        else:
            places = places[part * self.batch : (part + 1) * self.batch]
        own = len(places)
        if own < self.batch:
            places = np.concatenate([places, np.full(self.batch - own, self.order()[0])])
        return places, own

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        places, own = self._places(index)
        arrays = self.tensors.arrays
        inputs = [_plain(arrays[name].take(places)) for name in self.reading.inputs]
        targets = [
            _plain(self._target(number, name, places)) for number, name in enumerate(self.reading.targets)
        ]
        weights = [
            self._weights(target, own, places, depth)
            for target, depth in zip(targets, self.reading.depths, strict=True)
        ]
        return _alone(inputs), _alone(targets), _alone(weights)

    def _target(self, number: int, name: str, places: Any) -> Any:
        """What an output is to give; -1 says that a step has no label."""
        target = self.tensors.arrays[name].take(places)
        weight = self.tensors.arrays.get("weight")
        if (
            not any(self.reading.chains[number : number + 1])
            or weight is None
            or weight.shape[1:] != target.shape[1:]
        ):
            return target
        return np.where(weight.take(places) > 0, target, np.asarray(-1, target.dtype))

    def _weights(self, target: Any, own: int, places: Any, depth: int) -> Any:
        """The weight of every value of the loss, 0 for samples that only fill up."""
        weights = np.zeros(self.batch, "float32")
        weights[:own] = 1.0
        shape = target.shape[:depth]
        found = np.broadcast_to(weights.reshape(-1, *[1] * (len(shape) - 1)), shape)
        if self.weighted and "weight" in self.tensors.arrays:
            given = self.tensors.arrays["weight"].take(places).astype("float32")
            if given.ndim > len(shape):  # for each step, but the loss is one of the whole
                given = given.reshape(self.batch, -1).max(axis=1)
            if given.shape != shape:  # one for each sample, and not for each of its steps
                given = given.reshape(-1, *[1] * (len(shape) - 1))
            found = found * given
        by_class = self.reading.class_weights
        if by_class is not None:
            labels = target
            if target.ndim > depth:
                labels = target.argmax(-1) if target.shape[-1] > 1 else target[..., 0]
            found = found * np.asarray(by_class, "float32")[labels.astype("int64")]
        return np.ascontiguousarray(found, dtype="float32")


def _plain(array: Any) -> Any:
    """The array in a dtype that every backend takes: 64-bit numbers are halved, truth values are numbers."""
    smaller = {
        "float64": "float32",
        "int64": "int32",
        "uint64": "int32",
        "uint32": "int32",
        "bool": "float32",
    }
    name = smaller.get(str(array.dtype))
    return array if name is None else array.astype(name)


def _alone(items: Sequence[Any]) -> Any:
    return items[0] if len(items) == 1 else tuple(items)
