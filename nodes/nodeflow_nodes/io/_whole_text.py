"""A text file as a whole, with a limit on its size."""

from __future__ import annotations

from nodeflow.errors import NodeFailed
from nodeflow_nodes.io._formats import start_of
from nodeflow_nodes.io._text_file import Encoding, decoded, sample_of

MOST_BYTES = 2 << 30


def whole_text(path: str, encoding: Encoding = "auto", most: int = MOST_BYTES) -> bytes:
    """The text of a file as UTF-8 with usual line ends; raises `NodeFailed` when it is empty or too large."""
    start_of(path)
    data = bytearray()
    for piece in decoded(path, sample_of(path, encoding).encoding):
        data += piece
        if len(data) > most:
            raise NodeFailed(
                f"{path} holds more than {most >> 20:,} MB of text, which is read as a whole; split it, or convert it to CSV"
            )
    return bytes(data)
