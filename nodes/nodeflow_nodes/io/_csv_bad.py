"""Cells of a CSV file that do not fit their column's type: made missing, or dropped with their row, and counted."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow_nodes.io._csv_faults import explain, numbered_rows
from nodeflow_nodes.io._text_file import Sample, as_utf8

if TYPE_CHECKING:
    from nodeflow_nodes.io._csv_scan import Plan

_SHOWN = 10
_ROW = "\0row"


class _Bad(NamedTuple):
    """One thing that could not be read: in the row of this number in the file, counted from 0."""

    row: int
    column: str
    text: str


def _unread(plan: Plan, path: str, rows: int | None) -> tuple[pl.LazyFrame, list[str]]:
    """The typed rows; beside each column that is no text, the text where no value came of it."""
    typed = pl.scan_csv(path, schema=plan.schema, n_rows=rows, **plan.options)
    names = [name for name, dtype in plan.schema.items() if dtype not in (pl.String, pl.Categorical)]
    texts = pl.scan_csv(path, schema=dict.fromkeys(plan.schema, pl.String()), n_rows=rows, **plan.options)
    texts = texts.select(cs.by_name(name).as_expr().alias(f"\0{name}") for name in names)
    both = pl.concat([typed, texts], how="horizontal") if names else typed
    both = both.with_columns(
        pl.when(cs.by_name(name).as_expr().is_null()).then(cs.by_name(f"\0{name}")).alias(f"\0{name}")
        for name in names
    )
    return both.with_row_index(_ROW), names


def _long_rows(plan: Plan, file: str, path: str, rows: int | None) -> list[_Bad]:
    """The rows with more cells than columns."""
    strict = {**plan.options, "truncate_ragged_lines": False}
    schema = dict.fromkeys(plan.schema, pl.String())
    try:
        # quick in the usual case that there are none
        pl.scan_csv(path, schema=schema, n_rows=rows, **strict).select(pl.all().count()).collect(
            engine="streaming"
        )
    except pl.exceptions.PolarsError:
        pass
    else:
        return []
    found: list[_Bad] = []
    width = len(plan.schema)
    try:
        for number, _, cells in itertools.islice(_data_rows(plan, file), rows):
            if len(cells) > width:
                found.append(_Bad(number, "", plan.options["separator"].join(cells[width:])))
    except csv.Error:
        pass
    return found


def _data_rows(plan: Plan, file: str) -> Iterator[tuple[int, int, list[str]]]:
    rows = itertools.islice(numbered_rows(plan, file, None), 1 if plan.options["has_header"] else 0, None)
    for number, (line, cells) in enumerate(rows):
        yield number, line, cells


def dropping_reader(plan: Plan, file: str, sample: Sample, rows: int | None) -> Any:
    """A source for Polars of the rows that could be read in full."""

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with as_utf8(file, sample, ".csv") as path:
            table, names = _unread(plan, path, rows)
            long = [one.row for one in _long_rows(plan, file, path, rows)]
            if names:
                table = table.filter(pl.all_horizontal(cs.by_name(f"\0{name}").is_null() for name in names))
            if long:
                table = table.filter(~cs.by_name(_ROW).as_expr().is_in(long))
            table = table.select(cs.by_name(*(plan.schema if with_columns is None else with_columns)))
            table = table.filter(predicate) if predicate is not None else table
            table = table.head(n_rows) if n_rows is not None else table
            try:
                yield from table.collect_batches(engine="streaming", maintain_order=True)
            except pl.exceptions.PolarsError as error:
                raise NodeFailed(explain(plan, error, file) or str(error)) from None

    return read


def report(plan: Plan, *, dropped: bool, rows: int | None) -> list[str]:
    """A sentence on what could not be read, with the first places; none if all could."""
    shown: list[str] = []
    values, bad_rows = 0, 0
    for file, sample in zip(plan.files, plan.samples, strict=True):
        with as_utf8(file, sample, ".csv") as path:
            long = _long_rows(plan, file, path, rows)
            cells = _cells(*_unread(plan, path, rows), long)
        values += cells.values + len(long)
        bad_rows += cells.rows + len(long)
        first = sorted([*cells.first, *long], key=lambda one: one.row)
        shown += _places(plan, file, first[: _SHOWN - len(shown)])
    if not values:
        return []
    fate = "these rows were dropped" if dropped else "they are missing"
    more = f" and {values - len(shown):,} more" if values > len(shown) else ""
    return [
        f"{_counted(values, 'value')} in {_counted(bad_rows, 'row')} could not be read, so {fate}: "
        f"{'; '.join(shown)}{more}"
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class _Cells(NamedTuple):
    """The cells that could not be read: how many, in how many rows of the right length, and the first."""

    values: int
    rows: int
    first: list[_Bad]


def _cells(table: pl.LazyFrame, names: Sequence[str], long: Sequence[_Bad]) -> _Cells:
    if not names:
        return _Cells(0, 0, [])
    texts = cs.by_name(*(f"\0{name}" for name in names))
    unread = table.select(_ROW, texts).filter(pl.any_horizontal(texts.is_not_null()))
    short = ~cs.by_name(_ROW).as_expr().is_in([one.row for one in long])
    counts, first = pl.collect_all(
        [unread.select(pl.sum_horizontal(texts.count()), short.sum().alias("\0rows")), unread.head(_SHOWN)],
        engine="streaming",
    )
    found = [
        _Bad(row, name, text)
        for row, *cells in first.iter_rows()
        for name, text in zip(names, cells, strict=True)
        if text is not None
    ]
    values, rows = counts.row(0)
    return _Cells(int(values), int(rows), found)


def _places(plan: Plan, file: str, found: Sequence[_Bad]) -> list[str]:
    """Where things stand: file, line, column, text."""
    if not found:
        return []
    lines: dict[int, int] = {}
    wanted = {one.row for one in found}
    try:
        for number, line, _ in _data_rows(plan, file):
            if number in wanted:
                lines[number] = line
            if number >= max(wanted):
                break
    except csv.Error:
        pass
    places = []
    for one in found:
        place = f"line {lines[one.row]}" if one.row in lines else f"row {one.row + 1:,}"
        column = f'column "{shorten(plan.names[one.column], 40)}"' if one.column else "beyond the columns"
        places.append(f'{file}, {place}, {column}: "{shorten(one.text, 40)}"')
    return places
