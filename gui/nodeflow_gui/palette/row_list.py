"""The list view of the palette: a node that is dragged out of it looks like a node, beside the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QDrag, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QListView

from nodeflow_gui.look import font, spacing, theme
from nodeflow_gui.palette.listing import RowModel
from nodeflow_gui.palette.rows import Row


class RowList(QListView):
    """A list over a `RowModel`."""

    def startDrag(self, supported: Qt.DropAction) -> None:
        model, index = self.model(), self.currentIndex()
        if not isinstance(model, RowModel) or not index.isValid():
            return
        row = model.rows[index.row()]
        if row.kind != "node":
            return
        drag = QDrag(self)
        drag.setMimeData(model.mimeData([index]))
        drag.setPixmap(picture_of(row, self.devicePixelRatioF()))
        # below the pointer, so that the wire under it is seen
        drag.setHotSpot(QPoint(-spacing(3), -spacing(3)))
        drag.exec(Qt.DropAction.CopyAction)


def picture_of(row: Row, ratio: float) -> QPixmap:
    """A small card with the colour and the name of a node."""
    metrics = QFontMetricsF(font("small strong"))
    width, height = metrics.horizontalAdvance(row.text) + spacing(6), float(spacing(7))
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    look = theme()
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(look.colour("strong border"))
    painter.setBrush(look.colour("card"))
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), 5, 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.group(row.category))
    painter.drawRoundedRect(QRectF(spacing(2), height / 2 - 6, 4, 12), 2, 2)
    painter.setPen(look.colour("text"))
    painter.setFont(font("small strong"))
    painter.drawText(QRectF(spacing(4), 0, width, height), Qt.AlignmentFlag.AlignVCenter, row.text)
    painter.end()
    return picture
