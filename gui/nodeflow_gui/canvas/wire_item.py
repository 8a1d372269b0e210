"""A connection on the canvas. What flows through it is told at the output it leaves."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nodeflow.workflow import Connection
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.canvas.routes import route

BEHIND, AHEAD = -2.0, -1.0
"""Wires lie under the cards, those that stand out over the others."""


def draw_loose_wire(painter: QPainter, item: NodeItem, port: str, end: QPointF, *, is_output: bool) -> None:
    """Draw a wire that is held by one end only."""
    anchor = item.port_point(port, is_output)
    loose = QRectF(end.x() - 4, end.y() - 4, 8, 8)
    if is_output:
        path = route(anchor, end, item.scene_card(), loose)
    else:
        path = route(end, anchor, loose, item.scene_card())
    look = paints()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(look.wire_drawn)
    painter.drawPath(path)
    painter.setBrush(look.accent_brush)
    painter.drawEllipse(end, 4, 4)


class WireItem(QGraphicsItem):
    """Draws one connection between two cards."""

    def __init__(self, wire: Connection, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.wire, self.source, self.target = wire, source, target
        self.is_inactive = False
        self.is_hovered = False
        self.is_faded = False
        """While its end is dragged elsewhere."""
        self._path = QPainterPath()
        self._bounds = QRectF()
        self._shape: QPainterPath | None = None
        self._is_strong = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(BEHIND)
        self.follow()

    def follow(self) -> None:
        """Take the way between the ports as they are now."""
        self.prepareGeometryChange()
        start = self.source.port_point(self.wire.output, True)
        end = self.target.port_point(self.wire.input, False)
        self._path = route(start, end, self.source.scene_card(), self.target.scene_card())
        self._bounds = self._path.controlPointRect().adjusted(-4, -4, 4, 4)
        self._shape = None

    def ends(self) -> tuple[QPointF, QPointF]:
        """Where it begins and ends on the scene."""
        return (
            self.source.port_point(self.wire.output, True),
            self.target.port_point(self.wire.input, False),
        )

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        if self._shape is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(12)
            self._shape = stroker.createStroke(self._path)
        return self._shape

    def line(self) -> QPainterPath:
        """The way it takes."""
        return self._path

    def set_inactive(self, is_inactive: bool) -> None:
        """Say whether anything will flow."""
        if is_inactive != self.is_inactive:
            self.is_inactive = is_inactive
            self.update()

    def set_hovered(self, hovered: bool) -> None:
        """The pointer is over it, or a node is about to be dropped on it."""
        if hovered != self.is_hovered:
            self.is_hovered = hovered
            self.update_strength()

    def set_faded(self, faded: bool) -> None:
        """Step back while its end is dragged elsewhere."""
        self.is_faded = faded
        self.update()

    def update_strength(self) -> None:
        """Stand out if it, or a node at its end, is selected."""
        strong = self.isSelected() or self.source.isSelected() or self.target.isSelected()
        self._is_strong = strong
        self.setZValue(AHEAD if strong or self.is_hovered else BEHIND)
        self.update()

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change == QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged:
            self.update_strength()
        return value

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look = paints()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.is_faded:
            painter.setOpacity(0.3)
        if self._is_strong:
            painter.setPen(look.wire_strong)
        elif self.is_hovered:
            painter.setPen(look.wire_hover)
        elif self.is_inactive:
            painter.setPen(look.wire_inactive)
        else:
            painter.setPen(look.wire)
        painter.drawPath(self._path)
