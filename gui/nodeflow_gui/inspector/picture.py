"""A picture of a chart that has no shapes to draw: it can be zoomed and moved as those can."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from nodeflow_gui.inspector.svg import fitting

_STEP = 1.2
_LARGEST = 40.0
_NOTCH = 120


class Picture(QWidget):
    """An SVG, at first as large as there is room; the wheel zooms, dragging moves, a double click shows all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = QSvgRenderer(self)
        self._svg = ""
        self.zoom = 1.0
        """How many times larger it is than what shows all."""
        self._away = QPointF()
        """How far its middle is from the middle of the widget."""
        self._held: QPointF | None = None
        self._drawn: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(self.tr("The wheel zooms, dragging moves, a double click shows all"))

    def show_svg(self, svg: str) -> None:
        """Show a picture; the same view of it if it is shown anew."""
        self._svg = svg
        self._renderer.load(QByteArray(fitting(svg).encode()))
        self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        self._redraw()

    def restyle(self) -> None:
        """Take the colours of the present theme."""
        if self._svg:
            self.show_svg(self._svg)

    def show_all(self) -> None:
        """Show all of it, as large as there is room."""
        self.zoom, self._away = 1.0, QPointF()
        self._redraw()

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Zoom; what is at the place stays there."""
        zoom = min(max(self.zoom * factor, 1.0), _LARGEST)
        from_middle = at - QRectF(self.rect()).center()
        self._away = from_middle - (from_middle - self._away) * (zoom / self.zoom)
        self.zoom = zoom
        self._keep_in_sight()
        self._redraw()

    def place(self) -> QRectF:
        """Where the picture lies, which may be larger than the widget."""
        size = self._renderer.defaultSize().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        found = QRectF(0, 0, size.width() * self.zoom, size.height() * self.zoom)
        found.moveCenter(QRectF(self.rect()).center() + self._away)
        return found

    def _keep_in_sight(self) -> None:
        """No further away than its edges reach, and in the middle if there is room for all of it."""
        size = (
            self._renderer.defaultSize().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio) * self.zoom
        )
        across = max(0.0, (size.width() - self.width()) / 2)
        down = max(0.0, (size.height() - self.height()) / 2)
        self._away = QPointF(min(max(self._away.x(), -across), across), min(max(self._away.y(), -down), down))

    def _redraw(self) -> None:
        self._drawn = None
        self.setCursor(Qt.CursorShape.OpenHandCursor if self.zoom > 1 else Qt.CursorShape.ArrowCursor)
        self.update()

    # -- what Qt asks -------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._renderer.isValid():
            return
        ratio = self.devicePixelRatioF()
        if self._drawn is None or self._drawn.size() != self.size() * ratio:
            # kept, for a picture of thousands of points takes its time
            self._drawn = QPixmap(self.size() * ratio)
            self._drawn.setDevicePixelRatio(ratio)
            self._drawn.fill(Qt.GlobalColor.transparent)
            canvas = QPainter(self._drawn)
            canvas.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._renderer.render(canvas, self.place())
            canvas.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(_STEP ** (event.angleDelta().y() / _NOTCH), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.zoom > 1:
            self._held = event.position() - self._away
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._away = event.position() - self._held
            self._keep_in_sight()
            self._drawn = None
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._held = None
            self._redraw()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = QRectF(self.rect()).center()
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP, middle)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP, middle)
        elif event.key() == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)
