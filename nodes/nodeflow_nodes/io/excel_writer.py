"""Excel Writer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, parameter
from nodeflow_nodes.io._writing import check_existing, nested_fault

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

_FORBIDDEN = "[]:*?/\\"
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384


class ExcelWriter(Node):
    """Write tables to an Excel workbook (.xlsx), each on a sheet of its own.

    Connect one table or several; the sheets come in the order of the connections. The workbook
    appears when it is complete: a run that fails leaves an older one as it was.

    Numbers, dates, times, durations and truth values become what they are in Excel. A text stays a
    text whatever it looks like: `=1+1` is not calculated, a web address is no link, 007 keeps its
    zeros. A missing value and NaN become an empty cell, or the text given for it; an empty text is an
    empty cell too, since Excel does not tell them apart. What Excel cannot hold is written as text:
    whole numbers of more than 15 digits, infinity, dates before 1900. Times lose their time zone, as
    Excel knows none. A sheet has at most 1,048,576 rows and 16,384 columns, a cell 32,767 characters;
    more stops the run. Lists and nested columns cannot be written.

    Inputs:
        tables: The tables to write, a sheet each.
    """

    category = "Input / Output"
    keywords = (
        "to_excel",
        "write_excel",
        "xlsx",
        "spreadsheet",
        "workbook",
        "export",
        "save",
        "excel sheet appender",
    )

    path: OutputPath = parameter(help="The workbook to write.", suffixes=(".xlsx",))
    sheets: list[str] = parameter(
        default=[],
        label="Sheet names",
        help="A name for each table, in the order of the connections; the rest are called Sheet2 and so on.",
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite",
        label="If the file exists",
        help="Replace it, or stop the run. A run that fails leaves it as it was.",
    )
    header: bool = parameter(default=True, help="Write the names of the columns in the first row.")
    missing: str = parameter(
        default="", label="Text for missing values", help="What a missing value becomes; empty for no cell."
    )
    layout: bool = parameter(
        default=True,
        help="Bold names that stay in view, a filter on them, and columns as wide as their values.",
    )
    date_format: str = parameter(
        default="yyyy-mm-dd", min_length=1, help="How Excel shows dates.", advanced=True
    )
    datetime_format: str = parameter(
        default="yyyy-mm-dd hh:mm:ss", min_length=1, help="How Excel shows dates with times.", advanced=True
    )
    number_format: str = parameter(
        default="", help="How Excel shows numbers that are not whole, such as 0.00.", advanced=True
    )

    def check_parameters(self) -> list[Fault]:
        faults = []
        if not self.path.lower().endswith(".xlsx"):
            faults.append(Fault("path", "must end in .xlsx, the only form of workbook that is written"))
        seen: set[str] = set()
        for index, name in enumerate(self.sheets):
            told = _fault_of_name(name)
            if told is None and name.lower() in seen:
                told = "is taken already; capital and small letters count as the same"
            if told is not None:
                faults.append(Fault(f"sheets[{index}]", f'the sheet name "{shorten(name, 40)}" {told}'))
            seen.add(name.lower())
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schemas = [spec.columns for spec in inputs.get("tables") or [] if spec is not None]
        if schemas and len(self.sheets) > len(schemas):
            return [
                Fault(
                    "sheets",
                    f"{len(self.sheets)} sheets are named, but {len(schemas)} tables are connected; "
                    "take names out, or connect more tables",
                )
            ]
        for schema in schemas:
            if len(schema) > MAX_COLUMNS:
                return [Fault("path", f"a sheet has at most {MAX_COLUMNS:,} columns, not {len(schema):,}")]
            found = nested_fault(schema, "Excel", ("list", "other"))
            if found:
                return found
        return []

    def run(self, tables: list[pl.LazyFrame], context: Context) -> None:
        if not tables:
            raise NodeFailed("no table is connected; connect at least one")
        check_existing(self.path, self.existing)
        with context.write(self.path) as target, atomic_write(target, "wb") as file:
            self._write(tables, file, context)

    def sheet_names(self, count: int) -> list[str]:
        """The names of so many sheets."""
        names = list(self.sheets[:count])
        taken = {name.lower() for name in names}
        number = len(names)
        while len(names) < count:
            number += 1
            if f"sheet{number}" not in taken:
                names.append(f"Sheet{number}")
        return names

    def _write(self, tables: Sequence[pl.LazyFrame], file: Any, context: Context) -> None:
        import datetime

        import xlsxwriter

        options = {
            "constant_memory": True,
            "tmpdir": str(context.temporary_folder),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        workbook = xlsxwriter.Workbook(file, options)
        # a file does not change because time went by
        workbook.set_properties({"created": datetime.datetime(2000, 1, 1)})
        try:
            for number, (table, name) in enumerate(zip(tables, self.sheet_names(len(tables)), strict=True)):
                context.progress(number / len(tables), name)
                self._write_sheet(workbook, name, table, context)
        finally:
            workbook.close()

    def _write_sheet(self, workbook: Any, name: str, table: pl.LazyFrame, context: Context) -> None:
        from nodeflow_nodes.io._excel_sheet import SheetWriter

        frame = table.collect(engine="streaming")
        least = 1 if self.header else 0
        if frame.height + least > MAX_ROWS:
            raise NodeFailed(
                f'the table for the sheet "{name}" has {frame.height:,} rows, but a sheet holds at most '
                f"{MAX_ROWS - least:,}; filter or split it, or write CSV or Parquet"
            )
        SheetWriter(self, workbook, name).write(frame, context)

    def summary(self) -> str:
        name = os.path.basename(self.path)
        return f"{name}: {', '.join(self.sheets)}"[:80] if self.sheets else name[:80]

    def export_python(self, script: PythonScript) -> None:
        plain = {"path", "sheets", "header"}
        changed = [one.name for one, value in self.values() if value != one.default_value()]
        others = [name for name in changed if name not in plain]
        if others:
            script.cannot_express(f"the settings {listing(others)} of an Excel Writer")
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.require("import xlsxwriter")
        tables = script.input_list("tables")
        names = self.sheet_names(len(tables))
        path = script.file_to_write(self.path)
        script.add(f"with xlsxwriter.Workbook({path!r}, {{'strings_to_formulas': False}}) as book:")
        for name, table in zip(names, tables, strict=True):
            script.add(
                f"    {table}.with_columns(cs.float().fill_nan(None)).collect().write_excel(",
                f"        book, {name!r}, include_header={self.header}, autofit=True, freeze_panes=(1, 0)",
                "    )",
            )


def _fault_of_name(name: str) -> str | None:
    if not name.strip():
        return "is empty"
    if len(name.encode("utf-16-le")) > 62:
        return "is longer than 31 characters"
    if any(one in name for one in _FORBIDDEN) or not name.isprintable():
        return f"has one of the characters {' '.join(_FORBIDDEN)}, which Excel does not take"
    if name.startswith("'") or name.endswith("'"):
        return "begins or ends with an apostrophe, which Excel does not take"
    if name.lower() == "history":
        return "is reserved by Excel"
    return None
