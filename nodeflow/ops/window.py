"""Values that depend on neighbouring rows: shifts, running totals, row numbers, ranks; and distinct rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import narwhals as nw
import polars as pl
import polars.selectors as cs

from nodeflow.memory import memory_limit
from nodeflow.ops.bounded import bounded
from nodeflow.ops.frames import (
    Frame,
    fresh_names,
    is_polars,
    names_of,
    number_rows,
    polars_of,
    renamed,
    select,
    wrap,
)

Keep: TypeAlias = Literal["first", "last", "none"]


@dataclass(frozen=True)
class Window:
    """One new column: a function over a column, in the order of the rows.

    `offset` counts the rows of a shift, forward when it is negative; `descending` turns a rank round.
    """

    function: str
    column: str
    name: str
    offset: int = 1
    descending: bool = False


_RUNNING = ("cum_sum", "cum_min", "cum_max", "cum_prod", "cum_count")
_RANKS = ("min", "max", "dense", "average", "ordinal")


def window(frame: Frame, windows: Sequence[Window], by: Sequence[str] = ()) -> Frame:
    """The frame with further columns, each computed in the order of the rows, within groups if given.

    Functions are "shift", "cum_sum", "cum_min", "cum_max", "cum_prod", "cum_count" (of present values),
    "row" (numbers from 1), and the ranks "min", "max", "dense", "average" and "ordinal". Missing values
    have no rank and are left out of running values. Missing group values are a group.
    """
    if is_polars(frame):
        return wrap(polars_of(frame).with_columns(_polars(one, by) for one in windows))
    names = names_of(frame)
    if frame.implementation.is_dask() and (by or any(one.function in _RANKS for one in windows)):
        return _beside(frame, [*by, *(one.column for one in windows)], lambda part: window(part, windows, by))
    (row,) = fresh_names([*names, *(one.name for one in windows)], "row")
    numbered = number_rows(frame, row)
    numbered = numbered.with_columns(*(_portable(one, by, row).alias(one.name) for one in windows))
    return select(numbered.sort(row), [*names, *(one.name for one in windows if one.name not in names)])


def _polars(one: Window, by: Sequence[str]) -> pl.Expr:
    column = cs.by_name(one.column).as_expr()
    if one.function == "shift":
        found = column.shift(one.offset)
    elif one.function == "row":
        found = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    elif one.function in _RANKS:
        method: Any = one.function
        found = column.rank(method, descending=one.descending)
        found = found if method == "average" else found.cast(pl.Int64)
    else:
        found = getattr(column, one.function)()
        found = found.cast(pl.Int64) if one.function == "cum_count" else found
    return (found.over([cs.by_name(name) for name in by]) if by else found).alias(one.name)


def _portable(one: Window, by: Sequence[str], row: str) -> nw.Expr:
    column = nw.col(one.column)
    if one.function in _RANKS:
        method: Any = one.function
        found = column.rank(method, descending=one.descending)
        found = found if method == "average" else found.cast(nw.Int64)
        return found.over(*by) if by else found
    if one.function == "shift":
        found = column.shift(one.offset)
    elif one.function == "row":
        found = nw.col(row).cum_count()
    else:
        found = getattr(column, one.function)()
    ordered = found.over(*by, order_by=row)
    return ordered.cast(nw.Int64) if one.function in ("row", "cum_count") else ordered


def _beside(frame: Frame, columns: Sequence[str], operation: Callable[[Frame], Frame]) -> Frame:
    """An operation that Dask lacks, on the columns it needs in memory; what it adds is joined on."""
    import dask.dataframe as dask

    names = names_of(frame)
    (row,) = fresh_names(names, "row")
    numbered = number_rows(frame, row)
    needed = [row, *dict.fromkeys(name for name in columns if name in names)]
    rows = wrap(numbered.select(*needed).collect("polars").to_native().lazy())
    found = operation(rows)
    added = [name for name in names_of(found) if name not in needed]
    replaced = [name for name in needed[1:] if name in added]
    small = polars_of(found).select(cs.by_name(row, *added)).collect()
    from_pandas: Any = dask.from_pandas
    pandas = small.to_pandas(use_pyarrow_extension_array=True)
    beside: Frame = nw.from_native(from_pandas(pandas, npartitions=1))
    kept = numbered.drop(*replaced) if replaced else numbered
    return select(kept.join(beside, on=row, how="left").sort(row), [*names, *added])


def distinct(frame: Frame, keys: Sequence[str], keep: Keep = "first") -> Frame:
    """One row for each combination of the keys, in the order of the rows; with "none" only those without a twin.

    Missing values are equal to each other.
    """
    if is_polars(frame) and memory_limit() is None:
        return wrap(polars_of(frame).unique(cs.by_name(*keys), keep=keep, maintain_order=True))
    names = names_of(frame)
    if is_polars(frame):
        plain = [f"c{i}" for i in range(len(names))]
        chosen = [plain[names.index(name)] for name in keys]
        return renamed(bounded(lambda one: _distinct(one, chosen, keep), renamed(frame, plain)), names)
    return _distinct(frame, keys, keep)


def _distinct(frame: Frame, keys: Sequence[str], keep: Keep) -> Frame:
    if is_polars(frame):
        return wrap(polars_of(frame).unique(cs.by_name(*keys), keep=keep, maintain_order=True))
    names = names_of(frame)
    row, mark, other = fresh_names(names, "row", "mark", "other")
    numbered = number_rows(frame, row)
    first, last = nw.col(row).min().over(*keys), nw.col(row).max().over(*keys)
    marked = numbered.with_columns(first.alias(mark), last.alias(other))
    tests = {
        "first": nw.col(row) == nw.col(mark),
        "last": nw.col(row) == nw.col(other),
        "none": nw.col(mark) == nw.col(other),
    }
    return select(marked.filter(tests[keep]).sort(row), names)
