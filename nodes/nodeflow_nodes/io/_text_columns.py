"""Columns of texts as typed columns, for formats in which every value is a text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, did_you_mean, shorten
from nodeflow_nodes.io._csv_format import DTYPES, guess_types


def typed_texts(
    table: pl.DataFrame,
    *,
    types: Mapping[str, str],
    missing: Collection[str],
    place: Callable[[int, str], str],
    dates: bool = True,
    decimal: str = "guess",
) -> pl.DataFrame:
    """Texts as the types given, else those all values of a column have; the markers become missing.

    `place` tells where the value of a row and column stands, for the sentence on one that does not fit.
    """
    for name in types:
        if name not in table.columns:
            raise NodeFailed(
                f'types: no column "{shorten(name)}"; {did_you_mean(name, table.columns, what="it has")}'
            )
    if not table.width:
        return table
    texts = table.with_columns(
        pl.when(cs.all().is_in(list(missing))).then(None).otherwise(cs.all()).name.keep()
    )
    kinds, comma = guess_types(texts.lazy(), dates=dates, decimal=decimal)
    result = []
    for name, guess in kinds.items():
        kind = types.get(name, guess)
        kind = "zoned" if kind == "datetime" and guess == "zoned" else kind
        column = texts[name]
        found = pl.select(converted(pl.lit(column), kind, comma=comma).alias(name)).to_series()
        lost = found.is_null() & column.is_not_null()
        if lost.any():
            row = lost.arg_max()
            assert row is not None
            raise NodeFailed(
                f'{place(row, name)}: "{shorten(str(column[row]))}" is not of type {kind}; mend the value, give the '
                'column the type "text", or add this text to the missing markers'
            )
        result.append(found.fill_nan(None) if kind == "number" else found)
    return pl.DataFrame(result)


def converted(column: pl.Expr, kind: str, *, comma: bool = False) -> pl.Expr:
    """A column of texts as a type; what does not fit is null."""
    plain = column.str.strip_chars(" ").str.strip_prefix("+")
    if kind == "integer":
        return plain.cast(pl.Int64, strict=False)
    if kind == "number":
        plain = plain.str.replace(",", ".", literal=True) if comma else plain
        return plain.cast(pl.Float64, strict=False)
    if kind == "boolean":
        word = column.str.to_lowercase()
        return pl.when(word == "true").then(True).when(word == "false").then(False).otherwise(None)
    if kind == "date":
        return column.str.to_date("%Y-%m-%d", strict=False)
    if kind in ("datetime", "zoned"):
        return moment(column, zoned=kind == "zoned")
    return column.cast(DTYPES[kind])


def moment(column: pl.Expr, *, zoned: bool) -> pl.Expr:
    """Texts such as 2024-12-31 08:30 or 2024-12-31T08:30:00.5Z as times; what does not fit is null."""
    # one form for all: with T, seconds and an offset
    column = column.str.replace(r"[T ](\d\d:\d\d)($|[Z+-])", "T${1}:00${2}").str.replace(" ", "T")
    if not zoned:
        return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    column = column.str.replace("Z$", "+00:00")
    return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC", strict=False)
