"""What is known of tensors before anything runs: shapes, dtypes and meanings of axes. No NumPy here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nodeflow.values.specs import Spec

Shape = tuple[int | None, ...]
"""The lengths of axes without that of the samples; None is a length that differs or is not known yet."""

TensorTask = Literal["regression", "classification", "forecast", "reconstruction", ""]

DTYPES = (
    "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
)  # fmt: skip
"""The dtypes of arrays that can travel and be stored."""

FITTED = ("scaler", "target_scaler", "fill", "classes", "vocabulary")
"""The parts of a preparation that are learned from data, so that they are known only after running."""


@dataclass(frozen=True)
class ArraySpec:
    """One array: its shape without the axis of samples, its dtype, and what each axis means.

    Meanings are words such as "time", "feature", "height", "width", "channel", "class", "token".
    """

    shape: Shape
    dtype: str = "float32"
    axes: tuple[str, ...] = ()

    def text(self) -> str:
        """The array in words: "576 time x 14 feature, float32"."""
        names = self.axes if len(self.axes) == len(self.shape) else ("",) * len(self.shape)
        parts = [f"{_length(n)} {name}".strip() for n, name in zip(self.shape, names, strict=True)]
        return f"{' x '.join(parts) or 'one value'}, {self.dtype}"

    def to_data(self) -> dict[str, Any]:
        """The spec as plain JSON data."""
        return {"shape": list(self.shape), "dtype": self.dtype, "axes": list(self.axes)}

    def fits(self, actual: ArraySpec) -> bool:
        """Whether an array that came is as was told before; lengths that were not known fit any."""
        return (
            self.dtype == actual.dtype
            and self.axes == actual.axes
            and len(self.shape) == len(actual.shape)
            and all(told in (None, came) for told, came in zip(self.shape, actual.shape, strict=True))
        )


def _length(length: int | None) -> str:
    return "any" if length is None else f"{length:,}"


@dataclass(frozen=True)
class TensorsSpec(Spec):
    """Arrays by name, which of them are inputs and targets of a network, and what they are for.

    `classes` and `samples` are None where they are not known before running. `preparation` says how the
    arrays come out of a table (see `nodeflow.values.preparation`); before running it lacks what is fitted.
    """

    arrays: Mapping[str, ArraySpec] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("x",)
    targets: tuple[str, ...] = ()
    task: TensorTask = ""
    classes: tuple[Any, ...] | None = None
    preparation: Mapping[str, Any] | None = None
    samples: int | None = None

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_data(), sort_keys=True, default=str))

    def unfitted(self) -> TensorsSpec:
        """The same without what is learned from data."""
        plain = self.preparation
        if plain is not None:
            plain = {name: value for name, value in plain.items() if name not in FITTED}
        return replace(self, preparation=plain, classes=None, samples=None)

    def without_samples(self) -> TensorsSpec:
        """The same of another number of samples."""
        return replace(self, samples=None)

    def fits(self, actual: TensorsSpec) -> bool:
        """Whether tensors that came are as was told before running; what was not known fits anything."""
        told, came = self.unfitted(), actual.unfitted()
        return (
            (told.inputs, told.targets, told.task) == (came.inputs, came.targets, came.task)
            and self.arrays.keys() == actual.arrays.keys()
            and all(one.fits(actual.arrays[name]) for name, one in self.arrays.items())
            and (told.preparation or {}).items() <= (came.preparation or {}).items()
            and self.classes in (None, actual.classes)
            and self.samples in (None, actual.samples)
        )

    def to_data(self) -> dict[str, Any]:
        return {
            "arrays": {name: one.to_data() for name, one in self.arrays.items()},
            "inputs": list(self.inputs),
            "targets": list(self.targets),
            "task": self.task,
            "classes": None if self.classes is None else list(self.classes),
            "preparation": None if self.preparation is None else dict(self.preparation),
            "samples": self.samples,
        }
