"""Arrays in files of other programs: npy and npz without pickle, and IDX, the format of MNIST."""

from __future__ import annotations

import gzip
import io
import math
import os
import zipfile
from typing import Any, BinaryIO

from nodeflow.errors import NodeFailed, shorten

RATIO = 400
"""A compressed file may grow by this factor; images are mostly background, so that more than a table's is usual."""
_SMALL = 64 << 20
_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_arrays(path: str) -> dict[str, Any]:
    """The arrays of a file by name; the one array of an npy or IDX file is called "array".

    Raises:
        NodeFailed: the file is damaged, too large, or of another format.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(8)
        if start.startswith(b"\x93NUMPY"):
            return {"array": _mapped(path)}
        if start.startswith(b"PK\x03\x04"):
            return _npz(path)
        if start.startswith(b"\x1f\x8b"):
            return {"array": _idx(_decompressed(path), path)}
        if start[:2] == b"\0\0" and len(start) > 3 and start[2] in _IDX_TYPES:
            with open(path, "rb") as file:
                return {"array": _idx(file.read(), path)}
    except NodeFailed:
        raise
    except (
        Exception
    ) as error:  # a damaged file fails in as many ways as there are readers, tokenizers among them
        raise NodeFailed(
            f"{path} cannot be read: {shorten(str(error), 200)}; it is damaged or cut off"
        ) from None
    raise NodeFailed(f"{path} holds no arrays: it is neither .npy, .npz nor IDX; check which file you meant")


def _mapped(path: str) -> Any:
    import numpy as np

    with open(path, "rb") as file:
        shape, fortran, dtype = _header(file, path)
        at = file.tell()
    size = math.prod(shape) * dtype.itemsize
    if size != os.path.getsize(path) - at:
        raise NodeFailed(f"{path} is cut off, or not as large as it says")
    if not size or not shape:
        raise NodeFailed(f"{path} holds no samples")
    return np.memmap(path, dtype, "r", at, shape, "F" if fortran else "C")


def _header(file: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, order and dtype of an npy file, read without making an array."""
    import numpy as np

    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise NodeFailed(f"{name} is an npy file of a version that is not known")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(file)
    if dtype.hasobject or dtype.kind not in "fiub" or min(shape, default=0) < 0:
        raise NodeFailed(
            f"{name} holds an array of {shorten(str(dtype))}, and not of plain numbers; such arrays may hide code and are "
            "never read"
        )
    return shape, fortran, dtype


def _npz(path: str) -> dict[str, Any]:
    import numpy as np

    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive:
        infos = [one for one in archive.infolist() if one.filename.endswith(".npy")]
        total = sum(one.file_size for one in infos)
        if not infos or len(infos) > 1_000:
            raise NodeFailed(f"{path} is a zip archive of {len(infos):,} arrays; an .npz file has some")
        if total > max(_SMALL, RATIO * os.path.getsize(path)):
            raise NodeFailed(_bomb(path))
        for info in infos:
            with archive.open(info) as stream:
                data = stream.read(info.file_size + 1)
            if len(data) > info.file_size:
                raise NodeFailed(f"{path} is not as large as it says")
            buffer = io.BytesIO(data)
            shape, fortran, dtype = _header(buffer, f"{path}: {shorten(info.filename)}")
            if math.prod(shape) * dtype.itemsize != len(data) - buffer.tell():
                raise NodeFailed(f"{path}: {shorten(info.filename)} is not as large as it says")
            plain = np.frombuffer(data, dtype, offset=buffer.tell())
            found[info.filename.removesuffix(".npy")] = plain.reshape(shape, order="F" if fortran else "C")
    return found


def _decompressed(path: str) -> bytes:
    limit = max(_SMALL, RATIO * os.path.getsize(path))
    with gzip.open(path, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise NodeFailed(_bomb(path))
    return data


def _bomb(path: str) -> str:
    return f"{path} would grow to more than {RATIO} times its size, which no usual array does; decompress it yourself"


def _idx(data: bytes, path: str) -> Any:
    """The array of an IDX file: two zeros, the type, the number of axes, their lengths, the numbers."""
    import numpy as np

    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES or not 1 <= data[3] <= 8:
        raise NodeFailed(f"{path} is no IDX file, as those of MNIST are; check which file you meant")
    axes = data[3]
    shape = tuple(int.from_bytes(data[4 + 4 * place : 8 + 4 * place], "big") for place in range(axes))
    dtype = np.dtype(_IDX_TYPES[data[2]])
    start = 4 + 4 * axes
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        told = " x ".join(map(str, shape))
        raise NodeFailed(
            f"{path} is cut off: it says to hold {told} numbers, but has {len(data) - start:,} bytes of them"
        )
    return np.frombuffer(data, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
