"""A text file as a whole, with a limit on its size."""

from __future__ import annotations

from collections.abc import Iterable

from nodeflow.errors import NodeFailed
from nodeflow_nodes.io._formats import start_of
from nodeflow_nodes.io._text_file import MEGABYTE, Encoding, decoded, opened, sample_of

MOST_BYTES = 2 << 30


def whole_text(path: str, encoding: Encoding = "auto", most: int = MOST_BYTES) -> bytes:
    """The text of a file as UTF-8 with usual line ends; raises `NodeFailed` when it is empty or too large."""
    start_of(path)
    return _whole(decoded(path, sample_of(path, encoding).encoding), path, most)


def whole_bytes(path: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, decompressed; raises `NodeFailed` when it is empty or too large."""
    start_of(path)
    with opened(path) as file:
        return _whole(iter(lambda: file.read(MEGABYTE), b""), path, most)


def _whole(pieces: Iterable[bytes], path: str, most: int) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > most:
            raise NodeFailed(
                f"{path} holds more than {most >> 20:,} MB of text, which is read as a whole; split it, or convert it to CSV"
            )
    return bytes(data)
