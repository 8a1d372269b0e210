"""Tensors: named arrays of samples for networks, with the meanings of their axes, and how they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from nodeflow.values.arrays import Array, Dense, Numbers, TensorError, Windows
from nodeflow.values.codec import Codec, Payload
from nodeflow.values.tensor_specs import ArraySpec, Shape, TensorsSpec, TensorTask

__all__ = [
    "Array",
    "ArraySpec",
    "Dense",
    "Shape",
    "TensorError",
    "TensorTask",
    "Tensors",
    "TensorsCodec",
    "TensorsSpec",
    "Windows",
]


class Tensors:
    """What travels on a tensor wire: arrays with the same number of samples. Treat it as immutable.

    By custom "x" is the input and "y" the target of a network, and "weight" the weight of a sample. Arrays
    that are neither inputs nor targets go along, such as "base", the value that a forecast of a change starts
    from. A target may be an input as well: an autoencoder gives back what it is given.

    Args:
        arrays: arrays by name: NumPy arrays, `Dense` or `Windows`.
        axes: what the axes of each array mean, without that of the samples.
        inputs: the arrays a network reads.
        targets: the arrays it should give.
        task: what they are for.
        classes: the values behind the numbers of a target of classes.
        preparation: how the arrays come out of a table; see `nodeflow.values.preparation`.
    """

    __slots__ = ("arrays", "axes", "classes", "input_names", "preparation", "samples", "target_names", "task")

    def __init__(
        self,
        arrays: Mapping[str, Array | Numbers],
        *,
        axes: Mapping[str, Sequence[str]] | None = None,
        inputs: Sequence[str] = ("x",),
        targets: Sequence[str] = (),
        task: TensorTask = "",
        classes: Sequence[Any] | None = None,
        preparation: Mapping[str, Any] | None = None,
    ) -> None:
        self.arrays: dict[str, Array] = {
            name: Dense(one) if isinstance(one, np.ndarray) else one for name, one in arrays.items()
        }
        self.input_names, self.target_names = tuple(inputs), tuple(targets)
        self.task: TensorTask = task
        self.classes = None if classes is None else tuple(classes)
        self.preparation = None if preparation is None else dict(preparation)
        counts = {name: one.shape[0] for name, one in self.arrays.items()}
        if not counts:
            raise TensorError("tensors need at least one array")
        if len(set(counts.values())) > 1:
            told = ", ".join(f'"{name}" has {count:,}' for name, count in counts.items())
            raise TensorError(f"the arrays have different numbers of samples: {told}")
        for name in (*self.input_names, *self.target_names):
            if name not in self.arrays:
                raise TensorError(f'there is no array "{name}"; there are {", ".join(self.arrays)}')
        self.samples: int = next(iter(counts.values()))
        self.axes = {name: self._axes_of(name, (axes or {}).get(name, ())) for name in self.arrays}

    def _axes_of(self, name: str, given: Sequence[str]) -> tuple[str, ...]:
        depth = len(self.arrays[name].shape) - 1
        if given and len(given) != depth:
            raise TensorError(f'"{name}" has {depth} axes beside that of the samples, not {len(given)}')
        return tuple(given)

    @property
    def spec(self) -> TensorsSpec:
        """Shapes, dtypes and all else that is told of tensors."""
        return TensorsSpec(
            {n: ArraySpec(one.shape[1:], one.dtype, self.axes[n]) for n, one in self.arrays.items()},
            self.input_names,
            self.target_names,
            self.task,
            self.classes,
            self.preparation,
            self.samples,
        )

    @property
    def rows(self) -> int:
        """The samples, as what a node gave is counted when a run is told."""
        return self.samples

    def inputs(self) -> tuple[str, ...]:
        """The names of the arrays that a network reads."""
        return self.input_names

    def targets(self) -> tuple[str, ...]:
        """The names of the arrays that it should give."""
        return self.target_names

    def take(self, indices: Numbers) -> dict[str, Numbers]:
        """The samples at these places of every array."""
        return {name: one.take(indices) for name, one in self.arrays.items()}

    def chosen(self, indices: Numbers) -> Tensors:
        """Tensors of the samples at these places; windows stay windows."""
        return self.with_(arrays={name: one.chosen(indices) for name, one in self.arrays.items()})

    def with_(self, **changes: Any) -> Tensors:
        """The same with some arguments of the constructor changed; no array is copied."""
        given: dict[str, Any] = {
            "arrays": self.arrays,
            "inputs": self.input_names,
            "targets": self.target_names,
            "task": self.task,
            "classes": self.classes,
            "preparation": self.preparation,
        }
        given |= changes
        if "axes" not in given:
            # an array of another depth has other meanings
            given["axes"] = {
                name: axes
                for name, axes in self.axes.items()
                if name in given["arrays"] and len(axes) == len(given["arrays"][name].shape) - 1
            }
        return Tensors(**given)

    def facts(self) -> dict[str, Any]:
        """What reports and terminals tell of it."""
        told: dict[str, Any] = {"samples": self.samples}
        if self.task:
            told["for"] = self.task
        spec = self.spec
        for name, one in self.arrays.items():
            role = "input" if name in self.input_names else "target" if name in self.target_names else ""
            over = f", windows over {len(one.base):,} rows" if isinstance(one, Windows) else ""
            told[f"{role} {name}".strip()] = spec.arrays[name].text() + over
        if self.classes is not None:
            shown = ", ".join(str(one) for one in self.classes[:10])
            told["classes"] = f"{shown}, … ({len(self.classes)})" if len(self.classes) > 10 else shown
        return told

    def __len__(self) -> int:
        return self.samples

    def __repr__(self) -> str:
        arrays = ", ".join(f"{name}: {one!r}" for name, one in self.arrays.items())
        return f"Tensors({self.samples} samples, {arrays})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(str(name))}</th><td>{escape(str(value))}</td></tr>'
            for name, value in self.facts().items()
        )
        return f"<table>{rows}</table>"


class TensorsCodec(Codec):
    """Tensors are stored as raw buffers behind a JSON header, to be mapped into memory and not read."""

    suffix = ".tensors"

    def dump(self, value: Any, path: Path) -> Payload:
        from nodeflow.files import atomic_write
        from nodeflow.values.tensor_files import write_tensors

        with atomic_write(path, "wb") as file:
            write_tensors(value, file)
        return Payload({"rows": value.samples})

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Tensors:
        from nodeflow.values.tensor_files import read_tensors

        return read_tensors(path)

    def spec_of(self, value: Any) -> TensorsSpec:
        spec: TensorsSpec = value.spec
        return spec
