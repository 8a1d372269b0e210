"""Polars types as plain JSON data and back, in a closed vocabulary; nothing is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    from narwhals.dtypes import DType

_PLAIN = frozenset(
    [
        "Int8",
        "Int16",
        "Int32",
        "Int64",
        "Int128",
        "UInt8",
        "UInt16",
        "UInt32",
        "UInt64",
        "Float32",
        "Float64",
        "String",
        "Boolean",
        "Date",
        "Time",
        "Binary",
        "Null",
        "Categorical",
    ]
)


def encode_dtype(dtype: pl.DataType) -> Any:
    """A type as JSON data; raises `ValueError` for one outside the vocabulary."""
    name = type(dtype).__name__
    given: Any = dtype
    if name in _PLAIN:
        return name
    if name == "Datetime":
        return ["Datetime", given.time_unit, given.time_zone]
    if name == "Duration":
        return ["Duration", given.time_unit]
    if name == "Decimal":
        return ["Decimal", given.precision, given.scale]
    if name == "Enum":
        return ["Enum", given.categories.to_list()]
    if name == "List":
        return ["List", encode_dtype(given.inner)]
    raise ValueError(f"columns of type {dtype} cannot be described")


def narwhals_type(dtype: pl.DataType) -> DType:
    """The narwhals type of a Polars type."""
    import narwhals as nw
    import polars as pl

    return nw.from_native(pl.LazyFrame(schema={"x": dtype})).collect_schema()["x"]


def decode_dtype(data: Any) -> pl.DataType:
    """The type of `encode_dtype`'s data; raises `ValueError` for anything else."""
    import polars as pl

    if isinstance(data, str) and data in _PLAIN:
        found: pl.DataType = getattr(pl, data)()
        return found
    if isinstance(data, list) and data:
        name, *rest = data
        try:
            if name == "Datetime" and len(rest) == 2:
                return pl.Datetime(*rest)
            if name == "Duration" and len(rest) == 1:
                return pl.Duration(*rest)
            if name == "Decimal" and len(rest) == 2:
                return pl.Decimal(*rest)
            if name == "Enum" and len(rest) == 1:
                return pl.Enum(rest[0])
            if name == "List" and len(rest) == 1:
                return pl.List(decode_dtype(rest[0]))
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise ValueError(f"{data!r} is no column type: {error}") from None
    raise ValueError(f"{data!r} is no column type")
