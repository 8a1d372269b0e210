"""The ground: columns by their literal name, row numbers, selection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, cast

import narwhals as nw
import polars as pl
import polars.selectors as cs

Frame: TypeAlias = "nw.LazyFrame[Any]"


def is_polars(frame: Frame) -> bool:
    """Whether the frame is a Polars query, which keeps row order by itself."""
    return frame.implementation.is_polars()


def polars_of(frame: Frame) -> pl.LazyFrame:
    """The Polars query inside a frame for which `is_polars` holds."""
    return cast(pl.LazyFrame, frame.to_native())


def wrap(frame: pl.LazyFrame) -> Frame:
    """A Polars query as a narwhals frame."""
    return nw.from_native(frame)


def names_of(frame: Frame) -> list[str]:
    """The column names, in order."""
    return list(frame.collect_schema())


def column(name: str, names: Sequence[str]) -> nw.Expr:
    """The column of that very name in a frame with these `names`.

    Polars takes `*` and names like `^a.*$` as patterns; such a column is spoken of by position.
    """
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return nw.nth(list(names).index(name))
    return nw.col(name)


def fresh_names(taken: Iterable[str], *wanted: str) -> list[str]:
    """Names for helper columns that no column of the table has."""
    held = set(taken)
    found = []
    for base in wanted:
        name, count = f"__{base}", 1
        while name in held:
            count += 1
            name = f"__{base}_{count}"
        held.add(name)
        found.append(name)
    return found


def select(frame: Frame, names: Sequence[str]) -> Frame:
    """The frame with just these columns, in this order."""
    if is_polars(frame):
        return wrap(polars_of(frame).select(cs.by_name(*names) if names else []))
    return frame.select(*names)


def number_rows(frame: Frame, name: str) -> Frame:
    """The frame with the number of each row, from 0, as a further integer column `name`, put first."""
    if is_polars(frame):
        return wrap(polars_of(frame).with_row_index(name).with_columns(pl.col(name).cast(pl.Int64)))
    if frame.implementation.is_duckdb():
        # the order in which DuckDB delivers the rows of a query is kept (preserve_insertion_order)
        relation: Any = frame.to_native()
        quoted = '"' + name.replace('"', '""') + '"'
        return cast(Frame, nw.from_native(relation.project(f"row_number() OVER () - 1 AS {quoted}, *")))
    return frame.with_row_index(name, order_by=cast(Any, None))


def renamed(frame: Frame, names: Sequence[str]) -> Frame:
    """The Polars frame with its columns called otherwise, by position."""
    query = polars_of(frame)
    return wrap(query.rename(dict(zip(query.collect_schema(), names, strict=True))))
