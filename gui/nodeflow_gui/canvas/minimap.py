"""The small picture of the whole workflow in the corner, with the part that is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.look import theme

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

WIDTH, HEIGHT, MARGIN = 168, 108, 12
INSET = 8.0
REDRAW_MS = 120


class Minimap(QWidget):
    """A click or a drag in it moves the view. The picture of the cards is kept until they change."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._picture: QPixmap | None = None
        self._area = QRectF()
        self._timer = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._timer.timeout.connect(self.redraw)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Overview of the workflow"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def drop_picture(self) -> None:
        """The workflow looks different; while it goes on changing, the picture follows a few times a second."""
        if not self._timer.isActive():
            self._timer.start()

    def redraw(self) -> None:
        """Another workflow is shown."""
        self._picture = None
        self.update()

    def _scale(self) -> float:
        room = QRectF(0, 0, WIDTH - 2 * INSET, HEIGHT - 2 * INSET)
        if self._area.isEmpty():
            return 0.1
        return min(room.width() / self._area.width(), room.height() / self._area.height(), 0.15)

    def _origin(self) -> QPointF:
        scale = self._scale()
        return QPointF(
            WIDTH / 2 - self._area.center().x() * scale, HEIGHT / 2 - self._area.center().y() * scale
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        look = paints()
        if self._picture is None:
            self._area = self._view.canvas_scene.nodes_rect().adjusted(-100, -100, 100, 100)
            self._picture = self._draw()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        scale, origin = self._scale(), self._origin()
        seen = self._view.visible_rect()
        shown = QRectF(seen.topLeft() * scale + origin, seen.size() * scale)
        fill = QColor(look.accent)
        fill.setAlpha(20)
        painter.setBrush(fill)
        painter.setPen(look.accent)
        painter.drawRoundedRect(shown.intersected(QRectF(2, 2, WIDTH - 4, HEIGHT - 4)), 3, 3)

    def _draw(self) -> QPixmap:
        look = paints()
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme().colour("card"))
        ground.setAlpha(235)
        painter.setBrush(ground)
        painter.setPen(look.border)
        painter.drawRoundedRect(QRectF(0.5, 0.5, WIDTH - 1, HEIGHT - 1), 8, 8)
        painter.translate(self._origin())
        scale = self._scale()
        painter.scale(scale, scale)
        painter.setPen(Qt.PenStyle.NoPen)
        least = 3.0 / scale
        for category, areas in self._view.canvas_scene.batch.cards():
            painter.setBrush(look.group(category)[0])
            painter.drawRects(
                [QRectF(one.x(), one.y(), max(one.width(), least), max(one.height(), least)) for one in areas]
            )
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, point: QPointF) -> None:
        self._view.centerOn((point - self._origin()) / self._scale())
        self._view.view_moved()
