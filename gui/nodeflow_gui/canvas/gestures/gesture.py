"""The base of all gestures: it begins at a press, follows the pointer, and ends with the release or with Escape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem
from shiboken6 import isValid

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView
    from nodeflow_gui.document import Change

KEEPS = frozenset(("node changed", "details changed", "variables changed"))
"""Kinds of changes during which a gesture goes on."""


class Gesture:
    """One gesture on a view. It changes the document only when it ends, by one command."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, view: CanvasView, event: QMouseEvent) -> None:
        self.view, self.scene, self.document = view, view.canvas_scene, view.level_document
        self.pressed = event.position()
        self.start = view.to_scene(event.position())
        self.modifiers = event.modifiers()
        self.has_moved = False
        self.is_changing = False
        """Whether it is changing the document itself just now."""

    def is_ended_by(self, change: Change) -> bool:
        """Whether after a change of the document what is dragged may not be there any more."""
        return not self.is_changing and change.kind not in KEEPS

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved; nothing happens before it has left the place of the press."""
        if (
            not self.has_moved
            and (event.position() - self.pressed).manhattanLength() < self.view.drag_distance
        ):
            return
        if not self.has_moved:
            self.has_moved = True
            self.begin()
        self.drag(self.view.to_scene(event.position()), event)

    def release(self, event: QMouseEvent) -> None:
        """The button was let go."""
        if self.has_moved:
            self.end(self.view.to_scene(event.position()), event)
        else:
            self.click(event)

    def begin(self) -> None:
        """The pointer begins to move."""

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        """The pointer is at a point of the scene."""

    def end(self, point: QPointF, event: QMouseEvent) -> None:
        """It was let go there."""

    def click(self, event: QMouseEvent) -> None:
        """It was let go where it was pressed."""

    def cancel(self) -> None:
        """Leave everything as it was; what it took hold of may be gone."""

    def is_there(self, item: QGraphicsItem) -> bool:
        """Whether an item is on the scene still."""
        return isValid(item) and item.scene() is self.scene

    def paint(self, painter: QPainter) -> None:
        """Draw over the canvas, in the coordinates of the scene."""
