"""The words beside the pointer that say what letting go would do."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.look import theme


class Hint:
    """Painted over everything, in the coordinates of the viewport."""

    def __init__(self, viewport: QWidget) -> None:
        self._viewport = viewport
        self._area = QRectF()
        self.text = ""

    def show(self, text: str, position: QPointF | None = None) -> None:
        """Say this beside the pointer; nothing takes it away."""
        before, self.text, self._area = self._area, text, QRectF()
        if text and position is not None:
            width = QFontMetricsF(paints().small_font).horizontalAdvance(text) + 16
            left = min(position.x() + 14, self._viewport.width() - width - 4)
            self._area = QRectF(left, position.y() + 16, width, 22)
        if self._area != before:
            for area in (before, self._area):
                self._viewport.update(area.toAlignedRect())

    def paint(self, painter: QPainter) -> None:
        """Draw it, if there is one."""
        if not self.text:
            return
        painter.save()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("tooltip"))
        painter.drawRoundedRect(self._area, 5, 5)
        painter.setPen(theme().colour("on tooltip"))
        painter.setFont(paints().small_font)
        painter.drawText(self._area, int(Qt.AlignmentFlag.AlignCenter), self.text)
        painter.restore()
