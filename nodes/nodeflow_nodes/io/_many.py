"""Tables of several files, sheets or parts, below each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._text_file import files_of
from nodeflow_nodes.manipulation._types import common_type, in_words


def names_differ(first: Collection[str], other: Collection[str]) -> str:
    """What other columns there are, as the end of a sentence: `lacks "a" and has "b" as well`."""
    lacking = [name for name in first if name not in other]
    further = [name for name in other if name not in first]
    parts = [f"lacks {listing(lacking)}"] if lacking else []
    parts += [f"has {listing(further)} as well"] if further else []
    return " and ".join(parts)


_TABLES: Kept[pl.DataFrame] = Kept(most=4, most_bytes=64 << 20)


def tables_of(
    node: Any, ending: str, read: Callable[[str], pl.DataFrame], *, source: str = ""
) -> pl.DataFrame:
    """The tables of the files at a node's path, below each other; kept while node and files stay as they are."""
    files = files_of(node.path, ending)

    def joined() -> pl.DataFrame:
        return below_each_other([(os.path.basename(file), read(file)) for file in files], source, "file")

    return _TABLES.get(node, files, joined)


def below_each_other(parts: Sequence[tuple[str, pl.DataFrame]], source: str, noun: str) -> pl.DataFrame:
    """Tables with the same columns in any order as one, with a column that names the part if `source` is given.

    Types that differ become their common one. `noun` is what a part is to the user: "file", "sheet".
    """
    name, first = parts[0]
    if source and source in first.columns:
        raise NodeFailed(
            f'there is a column "{shorten(source)}" already in {name}; name the source column otherwise'
        )
    target = dict(first.schema)
    for other, table in parts[1:]:
        told = names_differ(target, table.columns)
        if told:
            raise NodeFailed(f"{other} {told}, unlike {name}; read such a {noun} by a node of its own")
        for column, dtype in table.schema.items():
            both = common_type(target[column], dtype, mix_numbers=True)
            if both is None and table[column].null_count() == table.height:
                both = target[column]  # the type of a column without values says nothing
            if both is None:
                raise NodeFailed(
                    f'{other}: the column "{shorten(column)}" is {in_words(dtype)}, but {in_words(target[column])} '
                    f"in {name}; give the type of that column"
                )
            target[column] = both
    columns = [cs.by_name(column).as_expr().cast(dtype).alias(column) for column, dtype in target.items()]
    fitted = [table.select(columns) for _, table in parts]
    if source:
        fitted = [
            table.with_columns(pl.lit(label, dtype=pl.String).alias(source))
            for (label, _), table in zip(parts, fitted, strict=True)
        ]
    return pl.concat(fitted) if len(fitted) > 1 else fitted[0]
