"""Single values of parameters as values of a column."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from nodeflow.parameters import family

_MOMENTS: dict[str, tuple[Any, str]] = {
    "date": (datetime.date, "a date such as 2024-12-31"),
    "datetime": (datetime.datetime, "a date and time such as 2024-12-31T08:30:00"),
    "time": (datetime.time, "a time such as 08:30:00"),
}


def value_in(raw: Any, dtype: pl.DataType) -> Any:
    """A JSON value as the Python value that a column of this type holds.

    Raises:
        ValueError: it does not fit; the text says what would: "a whole number".
    """
    kind = family(dtype)
    if raw is None:
        return None
    if kind in ("integer", "float"):
        wanted = "a whole number" if kind == "integer" else "a number"
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise ValueError(wanted)
        if kind == "integer":
            if isinstance(raw, float) and not raw.is_integer():
                raise ValueError(wanted)
            return int(raw)
        if isinstance(dtype, pl.Decimal):
            return decimal.Decimal(str(raw))
        try:
            number = float(raw)
        except OverflowError:
            raise ValueError(wanted) from None
        if not math.isfinite(number):
            raise ValueError(wanted)
        return number
    if kind in ("text", "category"):
        if not isinstance(raw, str):
            raise ValueError("a text")
        return raw
    if kind == "boolean":
        if not isinstance(raw, bool):
            raise ValueError("true or false")
        return raw
    if kind not in _MOMENTS:
        raise ValueError("another type of column")
    parse, wanted = _MOMENTS[kind]
    try:
        return parse.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueError(wanted) from None


def series_in(raw: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """JSON values as a column of this type; raises `ValueError` as `value_in` does."""
    values = [value_in(one, dtype) for one in raw]
    try:
        # Polars takes dates and decimals in their own type first
        plain = dtype if family(dtype) in ("integer", "text", "boolean") or dtype.is_float() else None
        return pl.Series("", values, dtype=plain).cast(dtype)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        raise ValueError("a value within the range of its type") from None


def type_of(raw: Sequence[Any]) -> pl.DataType | None:
    """The type that holds all of some JSON values, the null type for nulls alone; None if there is none."""
    kinds = {type(one) for one in raw if one is not None}
    if not kinds:
        return pl.Null()
    if kinds == {int}:
        return pl.Int64()
    if kinds <= {int, float}:
        return pl.Float64()
    if kinds == {str}:
        return pl.String()
    if kinds == {bool}:
        return pl.Boolean()
    return None
