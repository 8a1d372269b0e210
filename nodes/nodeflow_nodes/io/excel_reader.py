"""Excel Reader."""

from __future__ import annotations

import datetime
import os
import zipfile
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed, did_you_mean, shorten
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

MOST_BYTES = 2 << 30
"""Of a workbook once it is decompressed: more fits into no memory as cells."""

_MIDNIGHT = datetime.time()

RATIO = 200
"""A workbook may grow by this factor when it is decompressed: more is no table but an attack."""


class ExcelReader(Node):
    """Read a table from a sheet of an Excel or OpenDocument workbook.

    The types of the columns are found out from all rows: whole numbers, numbers, dates, dates with times,
    true and false, else text; a column of mixed types becomes text. Dates without a time in a whole
    column make a column of dates. Cells with formulas give the values
    that were last computed. Empty cells are missing, rows without any value are left out. Columns
    without a name are called column_1, column_2 and so on by their place.

    Outputs:
        table: The rows of the sheet.
    """

    category = "Input / Output"
    keywords = (
        "xlsx",
        "xls",
        "xlsm",
        "ods",
        "read_excel",
        "spreadsheet",
        "workbook",
        "import",
        "load",
        "open",
    )

    path: InputPath = parameter(help="The workbook.", suffixes=(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
    sheet: str = parameter(
        default="", help="The name of the sheet, or its number from 1. Empty: the first one."
    )
    header: bool = parameter(default=True, help="Whether the first row has the names of the columns.")
    skip_rows: int = parameter(
        default=0, minimum=0, unit="rows", help="How many rows stand above the header or the first row."
    )
    columns: str = parameter(
        default="",
        label="Columns of the sheet",
        help="Which columns to read, such as A:F or B,D:E. Empty: all.",
        advanced=True,
    )
    max_rows: int | None = parameter(
        default=None, minimum=0, unit="rows", help="Read no more rows than this.", advanced=True
    )
    all_text: bool = parameter(
        default=False, label="All as text", help="Read every cell as text, so that codes such as 007 stay."
    )

    def run(self) -> pl.DataFrame:
        import fastexcel

        (file, *others) = files_of(self.path)
        if others:
            raise NodeFailed(f"{self.path} fits {len(others) + 1} files; name one workbook")
        _check_size(file)
        try:
            book = fastexcel.read_excel(file)
        except Exception as error:  # the reader has no common error
            raise NodeFailed(f"{file} is no workbook that can be read: {_first(error)}") from None
        name = self._sheet(book.sheet_names, file)
        options: dict[str, Any] = {
            "header_row": self.skip_rows if self.header else None,
            "skip_rows": None if self.header else self.skip_rows,
            "n_rows": self.max_rows,
            "use_columns": self.columns or None,
            "schema_sample_rows": None,
            "dtype_coercion": "coerce",
        }
        if self.all_text:
            options["dtypes"] = "string"
        try:
            table: pl.DataFrame = book.load_sheet(name, **options).to_polars()
            # read as a row, as the reader changes names that are empty or there twice
            top = {
                **options,
                "header_row": None,
                "skip_rows": self.skip_rows,
                "n_rows": 1,
                "dtypes": "string",
            }
            head = book.load_sheet(name, **top).to_polars() if self.header else pl.DataFrame()
            heads = [str(one or "").strip() for one in head.row(0)] if head.height else []
        except Exception as error:
            raise NodeFailed(f'{file}, sheet "{shorten(name)}": {_first(error)}') from None
        table.columns = _names(table.width, heads)
        empty = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Null)]
        table = table.with_columns(pl.selectors.by_name(*empty).cast(pl.String)) if empty else table
        table = table.with_columns(pl.selectors.datetime().dt.cast_time_unit("us"))
        # a sheet knows no dates, only moments shown without their time
        days = [
            one.name for one in table.select(pl.selectors.datetime()) if (one.dt.time() == _MIDNIGHT).all()
        ]
        table = table.with_columns(pl.selectors.by_name(*days).dt.date()) if days else table
        return table.filter(~pl.all_horizontal(pl.all().is_null())) if table.width else table

    def _sheet(self, names: list[str], file: str) -> str:
        if not names:
            raise NodeFailed(f"{file} has no sheet")
        if not self.sheet:
            return names[0]
        if self.sheet in names:
            return self.sheet
        if self.sheet.isdigit() and 1 <= int(self.sheet) <= len(names):
            return names[int(self.sheet) - 1]
        raise NodeFailed(
            f'{file} has no sheet "{shorten(self.sheet)}"; {did_you_mean(self.sheet, names, what="it has")}'
        )

    def summary(self) -> str:
        name = os.path.basename(self.path)
        return f"{name}, {self.sheet}"[:80] if self.sheet else name[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reading workbooks is not exported")


def _check_size(file: str) -> None:
    """Refuse a workbook that would fill the memory, by what it says of itself before it is parsed."""
    if os.path.getsize(file) == 0:
        raise NodeFailed(f"{file} is empty; check the export that wrote it")
    if not zipfile.is_zipfile(file):
        return
    try:
        with zipfile.ZipFile(file) as archive:
            total = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NodeFailed(f"{file} is damaged: {_first(error)}") from None
    if total > MOST_BYTES or total > max(RATIO * os.path.getsize(file), 16 << 20):
        raise NodeFailed(
            f"{file} would take {total / 1e9:.1f} GB when it is opened, which is no usual workbook"
        )


def _first(error: Exception) -> str:
    text = str(error)
    return shorten(text.splitlines()[0], 200) if text else type(error).__name__


def _names(width: int, heads: list[str]) -> list[str]:
    """A name for each column: as it stands in the sheet, by its place where there is none, never twice."""
    found: list[str] = []
    for place in range(width):
        base = (heads[place] if place < len(heads) else "") or f"column_{place + 1}"
        name, count = base, 1
        while name in found:
            count += 1
            name = f"{base}_{count}"
        found.append(name)
    return found
