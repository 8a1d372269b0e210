"""What is selected in the view of a table: rows as a whole, or cells to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTableView

from nodeflow_gui.inspector.cells import spreadsheet, whole_text
from nodeflow_gui.inspector.table_model import TableModel

if TYPE_CHECKING:
    import polars as pl

MOST_COPIED = 1_000_000
"""Cells that the clipboard is given at a time."""


def chosen_rows(view: QTableView, model: TableModel) -> pl.Series | None:
    """The numbers, in the table, of the rows that are selected in all columns; None without any."""
    import polars as pl

    last, start, order = model.columnCount() - 1, model.start, model.order
    selected = view.selectionModel().selection()
    parts = []
    for place in range(selected.count()):
        part = selected.at(place)
        if part.left() > 0 or part.right() < last:
            continue
        first, count = start + part.top(), part.bottom() - part.top() + 1
        parts.append(
            pl.int_range(first, first + count, dtype=pl.UInt32, eager=True)
            if order is None
            else order.slice(first, count)
        )
    return pl.concat(parts).unique().sort() if parts else None


def copied(view: QTableView, model: TableModel, names: Sequence[str]) -> tuple[str, int]:
    """The selected cells, or all, as spreadsheets take them, and the number of their rows.

    Columns stand in the order in which they are shown. Raises `ValueError` for more than `MOST_COPIED` cells.
    """
    selected = view.selectionModel().selection()
    ranges = [selected.at(place) for place in range(selected.count())]
    if ranges:
        first, last = min(r.top() for r in ranges), max(r.bottom() for r in ranges)
        chosen = {column for r in ranges for column in range(r.left(), r.right() + 1)}
    else:
        first, last, chosen = 0, model.rowCount() - 1, set(range(len(names)))
    if (last - first + 1) * len(chosen) > MOST_COPIED:
        raise ValueError("too many cells")
    head = view.horizontalHeader()
    shown = [head.logicalIndex(place) for place in range(head.count())]
    columns = [column for column in shown if column in chosen]
    rows = [[row[column] for column in columns] for row in model.rows(first, last)] if last >= first else []
    if len(rows) == 1 and len(columns) == 1:
        return whole_text(rows[0][0]), 1
    return spreadsheet([names[column] for column in columns], rows), len(rows)
