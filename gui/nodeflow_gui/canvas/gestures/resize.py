"""Changing the size of a note or frame by its corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from nodeflow_gui.canvas.gestures.gesture import Gesture
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.document.geometry import GRID, as_json

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView


class Resize(Gesture):
    """Begins on the lower right corner."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, view: CanvasView, event: QMouseEvent, item: NoteItem) -> None:
        super().__init__(view, event)
        self._item, self._size = item, item.size

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        size = self._size + point - self.start
        self._item.resize(QPointF(round(size.x() / GRID) * GRID, round(size.y() / GRID) * GRID))

    def end(self, point: QPointF, event: QMouseEvent) -> None:
        size = self._item.size
        self.document.change_note(self._item.index, size=as_json((size.x(), size.y())))

    def click(self, event: QMouseEvent) -> None:
        self.scene.select(notes=[self._item.index])

    def cancel(self) -> None:
        if self.is_there(self._item):
            self._item.resize(self._size)
