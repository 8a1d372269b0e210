"""The head of a table: name, type and a small histogram of each column; a click sorts."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from nodeflow_gui.inspector.table_model import TableModel
from nodeflow_gui.look import font, spacing, theme
from nodeflow_gui.running.values import ColumnFacts

HEIGHT = 66
_BARS_HEIGHT = 22
SHORT = {
    "integer": "int", "float": "num", "text": "text", "boolean": "yes/no", "date": "date",
    "datetime": "moment", "time": "time", "duration": "span", "category": "group", "list": "list",
    "other": "other",
}  # fmt: skip


def draw_bars(painter: QPainter, facts: ColumnFacts, area: QRectF) -> None:
    """Draw the small histogram of a column; a bar of what is missing stands apart in grey."""
    top = max([*facts.bars, facts.others, 1])
    count = len(facts.bars) + (1 if facts.others else 0)
    slots = max(count, 8)
    width = area.width() / slots
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().colour("histogram"))
    for place, size in enumerate([*facts.bars, *([facts.others] if facts.others else [])]):
        if place == len(facts.bars):
            painter.setBrush(theme().colour("border"))
        if size:
            height = max(1.5, area.height() * size / top)
            bar = QRectF(area.left() + place * width, area.bottom() - height, max(1.0, width - 1), height)
            painter.drawRect(bar)
    if facts.missing and facts.rows:
        share = area.width() * facts.missing / facts.rows
        painter.setBrush(theme().colour("warning"))
        painter.drawRect(QRectF(area.left(), area.bottom() + 2, max(2.0, share), 2))


class HistogramHead(QHeaderView):
    """Draws the head of each column of a `TableModel`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setMinimumSectionSize(60)
        self.setDefaultSectionSize(112)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        model = self.model()
        if not isinstance(model, TableModel) or model.source is None:
            return
        colours = theme()
        painter.save()
        painter.fillRect(rect, colours.colour("canvas"))
        painter.setPen(colours.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(spacing(2), spacing(2), -spacing(2), -spacing(2))
        kind = SHORT[model.source.families[logicalIndex]]
        if self.sortIndicatorSection() == logicalIndex:
            kind += " ▲" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else " ▼"
        painter.setFont(font("small"))
        painter.setPen(colours.colour("muted"))
        room = QFontMetrics(font("small")).horizontalAdvance(kind)
        line = QRect(inner.left(), inner.top(), inner.width(), 18)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, kind)
        painter.setFont(font("small strong"))
        painter.setPen(colours.colour("text"))
        name = model.source.columns[logicalIndex].replace("\n", " ")
        metrics = QFontMetrics(font("small strong"))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, inner.width() - room - spacing(1))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        facts = model.facts.get(logicalIndex)
        if facts is None:
            model.facts_wanted.emit(logicalIndex)
        if facts is not None and facts.bars:
            area = QRectF(inner.left(), inner.bottom() - _BARS_HEIGHT - 2, inner.width(), _BARS_HEIGHT)
            draw_bars(painter, facts, area)
        painter.restore()
