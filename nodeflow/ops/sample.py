"""Reproducible random order: the same rows for a seed, on any engine and with any number of threads."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl
import polars.selectors as cs

from nodeflow.ops.frames import (
    Frame,
    column,
    fresh_names,
    is_polars,
    names_of,
    number_rows,
    polars_of,
    select,
    wrap,
)

_PRIME = 2**31 - 1
_ROUNDS = 4


class Parts(NamedTuple):
    """The two parts of a table."""

    first: Frame
    second: Frame


def add_order_key(frame: Frame, row: str, name: str, seed: int) -> Frame:
    """Add a column with a pseudo-random integer for each row number, distinct for the first 2**31 rows.

    Each round adds a key and takes the fifth power modulo the prime 2**31 - 1, which permutes the
    residues as 5 does not divide 2**31 - 2 (the construction of the cipher MiMC). Every product fits
    into 64 bits, so every engine computes the same. The names must be plain.
    """
    digest = hashlib.blake2b(int(seed).to_bytes(8, "little"), digest_size=8 * _ROUNDS).digest()
    before = names_of(frame)
    (square,) = fresh_names([*before, row, name], "square")
    value, raised = nw.col(name), nw.col(square)
    frame = frame.with_columns((nw.col(row) % _PRIME).alias(name))
    # a column a step: in one formula each round would be written out five times in the next
    for start in range(0, len(digest), 8):
        key = int.from_bytes(digest[start : start + 8], "little") % _PRIME
        frame = frame.with_columns(((value + key) % _PRIME).alias(name))
        frame = frame.with_columns(((value * value) % _PRIME).alias(square))
        frame = frame.with_columns(((raised * raised) % _PRIME).alias(square))
        frame = frame.with_columns(((raised * value) % _PRIME).alias(name))
    return select(frame, before if name in before else [*before, name])


def partition(
    frame: Frame,
    *,
    method: str = "random",
    fraction: float = 0.8,
    count: int | None = None,
    by: str | None = None,
    seed: int = 0,
) -> Parts:
    """Split the rows in two; both parts keep the order of the table.

    `count` rows, or else the share `fraction` of them rounded half up, go to the first part:
    the "first" ones, "random" ones, "stratified" ones (random, in the proportions of the values of
    `by`), or the earliest by the "time" column `by`. With "group" the unit is not the row but all
    rows with the same value of `by`. Missing values of `by` count as a value, in time as the last.
    """
    names = names_of(frame)
    row, key, place, size, value = fresh_names(names, "row", "key", "place", "size", "value")
    marked = number_rows(frame, row)
    if by is not None:
        marked = marked.with_columns(column(by, [row, *names]).alias(value))
    if is_polars(frame) and method == "random":
        return _random_polars(polars_of(marked), names, row, key, seed, fraction, count)
    marked = _placed(marked, method, seed, _Helpers(row, key, place, size, value))
    if count is None:
        chosen = nw.col(place) < (nw.col(size) * fraction + 0.5).floor()
    else:
        chosen = nw.col(place) < count
    inner = names_of(marked)
    result = [column(name, inner) for name in names]

    def part(test: nw.Expr) -> Frame:
        kept = marked.filter(test)
        return (kept if is_polars(frame) else kept.sort(row)).select(*result)

    return Parts(part(chosen), part(~chosen))


def _random_polars(
    marked: pl.LazyFrame, names: list[str], row: str, key: str, seed: int, fraction: float, count: int | None
) -> Parts:
    """The rows with the smallest keys, found by sorting the keys alone."""
    keyed = polars_of(add_order_key(wrap(marked), row, key, seed))
    value, rows = pl.col(key), pl.len().cast(pl.Int64)
    wanted = (rows * fraction + 0.5).floor().cast(pl.Int64) if count is None else pl.lit(count, pl.Int64)
    largest = value.sort().get((wanted - 1).clip(0, rows - 1), null_on_oob=True)
    chosen = (wanted > 0) & (value <= largest)
    result = [cs.by_name(name).as_expr() for name in names]
    return Parts(wrap(keyed.filter(chosen).select(result)), wrap(keyed.filter(~chosen).select(result)))


class _Helpers(NamedTuple):
    row: str
    key: str
    place: str
    size: str
    value: str


def _placed(marked: Frame, method: str, seed: int, names: _Helpers) -> Frame:
    """Add the place of each row in the order of choice, from 0, and the number of places."""
    row, key, place, size, value = names
    if marked.implementation.is_dask():
        return _placed_in_memory(marked, method, seed, names)
    if method == "first":
        return marked.with_columns(nw.col(row).alias(place), nw.len().alias(size))
    if method == "group":
        # a group's number is that of its first row
        marked = marked.with_columns(nw.col(row).min().over(value).alias(size))
        marked = add_order_key(marked, size, key, seed)
        firsts = marked.select(key).unique()
        firsts = _ranked(firsts, place, [key]).with_columns(nw.len().alias(size))
        kept = select(marked, [one for one in names_of(marked) if one != size])
        return kept.join(firsts, on=key, how="left").sort(row)
    if method == "time":
        return _ranked(marked, place, [value, row]).with_columns(nw.len().alias(size))
    marked = add_order_key(marked, row, key, seed)
    if method == "random":
        return _ranked(marked, place, [key, row]).with_columns(nw.len().alias(size))
    # within its stratum a row stands at the share (place + 1/2) / size: taking rows by that share
    # serves every stratum within one row of its due, and the total exactly
    marked = marked.with_columns(nw.col(row).min().over(value).alias(value))
    marked = _ranked(marked, place, [value, key, row])
    inside = nw.col(place) - nw.col(place).min().over(value)
    share = (inside * 2 + 1) / (nw.len().over(value) * 2)
    marked = marked.with_columns(share.alias(place))
    marked = marked.with_columns(nw.col(place).alias(value))
    return _ranked(marked, place, [value, key, row]).with_columns(nw.len().alias(size))


def _placed_in_memory(marked: Frame, method: str, seed: int, names: _Helpers) -> Frame:
    """The same on Dask, which cannot rank: from the row numbers and the one column, two numbers a row."""
    import dask.dataframe as dask

    needed = [name for name in (names.row, names.value) if name in names_of(marked)]
    rows = wrap(marked.select(*needed).collect("polars").to_native().lazy())
    places = polars_of(_placed(rows, method, seed, names)).select(names.row, names.place, names.size)
    from_pandas: Any = dask.from_pandas
    found: Frame = nw.from_native(from_pandas(places.collect().to_pandas(), npartitions=1))
    return marked.join(found, on=names.row, how="left").sort(names.row)


def _ranked(frame: Frame, name: str, by: Sequence[str]) -> Frame:
    """Number the rows by the order of these columns, missing last; Polars keeps the rows in place."""
    if is_polars(frame):
        rank = pl.arg_sort_by(*by, nulls_last=True).arg_sort().cast(pl.Int64)
        return wrap(polars_of(frame).with_columns(rank.alias(name)))
    names = [one for one in names_of(frame) if one != name]
    ordered = frame.select(*names).sort(*by, nulls_last=True)
    return number_rows(ordered, name)
