"""Tensors Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, did_you_mean
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec

_TENSORS: Kept[Tensors] = Kept(most=2, most_bytes=256 << 20)
_OWN = b"NFTENSOR"
_INPUTS = ("x", "x_{part}", "X", "X_{part}", "images", "data", "array")
_TARGETS = ("y", "y_{part}", "Y", "labels", "target", "targets")


class TensorsReader(Node):
    """Read tensors from a file: of the Tensors Writer, of NumPy (.npy, .npz), or IDX, as MNIST comes.

    | file | holds |
    |---|---|
    | .tensors | what a Tensors Writer wrote, complete: it is mapped into memory, not read |
    | .npz | arrays by name, such as `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test` as in mnist.npz |
    | .npy, IDX, IDX.gz | one array; the labels are in a second file |

    Files that hold Python objects are refused, as opening them would run code. Images of whole numbers from 0 to 255
    get values from 0 to 1 and an axis of channels unless told otherwise. A target of whole numbers in one column is
    one of classes, any other one of numbers.

    Outputs:
        tensors: The samples.
    """

    category = "Deep Learning / Data"
    keywords = ("mnist", "idx", "npz", "npy", "load arrays", "numpy reader", "ubyte")

    path: InputPath = parameter(
        help="The file.", suffixes=(".tensors", ".npz", ".npy", ".gz", ".idx", ".idx3-ubyte")
    )
    labels: InputPath | None = parameter(
        default=None,
        help="The file with the targets, for .npy and IDX files.",
        suffixes=(".npy", ".gz", ".idx", ".idx1-ubyte"),
    )
    part: Literal["train", "test"] = parameter(
        default="train", help="Which part of an .npz file with arrays such as x_train and x_test."
    )
    input_array: str = parameter(
        default="",
        label="Input array",
        help="The array of an .npz file that is the input; found by its name if empty.",
    )
    target_array: str = parameter(
        default="", label="Target array", help="The array that is the target; found by its name if empty."
    )
    scale: Literal["images 0 to 1", "none"] = parameter(
        default="images 0 to 1", help="Divide images of bytes by 255, or leave numbers as they are."
    )

    def run(self) -> Tensors:
        files = self._files()
        return _TENSORS.get(self, files, lambda: self._read(files))

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return self.run().spec

    def _files(self) -> list[str]:
        found = files_of(self.path, ".npz")
        if len(found) > 1:
            raise NodeFailed(f"{len(found)} files fit {self.path}; tensors are read from one")
        return [*found, *(files_of(self.labels, ".npy")[:1] if self.labels else ())]

    def _read(self, files: list[str]) -> Tensors:
        from nodeflow.values.arrays import TensorError
        from nodeflow.values.tensor_files import read_tensors
        from nodeflow_nodes.deep._array_files import read_arrays

        with open(files[0], "rb") as file:
            start = file.read(len(_OWN))
        try:
            if start == _OWN:
                return read_tensors(Path(files[0]))
            arrays = read_arrays(files[0])
            x = self._named(arrays, self.input_array, _INPUTS, required=True)
            if len(files) > 1:
                y = next(iter(read_arrays(files[1]).values()))
            else:
                y = self._named(arrays, self.target_array, _TARGETS, required=False)
            return self._tensors(x, y)
        except TensorError as error:
            raise NodeFailed(f"{files[0]}: {error}") from None

    def _named(self, arrays: dict[str, Any], chosen: str, usual: tuple[str, ...], *, required: bool) -> Any:
        if chosen:
            if chosen not in arrays:
                raise NodeFailed(
                    f'the file has no array "{chosen[:80]}"; {did_you_mean(chosen, list(arrays), what="it has")}'
                )
            return arrays[chosen]
        for name in usual:
            if name.format(part=self.part) in arrays:
                return arrays[name.format(part=self.part)]
        if required and len(arrays) == 1:
            return next(iter(arrays.values()))
        if required:
            raise NodeFailed(
                f"the file has the arrays {', '.join(list(arrays)[:10])}; say which one is the input"
            )
        return None

    def _tensors(self, x: np.ndarray, y: np.ndarray | None) -> Tensors:
        import numpy as np

        from nodeflow.values.arrays import Array, Dense
        from nodeflow.values.tensors import Tensors

        axes: dict[str, tuple[str, ...]] = {}
        if x.dtype == np.uint8 and x.ndim in (3, 4) and self.scale != "none":
            x = (x / np.float32(255)).astype(np.float32)
            x = x[..., None] if x.ndim == 3 else x
            axes["x"] = ("height", "width", "channel")
        elif x.ndim == 2:
            axes["x"] = ("feature",)
        if x.ndim > 1 and x.dtype.kind == "f":
            x = np.asarray(x, np.float32) if not isinstance(x, np.memmap) else x
        arrays: dict[str, Array] = {"x": Dense(x)}
        if y is None:
            return Tensors(arrays, axes=axes, targets=("x",), task="reconstruction")
        if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind in "iub":
            y = y[:, 0]
        if y.ndim == 1 and y.dtype.kind in "iub":
            values, codes = np.unique(y, return_inverse=True)
            if len(values) > 10_000:
                raise NodeFailed(f"the target has {len(values):,} different values, too many for classes")
            arrays["y"] = Dense(codes.astype(np.int32).reshape(-1))
            classes = values.tolist()
            return Tensors(arrays, axes=axes, targets=("y",), task="classification", classes=classes)
        y = y[:, None] if y.ndim == 1 else y
        arrays["y"] = Dense(np.asarray(y, np.float32))
        axes["y"] = ("feature",) if y.ndim == 2 else ()
        return Tensors(arrays, axes=axes, targets=("y",), task="regression")

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
