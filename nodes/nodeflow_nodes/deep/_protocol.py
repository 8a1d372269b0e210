"""What the engine's process and the Keras process agree on: names of messages, and arrays by reference.

Neither NumPy nor Keras is needed to read this file, so that both sides can.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values.tensors import Tensors

PROGRESS_INTERVAL = 0.1
"""Seconds between two messages of progress at least."""


class ArrayFiles:
    """Hands arrays to another process by files that are mapped into memory there.

    What is mapped from a file already is told by its name and place; all else is written to `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._arrays: list[Any] = []
        """Kept alive, since the address of one that is gone could come again."""

    def describe(self, array: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Where the other process finds the array."""
        import numpy as np

        place = _mapped(array)
        if place is not None:
            file, offset = place
            return {"file": file, "offset": offset, "dtype": str(array.dtype), "shape": list(array.shape)}
        key = (array.__array_interface__["data"][0], array.shape, array.strides, str(array.dtype))
        if key not in self._known:
            path = self._folder / f"array-{len(self._known)}.npy"
            np.save(path, np.ascontiguousarray(array), allow_pickle=False)
            self._known[key] = {"npy": str(path)}
            self._arrays.append(array)
        return self._known[key]

    def describe_tensors(self, tensors: Tensors) -> dict[str, Any]:
        """Where the other process finds the arrays of tensors; windows stay windows."""
        from nodeflow.values.tensors import Windows

        arrays: dict[str, Any] = {}
        for name, one in tensors.arrays.items():
            if isinstance(one, Windows):
                arrays[name] = {
                    "base": self.describe(one.base),
                    "starts": self.describe(one.starts),
                    "length": one.length,
                    "step": one.step,
                }
            else:
                arrays[name] = {"values": self.describe(one.to_numpy())}
        return {"arrays": arrays, "inputs": list(tensors.inputs()), "targets": list(tensors.targets())}


def open_array(told: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The array at a place that `ArrayFiles` described."""
    import numpy as np

    if "npy" in told:
        found: np.ndarray[Any, Any] = np.load(told["npy"], mmap_mode="r", allow_pickle=False)
        return found
    shape = tuple(told["shape"])
    if 0 in shape:
        return np.zeros(shape, told["dtype"])
    return np.memmap(told["file"], told["dtype"], "r", told["offset"], shape)


def open_tensors(told: Mapping[str, Any]) -> Tensors:
    """The tensors that `ArrayFiles` described."""
    from nodeflow.values.tensors import Array, Dense, Tensors, Windows

    arrays: dict[str, Array] = {}
    for name, one in told["arrays"].items():
        if "base" in one:
            starts = open_array(one["starts"])
            arrays[name] = Windows(open_array(one["base"]), starts, one["length"], one["step"])
        else:
            arrays[name] = Dense(open_array(one["values"]))
    return Tensors(arrays, inputs=told["inputs"], targets=told["targets"])


def _mapped(array: np.ndarray[Any, Any]) -> tuple[str, int] | None:
    """The file an array is a plain view of, and the place in it; None if it lives in memory."""
    import numpy as np

    if not array.flags.c_contiguous or not array.size:
        return None
    source: Any = array
    found: Any = None
    while isinstance(source, np.ndarray):
        if isinstance(source, np.memmap):
            found = source  # the outermost: a view of it tells a wrong offset
        source = source.base
    if found is None or getattr(found, "filename", None) is None or found.mode not in ("r", "c"):
        return None
    begin = array.__array_interface__["data"][0] - found.__array_interface__["data"][0]
    if begin < 0:
        return None
    return str(Path(found.filename).resolve()), int(found.offset + begin)


def write_weights(path: Path, weights: Mapping[str, np.ndarray[Any, Any]] | None) -> str | None:
    """Write weights by name to a file for the other process; gives its name, None if there are none."""
    import numpy as np
    from safetensors.numpy import save_file

    if not weights:
        return None
    save_file({name: np.ascontiguousarray(one).reshape(one.shape) for name, one in weights.items()}, path)
    return str(path)


def read_weights(path: str | None) -> dict[str, np.ndarray[Any, Any]]:
    """The weights of such a file, in memory: its folder goes when the job is done."""
    from safetensors.numpy import load

    return {} if path is None else dict(load(Path(path).read_bytes()))
