"""The file of tensors: a JSON header, then raw buffers that are mapped into memory; checked in full on reading.

Layout: the eight bytes of `MAGIC`, the length of the header as a little-endian 64-bit number, the header, and
the buffers, each at a multiple of 64 bytes. Equal buffers are stored once, so that an array that several parts
share costs nothing. The same tensors give the same bytes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec
import numpy as np

from nodeflow.errors import shorten
from nodeflow.files import digest_bytes
from nodeflow.values.arrays import Array, Dense, Numbers, TensorError, Windows
from nodeflow.values.tensor_specs import DTYPES, TensorTask
from nodeflow.values.tensors import Tensors

MAGIC = b"NFTENSOR"
FORMAT: Literal[1] = 1
_ALIGNED = 64
_MOST_HEADER = 64 << 20
_MOST_AXES = 16
_BLOCK = 4 << 20
_REFUSED = "this file of tensors cannot be loaded"


class _Buffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    at: int


class _Dense(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="dense"):
    axes: tuple[str, ...]
    values: int


class _Windows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="windows"):
    axes: tuple[str, ...]
    base: int
    starts: int
    length: int
    step: int


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    nodeflow_tensors: Literal[1]
    arrays: dict[str, _Dense | _Windows]
    buffers: list[_Buffer]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    task: TensorTask
    classes: tuple[str | int | float | bool, ...] | None
    preparation: dict[str, Any] | None


def write_tensors(value: Tensors, file: BinaryIO) -> None:
    """Write tensors to an open file."""
    buffers: list[Numbers] = []
    described: list[_Buffer] = []
    numbers: dict[tuple[str, tuple[int, ...], str], int] = {}
    place = 0

    def kept(array: Numbers) -> int:
        nonlocal place
        plain: Numbers = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        key = (str(array.dtype), plain.shape, digest_bytes(_bytes_of(plain)))
        if key not in numbers:
            numbers[key] = len(buffers)
            buffers.append(plain)
            described.append(_Buffer(key[0], plain.shape, place))
            place += math.ceil(plain.nbytes / _ALIGNED) * _ALIGNED
        return numbers[key]

    arrays: dict[str, _Dense | _Windows] = {}
    for name, one in value.arrays.items():
        axes = value.axes[name]
        if isinstance(one, Windows):
            arrays[name] = _Windows(axes, kept(one.base), kept(one.starts), one.length, one.step)
        else:
            arrays[name] = _Dense(axes, kept(one.to_numpy()))
    # in one order, whatever the order they were given in
    preparation = (
        None if value.preparation is None else json.loads(json.dumps(value.preparation, sort_keys=True))
    )
    header = _Header(
        FORMAT, arrays, described, value.input_names, value.target_names, value.task, value.classes, preparation
    )  # fmt: skip
    told = json.dumps(msgspec.to_builtins(header), ensure_ascii=False, allow_nan=False).encode()
    told += b" " * (-(len(MAGIC) + 8 + len(told)) % _ALIGNED)
    file.write(MAGIC + len(told).to_bytes(8, "little") + told)
    for plain in buffers:
        view = _bytes_of(plain)
        for start in range(0, len(view), _BLOCK):
            file.write(view[start : start + _BLOCK])
        file.write(bytes(-plain.nbytes % _ALIGNED))


def _bytes_of(plain: Numbers) -> memoryview:
    return plain.reshape(-1).view(np.uint8).data if plain.size else memoryview(b"")


def read_tensors(source: Path | bytes) -> Tensors:
    """The tensors of a file, mapped into memory, or of its bytes.

    Raises:
        TensorError: the file is damaged, or holds anything that is not plainly tensors.
        FileNotFoundError: there is no such file.
    """
    if isinstance(source, bytes):
        data: Numbers = np.frombuffer(source, np.uint8)
    elif source.stat().st_size == 0:
        raise TensorError(f"{_REFUSED}: it is empty")
    else:
        data = np.memmap(source, np.uint8, mode="r")
    try:
        return _unpacked(data)
    except TensorError as error:
        raise TensorError(f"{_REFUSED}: {str(error).removeprefix(f'{_REFUSED}: ')}") from None
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise TensorError(f"{_REFUSED}: {shorten(str(error), 200)}") from None


def _unpacked(data: Numbers) -> Tensors:
    start = len(MAGIC) + 8
    if len(data) < start or data[: len(MAGIC)].tobytes() != MAGIC:
        raise TensorError("it is no file of tensors")
    length = int.from_bytes(data[len(MAGIC) : start].tobytes(), "little")
    if length > min(_MOST_HEADER, len(data) - start):
        raise TensorError("it is cut off, or its header is damaged")
    header = msgspec.json.decode(data[start : start + length].tobytes(), type=_Header)
    body = data[start + length :]
    buffers = list(_buffers(header, body))
    arrays = {name: _array(one, buffers) for name, one in header.arrays.items()}
    axes: Mapping[str, tuple[str, ...]] = {name: one.axes for name, one in header.arrays.items()}
    return Tensors(
        arrays,
        axes=axes,
        inputs=header.inputs,
        targets=header.targets,
        task=header.task,
        classes=header.classes,
        preparation=header.preparation,
    )


def _buffers(header: _Header, body: Numbers) -> Iterator[Numbers]:
    """The arrays that the header speaks of, as views; sizes are checked in whole numbers of any length."""
    end = 0
    for one in header.buffers:
        if one.dtype not in DTYPES:
            raise TensorError(f'it holds "{shorten(one.dtype)}", which is no dtype of tensors')
        if not 0 < len(one.shape) <= _MOST_AXES or min(one.shape) < 0:
            raise TensorError("an array in it has an impossible shape")
        dtype = np.dtype(one.dtype).newbyteorder("<")
        size = math.prod(one.shape) * dtype.itemsize
        if one.at != end or one.at + size > len(body):
            raise TensorError("an array in it is not where the header says")
        if max(one.shape) > sys.maxsize:
            raise TensorError("an array in it has an impossible shape")
        end = one.at + math.ceil(size / _ALIGNED) * _ALIGNED
        raw = body[one.at : one.at + size]
        if one.dtype == "bool" and size and int(raw.max()) > 1:
            raise TensorError("an array of truth values in it holds others")
        yield raw.view(dtype).reshape(one.shape)
    if end != len(body):
        raise TensorError("it is cut off, or more follows than the header says")


def _array(told: _Dense | _Windows, buffers: list[Numbers]) -> Array:
    if isinstance(told, _Dense):
        return Dense(_at(buffers, told.values))
    starts = _at(buffers, told.starts)
    if str(starts.dtype) != "int64":
        raise TensorError("the places where windows start are no whole numbers of 64 bits")
    return Windows(_at(buffers, told.base), starts, told.length, told.step)


def _at(buffers: list[Numbers], index: int) -> Numbers:
    if not 0 <= index < len(buffers):
        raise TensorError("it speaks of an array that is not there")
    return buffers[index]
