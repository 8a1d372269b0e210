"""The classes of a column: its different values in order."""

from __future__ import annotations

from typing import Any

import polars as pl

from nodeflow.errors import shorten
from nodeflow.parameters.columns import family
from nodeflow.values.arrays import TensorError

MOST_CLASSES = 10_000


def classes_of(column: pl.Series) -> tuple[Any, ...]:
    """The different values in order; raises `TensorError` where there are not at least two."""
    values = labels_of(column).drop_nulls().unique().sort().to_list()
    name = shorten(column.name)
    if not values:
        raise TensorError(f'the target "{name}" has no value at all; choose another column')
    if len(values) == 1:
        raise TensorError(
            f'the target "{name}" has one value only, "{shorten(str(values[0]))}"; there is nothing to tell apart'
        )
    if len(values) > MOST_CLASSES:
        raise TensorError(
            f'the target "{name}" has {len(values):,} different values, more than {MOST_CLASSES:,} classes; is it a '
            "number to be predicted by regression?"
        )
    return tuple(values)


def labels_of(column: pl.Series) -> pl.Series:
    """A column as values that can be classes; raises `TensorError` where it has none."""
    kind = family(column.dtype)
    if kind == "category":
        return column.cast(pl.String)
    if kind in ("text", "boolean", "integer"):
        return column
    raise TensorError(
        f'the target "{shorten(column.name)}" (type {column.dtype}) has no classes: they are texts, whole numbers or '
        "true and false; choose regression for other numbers"
    )
