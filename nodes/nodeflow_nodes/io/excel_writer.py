"""Excel Writer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, is_family, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 1_048_575, 16_384, 31
_FORBIDDEN = set("[]:*?/\\")


class ExcelWriter(Node):
    """Write one or more tables to an Excel workbook, each to a sheet of its own.

    The names of the columns stand in the first row, which stays in sight, with a filter on each. Columns
    are as wide as their contents. Texts are written as texts: one that starts with = is no formula.
    A sheet has at most 1,048,575 rows and 16,384 columns. The file appears when it is complete.

    Inputs:
        tables: The tables to write, a sheet each.
    """

    category = "Input / Output"
    keywords = ("xlsx", "to_excel", "spreadsheet", "workbook", "export", "save", "write", "several sheets")

    path: OutputPath = parameter(help="The workbook to write.", suffixes=(".xlsx",))
    sheets: list[str] = parameter(
        default=[],
        help="The names of the sheets, in the order of the connections. Without any: Sheet1, Sheet2, ...",
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help="Replace it, or stop the run."
    )
    filters: bool = parameter(default=True, help="Put a filter on each column.")

    def check_parameters(self) -> list[Fault]:
        faults = []
        for index, name in enumerate(self.sheets):
            place = f"sheets[{index}]"
            if (
                not name
                or len(name) > MOST_LETTERS
                or _FORBIDDEN & set(name)
                or name[0] == "'"
                or name[-1] == "'"
            ):
                faults.append(
                    Fault(
                        place,
                        f'"{shorten(name)}" cannot be the name of a sheet: 1 to 31 signs without []:*?/\\',
                    )
                )
            elif name.casefold() in [one.casefold() for one in self.sheets[:index]]:
                faults.append(Fault(place, f'two sheets are called "{name}"; name one otherwise'))
        if not self.path.casefold().endswith(".xlsx"):
            faults.append(Fault("path", "the name of a workbook ends in .xlsx"))
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        for table in inputs.get("tables") or []:
            schema = table.columns if table is not None else {}
            nested = [name for name, dtype in schema.items() if is_family(dtype, ("list", "other"))]
            if nested:
                return [
                    Fault(
                        "path",
                        f"{listing(nested)} cannot be written to a sheet; take them out or join lists to texts",
                    )
                ]
            if len(schema) > MOST_COLUMNS:
                return [
                    Fault(
                        "path", f"a sheet has at most {MOST_COLUMNS:,} columns, the table has {len(schema):,}"
                    )
                ]
        return ()

    def run(self, tables: list[pl.DataFrame], context: Context) -> None:
        import xlsxwriter

        if self.existing == "fail" and os.path.exists(self.path):
            raise NodeFailed(f"{self.path} exists already; choose another name, or let it be overwritten")
        for table in tables:
            if table.height > MOST_ROWS:
                raise NodeFailed(
                    f"a sheet has at most {MOST_ROWS:,} rows, the table has {table.height:,}; write CSV or Parquet"
                )
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        with context.write(self.path) as target, xlsxwriter.Workbook(str(target), options) as book:
            for number, table in enumerate(tables):
                context.progress(number / len(tables))
                name = self.sheets[number] if number < len(self.sheets) else f"Sheet{number + 1}"
                zoned = [one for one, dtype in table.schema.items() if getattr(dtype, "time_zone", None)]
                plain = table.with_columns(
                    pl.selectors.by_name(*zoned).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
                    if zoned
                    else []
                )
                plain.write_excel(
                    book,
                    name,
                    autofit=True,
                    autofilter=self.filters and table.width > 0,
                    freeze_panes=(1, 0),
                )

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("writing workbooks is not exported")
