"""Tensors Writer."""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed, did_you_mean
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing, write_bytes

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context
    from nodeflow.values import Tensors

_TIME = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 8 << 30


class TensorsWriter(Node):
    """Write tensors to a file, for the Tensors Reader or for programs that read NumPy's files.

    A .tensors file holds all there is: windows as windows, meanings of axes, classes, scales. An .npz file holds each
    array by its name, and an .npy file one of them; windows are copied out there, and nothing of their scales is
    kept. The same tensors give the same file. It appears when it is complete.

    Inputs:
        tensors: The samples to write.
    """

    category = "Deep Learning / Data"
    keywords = ("save arrays", "numpy writer", "npz", "npy", "export tensors", "safetensors")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".tensors", ".npz", ".npy"))
    form: Literal["by its ending", "tensors", "npz", "npy"] = parameter(
        default="by its ending",
        label="Format",
        help="What to write; by the ending of the name, else .tensors.",
    )
    array: str = parameter(default="x", help="The array that an .npy file holds.", when={"form": "npy"})
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )

    def run(self, tensors: Tensors, context: Context) -> None:
        from nodeflow.values.tensor_files import write_tensors

        check_existing(self.path, self.existing)
        ending = os.path.splitext(self.path)[1].lower().removeprefix(".")
        form = (
            self.form if self.form != "by its ending" else ending if ending in ("npz", "npy") else "tensors"
        )
        if form == "tensors":
            with context.write(self.path) as target, atomic_write(target, "wb") as file:
                write_tensors(tensors, file)
            return
        names = list(tensors.arrays) if form == "npz" else [self.array]
        if names[0] not in tensors.arrays:
            raise NodeFailed(
                f'there is no array "{self.array[:80]}"; {did_you_mean(self.array, list(tensors.arrays))}'
            )
        size = sum(_bytes(tensors.arrays[name]) for name in names)
        if size > _MOST_BYTES:
            raise NodeFailed(
                f"copied out, these arrays are {size / 1e9:,.1f} GB; write a .tensors file, in which windows share rows"
            )
        arrays = {name: _npy(tensors.arrays[name].to_numpy()) for name in names}
        context.check_cancelled()
        write_bytes(context, self.path, arrays[self.array] if form == "npy" else _npz(arrays))

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]


def _bytes(array: object) -> int:
    import math

    import numpy as np

    return math.prod(array.shape) * np.dtype(array.dtype).itemsize  # type: ignore[attr-defined]


def _npy(values: np.ndarray) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


def _npz(arrays: dict[str, bytes]) -> bytes:
    """As NumPy's `savez` writes it, but without the time of writing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in arrays.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _TIME), data)
    return buffer.getvalue()
