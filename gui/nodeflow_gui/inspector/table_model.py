"""The table model: rows are fetched in blocks where they are looked at, from tables of any length."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from nodeflow_gui.inspector.cells import decimals_of, text_of, whole_text
from nodeflow_gui.look import hint, theme
from nodeflow_gui.running.values import ColumnFacts, TableSource

if TYPE_CHECKING:
    import polars as pl

WINDOW = 50_000_000
"""Rows a view takes at most: its height in pixels must stay below 2^31. Longer tables are shown by windows."""

_BLOCK = 128
_BLOCKS = 64
_RIGHT = frozenset(("integer", "float", "duration"))
_Index = QModelIndex | QPersistentModelIndex


class TableModel(QAbstractTableModel):
    """A table to look at, in an order if one is set; `picked` holds the numbers of rows that stand out."""

    facts_wanted = Signal(int)
    """A column is looked at whose facts are not known."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: TableSource | None = None
        self.order: pl.Series | None = None
        self.start = 0
        self.facts: dict[int, ColumnFacts] = {}
        self.is_beginning = False
        """Whether only the first rows of a longer table are here."""
        self._decimals: list[int] = []
        self._blocks: OrderedDict[int, list[tuple[Any, ...]]] = OrderedDict()
        self._picked: pl.Series | None = None

    def show(self, source: TableSource | None, *, is_beginning: bool = False) -> None:
        """Show a table from its first row."""
        self.beginResetModel()
        self.source, self.order, self.start, self.is_beginning = source, None, 0, is_beginning
        self.facts, self._picked = {}, None
        self._blocks.clear()
        head = source.slice(0, 200) if source is not None else []
        width = len(source.columns) if source is not None else 0
        self._decimals = [decimals_of(row[place] for row in head) for place in range(width)]
        self.endResetModel()

    def set_order(self, order: pl.Series | None) -> None:
        """Show the rows of these numbers, in this order."""
        self.beginResetModel()
        self.order, self.start = order, 0
        self._blocks.clear()
        self.endResetModel()

    def set_start(self, start: int) -> None:
        """Move the window over a very long table."""
        self.beginResetModel()
        self.start = max(0, min(start, self.height - 1))
        self._blocks.clear()
        self.endResetModel()

    def set_facts(self, column: int, facts: ColumnFacts) -> None:
        """Take the facts of a column, which its head shows."""
        self.facts[column] = facts
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)

    def set_picked(self, mask: pl.Series | None) -> None:
        """Let the rows stand out for which the mask is true."""
        self._picked = mask
        if self.rowCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.BackgroundRole])

    @property
    def height(self) -> int:
        """All rows in the order, of all windows."""
        if self.source is None:
            return 0
        return self.source.height if self.order is None else self.order.len()

    def row_number(self, row: int) -> int:
        """The number of a shown row in the table, counted from 0."""
        place = self.start + row
        return place if self.order is None else int(self.order[place])

    def value(self, row: int, column: int) -> Any:
        """The value of a cell."""
        block, place = divmod(self.start + row, _BLOCK)
        return self._block(block)[place][column]

    def rows(self, first: int, last: int) -> list[tuple[Any, ...]]:
        """The values of shown rows."""
        assert self.source is not None
        return self.source.slice(self.start + first, last - first + 1, self.order)

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return min(WINDOW, self.height - self.start)

    def columnCount(self, parent: _Index | None = None) -> int:
        if self.source is None or (parent is not None and parent.isValid()):
            return 0
        return len(self.source.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.source is None or not index.isValid():
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(self.value(index.row(), column), self._decimals[column])
        if role == Qt.ItemDataRole.ToolTipRole:
            text = whole_text(self.value(index.row(), column))
            return hint(text[:2_000]) if len(text) > 12 else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = self.source.families[column] in _RIGHT
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and self.value(index.row(), column) is None:
            return theme().colour("faint")
        picked = self._picked
        if (
            role == Qt.ItemDataRole.BackgroundRole
            and picked is not None
            and picked[self.row_number(index.row())]
        ):
            return theme().colour("selection")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if self.source is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.DisplayRole and section < self.rowCount():
                return f"{self.row_number(section) + 1:,}"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if role == Qt.ItemDataRole.ToolTipRole:
                return self.tr("A click, or Shift+Space, picks the row: charts of the same data mark it")
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.source.columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return hint(self._told(section))
        return None

    def _told(self, column: int) -> str:
        """The facts of a column in lines."""
        assert self.source is not None
        lines = [self.source.columns[column], str(self.source.frame.dtypes[column])]
        facts = self.facts.get(column)
        if facts is not None:
            if facts.missing:
                lines.append(self.tr("{0} missing").format(f"{facts.missing:,}"))
            if facts.low is not None:
                lines.append(self.tr("{0} to {1}").format(text_of(facts.low, 6), text_of(facts.high, 6)))
            lines += [f"{value}: {count:,}" for value, count in facts.common]
        return "\n".join(lines)

    def _block(self, number: int) -> list[tuple[Any, ...]]:
        found = self._blocks.get(number)
        if found is None:
            assert self.source is not None
            found = self.source.slice(number * _BLOCK, _BLOCK, self.order)
            self._blocks[number] = found
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(number)
        return found
