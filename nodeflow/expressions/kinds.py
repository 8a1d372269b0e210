"""Kinds of values in formulas: what the types of columns are to the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

NUMBERS = ("integer", "float")
KNOWN = (*NUMBERS, "text", "boolean", "date", "datetime", "time", "duration")
"""Kinds the language computes with; "missing" is the kind of the word, "any" of everything else."""

WORDS = {
    "integer": "a whole number",
    "float": "a number",
    "number": "a number",
    "text": "text",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time of day",
    "duration": "a duration",
    "missing": "missing",
    "any": "of a type formulas do not know",
    "list": "a list",
}

_OF_TYPE = (
    dict.fromkeys(
        ("Int8", "Int16", "Int32", "Int64", "Int128", "UInt8", "UInt16", "UInt32", "UInt64", "UInt128"),
        "integer",
    )
    | dict.fromkeys(("Float16", "Float32", "Float64", "Decimal"), "float")
    | dict.fromkeys(("String", "Categorical", "Enum"), "text")
    | {"Boolean": "boolean", "Date": "date", "Datetime": "datetime", "Time": "time", "Duration": "duration"}
    | {"Null": "missing"}
)


def kind_of(dtype: pl.DataType) -> str:
    """The kind of a Polars type."""
    return _OF_TYPE.get(type(dtype).__name__, "any")


def dtype_of(kind: str) -> pl.DataType | None:
    """The Polars type a result of this kind has; None where it depends on the data's own type."""
    import polars as pl

    found = {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "text": pl.String(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "datetime": pl.Datetime(),
        "time": pl.Time(),
        "duration": pl.Duration(),
    }
    return found.get(kind)


def fits(kind: str, wanted: tuple[str, ...]) -> bool:
    """Whether a value of a kind may stand where one of `wanted` is asked for."""
    return (
        kind in wanted
        or kind in ("any", "missing")
        or "any" in wanted
        or (kind in NUMBERS and "number" in wanted)
        or (kind == "integer" and "float" in wanted)
    )


def common(kinds: list[str]) -> str | None:
    """The kind of a value that may be any of these, None if they do not go together."""
    told = [kind for kind in dict.fromkeys(kinds) if kind != "missing"]
    if not told:
        return "missing"
    if len(told) == 1:
        return told[0]
    if set(told) <= set(NUMBERS):
        return "float"
    if "any" in told:
        return "any"
    return "datetime" if set(told) == {"date", "datetime"} else None
