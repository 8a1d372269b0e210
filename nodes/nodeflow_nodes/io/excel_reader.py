"""Excel Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

Type = Literal["text", "integer", "number", "boolean", "date", "datetime", "time", "duration", "category"]

MISSING = ["NA", "N/A", "NaN", "null", "NULL"]


class ExcelReader(Node):
    """Read a table from a sheet of an Excel workbook (.xlsx, .xlsm, .xls).

    Without further settings the first sheet is read; its first row that is not empty has the names of
    the columns, and the rows below that have at least one value are the table, in their order. Formulas
    give the values that Excel saved for them; macros are never run.

    **Types.** A column is of the type that all of its cells have: whole numbers are integers, other
    numbers, truth values, dates, dates with times, times and durations are what they are in Excel. A
    column of mixed cells is text, its numbers written as 1 or 1.5, its dates as 2024-12-31; give its
    type to have a cell that does not fit told by its address instead.

    **Missing values.** An empty cell is missing, so is a cell with an error such as #DIV/0!, and a text
    that equals one of the missing markers.

    **Names.** Columns without a name are called column_1, column_2 and so on by their place; a name
    that comes again gets _2, _3. A column that has neither name nor values is left out.

    **Many sheets and files.** `*` as the sheet reads all sheets below each other, a pattern such as
    data/*.xlsx all files that fit, sorted by name. They must have the same columns, in any order.

    A workbook that would grow beyond all measure when decompressed is refused. Large workbooks read
    slowly by their nature: convert them to CSV or Parquet once.

    Outputs:
        table: The rows of the sheet.
    """

    category = "Input / Output"
    keywords = ("read_excel", "xlsx", "xls", "spreadsheet", "workbook", "import", "load", "open")

    path: InputPath = parameter(
        help="The workbook, or a pattern with * for many.", suffixes=(".xlsx", ".xlsm", ".xls")
    )
    sheet: str = parameter(
        default="", help="The name of the sheet, or its number from 1; empty for the first, * for all sheets."
    )
    header: bool = parameter(default=True, help="Whether a row has the names of the columns.")
    header_row: int | None = parameter(
        default=None,
        minimum=1,
        maximum=1_048_576,
        help="The number of that row, as Excel shows it; by default the first that is not empty.",
        when={"header": True},
    )
    range: str = parameter(
        default="",
        help="Only this part of the sheet: B3:F100, whole columns B:F, whole rows 3:100, or B3 for all from "
        "that cell on.",
    )
    types: dict[str, Type] = parameter(
        default={}, help="The types of certain columns, by name; the others are found out."
    )
    empty_rows: Literal["skip", "keep", "stop"] = parameter(
        default="skip",
        help="Whether rows without any value are left out, become rows of missing values, or end the table.",
    )
    missing: list[str] = parameter(
        default=MISSING, label="Missing markers", help="Texts that stand for a missing value."
    )
    trim_names: bool = parameter(
        default=True, help='Take blanks off both ends of column names: "LOR " becomes "LOR".', advanced=True
    )
    fill_merged: bool = parameter(
        default=False,
        label="Fill merged cells",
        help="Give each cell of a merged range the value of the whole; otherwise only the first has it.",
        advanced=True,
    )
    max_rows: int | None = parameter(
        default=None, minimum=0, unit="rows", help="Read no more rows of a sheet than this.", advanced=True
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the sheet, or file, a row is from. Empty for none.",
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        from nodeflow_nodes.io._excel_cells import parse_range

        area = parse_range(self.range)
        if area is None:
            return [Fault("range", "must be a range such as B3:F100, B:F, 3:100 or B3, its ends in order")]
        if self.header and self.header_row is not None and self.range:
            row = self.header_row - 1
            if not row < area.end_row:
                return [Fault("header_row", f"row {self.header_row} lies below the range {self.range}")]
        return []

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._excel_scan import table_of

        return table_of(self).lazy()

    def summary(self) -> str:
        name = os.path.basename(self.path)
        return f"{name}: {self.sheet}"[:80] if self.sheet else name[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._excel_scan import export

        export(self, script)
