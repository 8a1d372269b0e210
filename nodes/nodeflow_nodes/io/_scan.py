"""Scanning files of a columnar format lazily, with the faults of the reader in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    from nodeflow.parameters import Columns

Scan = Callable[[Sequence[str]], pl.LazyFrame]


def scanned(path: str, scan: Scan, kind: str, columns: Columns, source: str) -> pl.LazyFrame:
    """The query over the files that a path fits, with just the chosen columns; raises `NodeFailed`.

    `kind` is the name of the format in sentences. `source` names a further column with the file names,
    which `scan` must then give under that very name.
    """
    files = files_of(path)
    try:
        table = scan(files)
        schema = table.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise NodeFailed(_told(files, scan, kind, error)) from None
    names = columns.resolve({name: dtype for name, dtype in schema.items() if name != source})
    for fault in columns.faults({name: dtype for name, dtype in schema.items() if name != source}):
        raise NodeFailed(f"columns: {fault}")
    kept = [*names, *([source] if source else [])]
    if source:
        named = pl.selectors.by_name(source).as_expr().str.replace(r"(?s)^.*[/\\]", "")
        table = table.with_columns(named)
    return table if kept == list(schema) else table.select(pl.selectors.by_name(*kept))


def _told(files: Sequence[str], scan: Scan, kind: str, error: Exception) -> str:
    """Which file is at fault, and why."""
    schemas: dict[str, Mapping[str, pl.DataType]] = {}
    for file in files:
        if os.path.getsize(file) == 0:
            return f"{file} is empty; check the export that wrote it"
        try:
            schemas[file] = scan([file]).collect_schema()
        except (pl.exceptions.PolarsError, OSError) as own:
            reason = shorten(str(own).splitlines()[0], 200) if str(own) else type(own).__name__
            return f"{file} is no {kind} file, or it is damaged: {reason}"
    first = files[0]
    for file, schema in schemas.items():
        other = [name for name in schema if name not in schemas[first]]
        lacking = [name for name in schemas[first] if name not in schema]
        if other or lacking:
            told = f"lacks {listing(lacking)}" if lacking else f"has {listing(other)} as well"
            return f"{file} {told}, unlike {first}; read such files by a node of their own"
    return f"{first}: {shorten(str(error).splitlines()[0], 200)}"


def explained(error: Exception, kind: str) -> str | None:
    """A sentence on an error of the query, None if the files are not to blame."""
    text = str(error).splitlines()[0] if str(error) else ""
    name = type(error).__name__
    if "Schema" in name:
        return f"the {kind} files have different columns or types: {shorten(text, 200)}; read them by nodes of their own"
    if name in ("ComputeError", "OSError") and any(
        w in text.lower() for w in ("parquet", "ipc", "arrow", "thrift", "page", "json")
    ):
        return f"a {kind} file is damaged: {shorten(text, 200)}"
    return None
