"""The statistics page: a line for each column, with its small histogram."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from nodeflow_gui.inspector.cells import MISSING, spreadsheet, text_of
from nodeflow_gui.inspector.head import SHORT, draw_bars
from nodeflow_gui.look import hint, spacing, theme
from nodeflow_gui.running.values import ColumnFacts, TableSource

_Index = QModelIndex | QPersistentModelIndex
_BARS = 2


class StatisticsModel(QAbstractTableModel):
    """The facts of the columns of a table, as they come in."""

    facts_wanted = Signal(int)
    """A column is looked at whose facts are not known."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: TableSource | None = None
        self.facts: dict[int, ColumnFacts] = {}
        self.heads = [
            self.tr("Column"), self.tr("Type"), self.tr("Distribution"), self.tr("Missing"),
            self.tr("Distinct"), self.tr("Lowest"), self.tr("Median"), self.tr("Mean"), self.tr("Highest"),
            self.tr("Deviation"), self.tr("Most common"),
        ]  # fmt: skip

    def show(self, source: TableSource | None) -> None:
        """Begin with a table whose facts are not known yet."""
        self.beginResetModel()
        self.source, self.facts = source, {}
        self.endResetModel()

    def set_facts(self, column: int, facts: ColumnFacts) -> None:
        """Take the facts of a column."""
        self.facts[column] = facts
        self.dataChanged.emit(self.index(column, 0), self.index(column, len(self.heads) - 1))

    def rowCount(self, parent: _Index | None = None) -> int:
        is_child = parent is not None and parent.isValid()
        return 0 if self.source is None or is_child else len(self.source.columns)

    def columnCount(self, parent: _Index | None = None) -> int:
        return len(self.heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.heads[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _side(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.source is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        text = self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return hint(text) if len(text) > 12 else None
        if role == Qt.ItemDataRole.ForegroundRole:
            quiet = index.column() == 1 or text in (MISSING, "0")
            return theme().colour("muted" if quiet else "text")
        return None

    def _text(self, row: int, column: int) -> str:
        assert self.source is not None
        if column == 0:
            return self.source.columns[row]
        if column == 1:
            return SHORT[self.source.families[row]]
        facts = self.facts.get(row)
        if facts is None and self.source is not None:
            self.facts_wanted.emit(row)
        if facts is None or column == _BARS:
            return ""
        if column == 3:
            share = f" ({100 * facts.missing / facts.rows:.1f} %)" if facts.missing else ""
            return f"{facts.missing:,}{share}"
        if column == 4:
            return MISSING if facts.distinct is None else f"{facts.distinct:,}"
        if column == 10:
            return ", ".join(f"{value} ({count:,})" for value, count in facts.common) or MISSING
        value = (facts.low, facts.median, facts.mean, facts.high, facts.deviation)[column - 5]
        if isinstance(value, float) and not math.isfinite(value):
            return text_of(value)
        if isinstance(value, float):
            return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:.4g}"
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else text_of(value)


def _side(column: int) -> Qt.AlignmentFlag:
    left = column in (0, 1, 10)
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class _Bars(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        facts = model.facts.get(index.row()) if isinstance(model, StatisticsModel) else None
        if facts is not None and facts.bars:
            area = QRectF(option.rect).adjusted(spacing(2), spacing(1), -spacing(2), -spacing(1) - 2)
            painter.save()
            draw_bars(painter, facts, area)
            painter.restore()


class StatisticsPage(QTableView):
    """A table of the columns."""

    message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.statistics = StatisticsModel(self)
        self.setModel(self.statistics)
        self.setItemDelegateForColumn(_BARS, _Bars(self))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0 8px; border: none; }")
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Statistics of the columns"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(34)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate((150, 84, 150, 100, 80, 146, 146, 110, 146, 100, 200)):
            self.setColumnWidth(column, width)
        theme().theme_changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy the selected lines, or all, as spreadsheets take them."""
        model = self.statistics
        rows = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        rows = rows if len(rows) > 1 else list(range(model.rowCount()))
        columns = [column for column in range(model.columnCount()) if column != _BARS]
        cells = [[model.index(row, column).data() for column in columns] for row in rows]
        heads = [model.heads[column] for column in columns]
        QGuiApplication.clipboard().setText(
            spreadsheet(heads, [["" if one == MISSING else one for one in line] for line in cells])
        )
        self.message.emit(self.tr("{0} rows copied").format(f"{len(rows):,}"))
