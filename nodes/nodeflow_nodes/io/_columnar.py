"""Scanning files that know their columns, Parquet and Arrow IPC: one query over one file or many."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.parameters import Columns
from nodeflow.patterns import fixed_folder
from nodeflow_nodes.io._formats import end_of, start_of, wrong_format
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._many import names_differ
from nodeflow_nodes.io._text_file import files_of
from nodeflow_nodes.manipulation._types import common_type, in_words

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

Differing = Literal["fail", "first", "union"]
Schema = Mapping[str, pl.DataType]

_FAILURES = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_INNER = "\0file"
_MOST_ROWS_A_BYTE = 100_000
_MANY_ROWS = 100_000_000


class ColumnarReader(Protocol):
    """The parameters the readers share."""

    path: Any
    columns: Columns
    folder_columns: bool
    differing_files: Differing
    max_rows: int | None
    source: str

    def to_json(self) -> dict[str, Any]:
        """The parameters."""


@dataclass(frozen=True)
class Format:
    """A file format: its words, its mark at both ends, and the functions of Polars that read it."""

    words: str
    ending: str
    mark: bytes
    scan: str
    schema: Callable[[str], Schema]


PARQUET = Format("a Parquet file", ".parquet", b"PAR1", "scan_parquet", pl.read_parquet_schema)
ARROW = Format("an Arrow IPC file", ".arrow", b"ARROW1", "scan_ipc", pl.read_ipc_schema)


@dataclass(frozen=True)
class Files:
    """The files of a reader, the columns of each, and those their folders are named after."""

    paths: list[str]
    schemas: list[dict[str, pl.DataType]]
    keys: list[str]
    """Columns by names of folders below the place where the pattern begins, such as `year=2024`."""
    outer_keys: list[str]
    """The same above that place; they are none of the table's."""

    @property
    def alike(self) -> bool:
        """Whether all have the same columns of the same types, in any order."""
        return all(schema == self.schemas[0] for schema in self.schemas)


_FILES: Kept[Files] = Kept()


def files_for(node: Any, form: Format) -> Files:
    """Look at the ends of the files, where their columns stand; raises `NodeFailed`."""
    paths = files_of(node.path, form.ending)
    return _FILES.get(node, paths, lambda: _look_at(node, paths, form))


def _look_at(node: ColumnarReader, paths: list[str], form: Format) -> Files:
    schemas = [_schema(path, form) for path in paths]
    _check_size(paths, form)
    keys, outer = _keys(node.path, paths) if node.folder_columns else ([], [])
    found = Files(paths, schemas, keys, outer if keys else [])
    hidden = [name for name in found.outer_keys if any(name in schema for schema in schemas)]
    if hidden:
        raise NodeFailed(
            f"{listing(hidden)} is the name of a column and stands in the name of a folder above the pattern; "
            "rename that folder, or do without the columns of folders"
        )
    if not found.alike and node.differing_files == "fail":
        raise NodeFailed(_difference(found))
    return found


def _schema(path: str, form: Format) -> dict[str, pl.DataType]:
    start = start_of(path)
    if not start.startswith(form.mark):
        raise wrong_format(path, form.words)
    if not end_of(path, len(form.mark)) == form.mark:
        raise NodeFailed(
            f"{path} is incomplete: it begins as {form.words} but its end is missing; fetch or write it again"
        )
    try:
        return dict(form.schema(path))
    except _FAILURES as error:
        raise _damaged(path, form, error) from None


def _damaged(path: str, form: Format, error: BaseException) -> NodeFailed:
    reason = re.sub(r"^(parquet: )?(File out of specification|out-of-spec): ", "", str(error).split("\n")[0])
    return NodeFailed(
        f"{path} cannot be read as {form.words}, its content is damaged ({shorten(reason, 120)}); "
        "fetch or write it again"
    )


def _check_size(paths: list[str], form: Format) -> None:
    try:
        rows = _scanned(paths, form, hive=False).select(pl.len()).collect().item()
    except _FAILURES:
        return  # told, with the file, when the rows are read
    size = sum(os.path.getsize(path) for path in paths)
    if rows > _MANY_ROWS and rows > _MOST_ROWS_A_BYTE * size:
        raise NodeFailed(
            f"{paths[0]} claims to have {rows:,} rows in {size:,} bytes, which no usual table does; it is not read"
        )


def _keys(pattern: str, paths: list[str]) -> tuple[list[str], list[str]]:
    start = fixed_folder(pattern)
    inner = _keys_in(os.path.relpath(paths[0], start))
    for path in paths:
        if _keys_in(os.path.relpath(path, start)) != inner:
            raise NodeFailed(
                f"{path} lies in folders named after other columns than those of {paths[0]}; choose a pattern for "
                "files of one kind, or do without the columns of folders"
            )
    return inner, [key for key in _keys_in(os.path.join(start, "x")) if key not in inner]


def _keys_in(path: str) -> list[str]:
    folders = path.replace(os.sep, "/").split("/")[:-1]
    return [folder.partition("=")[0] for folder in folders if folder.partition("=")[0] and "=" in folder]


def _difference(files: Files) -> str:
    first, path = files.schemas[0], files.paths[0]
    for other, name in zip(files.schemas, files.paths, strict=True):
        if other == first:
            continue
        told = names_differ(first, other)
        parts = [told] if told else []
        parts += [
            f'has "{shorten(one)}" as {in_words(other[one])} instead of {in_words(first[one])}'
            for one in first
            if one in other and other[one] != first[one]
        ][:3]
        return (
            f'{name} {" and ".join(parts)}, unlike {path}; set "files that differ" to "union" to read the '
            'columns of all, or to "first" for those of the first file'
        )
    raise AssertionError


def scan(node: ColumnarReader, form: Format) -> pl.LazyFrame:
    """The query over all rows of all files."""
    files = files_for(node, form)
    table = _together(files, node, form)
    if any(dtype in (pl.Float32, pl.Float64) for dtype in table.collect_schema().values()):
        table = table.with_columns(cs.float().fill_nan(None))
    names = [name for name in table.collect_schema() if name != _INNER]
    chosen = _chosen(node.columns, table.select(cs.by_name(*names)), files.paths[0])
    if node.source:
        if node.source in chosen:
            raise NodeFailed(
                f'the file has a column "{shorten(node.source)}" already; name the source column otherwise'
            )
        place = cs.by_name(_INNER).as_expr().str.replace(r"(?s)^.*[/\\]", "").alias(node.source)
        return table.select(cs.by_name(*chosen), place)
    return table if chosen == names else table.select(cs.by_name(*chosen))


def _chosen(columns: Columns, table: pl.LazyFrame, path: str) -> list[str]:
    schema = table.collect_schema()
    for sentence in columns.faults(schema):
        raise NodeFailed(f"{path}: {sentence}")
    return columns.resolve(schema)


def _scanned(paths: list[str], form: Format, *, hive: bool, **options: Any) -> pl.LazyFrame:
    return getattr(pl, form.scan)(paths, glob=False, hive_partitioning=hive, **options)  # type: ignore[no-any-return]


def _together(files: Files, node: ColumnarReader, form: Format) -> pl.LazyFrame:
    options: dict[str, Any] = {"include_file_paths": _INNER} if node.source else {}
    hive = bool(files.keys)
    if files.alike:
        table = _scanned(files.paths, form, hive=hive, n_rows=node.max_rows, **options)
        return table.drop(cs.by_name(*files.outer_keys)) if files.outer_keys else table
    parts = [_scanned([path], form, hive=hive, **options) for path in files.paths]
    parts = [part.drop(cs.by_name(*files.outer_keys)) for part in parts] if files.outer_keys else parts
    schemas = [dict(part.collect_schema()) for part in parts]
    target = dict(schemas[0])
    for schema, path in zip(schemas[1:], files.paths[1:], strict=True):
        for name, dtype in schema.items():
            if name in target:
                target[name] = _common(name, target[name], dtype, path, keep=node.differing_files == "first")
            elif node.differing_files == "union":
                target[name] = dtype
    table = pl.concat(
        [part.select(_fitted(schema, target)) for part, schema in zip(parts, schemas, strict=True)]
    )
    return table.head(node.max_rows) if node.max_rows is not None else table


def _common(name: str, one: pl.DataType, other: pl.DataType, path: str, *, keep: bool) -> pl.DataType:
    both = common_type(one, other, mix_numbers=True)
    if both is None or (keep and both != one):
        raise NodeFailed(
            f'{path}: the column "{shorten(name)}" is {in_words(other)}, but {in_words(one)} in the files before; '
            "read it by a node of its own and convert the column"
        )
    return both


def _fitted(schema: Schema, target: Schema) -> list[pl.Expr]:
    return [
        (cs.by_name(name).as_expr().cast(dtype) if name in schema else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in target.items()
    ]


def explain(node: ColumnarReader, form: Format) -> str | None:
    """Which file's content is damaged, None if all can be read."""
    try:
        files = files_for(node, form)
        for path in files.paths:
            try:
                rows = _scanned([path], form, hive=False)
                rows.select(pl.all().null_count()).collect(engine="streaming")
            except _FAILURES as error:
                return str(_damaged(path, form, error))
    except NodeFailed as fault:
        return str(fault)
    return None


def export(node: ColumnarReader, form: Format, script: PythonScript) -> None:
    """The plain lines that scan the files."""
    try:
        files = files_for(node, form)
        schema = _together(files, node, form).collect_schema()
        table = scan(node, form).collect_schema()
    except NodeFailed as error:
        script.cannot_express(f"its file cannot be read: {error}")
        return
    if not files.alike:
        script.cannot_express("files that differ")
    script.require("import polars as pl")
    result = script.output("table")
    paths = repr(str(node.path)) if files.paths == [str(node.path)] else repr(files.paths)
    arguments = [paths, "glob=False", f"hive_partitioning={bool(files.keys)}"]
    if node.max_rows is not None:
        arguments.append(f"n_rows={node.max_rows}")
    if node.source:
        arguments.append(f"include_file_paths={_INNER!r}")
    script.add(f"{result} = pl.{form.scan}({', '.join(arguments)})")
    script.require("import polars.selectors as cs")
    if files.outer_keys:
        script.add(f"{result} = {result}.drop({files.outer_keys!r})")
    if any(dtype in (pl.Float32, pl.Float64) for dtype in schema.values()):
        script.add(f"{result} = {result}.with_columns(cs.float().fill_nan(None))")
    if node.source:
        place = r"cs.by_name('\0file').as_expr().str.replace(r'(?s)^.*[/\\]', '')"
        script.add(f"{result} = {result}.with_columns({place}.alias({node.source!r}))")
    if list(table) != list(schema):
        script.add(f"{result} = {result}.select(cs.by_name({', '.join(map(repr, table))}))")
