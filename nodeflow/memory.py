"""The memory limit of a run: how it is written, and whether one holds here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextvars import ContextVar

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

_limit: ContextVar[int | None] = ContextVar("memory_limit", default=None)


def read_size(text: str) -> int:
    """The bytes of a size such as "500MB" or "2 GB"; raises `ValueError` with a sentence."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kKMGT]?B?)\s*", text)
    unit = found[2].upper() if found else ""
    unit = unit if unit.endswith("B") or not unit else f"{unit}B"
    if found is None or unit not in _UNITS:
        raise ValueError(f'"{text}" is no size; write for example 500MB or 2GB')
    return int(float(found[1]) * _UNITS[unit])


@contextlib.contextmanager
def limited(bytes_: int | None) -> Iterator[None]:
    """Within the block table operations keep to about so many bytes; None is no limit."""
    token = _limit.set(bytes_)
    try:
        yield
    finally:
        _limit.reset(token)


def memory_limit() -> int | None:
    """The limit that holds here, in bytes."""
    return _limit.get()
