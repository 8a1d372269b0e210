"""From Polars types to the types of columns that a database makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from nodeflow.errors import listing, shorten
from nodeflow_nodes.io import _duckdb
from nodeflow_nodes.io._connection import LABELS

_SQLITE_DIGITS = 15  # SQLite keeps decimals as floats; with more digits as texts
_MOST_NAME = {"postgresql": 63, "mysql": 64}  # PostgreSQL would cut longer ones off

# by the name of the Polars type: SQLite, DuckDB, PostgreSQL, MySQL
_TYPES: dict[str, tuple[str, str, str, str]] = {
    "Boolean": ("BOOLEAN", "BOOLEAN", "boolean", "BOOLEAN"),
    "Int8": ("INTEGER", "TINYINT", "smallint", "TINYINT"),
    "Int16": ("INTEGER", "SMALLINT", "smallint", "SMALLINT"),
    "Int32": ("INTEGER", "INTEGER", "integer", "INTEGER"),
    "Int64": ("INTEGER", "BIGINT", "bigint", "BIGINT"),
    "Int128": ("TEXT DECIMAL(38, 0)", "HUGEINT", "numeric(38, 0)", "DECIMAL(38, 0)"),
    "UInt8": ("INTEGER", "UTINYINT", "smallint", "SMALLINT"),
    "UInt16": ("INTEGER", "USMALLINT", "integer", "INTEGER"),
    "UInt32": ("INTEGER", "UINTEGER", "bigint", "BIGINT"),
    "UInt64": ("TEXT DECIMAL(20, 0)", "UBIGINT", "numeric(20, 0)", "DECIMAL(20, 0)"),
    "Float32": ("REAL", "REAL", "real", "FLOAT"),
    "Float64": ("REAL", "DOUBLE", "double precision", "DOUBLE"),
    "String": ("TEXT", "VARCHAR", "text", "LONGTEXT"),
    "Categorical": ("TEXT", "VARCHAR", "text", "LONGTEXT"),
    "Enum": ("TEXT", "VARCHAR", "text", "LONGTEXT"),
    "Null": ("TEXT", "VARCHAR", "text", "LONGTEXT"),
    "Date": ("DATE", "DATE", "date", "DATE"),
    "Time": ("TIME", "TIME", "time", "TIME(6)"),
    "Datetime": ("DATETIME", "TIMESTAMP", "timestamp", "DATETIME(6)"),
    "Binary": ("BLOB", "BLOB", "bytea", "LONGBLOB"),
    "Duration": ("", "INTERVAL", "interval", ""),
}
_PLACES = {"sqlite": 0, "duckdb": 1, "postgresql": 2, "mysql": 3}
_ZONED = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "timestamptz", "TIMESTAMP(6)")
_MYSQL_KEY = "VARCHAR(255)"  # a key takes no text of any length


def type_name(kind: str, dtype: pl.DataType, *, is_key: bool = False) -> str:
    """The type of a column in this kind of database; empty where it has none."""
    place = _PLACES[kind]
    if isinstance(dtype, pl.Decimal):
        if kind == "sqlite" and dtype.precision > _SQLITE_DIGITS:
            return f"TEXT DECIMAL({dtype.precision}, {dtype.scale})"
        return f"DECIMAL({dtype.precision}, {dtype.scale})"
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return _ZONED[place]
    if kind == "duckdb" and isinstance(dtype, pl.List):
        inner = type_name(kind, dtype.inner)  # type: ignore[arg-type]
        return inner and f"{inner}[]"
    if kind == "duckdb" and isinstance(dtype, pl.Struct):
        fields = [(one.name, type_name(kind, one.dtype)) for one in dtype.fields]  # type: ignore[arg-type]
        if not all(name and text for name, text in fields):
            return ""
        return f"STRUCT({', '.join(f'{_duckdb.identifier(name)} {text}' for name, text in fields)})"
    found = _TYPES.get(type(dtype).__name__, ("",) * 4)[place]
    return _MYSQL_KEY if is_key and found == "LONGTEXT" else found


def schema_fault(kind: str, schema: Mapping[str, pl.DataType]) -> str:
    """Why a table with these columns cannot be written; empty if it can."""
    label = LABELS[kind]
    if not schema:
        return "a table without columns cannot be written"
    for name, dtype in schema.items():
        if not type_name(kind, dtype):
            way_out = (
                "make it a number first"
                if isinstance(dtype, pl.Duration)
                else "make it a text, or take it out"
            )
            return f'{label} has no type for column "{shorten(name)}" ({dtype}); {way_out}'
        fault = name_fault(kind, name)
        if fault:
            return f'column "{shorten(name)}": {fault}'
    if kind != "postgresql":
        count = Counter(name.casefold() for name in schema)
        twice = [name for name in schema if count[name.casefold()] > 1]
        if twice:
            return f"{label} does not tell the columns {listing(twice)} apart; rename one first"
    return ""


def name_fault(kind: str, name: str) -> str:
    """Why a table or column cannot have this name; empty if it can."""
    most = _MOST_NAME.get(kind)
    if not name:
        return "it needs a name; rename it first"
    if "\0" in name:
        return "its name holds a character that no database takes; rename it first"
    length = len(name.encode()) if kind == "postgresql" else len(name)
    if most is not None and length > most:
        return f"{LABELS[kind]} takes names of at most {most} {'bytes' if kind == 'postgresql' else 'characters'}"
    return ""


def same_name(kind: str, names: Sequence[str], name: str) -> str | None:
    """The name among those of a table that means the same column."""
    if name in names:
        return name
    if kind == "postgresql":
        return None
    return next((one for one in names if one.casefold() == name.casefold()), None)
