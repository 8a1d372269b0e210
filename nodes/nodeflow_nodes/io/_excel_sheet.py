"""One sheet of a workbook that is written: cells by the types of their columns."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import family
from nodeflow_nodes.io._excel_cells import address, in_text

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow_nodes.io.excel_writer import ExcelWriter

_BATCH = 10_000
_MOST_CHARACTERS = 32_767
_EXACT = 10**15
_WIDEST = 60
_FIRST_DAY = datetime.date(1900, 1, 1)
_LOOKED_AT = 1_000  # rows whose values decide on the width of a column


class SheetWriter:
    """Writes one table, row after row, so that no sheet is held in memory twice."""

    def __init__(self, node: ExcelWriter, workbook: Any, name: str) -> None:
        self._node = node
        self._name = name
        self._sheet = workbook.add_worksheet(name)
        self._bold = workbook.add_format({"bold": True})
        shapes = {
            "date": node.date_format,
            "datetime": node.datetime_format,
            "time": "hh:mm:ss",
            "duration": "[h]:mm:ss",
            "float": node.number_format,
        }
        self._formats = {
            kind: workbook.add_format({"num_format": shape}) for kind, shape in shapes.items() if shape
        }

    def write(self, table: pl.DataFrame, context: Context) -> None:
        """Write the header and the rows of a table."""
        node, sheet = self._node, self._sheet
        kinds = [family(dtype) for dtype in table.dtypes]
        if node.layout:
            self._lay_out(table)
        if node.header:
            for column, name in enumerate(table.columns):
                self._text(0, column, name, self._bold if node.layout else None)
        writers = [self._writer(kind) for kind in kinds]
        row = 1 if node.header else 0
        for batch in table.iter_slices(_BATCH):
            context.check_cancelled()
            for values in batch.iter_rows():
                for column, value in enumerate(values):
                    if value is not None and value == value:  # NaN is missing
                        writers[column](row, column, value)
                    elif node.missing:
                        self._text(row, column, node.missing, None)
                row += 1
        if node.layout and node.header and table.width:
            sheet.autofilter(0, 0, max(table.height, 1), table.width - 1)

    def _writer(self, kind: str) -> Callable[[int, int, Any], None]:
        look, sheet = self._formats.get(kind), self._sheet

        def number(row: int, column: int, value: Any) -> None:
            if math.isinf(value) or (kind == "integer" and abs(value) >= _EXACT):
                self._text(row, column, str(value), None)
            else:
                sheet.write_number(row, column, value, look)

        def moment(row: int, column: int, value: Any) -> None:
            if isinstance(value, datetime.datetime):
                value = value.replace(tzinfo=None)
            day = value.date() if isinstance(value, datetime.datetime) else value
            if isinstance(day, datetime.date) and day < _FIRST_DAY:
                self._text(row, column, in_text(value), None)
            else:
                sheet.write_datetime(row, column, value, look)

        def span(row: int, column: int, value: Any) -> None:
            sheet.write_number(row, column, value.total_seconds() / 86_400, look)

        if kind in ("integer", "float"):
            return number
        if kind == "boolean":
            return lambda row, column, value: sheet.write_boolean(row, column, value)
        if kind in ("date", "datetime", "time"):
            return moment
        if kind == "duration":
            return span
        return lambda row, column, value: self._text(row, column, str(value), look)

    def _text(self, row: int, column: int, value: str, look: Any) -> None:
        # a column name or text is never a formula, a link or a number, whatever it looks like
        if len(value) > _MOST_CHARACTERS:
            raise NodeFailed(
                f'sheet "{self._name}", cell {address(row, column)}: a text of {len(value):,} characters; Excel '
                f"holds at most {_MOST_CHARACTERS:,} in a cell, so shorten it before, or write CSV or Parquet"
            )
        if value:
            self._sheet.write_string(row, column, value, look)

    def _lay_out(self, table: pl.DataFrame) -> None:
        if self._node.header:
            self._sheet.freeze_panes(1, 0)
        start = table.head(_LOOKED_AT)
        for index, (name, dtype) in enumerate(table.schema.items()):
            kind = family(dtype)
            if kind in ("text", "category", "integer", "boolean"):
                longest = start.to_series(index).cast(pl.String).str.len_chars().max()
                width = longest if isinstance(longest, int) else 0
            else:
                width = {"float": 10, "date": 10, "datetime": 19, "time": 8, "duration": 10}.get(kind, 10)
            # room for the arrow of the filter
            self._sheet.set_column(index, index, min(max(width, len(shorten(name)) + 3, 6), _WIDEST) + 1)
