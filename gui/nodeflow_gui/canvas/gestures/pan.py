"""Moving the canvas under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from nodeflow_gui.canvas.gestures.gesture import Gesture


class Pan(Gesture):
    """With the middle button, or with the space bar held."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def begin(self) -> None:
        self._last = self.pressed

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        step = event.position() - self._last
        self._last = event.position()
        self.view.pan(-step.x(), -step.y())
