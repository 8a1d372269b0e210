"""The list of the palette: a model over its rows, and how a row is painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nodeflow_gui.look import draw_icon, font, spacing, theme
from nodeflow_gui.palette.rows import Row

NODE_MIME = "application/x-nodeflow-node"
"""The kind of data a dragged node type is: its id as UTF-8."""

Index = QModelIndex | QPersistentModelIndex


class RowModel(QAbstractListModel):
    """The rows of the palette as a model that can be dragged from."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.text}. {row.summary}" if row.summary else row.text
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self.rows[index.row()].kind == "node":
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        return [NODE_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        if indexes:
            data.setData(NODE_MIME, QByteArray(self.rows[indexes[0].row()].key.encode()))
        return data


class RowDelegate(QStyledItemDelegate):
    """Paints headings with their fold mark, and nodes with the colour of their group."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        return QSize(120, spacing(8 if row.kind == "heading" else 6.5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        colours, area = theme(), QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("selection" if selected else "hover"))
            painter.drawRoundedRect(area.adjusted(4, 1, -4, -1), 6, 6)
        if row.kind == "node":
            self._paint_node(painter, area, row)
        else:
            self._paint_heading(painter, area, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRectF, row: Row) -> None:
        colours = theme()
        left = area.left() + spacing(3 if row.kind == "heading" else 4)
        mark = QRectF(left, area.center().y() - 5, 10, 10)
        draw_icon(painter, "right" if row.folded else "down", mark, colours.colour("faint"), width=2.4)
        painter.setFont(font("small strong" if row.kind == "heading" else "small"))
        painter.setPen(colours.colour("muted"))
        text = area.adjusted(left - area.left() + spacing(4), 0, -spacing(3), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, row.text)
        if row.folded:
            painter.setPen(colours.colour("faint"))
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, str(row.count))

    def _paint_node(self, painter: QPainter, area: QRectF, row: Row) -> None:
        colours = theme()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.group(row.category))
        left = area.left() + spacing(4)
        painter.drawRoundedRect(QRectF(left, area.center().y() - 8, 4, 16), 2, 2)
        text = area.adjusted(spacing(7), 0, -spacing(3), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if row.is_favourite:
            star = QRectF(area.right() - spacing(6), area.center().y() - 6, 12, 12)
            draw_icon(painter, "star", star, colours.colour("running"), filled=True)
            text.adjust(0, 0, -spacing(4), 0)
        painter.setFont(font("body"))
        painter.setPen(colours.colour("text"))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, int(text.width()))
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, name)
        # the name is what is looked for; what stands aside has the room that is left
        room = int(text.width()) - metrics.horizontalAdvance(name) - spacing(2)
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        if row.aside and room >= min(metrics.horizontalAdvance(row.aside), spacing(12)):
            painter.setPen(colours.colour("muted"))
            aside = metrics.elidedText(row.aside, Qt.TextElideMode.ElideRight, room)
            painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, aside)
