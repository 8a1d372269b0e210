"""Notes and frames on the canvas."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.document.geometry import GRID
from nodeflow_gui.document.notes import Note

HEAD = 28.0
"""The height of a frame's head, by which it is taken."""
CORNER = 16.0
MOST_SHOWN = 10_000
"""Characters that are painted: each is measured in every frame."""
INSET = 12.0


class NoteItem(QGraphicsItem):
    """Draws a note, or a frame with its title. `index` is its place in the workflow's notes."""

    def __init__(self, index: int, note: Note, place: QPointF) -> None:
        super().__init__()
        self.index, self.note = index, note
        self.size = QPointF(*note.size)
        self.is_edited = False
        self.setPos(place)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-10.0 if note.is_frame else -5.0)

    def area(self) -> QRectF:
        """What it covers, in its own coordinates."""
        return QRectF(0, 0, self.size.x(), self.size.y())

    def scene_area(self) -> QRectF:
        """What it covers on the scene."""
        return self.area().translated(self.pos())

    def boundingRect(self) -> QRectF:
        return self.area().adjusted(-2, -2, 2, 2)

    def shape(self) -> QPainterPath:
        """A frame is taken by its head or its border, so that what lies in it can be selected."""
        path = QPainterPath()
        if self.note.is_frame:
            path.setFillRule(Qt.FillRule.OddEvenFill)
            path.addRect(self.area().adjusted(-4, -4, 4, 4))
            path.addRect(self.area().adjusted(6, HEAD, -6, -6))
        else:
            path.addRect(self.area())
        return path

    def corner_at(self, point: QPointF) -> bool:
        """Whether a point of the scene is on the corner that changes the size."""
        local = point - self.pos()
        return self.size.x() - CORNER <= local.x() <= self.size.x() + 4 and (
            self.size.y() - CORNER <= local.y() <= self.size.y() + 4
        )

    def resize(self, size: QPointF) -> None:
        """Take on a size while it is dragged."""
        self.prepareGeometryChange()
        self.size = QPointF(max(64.0, size.x()), max(HEAD + 12, size.y()))

    def height_for(self, text: str) -> float:
        """How high the note is for a text: as it is, or higher if the text needs it."""
        if self.note.is_frame:
            return self.size.y()
        room = QRectF(0, 0, self.size.x() - 2 * INSET, 1e6)
        wrap = int(Qt.TextFlag.TextWordWrap)
        needed = QFontMetricsF(paints().small_font).boundingRect(room, wrap, text).height() + 2 * INSET
        return max(self.size.y(), math.ceil(needed / GRID) * GRID)

    def text_area(self) -> QRectF:
        """Where its text stands, on the scene."""
        if self.note.is_frame:
            return QRectF(12, 2, self.size.x() - 24, HEAD).translated(self.pos())
        return self.area().adjusted(INSET, 9, -INSET, -9).translated(self.pos())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look = paints()
        frame = self.note.is_frame
        ground, border = look.note(self.note.colour, is_frame=frame)
        painter.setBrush(ground)
        painter.setPen(look.selected if self.isSelected() else border)
        painter.drawRoundedRect(self.area(), 10 if frame else 6, 10 if frame else 6)
        if self.is_edited:
            return
        if frame:
            painter.setPen(look.muted)
            painter.setFont(look.small_strong_font)
            painter.drawText(
                QRectF(12, 2, self.size.x() - 24, HEAD),
                int(Qt.AlignmentFlag.AlignVCenter),
                self.note.text[:MOST_SHOWN],
            )
        else:
            painter.setPen(look.text)
            painter.setFont(look.small_font)
            option_ = QTextOption()
            option_.setWrapMode(QTextOption.WrapMode.WordWrap)
            painter.drawText(self.area().adjusted(INSET, 9, -INSET, -9), self.note.text[:MOST_SHOWN], option_)
        if self.isSelected():
            painter.setPen(look.strong_border)
            right, bottom = self.size.x() - 4, self.size.y() - 4
            for step in (4, 8):
                painter.drawLine(QPointF(right - step, bottom), QPointF(right, bottom - step))
