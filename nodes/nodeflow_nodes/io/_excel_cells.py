"""Cells of a spreadsheet: their addresses, and columns of them as typed Polars columns."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, shorten

Type = Literal["text", "integer", "number", "boolean", "date", "datetime", "time", "duration", "category"]

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "time": pl.Time(),
    "duration": pl.Duration("us"),
    "category": pl.Categorical(),
}
_EXACT = 2**53  # whole numbers beyond are rounded in a spreadsheet
_RANGE = re.compile(r"\$?([A-Za-z]{0,3})\$?(\d{0,7})(?:(:)\$?([A-Za-z]{0,3})\$?(\d{0,7}))?")
_MIDNIGHT = datetime.time()


class Range(NamedTuple):
    """A part of a sheet, counted from 0, the ends not in it."""

    first_row: int = 0
    first_column: int = 0
    end_row: int = MAX_ROWS
    end_column: int = MAX_COLUMNS


def parse_range(text: str) -> Range | None:
    """The range of a text such as B3:F100, B:F, 3:100 or B3 (from there on); None if it is none."""
    if not text.strip():
        return Range()
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    left, top, colon, right, bottom = found.groups()
    if colon and not (right or bottom):
        return None
    result = Range(
        int(top) - 1 if top else 0,
        column_index(left) if left else 0,
        int(bottom) if bottom else MAX_ROWS,
        column_index(right) + 1 if right else MAX_COLUMNS,
    )
    fits = 0 <= result.first_row < result.end_row <= MAX_ROWS
    return result if fits and result.first_column < result.end_column <= MAX_COLUMNS else None


def column_index(letters: str) -> int:
    """A counts as 0, B as 1, AA as 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def address(row: int, column: int) -> str:
    """The address of a cell counted from 0: B3."""
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"


def typed(name: str, cells: Sequence[Any], kind: str | None, place: Callable[[int], str]) -> pl.Series:
    """The cells of a column, None where missing, as a column of a type, by default the one they all have.

    `place` tells where the cell of an index stands, for the sentence on one that does not fit.
    """
    found = {type(cell) for cell in cells if cell is not None}
    if kind is None:
        kind = _kind_of(found, cells)
    if kind == "text" and not found <= {str}:
        cells = [None if cell is None else in_text(cell) for cell in cells]
    elif not _fits(kind, found):
        cells = [None if cell is None else _converted(cell, kind, place, i) for i, cell in enumerate(cells)]
    return pl.Series(name, cells, dtype=_DTYPES[kind])


def _kind_of(found: set[type], cells: Sequence[Any]) -> str:
    if found and found <= {float, int}:
        whole = all(c is None or (c == c // 1 and abs(c) <= _EXACT) for c in cells)
        return "integer" if whole else "number"
    for kind, types in _TYPES.items():
        if found and found <= types:
            return kind
    return "text"


_TYPES: dict[str, set[type]] = {
    "boolean": {bool},
    "date": {datetime.date},
    "datetime": {datetime.datetime, datetime.date},
    "time": {datetime.time},
    "duration": {datetime.timedelta, datetime.time},
}


def _fits(kind: str, found: set[type]) -> bool:
    """Whether Polars takes cells of these types for this kind as they are."""
    exact: dict[str, set[type]] = {
        "text": {str},
        "category": {str},
        "number": {float},
        "boolean": {bool},
        "date": {datetime.date},
        "datetime": {datetime.datetime},
        "time": {datetime.time},
        "duration": {datetime.timedelta},
    }
    return found <= exact.get(kind, set())


def in_text(cell: Any) -> str:
    """A cell as the text one would type: 1 and not 1.0, 2024-12-31 08:30:00."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _EXACT:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _converted(cell: Any, kind: str, place: Callable[[int], str], index: int) -> Any:
    try:
        return _CONVERSIONS[kind](cell)
    except (ValueError, TypeError, OverflowError, KeyError):
        raise NodeFailed(
            f'{place(index)}: "{shorten(in_text(cell))}" is not of type {kind}; mend the cell, give the column '
            'the type "text", or add this text to the missing markers'
        ) from None


def _integer(cell: Any) -> int:
    number = int(cell)
    if isinstance(cell, bool | datetime.timedelta) or (isinstance(cell, float) and number != cell):
        raise ValueError
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return number


def _number(cell: Any) -> float | None:
    if isinstance(cell, bool):
        raise ValueError
    value = float(cell)
    return None if value != value else value


def _boolean(cell: Any) -> bool:
    if isinstance(cell, str):
        return {"true": True, "false": False}[cell.strip().lower()]
    if cell in (0, 1):
        return bool(cell)
    raise ValueError


def _datetime(cell: Any) -> datetime.datetime:
    if isinstance(cell, datetime.datetime):
        return cell
    if isinstance(cell, datetime.date):
        return datetime.datetime.combine(cell, _MIDNIGHT)
    moment = datetime.datetime.fromisoformat(cell.strip())
    return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _date(cell: Any) -> datetime.date:
    moment = _datetime(cell)
    if moment.time() != _MIDNIGHT:
        raise ValueError
    return moment.date()


def _time(cell: Any) -> datetime.time:
    if isinstance(cell, datetime.datetime):
        return cell.time()
    return cell if isinstance(cell, datetime.time) else datetime.time.fromisoformat(cell.strip())


def _duration(cell: Any) -> datetime.timedelta:
    if isinstance(cell, datetime.timedelta):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return datetime.timedelta(days=cell)
    time = _time(cell)
    return datetime.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "text": in_text,
    "category": in_text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "duration": _duration,
}
