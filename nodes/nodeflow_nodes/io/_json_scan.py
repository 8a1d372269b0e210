"""JSON and JSON Lines as tables: records found, nested objects flattened, types found out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
import polars.selectors as cs
from polars.io.plugins import register_io_source

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow_nodes.io._csv_format import guess_types, unique_names
from nodeflow_nodes.io._formats import start_of, wrong_format
from nodeflow_nodes.io._json_path import parse
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._many import tables_of
from nodeflow_nodes.io._text_columns import moment
from nodeflow_nodes.io._text_file import Sample, as_utf8, decoded, files_of, sample_of

if TYPE_CHECKING:
    from nodeflow_nodes.io.json_lines_reader import JsonLinesReader
    from nodeflow_nodes.io.json_reader import JsonReader

_MOST_BYTES = 2 << 30
_FAILURES = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_CANDIDATES = 1000
_START = 10_000  # rows
_TOO_DEEP = "it is nested too deeply"


def json_table(node: JsonReader) -> pl.DataFrame:
    """The table of all JSON files."""
    return tables_of(node, ".json", lambda file: _json_table(node, file), source=node.source)


def _json_table(node: JsonReader, file: str) -> pl.DataFrame:
    table = _records_table(_records(node, _document(file), file), file).lazy()
    return finished(table, flatten=node.flatten, separator=node.separator, dates=node.parse_dates).collect()


def _document(path: str) -> Any:
    start_of(path)  # an empty file
    sample = sample_of(path, "auto", 4096)
    data = bytearray()
    for piece in decoded(path, sample.encoding):
        data += piece
        if len(data) > _MOST_BYTES:
            raise NodeFailed(
                f"{path} has more than {_MOST_BYTES >> 30} GB of JSON, which is read as a whole; convert it to JSON Lines, "
                "which is read bit by bit"
            )
    try:
        return msgspec.json.decode(bytes(data))
    except RecursionError:
        raise NodeFailed(f"{path} cannot be read as JSON: {_TOO_DEEP}") from None
    except msgspec.DecodeError as error:
        raise _no_json(path, bytes(data), error) from None


def _no_json(path: str, data: bytes, error: Exception) -> NodeFailed:
    text = str(error)
    if data.lstrip()[:1] not in (b"{", b"[", b'"'):
        return wrong_format(path, "JSON")
    lines = data.strip().split(b"\n", 2)
    if len(lines) > 1 and all(_is_json(line) for line in lines[:2]):
        return NodeFailed(f"{path} has a JSON value a line: that is JSON Lines; use the JSON Lines Reader")
    place = text.rpartition("(byte ")[2].rstrip(")")
    if "truncated" in text:
        return NodeFailed(f"{path} is incomplete: the JSON in it does not end; fetch or write it again")
    if not place.isdecimal():
        return NodeFailed(f"{path} cannot be read as JSON: {shorten(text, 200)}")
    at = int(place)
    line, column = data[:at].count(b"\n") + 1, at - data.rfind(b"\n", 0, at)
    near = data[max(0, at - 10) : at + 10].decode(errors="replace")
    return NodeFailed(
        f'{path}, line {line}, character {column}: this is no JSON ("{shorten(near)}"); JSON has no comments, no NaN, no '
        "commas before a bracket that closes, and names in double quotes"
    )


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _records(node: JsonReader, document: Any, path: str) -> list[Any]:
    if node.records.strip():
        found = parse(node.records).find(document)
        if not found:
            has = f"; it has {listing(list(document))}" if isinstance(document, dict) else ""
            raise NodeFailed(f'{path} has nothing at "{shorten(node.records)}"{has}')
        # one list of records, or the records themselves
        if len(found) == 1:
            return found[0] if isinstance(found[0], list) else _of_object(found[0])
        return found
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return [document]
    lists = [value for value in document.values() if _is_records(value)]
    return lists[0] if len(lists) == 1 else _of_object(document)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value[:100])


def _of_object(value: Any) -> list[Any]:
    """An object of lists of one length is a table by columns, any other value is one record."""
    if isinstance(value, dict) and value and all(isinstance(one, list) for one in value.values()):
        lengths = {len(one) for one in value.values()}
        if len(lengths) == 1 and not any(
            isinstance(cell, list | dict) for one in value.values() for cell in one
        ):
            return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    return [value]


def _records_table(records: Sequence[Any], path: str) -> pl.DataFrame:
    if not records:
        return pl.DataFrame()
    if all(isinstance(one, list) for one in records):
        records = [{f"column_{place}": cell for place, cell in enumerate(one, 1)} for one in records]
    elif not all(isinstance(one, dict) for one in records):
        records = [{"value": one} for one in records]
    if not any(records):
        return pl.DataFrame(height=len(records))
    lines = b"\n".join(map(msgspec.json.encode, records))
    try:
        return pl.read_ndjson(lines, infer_schema_length=None)
    except _FAILURES as error:
        raise NodeFailed(f"{path} cannot be made a table: {_unfit(records, error)}") from None


def _unfit(records: Sequence[Any], error: BaseException) -> str:
    if "DepthLimit" in str(error):
        return _TOO_DEEP
    kinds: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            if value is not None:
                kind = (
                    "a list"
                    if isinstance(value, list)
                    else "an object"
                    if isinstance(value, dict)
                    else "a value"
                )
                kinds.setdefault(name, set()).add(kind)
    for name, found in kinds.items():
        if len(found) > 1:
            return (
                f'"{shorten(name)}" is {" here and ".join(sorted(found))} there; choose the records that are alike by '
                "their path"
            )
    return f"its values do not fit each other ({shorten(str(error), 120)})"


def finished(
    table: pl.LazyFrame, *, flatten: bool, separator: str, dates: bool, start: int | None = None
) -> pl.LazyFrame:
    """Nested objects as columns, texts that are dates as dates; `start` looks at so many rows only."""
    schema = table.collect_schema()
    columns = list(_flat(schema, separator) if flatten else _as_they_are(schema))
    names = unique_names(name for name, _ in columns)
    table = table.select(column.alias(name) for name, (_, column) in zip(names, columns, strict=True))
    return _with_dates(table, start) if dates else table


def _as_they_are(schema: Mapping[str, pl.DataType]) -> Iterator[tuple[str, pl.Expr]]:
    for name, dtype in schema.items():
        yield name, _plain(cs.by_name(name).as_expr(), dtype)


def _flat(
    schema: Mapping[str, pl.DataType],
    separator: str,
    prefix: str = "",
    column_of: Callable[[str], pl.Expr] = lambda name: cs.by_name(name).as_expr(),
) -> Iterator[tuple[str, pl.Expr]]:
    for name, dtype in schema.items():
        column = column_of(name)
        if isinstance(dtype, pl.Struct) and dtype.fields:
            fields = {field.name: _instance(field.dtype) for field in dtype.fields}
            # a field name may be a pattern to Polars: they are numbered first
            places = {field: f"f{place}" for place, field in enumerate(fields)}
            numbered = column.struct.rename_fields(list(places.values()))

            def of(field: str, numbered: pl.Expr = numbered, places: dict[str, str] = places) -> pl.Expr:
                return numbered.struct.field(places[field])

            yield from _flat(fields, separator, f"{prefix}{name}{separator}", of)
        else:
            yield prefix + name, _plain(column, dtype)


def _instance(dtype: Any) -> pl.DataType:
    found: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return found


def _plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The column; text without values where a type says nothing, NaN as missing."""
    if dtype == pl.Null or (isinstance(dtype, pl.Struct) and not dtype.fields):
        return (
            pl.when(column.is_null())
            .then(pl.lit(None, dtype=pl.String))
            .otherwise(pl.lit(None, dtype=pl.String))
        )
    return column


def _with_dates(table: pl.LazyFrame, start: int | None) -> pl.LazyFrame:
    schema = table.collect_schema()
    texts = [name for name, dtype in schema.items() if dtype == pl.String]
    if not texts:
        return table
    likely = _dates_in(table.select(cs.by_name(*texts)).head(_CANDIDATES))
    if likely and start is None:
        likely = _dates_in(table.select(cs.by_name(*likely)))
    conversions = []
    for name, kind in likely.items():
        column = cs.by_name(name).as_expr()
        if kind == "date":
            conversions.append(column.str.to_date("%Y-%m-%d"))
        else:
            conversions.append(moment(column, zoned=kind == "zoned"))
    return table.with_columns(conversions) if conversions else table


def _dates_in(texts: pl.LazyFrame) -> dict[str, str]:
    kinds, _ = guess_types(texts, dates=True, decimal=".")
    return {name: kind for name, kind in kinds.items() if kind in ("date", "datetime", "zoned")}


# JSON Lines


@dataclass(frozen=True)
class Lines:
    """JSON Lines files and the columns they have together."""

    files: list[str]
    samples: list[Sample]
    schema: dict[str, pl.DataType]


_LINES: Kept[Lines] = Kept()


def lines_of(node: JsonLinesReader) -> Lines:
    """Look through the files for their columns."""
    files = files_of(node.path, ".jsonl")
    return _LINES.get(node, files, lambda: _look_at(node, files))


def _look_at(node: JsonLinesReader, files: list[str]) -> Lines:
    samples = [_sample(file) for file in files]
    length = _START if node.guess_from == "start" else None
    schema: dict[str, pl.DataType] = {}
    for file, sample in zip(files, samples, strict=True):
        with as_utf8(file, sample, ".jsonl") as path:
            try:
                found = pl.scan_ndjson([path], infer_schema_length=length).collect_schema()
            except _FAILURES as error:
                raise NodeFailed(line_fault(file, sample, error)) from None
        for name, dtype in found.items():
            known = schema.get(name, dtype)
            schema[name] = _merged(known, dtype, name, file)
    return Lines(files, samples, schema)


def _merged(one: pl.DataType, other: pl.DataType, name: str, file: str) -> pl.DataType:
    if one == other:
        return one
    frames = [pl.DataFrame(schema={"x": dtype}) for dtype in (one, other)]
    try:
        return pl.concat(frames, how="vertical_relaxed").schema["x"]
    except pl.exceptions.PolarsError:
        raise NodeFailed(
            f'{file}: "{shorten(name)}" is {other}, but {one} in the files before; read it by a node of its own'
        ) from None


def _sample(file: str) -> Sample:
    if start_of(file)[:1] not in b"{\x1f\xef\xff\xfeP \t\r\n":
        raise (
            wrong_format(file, "JSON Lines, an object a line")
            if not _is_list(file)
            else NodeFailed(f"{file} begins with a list: that is plain JSON; use the JSON Reader")
        )
    sample = sample_of(file, "auto")
    if not sample.data.strip():
        raise NodeFailed(f"{file} is empty: it has no lines; check the export that wrote it")
    # Polars takes neither a byte order mark nor a name that could be a pattern
    odd = start_of(file).startswith(b"\xef\xbb\xbf") or any(one in file for one in "*?[")
    return sample._replace(plain=sample.plain and not odd)


def _is_list(file: str) -> bool:
    return start_of(file).lstrip()[:1] == b"["


def lines_table(node: JsonLinesReader) -> pl.LazyFrame:
    """The query over all lines."""
    lines = lines_of(node)
    start = _START if node.guess_from == "start" else None
    if all(sample.plain for sample in lines.samples) and not node.source:
        table = pl.scan_ndjson(lines.files, schema=lines.schema, n_rows=node.max_rows)
    else:
        parts = []
        for file, sample in zip(lines.files, lines.samples, strict=True):
            part = register_io_source(_reader(lines, file, sample), schema=pl.Schema(lines.schema))
            if node.source:
                part = part.with_columns(pl.lit(os.path.basename(file)).alias("\0file"))
            parts.append(part)
        table = pl.concat(parts) if len(parts) > 1 else parts[0]
        table = table.head(node.max_rows) if node.max_rows is not None else table
    if node.source:
        inner = table.drop("\0file")
        whole = finished(inner, flatten=node.flatten, separator=node.separator, dates=False).collect_schema()
        if node.source in whole:
            raise NodeFailed(
                f'there is a column "{shorten(node.source)}" already; name the source column otherwise'
            )
    result = finished(
        table, flatten=node.flatten, separator=node.separator, dates=node.parse_dates, start=start
    )
    return result.rename({"\0file": node.source}) if node.source else result


def _reader(lines: Lines, file: str, sample: Sample) -> Any:
    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with as_utf8(file, sample, ".jsonl") as path:
            table = pl.scan_ndjson([path], schema=lines.schema, n_rows=n_rows)
            table = table.select(cs.by_name(*with_columns)) if with_columns is not None else table
            table = table.filter(predicate) if predicate is not None else table
            try:
                yield from table.collect_batches(engine="streaming", maintain_order=True)
            except pl.exceptions.PolarsError as error:
                raise NodeFailed(line_fault(file, sample, error)) from None

    return read


def line_fault(file: str, sample: Sample, error: BaseException) -> str:
    """Which line is at fault."""
    rest, number = b"", 0
    for piece in decoded(file, sample.encoding):
        parts = (rest + piece).split(b"\n")
        rest = parts.pop()
        for line in parts:
            number += 1
            if told := _fault_of_line(line):
                return f"{file}, line {number}: {told}"
    if told := _fault_of_line(rest):
        end = " (the last one: the file may be incomplete)"
        return f"{file}, line {number + 1}: {told}{end}"
    if "DepthLimit" in str(error):
        return f"{file}: {_TOO_DEEP}"
    return (
        f"{file}: the values of a field do not fit each other ({shorten(str(error), 160)}); let the types be guessed "
        "from the whole file"
    )


def _fault_of_line(line: bytes) -> str:
    if not line.strip():
        return ""
    try:
        value = msgspec.json.decode(line)
    except RecursionError:
        return _TOO_DEEP
    except msgspec.DecodeError as error:
        return f'this is no JSON: "{shorten(line[:60].decode(errors="replace"), 60)}" ({shorten(str(error), 80)})'
    if isinstance(value, dict):
        return ""
    return f'this is no object such as {{"name": "Ada"}}, but "{shorten(line[:60].decode(errors="replace"), 40)}"'
