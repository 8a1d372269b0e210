"""Scanning CSV files lazily: the plan made from their first lines, and the query over all of them."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs
from polars.io.plugins import register_io_source

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters.columns import no_column
from nodeflow_nodes.io._csv_bad import dropping_reader
from nodeflow_nodes.io._csv_faults import explain
from nodeflow_nodes.io._csv_format import DTYPES, final_names, guess_delimiter, guess_types, whole_lines
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._many import names_differ
from nodeflow_nodes.io._text_file import MEGABYTE, Sample, as_utf8, files_of, sample_of, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nodeflow_nodes.io.csv_reader import CsvReader


@dataclass
class Plan:
    """How the files are to be read; `schema` has the names as they stand in the files."""

    files: list[str]
    samples: list[Sample]
    options: dict[str, Any]
    schema: dict[str, pl.DataType]
    names: dict[str, str]
    blank_lines: bool
    guessed: set[str] = field(default_factory=set)


def plan_of(node: CsvReader) -> Plan:
    """Read the starts of the files and decide on delimiter, names and types; raises `NodeFailed`.

    The plans of files that have not changed lately are kept for the next call.
    """
    files = files_of(node.path)
    return _PLANS.get(node, files, lambda: _make_plan(node, files))


_PLANS: Kept[Plan] = Kept(most_bytes=sys.maxsize)


def _make_plan(node: CsvReader, files: list[str]) -> Plan:
    # the first file tells the types; of the others the start is enough
    sizes = [MEGABYTE, *[1 << 16] * (len(files) - 1)]
    samples = [sample_of(file, node.encoding, size) for file, size in zip(files, sizes, strict=True)]
    data = samples[0].data
    for file, sample in zip(files, samples, strict=True):
        if not sample.data.strip():
            raise NodeFailed(f"{file} is empty: it has no header and no rows; check the export that wrote it")
    delimiter = node.separator() or guess_delimiter(data, node.quote, node.comment, node.skip_rows)
    options: dict[str, Any] = {
        "separator": delimiter,
        "quote_char": node.quote or None,
        "has_header": node.header,
        "comment_prefix": node.comment or None,
        "skip_lines": node.skip_rows,
        "null_values": list(node.missing) or None,
        "empty_string_is_null": "" in node.missing,
        "truncate_ragged_lines": node.ragged_rows == "fill" or node.bad_rows != "fail",
        "glob": False,
    }
    if node.bad_rows != "fail":
        options["ignore_errors"] = True
    plan = Plan(files, samples, options, {}, {}, False)
    texts = _texts(plan, whole_lines(data, node.quote) if not samples[0].complete else data)
    raw = list(texts.collect_schema())
    plan.names = final_names(raw, header=node.header, trim=node.trim_names, quote=node.quote)
    whole = node.guess_from == "whole file" and not all(sample.complete for sample in samples)
    kinds, comma = guess_types(
        _all_texts(plan, raw) if whole else texts.lazy(), dates=node.parse_dates, decimal=node.decimal
    )
    comma = comma and delimiter != ","
    options["decimal_comma"] = comma
    chosen = _chosen_types(node, plan.names, kinds)
    plan.schema = {name: DTYPES[chosen.get(name, kinds[name])] for name in raw}
    plan.guessed = {name for name in raw if name not in chosen}
    if len(raw) > 1 and node.blank_lines == "skip":
        plan.blank_lines = any(_has_blank_lines(f, s) for f, s in zip(files, samples, strict=True))
    _try_types(plan, data, node.quote)
    return plan


def scan(plan: Plan, node: CsvReader) -> pl.LazyFrame:
    """The query over all rows."""
    inner_source = "\0file"
    columns = plan.schema
    if all(sample.plain for sample in plan.samples) and node.bad_rows != "drop":
        found: dict[str, Any] = {"include_file_paths": inner_source} if node.source else {}
        table = pl.scan_csv(
            plan.files, schema=columns, n_rows=node.max_rows, low_memory=False, **plan.options, **found
        )
        if node.source:
            table = table.with_columns(pl.col(inner_source).str.replace(r"(?s)^.*[/\\]", ""))
    else:
        parts = []
        for file, sample in zip(plan.files, plan.samples, strict=True):
            if node.bad_rows == "drop":
                reader = dropping_reader(plan, file, sample, node.max_rows)
            else:
                reader = _reader(plan, file, sample)
            part = register_io_source(reader, schema=pl.Schema(columns))
            if node.source:
                part = part.with_columns(pl.lit(os.path.basename(file)).alias(inner_source))
            parts.append(part)
        table = pl.concat(parts) if len(parts) > 1 else parts[0]
        table = table.head(node.max_rows) if node.max_rows is not None else table
    if plan.blank_lines:
        table = table.filter(~pl.all_horizontal(cs.by_name(*columns).is_null()))
    if any(dtype == pl.Float64 for dtype in columns.values()):
        table = table.with_columns(cs.float().fill_nan(None))
    renamed = {old: new for old, new in plan.names.items() if old != new}
    if node.source:
        if node.source in plan.names.values():
            raise NodeFailed(
                f'the file has a column "{shorten(node.source)}" already; name the source column otherwise'
            )
        renamed[inner_source] = node.source
    return table.rename(renamed) if renamed else table


def _reader(plan: Plan, file: str, sample: Sample) -> Any:
    """A source for Polars that decodes the file beside, in bounded memory, and scans the copy."""

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with as_utf8(file, sample, ".csv") as path:
            table = pl.scan_csv(path, schema=plan.schema, n_rows=n_rows, **plan.options)
            if with_columns is not None:
                table = table.select(cs.by_name(*with_columns))
            if predicate is not None:
                table = table.filter(predicate)
            try:
                yield from table.collect_batches(engine="streaming")
            except pl.exceptions.PolarsError as error:
                raise NodeFailed(explain(plan, error, file) or str(error)) from None

    return read


def _texts(plan: Plan, data: bytes) -> pl.DataFrame:
    """The sample with every cell as text; raises `NodeFailed` with the place of a fault."""
    try:
        return pl.read_csv(data, infer_schema=False, **plan.options)
    except pl.exceptions.PolarsError as error:
        raise NodeFailed(explain(plan, error, plan.files[0]) or f"{plan.files[0]}: {error}") from None


def _all_texts(plan: Plan, raw: list[str]) -> pl.LazyFrame:
    schema = dict.fromkeys(raw, pl.String())
    copies = Plan(plan.files, plan.samples, plan.options, dict(schema), {}, False)
    if all(sample.plain for sample in plan.samples):
        return pl.scan_csv(plan.files, schema=schema, **plan.options)
    return pl.concat(
        register_io_source(_reader(copies, file, sample), schema=pl.Schema(schema))
        for file, sample in zip(plan.files, plan.samples, strict=True)
    )


def _chosen_types(node: CsvReader, names: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, str]:
    """The types the user gave, by the names in the file."""
    columns = list(names.values())
    for name in node.types:
        if name not in columns:
            raise NodeFailed(f"types: {no_column(name, columns)}")
    result = {}
    for raw, name in names.items():
        if name in node.types:
            kind = node.types[name]
            result[raw] = "zoned" if kind == "datetime" and kinds[raw] == "zoned" else str(kind)
    return result


def _try_types(plan: Plan, data: bytes, quote: str) -> None:
    """Read the sample with the guessed types; a guess that the reader does not share becomes text."""
    data = data if plan.samples[0].complete else whole_lines(data, quote)
    options = {**plan.options, "ignore_errors": False}
    lenient = set(plan.schema) - plan.guessed if plan.options.get("ignore_errors") else set()
    for _ in plan.schema:
        schema = {name: pl.String() if name in lenient else dtype for name, dtype in plan.schema.items()}
        try:
            pl.scan_csv(data, schema=schema, **options).collect(engine="streaming")
        except pl.exceptions.PolarsError as error:
            found = re.search(r"at column '(.*)' \(column number", str(error), re.DOTALL)
            if found is None or found[1] not in plan.guessed or plan.schema[found[1]] == pl.String:
                raise NodeFailed(explain(plan, error, plan.files[0]) or f"{plan.files[0]}: {error}") from None
            plan.schema[found[1]] = pl.String()
        else:
            return


def _has_blank_lines(file: str, sample: Sample) -> bool:
    blank = re.compile(rb"\n[ \t]*\r?\n")
    if not sample.plain or blank.search(sample.data):
        return True
    return not sample.complete and bool(blank.search(tail_of(file)))


def differing_names(plan: Plan) -> str | None:
    """A sentence on the first file whose columns are not those of the first file."""
    first = set(plan.schema)
    for file, sample in zip(plan.files[1:], plan.samples[1:], strict=True):
        names = set(_texts(plan, whole_lines(sample.data, plan.options["quote_char"] or "")).columns)
        if names != first:
            told = names_differ(sorted(first), sorted(names))
            return f"{file} {told}, unlike {plan.files[0]}; read such files by a node of their own"
    return None
