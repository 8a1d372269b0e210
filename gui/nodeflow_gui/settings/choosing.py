"""Which columns a choice takes: the engine's `Columns`, asked with the families of the columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from nodeflow.errors import ParameterError
from nodeflow.parameters import Columns
from nodeflow_gui.settings.editor import KnownColumn


@cache
def _types() -> dict[str, Any]:
    """One Polars type of each family; the library is only loaded once a table is at hand."""
    import polars as pl

    return {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "number": pl.Float64(),
        "text": pl.String(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "datetime": pl.Datetime("us"),
        "time": pl.Time(),
        "duration": pl.Duration("us"),
        "category": pl.Categorical(),
        "list": pl.List(pl.Int64()),
    }


def schema_of(columns: Sequence[KnownColumn]) -> dict[str, Any]:
    """A schema with a type of the right family for each column."""
    import polars as pl

    return {name: _types().get(family, pl.Binary()) for name, family in columns}


def read(raw: Any) -> Columns:
    """The choice that a value of a workflow file stands for; none chosen if it is none."""
    try:
        return Columns.from_json(raw)
    except ParameterError:
        return Columns.of()


def chosen(choice: Columns, columns: Sequence[KnownColumn]) -> list[str]:
    """The names that a choice takes out of the columns; none for a pattern that cannot be used."""
    schema = schema_of(columns)
    bad = Columns(pattern=choice.pattern, missing="ignore").faults(schema) if choice.pattern else []
    return [] if bad else choice.resolve(schema)
