"""From the columns of a result, as drivers describe them, to Polars types and values."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, shorten

MOST_DIGITS = 38  # of a Polars decimal

WideNumbers = Literal["number", "text"]


@dataclass(frozen=True)
class Column:
    """A column of a result; `form` names how the driver's values become those of the type, empty if they are."""

    name: str
    dtype: pl.DataType
    form: str = ""


def frame_of(rows: Sequence[Sequence[Any]], columns: Sequence[Column], first: int) -> pl.DataFrame:
    """The rows as a table; `first` is the number of the first one, for messages. Raises `NodeFailed`."""
    parts = zip(*rows, strict=True) if rows else ((),) * len(columns)
    series = [_series(column, part, first) for column, part in zip(columns, parts, strict=True)]
    return pl.DataFrame(series)


def _series(column: Column, values: Sequence[Any], first: int) -> pl.Series:
    convert = _converter(column)
    fitting: Sequence[Any] = values
    try:
        if convert is not None:
            fitting = [None if value is None else convert(value) for value in values]
        found = pl.Series(column.name, fitting, dtype=column.dtype, strict=True)
    except (TypeError, ValueError, ArithmeticError, AttributeError, pl.exceptions.PolarsError):
        raise NodeFailed(_misfit(column, values, convert, first)) from None
    # no table has NaN for what is missing, nor besides
    return found.fill_nan(None) if column.dtype.is_float() else found


def _converter(column: Column) -> Callable[[Any], Any] | None:
    """What makes a value of the column's type of one of the driver."""
    if isinstance(column.dtype, pl.Decimal):
        step = Decimal(1).scaleb(-column.dtype.scale)
        return lambda value: _decimal(value, step)
    return _FORMS[column.form] if column.form else None


def _misfit(column: Column, values: Sequence[Any], convert: Callable[[Any], Any] | None, first: int) -> str:
    for row, value in enumerate(values, first):
        try:
            fitting = value if convert is None or value is None else convert(value)
            pl.Series([fitting], dtype=column.dtype, strict=True)
        except (TypeError, ValueError, ArithmeticError, AttributeError, pl.exceptions.PolarsError):
            return (
                f'column "{shorten(column.name)}", row {row:,}: {shorten(repr(value), 60)} is no value of its type '
                f"{column.dtype}; read it by a query with CAST, such as CAST(x AS TEXT)"
            )
    return f'column "{shorten(column.name)}" has values that do not fit its type {column.dtype}'


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float | Decimal):
        raise TypeError
    return float(value)


def _boolean(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def _decimal(value: Any, step: Decimal) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError
    rounded = exact.quantize(step)
    # a database that keeps decimals as floats means the decimal with the declared digits
    if rounded != exact and not isinstance(value, float):
        raise ValueError
    return rounded


def _zoned(value: Any) -> datetime.datetime:
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(datetime.UTC).replace(tzinfo=None)


def _plain(value: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is not None:
        raise ValueError
    return moment


def _any_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


_FORMS: dict[str, Callable[[Any], Any]] = {
    "whole": _whole,
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": datetime.date.fromisoformat,
    "datetime": _plain,
    "zoned": _zoned,
    "time": datetime.time.fromisoformat,
    "any text": _any_text,
}

# SQLite: types are declared, but every value has its own


def sqlite_column(name: str, declared: str, sample: Sequence[Any]) -> Column:
    """The column that a declared type and the first values make."""
    upper = declared.upper()
    digits = re.search(r"(?:NUMERIC|DECIMAL)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", upper)
    present = [value for value in sample if value is not None]
    for words, form, dtype in _DECLARED:
        if any(word in upper for word in words) and _all_fit(_FORMS[form], present):
            return Column(name, dtype, form)
    if digits and int(digits[1]) <= MOST_DIGITS:
        scale = int(digits[2] or 0)
        step = Decimal(1).scaleb(-scale)
        if _all_fit(lambda value: _decimal(value, step), present):
            return Column(name, pl.Decimal(int(digits[1]), scale))
    found = {type(value) for value in present}
    if not found:
        found = {_affinity(upper)}
    if found == {int}:
        return Column(name, pl.Int64(), "whole")
    if found <= {int, float}:
        return Column(name, pl.Float64(), "number")
    return Column(name, pl.String(), "text" if found == {str} else "any text")


_DECLARED: list[tuple[tuple[str, ...], str, pl.DataType]] = [
    (("BOOL",), "boolean", pl.Boolean()),
    (("DATETIME", "TIMESTAMP"), "datetime", pl.Datetime("us")),
    (("DATETIME", "TIMESTAMP"), "zoned", pl.Datetime("us", "UTC")),
    (("DATE",), "date", pl.Date()),
    (("TIME",), "time", pl.Time()),
]


def _all_fit(convert: Callable[[Any], Any], values: Sequence[Any]) -> bool:
    try:
        for value in values:
            convert(value)
    except (TypeError, ValueError, AttributeError, InvalidOperation):
        return False
    return True


def _affinity(declared: str) -> type:
    """What SQLite makes of values of a declared type, by its own rules."""
    if "INT" in declared:
        return int
    if any(word in declared for word in ("CHAR", "CLOB", "TEXT", "BLOB", "JSON")) or not declared:
        return str
    return float


# PostgreSQL: by the numbers of its types

_POSTGRES: dict[int, tuple[pl.DataType, str]] = {
    16: (pl.Boolean(), ""),
    21: (pl.Int16(), ""),
    23: (pl.Int32(), ""),
    20: (pl.Int64(), ""),
    26: (pl.UInt32(), ""),
    700: (pl.Float32(), ""),
    701: (pl.Float64(), ""),
    1082: (pl.Date(), ""),
    1083: (pl.Time(), ""),
    1114: (pl.Datetime("us"), ""),
    1184: (pl.Datetime("us", "UTC"), "zoned"),
    17: (pl.String(), "any text"),
}
_POSTGRES_NUMERIC = 1700

POSTGRES_TYPES = frozenset({*_POSTGRES, _POSTGRES_NUMERIC})
"""The types whose values come as Python objects; all others come as texts."""


def postgres_column(
    name: str, type_code: int, precision: int | None, scale: int | None, wide: WideNumbers
) -> Column:
    """The column of a PostgreSQL result."""
    if type_code == _POSTGRES_NUMERIC:
        return _numeric(name, precision, scale, wide)
    dtype, form = _POSTGRES.get(type_code, (pl.String(), "text"))
    return Column(name, dtype, form)


def _numeric(name: str, precision: int | None, scale: int | None, wide: WideNumbers) -> Column:
    if precision is not None and scale is not None and 0 <= scale <= precision <= MOST_DIGITS:
        return Column(name, pl.Decimal(precision, scale))
    return Column(name, pl.String(), "any text") if wide == "text" else Column(name, pl.Float64(), "number")


# MySQL: by the numbers of its types; whole numbers may be unsigned, so they get room for that

_MYSQL: dict[int, tuple[pl.DataType, str]] = {
    1: (pl.Int16(), ""),
    2: (pl.Int32(), ""),
    3: (pl.Int64(), ""),
    4: (pl.Float32(), ""),
    5: (pl.Float64(), ""),
    7: (pl.Datetime("us", "UTC"), ""),
    8: (pl.Int64(), ""),
    9: (pl.Int64(), ""),
    10: (pl.Date(), ""),
    11: (pl.Duration("us"), ""),
    12: (pl.Datetime("us"), ""),
    13: (pl.Int16(), ""),
}
_MYSQL_TINY, _MYSQL_DECIMALS = 1, (0, 246)


def mysql_column(name: str, type_code: int, size: int | None, scale: int | None) -> Column:
    """The column of a MySQL result."""
    if type_code in _MYSQL_DECIMALS:
        return Column(name, pl.Decimal(MOST_DIGITS, scale or 0))
    if type_code == _MYSQL_TINY and size == 1:  # BOOLEAN is another word for it
        return Column(name, pl.Boolean(), "boolean")
    dtype, form = _MYSQL.get(type_code, (pl.String(), "any text"))
    return Column(name, dtype, form)
