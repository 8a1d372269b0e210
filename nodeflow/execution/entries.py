"""What the result store keeps of one computation: a small checked text, and its way to bytes and back."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from blake3 import blake3

__all__ = ["FORMAT", "Entry", "Output", "decode", "encode", "is_key"]

FORMAT = 1

_KEY = re.compile(r"[0-9a-f]{16,128}")
_CHECKSUM = 64  # hex digits in front of the body

Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Suffix = Annotated[str, msgspec.Meta(pattern=r"\A(\.[A-Za-z0-9_]{1,20}){0,3}\Z")]


class Output(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stored value.

    `digest` is the content digest of its bytes and `size` counts them. The bytes are `inline` when
    they are few, else the object file of that digest and suffix.
    """

    kind: str
    digest: Digest
    size: Annotated[int, msgspec.Meta(ge=0)]
    suffix: Suffix = ""
    meta: dict[str, Any] = {}
    inline: bytes | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The results of one computation, found by its cache key.

    `created` counts seconds since 1970, `seconds` is what the computation took, `files` are the files
    it wrote for the user with their content digests, `info` is free.
    """

    key: str
    format: int = FORMAT
    created: float
    node_type: str = ""
    seconds: float = 0.0
    outputs: dict[str, Output] = {}
    files: dict[str, str] = {}
    info: dict[str, Any] = {}


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


def is_key(text: str) -> bool:
    """Whether `text` can be a cache key: 16 to 128 lower-case hex digits."""
    return _KEY.fullmatch(text) is not None


def encode(entry: Entry) -> bytes:
    """The entry's file: the checksum of the body, a line feed, the body as JSON."""
    body = _encoder.encode(entry)
    return blake3(body).hexdigest().encode("ascii") + b"\n" + body


def decode(data: bytes, key: str) -> Entry:
    """Read an entry's file and check that it is whole and belongs to `key`.

    Raises:
        ValueError: it is damaged, of another format or of another key; the text says which.
    """
    body = memoryview(data)[_CHECKSUM + 1 :]
    if blake3(body).hexdigest().encode("ascii") + b"\n" != data[: _CHECKSUM + 1]:
        raise ValueError("its checksum does not fit" if data else "it is empty")
    try:
        entry = _decoder.decode(body)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if entry.format != FORMAT:
        raise ValueError(f"its format is {entry.format}, not {FORMAT}")
    if entry.key != key:
        raise ValueError("it belongs to another key")
    return entry
