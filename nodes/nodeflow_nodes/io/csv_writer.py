"""CSV Writer."""

from __future__ import annotations

import csv
import os
import shutil
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, listing
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, family, is_family, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

# how spreadsheets know a formula; a text that starts so gets a ' before it
_FORMULA = r"^[=+\-@\t\r]"


class CsvWriter(Node):
    """Write a table to a CSV or other delimited text file.

    The file appears when it is complete: a run that fails leaves an older file as it was. Rows and
    columns are written in their order, batch by batch, so that a table larger than the memory can be
    written. A missing value becomes an empty cell, or the text given for it; an empty text is written
    in quotes, so that the two can be told apart. Dates are written as 2024-12-31 unless another format
    is given, durations in the ISO form PT1H30M. Lists and nested columns cannot be written.

    A path that ends in .gz is compressed. For files that will be opened in a spreadsheet, choose the
    byte order mark, so that accented letters are read right, and protect formulas, so that a text such
    as `=1+1` from a foreign source is not calculated; the files are then no exact copies of the table.

    Inputs:
        table: The table to write.
    """

    id = "csv_writer"
    name = "CSV Writer"
    category = "Input / Output"
    keywords = ("to_csv", "export", "save", "write", "text file", "tsv", "delimited", "excel csv")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".csv", ".tsv", ".txt", ".csv.gz"))
    delimiter: str = parameter(
        default=",", help='What parts the cells: one character, or "tab".', min_length=1
    )
    header: bool = parameter(default=True, help="Write the names of the columns in the first line.")
    existing: Literal["overwrite", "fail", "append"] = parameter(
        default="overwrite",
        label="If the file exists",
        help="Replace it, stop the run, or add the rows at its end, which needs the same columns.",
    )
    missing: str = parameter(
        default="", label="Text for missing values", help="What a missing value becomes."
    )
    quotes: Literal["necessary", "always", "non_numeric", "never"] = parameter(
        default="necessary",
        help='Which cells stand in quotes. With "never", a cell that holds a delimiter cannot be read back.',
    )
    quote: str = parameter(default='"', min_length=1, help="The character around cells.", advanced=True)
    byte_order_mark: bool = parameter(
        default=False, help="Start the file with a mark by which spreadsheets know that it is UTF-8."
    )
    protect_formulas: bool = parameter(
        default=False,
        help="For spreadsheets: put ' before texts and names that start with = + - @, a tab or a line break.",
    )
    decimal_comma: bool = parameter(default=False, help="Write 1,5 instead of 1.5.")
    decimals: int | None = parameter(
        default=None, minimum=0, maximum=30, help="Digits after the point; as many as needed if not given."
    )
    date_format: str = parameter(default="", help="Such as %d.%m.%Y; empty for 2024-12-31.", advanced=True)
    datetime_format: str = parameter(
        default="%Y-%m-%dT%H:%M:%S%.f", help="Such as %d.%m.%Y %H:%M.", advanced=True
    )
    time_format: str = parameter(default="%H:%M:%S%.f", help="Such as %H:%M.", advanced=True)

    def separator(self) -> str:
        """The delimiter as one character."""
        return {"tab": "\t", "\\t": "\t"}.get(self.delimiter, self.delimiter)

    def check_parameters(self) -> list[Fault]:
        faults = [
            Fault(name, f'the {name} is one plain character, not "{value}"')
            for name, value in (("delimiter", self.separator()), ("quote", self.quote))
            if len(value.encode()) != 1
        ]
        if self.separator() == self.quote:
            faults.append(Fault("quote", "the quote and the delimiter are the same character; change one"))
        if self.decimal_comma and self.separator() == "," and self.quotes == "never":
            faults.append(
                Fault("decimal_comma", 'a decimal comma needs quotes or another delimiter, such as ";"')
            )
        if self.existing == "append" and self.path.endswith(".gz"):
            faults.append(Fault("existing", "rows cannot be appended to a compressed file"))
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = inputs["table"].columns if "table" in inputs else {}
        nested = [name for name, dtype in schema.items() if is_family(dtype, ("list", "other"))]
        if nested:
            kinds = sorted({family(schema[name]) for name in nested})
            return [
                Fault(
                    "path",
                    f"{listing(nested)} cannot be written to CSV (type {', '.join(kinds)}); take such "
                    "columns out, or join lists to a text by a formula",
                )
            ]
        return ()

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        schema = schema_of(table)
        for fault in self.check({"table": _Schema(schema)}):
            raise NodeFailed(fault.sentence)
        exists = os.path.exists(self.path)
        if exists and self.existing == "fail":
            raise NodeFailed(f"{self.path} exists already; choose another name, or let it be overwritten")
        prepared = self._prepared(table, schema)
        append = exists and self.existing == "append" and os.path.getsize(self.path) > 0
        with context.write(self.path) as target:
            if not append:
                self._sink(prepared, target, header=self.header)
                return
            if self.header:
                self._check_header(list(prepared.collect_schema()))
            addition = context.temporary_folder / "rows.csv"
            self._sink(prepared, addition, header=False)
            _join_files(self.path, addition, target)

    def _prepared(self, table: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
        """The table in a form that CSV can hold."""
        changes = []
        for name, dtype in schema.items():
            column = cs.by_name(name).as_expr()
            if family(dtype) == "duration":
                changes.append(column.dt.to_string("iso"))
            elif self.protect_formulas and family(dtype) in ("text", "category"):
                text = column.cast(pl.String)
                changes.append(
                    pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).alias(name)
                )
        table = table.with_columns(changes) if changes else table
        if self.protect_formulas:
            guarded = {name: f"'{name}" for name in schema if name[:1] in ("=", "+", "-", "@", "\t", "\r")}
            table = table.rename(guarded) if guarded else table
        return table

    def _options(self) -> dict[str, Any]:
        return {
            "separator": self.separator(),
            "quote_char": self.quote,
            "quote_style": self.quotes,
            "null_value": self.missing or None,
            "decimal_comma": self.decimal_comma,
            "float_precision": self.decimals,
            "date_format": self.date_format or None,
            "datetime_format": self.datetime_format or None,
            "time_format": self.time_format or None,
        }

    def _sink(self, table: pl.LazyFrame, target: Path, *, header: bool) -> None:
        # given a path, a failing query may make the file after it was cleaned away
        with atomic_write(target, "wb") as file:
            table.sink_csv(
                file,
                include_header=header,
                include_bom=self.byte_order_mark and header,
                compression="gzip" if self.path.endswith(".gz") else "uncompressed",
                check_extension=False,
                maintain_order=True,
                engine="streaming",
                **self._options(),
            )

    def _check_header(self, names: list[str]) -> None:
        with open(self.path, encoding="utf-8-sig", errors="replace", newline="") as file:
            found = next(csv.reader(file, delimiter=self.separator(), quotechar=self.quote), [])
        if found != names:
            raise NodeFailed(
                f"the rows cannot be appended to {self.path}: it has the columns {listing(found)}, the table "
                f"has {listing(names)}; give the table the same columns in the same order"
            )

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.existing == "append":
            script.cannot_express("appending to a file")
        if self.protect_formulas:
            script.cannot_express("the protection of formulas")
        script.require("import polars as pl")
        source, path = script.input("table"), script.file_to_write(self.path)
        options = {key: value for key, value in self._options().items() if value not in (None, False)}
        for name, default in (("separator", ","), ("quote_char", '"'), ("quote_style", "necessary")):
            if options[name] == default:
                del options[name]
        if not self.header:
            options["include_header"] = False
        if self.byte_order_mark:
            options["include_bom"] = True
        if path.endswith(".gz"):
            options["compression"] = "gzip"
        arguments = "".join(f", {key}={value!r}" for key, value in options.items())
        script.require("import polars.selectors as cs")
        source = f'{source}.with_columns(cs.duration().dt.to_string("iso"))'
        if self.existing == "fail":
            script.require("from pathlib import Path")
            script.add(f"if Path({path!r}).exists():", f"    raise FileExistsError({path!r})")
        script.add(f"{source}.sink_csv({path!r}{arguments})")


class _Schema:
    def __init__(self, columns: Mapping[str, pl.DataType]) -> None:
        self.columns = columns


def _join_files(first: str, second: Path, target: Path) -> None:
    shutil.copyfile(first, target)
    with open(target, "rb") as file:
        file.seek(-1, os.SEEK_END)
        ended = file.read(1) in (b"\n", b"\r")
    _append(target, second, b"" if ended else b"\n")


def _append(target: Path, addition: Path, between: bytes) -> None:
    # the target is a temporary of the engine, which makes it appear complete or not at all
    descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    try:
        os.write(descriptor, between)
        with open(addition, "rb") as rows:
            while piece := rows.read(1 << 20):
                os.write(descriptor, piece)
    finally:
        os.close(descriptor)
