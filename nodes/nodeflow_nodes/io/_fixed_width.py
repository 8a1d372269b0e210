"""Lines cut into columns by the place of their characters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow_nodes.io._csv_format import unique_names
from nodeflow_nodes.io._text_columns import typed_texts
from nodeflow_nodes.io._whole_text import whole_text

if TYPE_CHECKING:
    from nodeflow_nodes.io.fixed_width_reader import FixedWidthReader

_LOOKED_AT = 1000
_WIDEST = 100_000


def read(node: FixedWidthReader, path: str) -> pl.DataFrame:
    """The table of one file."""
    text = whole_text(path, node.encoding).decode()
    if "\0" in text[:4096]:
        raise NodeFailed(f"{path} is no text file; check which file you meant")
    numbered = [
        (number, line.expandtabs(8))
        for number, line in enumerate(text.split("\n"), 1)
        if number > node.skip_rows and line.strip()
    ]
    if not numbered:
        raise NodeFailed(f"{path} has no lines{' after those that are skipped' if node.skip_rows else ''}")
    lines = [line for _, line in numbered]
    spans = _spans(node.widths) if node.widths else _found(lines[:_LOOKED_AT], path)
    first = numbered.pop(0)[1] if node.header else ""
    if node.header and not node.widths:
        spans = _named(spans, first)
    heads = [_cut(first, span) for span in spans]
    if len(node.names) > len(spans):
        raise NodeFailed(f"{path} has {len(spans)} columns, but {len(node.names)} names are given")
    names = unique_names([*node.names, *heads[len(node.names) :]])
    column = pl.Series([line for _, line in numbered], dtype=pl.String)
    table = pl.select(
        pl.lit(column).str.slice(start, end - start).str.strip_chars().alias(name)
        for name, (start, end) in zip(names, spans, strict=True)
    )

    def place(row: int, name: str) -> str:
        return f'{path}, line {numbered[row][0]}, column "{shorten(name)}"'

    return typed_texts(table, types=node.types, missing={"", *node.missing}, place=place)


def _spans(widths: Sequence[int]) -> list[tuple[int, int]]:
    ends = list(itertools.accumulate(widths))
    return list(zip([0, *ends], ends, strict=False))


def _found(lines: Sequence[str], path: str) -> list[tuple[int, int]]:
    """From one run of places that are blank in all lines to the next."""
    width = max(map(len, lines))
    if width > _WIDEST:
        raise NodeFailed(f"{path} has a line of {width:,} characters; give the widths of the columns")
    filled = bytearray(width)
    for line in lines:
        for place, character in enumerate(line):
            if character != " ":
                filled[place] = 1
    starts = [place for place in range(width) if filled[place] and (place == 0 or not filled[place - 1])]
    # a column reaches up to the next, as further down its values may be longer
    return [(start, end) for start, end in zip(starts, [*starts[1:], _WIDEST], strict=True)]


def _named(spans: Sequence[tuple[int, int]], header: str) -> list[tuple[int, int]]:
    """The columns, one without a name joined to the one before: a text with a blank in the same place everywhere."""
    result = list(spans[:1])
    for span in spans[1:]:
        if _cut(header, span):
            result.append(span)
        else:
            result[-1] = (result[-1][0], span[1])
    return result


def _cut(line: str, span: tuple[int, int]) -> str:
    return line[span[0] : span[1]].strip()
