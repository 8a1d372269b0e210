"""Text files of any encoding, plain or compressed, as UTF-8: bounded samples and safe streams."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import os
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from nodeflow.errors import NodeFailed, listing
from nodeflow.patterns import files_fitting

if TYPE_CHECKING:
    from collections.abc import Iterator

Encoding = Literal["auto", "utf-8", "utf-16", "windows-1252", "latin-1"]
Type = Literal["text", "integer", "number", "boolean", "date", "datetime", "category"]
MISSING = ["", "NA", "N/A", "NaN", "null", "NULL"]
"""Texts that usually stand for a missing value."""

MEGABYTE = 1 << 20
RATIO = 200
"""A compressed file may grow by this factor: more is no table but an attack on the memory."""
_SMALL = 16 * MEGABYTE  # grows to this much whatever its ratio


class Sample(NamedTuple):
    """The start of a file as UTF-8 in whole lines, and what was found out about the file."""

    data: bytes
    complete: bool
    encoding: str
    plain: bool
    """Whether the file itself is UTF-8 with usual line ends, to be read without a detour."""


def files_of(path: str, ending: str = ".csv") -> list[str]:
    """The files a path or pattern stands for, sorted; raises `NodeFailed` when one cannot be read.

    `ending` is that of the pattern proposed for a folder.
    """
    found = files_fitting(path)
    if not found:
        raise NodeFailed(f"no file fits {path}; check the folder and the pattern")
    for one in found:
        _check_readable(one, ending)
    return found


def _check_readable(path: str, ending: str) -> None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        raise NodeFailed(f"there is no file {path}; check its name and folder") from None
    except (OSError, ValueError) as error:
        raise NodeFailed(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISDIR(status.st_mode):
        raise NodeFailed(
            f"{path} is a folder; name a file in it, or several by a pattern such as {path}/*{ending}"
        )
    if not stat.S_ISREG(status.st_mode):
        raise NodeFailed(f"{path} is a device or a pipe; only regular files are read")
    if not os.access(path, os.R_OK):
        raise NodeFailed(f"{path} may not be read (permission denied)")


@contextlib.contextmanager
def opened(path: str) -> Iterator[Readable]:
    """The bytes of a file, decompressed if it is gzip or a zip with one member."""
    try:
        with open(path, "rb") as file, contextlib.ExitStack() as stack:
            start = file.read(4)
            file.seek(0)
            if start[:2] == b"\x1f\x8b":
                yield _Limited(stack.enter_context(gzip.GzipFile(fileobj=file)), path)
            elif start == b"PK\x03\x04":
                archive = stack.enter_context(zipfile.ZipFile(file))
                yield _Limited(stack.enter_context(archive.open(_only_member(archive, path))), path)
            else:
                yield file
    except (
        gzip.BadGzipFile,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise NodeFailed(
            f"{path} cannot be decompressed: {error}; the file is damaged or protected"
        ) from None
    except OSError as error:
        raise NodeFailed(f"{path} cannot be read: {error.strerror or error}") from None


def _only_member(archive: zipfile.ZipFile, path: str) -> zipfile.ZipInfo:
    members = [
        one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        names = listing([one.filename for one in members])
        raise NodeFailed(
            f"{path} holds {len(members)} files ({names or 'none'}); only a zip with one is read"
        )
    return members[0]


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""


class _Limited:
    """A decompressed stream that refuses to grow beyond all measure."""

    def __init__(self, stream: Readable, path: str) -> None:
        self._stream, self._path, self._read = stream, path, 0
        self._limit = max(_SMALL, RATIO * os.path.getsize(path))

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(MEGABYTE if size < 0 else size)
        self._read += len(data)
        if self._read > self._limit:
            raise NodeFailed(
                f"{self._path} grows to more than {RATIO} times its size when decompressed, which no usual "
                "table does; decompress it yourself if you trust it"
            )
        return data


def sample_of(path: str, encoding: str, size: int = MEGABYTE) -> Sample:
    """The first `size` bytes of a file, more if the first line is longer."""
    while True:
        with opened(path) as file:
            raw = _read(file, size)
            complete = not file.read(1)
            packed = isinstance(file, _Limited)
        codec = encoding_of(raw, encoding)
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            text = decoder.decode(raw, final=complete)
        except UnicodeDecodeError as error:
            raise not_decodable(path, codec, raw[: error.start].count(b"\n") + 1) from None
        text = text.removeprefix("\ufeff")
        old_mac = "\r" in text and "\n" not in text
        text = text.replace("\r", "\n") if old_mac else text
        if complete or "\n" in text or size >= 64 * MEGABYTE:
            plain = codec == "utf-8" and not packed and not old_mac
            return Sample(text.encode(), complete, codec, plain)
        size *= 4


def encoding_of(raw: bytes, chosen: str) -> str:
    """The codec to decode with: the chosen one, else by the byte order mark, else UTF-8 if it fits."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and chosen in ("auto", "utf-16"):
        return "utf-16"
    if chosen != "auto":
        return "utf-16-le" if chosen == "utf-16" else chosen
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def not_decodable(path: str, codec: str, line: int) -> NodeFailed:
    """The error for bytes that are not text in this encoding."""
    other = "windows-1252" if codec == "utf-8" else "latin-1, which takes every byte"
    return NodeFailed(f"{path}, line {line}: this is not {codec.upper()} text; try the encoding {other}")


def decoded(path: str, codec: str) -> Iterator[bytes]:
    """The whole file as UTF-8 in pieces, with usual line ends and without byte order mark."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    line, first = 1, True
    with opened(path) as file:
        while True:
            raw = _read(file, MEGABYTE)
            try:
                text = decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise not_decodable(path, codec, line) from None
            line += text.count("\n")
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            if text:
                yield text.encode()
            if not raw:
                return


@contextlib.contextmanager
def as_utf8(path: str, sample: Sample, ending: str) -> Iterator[str]:
    """A path by which a data library can read a file: its own, or that of a decoded copy."""
    if sample.plain:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="nodeflow-") as folder:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=ending, delete=False) as copy:
            for piece in decoded(path, sample.encoding):
                copy.write(piece)
        yield copy.name


def _read(file: Readable, size: int) -> bytes:
    """Read until `size` bytes are there: a decompressing stream gives less at a time."""
    parts, missing = [], size
    while missing:
        part = file.read(min(missing, MEGABYTE))
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def tail_of(path: str, size: int = 1 << 16) -> bytes:
    """The last bytes of a plain file."""
    with Path(path).open("rb") as file:
        file.seek(max(0, os.path.getsize(path) - size))
        return file.read()
