"""Cells as text: numbers of a column with the same decimals, days and moments in ISO form, one line each."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from typing import Any

MISSING = "·"
"""The quiet mark of a missing value."""

MOST_DECIMALS = 6
_MOST_LETTERS = 300


def decimals_of(values: Iterable[Any]) -> int:
    """The decimals that show all these numbers of a column, at most six."""
    most = 0
    for value in values:
        if isinstance(value, float) and math.isfinite(value) and value != int(value):
            written = f"{value:.{MOST_DECIMALS}f}".rstrip("0")
            most = max(most, len(written) - written.index(".") - 1)
            if most == MOST_DECIMALS:
                break
    return most


def text_of(value: Any, decimals: int = 0) -> str:
    """A cell in one line, as it is shown."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value, decimals)
    if isinstance(value, datetime.datetime):
        return _moment(value)
    text = value if isinstance(value, str) else str(value)
    return text[:_MOST_LETTERS].replace("\n", " ⏎ ").replace("\t", " ")


def whole_text(value: Any) -> str:
    """A cell with everything in it, as it is copied; missing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return _moment(value)
    return repr(value) if isinstance(value, float) else str(value)


def spreadsheet(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as tab-separated text, which spreadsheets take as a table."""
    lines = ["\t".join(map(_field, heads))]
    lines += ["\t".join(_field(whole_text(cell)) for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def _field(text: str) -> str:
    if any(one in text for one in '\t\n"'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _number(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "not a number"
    if value and (abs(value) >= 1e15 or abs(value) < 10**-(MOST_DECIMALS)):
        return f"{value:.4g}"
    return f"{value:.{decimals}f}"


def _moment(value: datetime.datetime) -> str:
    text = f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{text}.{value.microsecond:06d}".rstrip("0") if value.microsecond else text
