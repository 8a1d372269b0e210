"""Selecting what lies in a rectangle."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem

from nodeflow_gui.canvas.gestures.gesture import Gesture
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.paints import paints


class RubberBand(Gesture):
    """Begins on empty space. With Shift what was selected stays so. A click clears the selection."""

    def begin(self) -> None:
        add = bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)
        self._before: set[QGraphicsItem] = set(self.scene.selectedItems()) if add else set()
        self._area = QRectF(self.start, self.start)

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        self._area = QRectF(self.start, point).normalized()
        within: set[QGraphicsItem] = set(self._before)
        within.update(item for item in self.scene.items(self._area) if self._takes(item))
        present = set(self.scene.selectedItems())
        if present != within:
            blocked = self.scene.blockSignals(True)
            for item in present - within:
                item.setSelected(False)
            for item in within - present:
                item.setSelected(True)
            self.scene.blockSignals(blocked)
            self.scene.selectionChanged.emit()

    def _takes(self, item: QGraphicsItem) -> bool:
        """Cards and notes that are touched, but frames only as a whole: one begins within them."""
        if isinstance(item, NodeItem):
            return item.scene_card().intersects(self._area)
        if isinstance(item, NoteItem):
            area = item.scene_area()
            return self._area.contains(area) if item.note.is_frame else self._area.intersects(area)
        return False

    def click(self, event: QMouseEvent) -> None:
        if not self.modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.scene.clearSelection()

    def paint(self, painter: QPainter) -> None:
        look = paints()
        painter.setBrush(look.band)
        painter.setPen(look.band_pen)
        painter.drawRect(self._area)
