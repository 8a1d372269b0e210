"""Types of columns that meet: what they have in common, and words for those that have nothing."""

from __future__ import annotations

import polars as pl

from nodeflow.parameters import family


def common_type(one: pl.DataType, other: pl.DataType, *, mix_numbers: bool) -> pl.DataType | None:
    """The type that holds the values of both without loss of meaning, or None.

    `mix_numbers` lets integers become floats, which is exact up to 2**53.
    """
    if one == other:
        return one
    if isinstance(one, pl.Null):
        return other
    if isinstance(other, pl.Null):
        return one
    families = {family(one), family(other)}
    if families <= {"text", "category"}:
        return pl.String()
    if families == {"integer", "float"} and not mix_numbers:
        return None
    if len(families) > 1 and families != {"integer", "float"}:
        return None
    try:
        empty = pl.concat(
            [pl.DataFrame(schema={"x": one}), pl.DataFrame(schema={"x": other})], how="vertical_relaxed"
        )
    except pl.exceptions.PolarsError:
        return None
    return empty.schema["x"]


def in_words(dtype: pl.DataType) -> str:
    """A type for a sentence: "integer", or the exact type where the family says too little."""
    name = family(dtype)
    return str(dtype) if name in ("datetime", "duration", "list", "other", "category") else name


def way_out(one: pl.DataType, other: pl.DataType) -> str:
    """How to make two types fit."""
    names = {family(one), family(other)}
    if "text" in names:
        target = (names - {"text"}).pop() if len(names) == 2 else "text"
        return f"convert the text column to {target}, or the other to text"
    if names == {"integer", "float"}:
        return "convert both to the same kind of number"
    if names == {"date", "datetime"}:
        return "convert the date to a datetime, or the datetime to a date"
    return "convert one of them to the type of the other"
