"""A view that zooms and pans, and that paints the whole workflow in one batch when it is seen from afar."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.paints import Paints, paints
from nodeflow_gui.canvas.scene import CanvasScene

SMALLEST, LARGEST = 0.02, 4.0
DOTS = 24.0
"""Between the dots of the ground."""
DOTS_FROM = 0.6


FEW_NODES = 150
"""So many cards are painted one by one quickly enough to keep their names longer while zooming out."""


class ZoomView(QGraphicsView):
    """Shows a scene. Below the scale `batch_below` Qt's items are not painted one by one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas_scene: CanvasScene
        self.batch_below = 0.35
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        # repainting everything at each change of a state would cost 130 ms with 2,000 nodes
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self._dots: tuple[tuple[object, ...], QPixmap] | None = None

    # -- scale and place ----------------------------------------------------------------------

    def scale_factor(self) -> float:
        """The scale: 1 shows a card in its own size."""
        return self.transform().m11()

    def count_nodes(self) -> None:
        """Choose the scale below which all is painted in one batch, by how much there is to paint."""
        self.batch_below = 0.35 if len(self.canvas_scene.nodes) > FEW_NODES else 0.15

    def is_batched(self) -> bool:
        """Whether all is painted in one batch."""
        return self.scale_factor() < self.batch_below

    def to_scene(self, point: QPointF) -> QPointF:
        """A point of the viewport on the scene."""
        return self.viewportTransform().inverted()[0].map(point)

    def visible_rect(self) -> QRectF:
        """The part of the scene that is seen."""
        return self.viewportTransform().inverted()[0].mapRect(QRectF(self.viewport().rect()))

    def zoom_to(self, scale: float, anchor: QPointF | None = None) -> None:
        """Take a scale; the point of the viewport, by default its middle, stays where it is."""
        scale = min(max(scale, SMALLEST), LARGEST)
        anchor = anchor if anchor is not None else QPointF(self.viewport().rect().center())
        before = self.to_scene(anchor)
        was_batched = self.is_batched()
        self.count_nodes()
        factor = scale / self.scale_factor()
        self.scale(factor, factor)
        after = self.viewportTransform().map(before)
        self.pan(after.x() - anchor.x(), after.y() - anchor.y())
        if was_batched != self.is_batched() or self.is_batched():
            self.viewport().update()
        self.view_moved()

    def zoom_in(self) -> None:
        """One step nearer."""
        self.zoom_to(self.scale_factor() * 1.25)

    def zoom_out(self) -> None:
        """One step away."""
        self.zoom_to(self.scale_factor() / 1.25)

    def reset_zoom(self) -> None:
        """Cards in their own size."""
        self.zoom_to(1.0)

    def pan(self, across: float, down: float) -> None:
        """Move the view by pixels."""
        for bar, step in ((self.horizontalScrollBar(), across), (self.verticalScrollBar(), down)):
            bar.setValue(bar.value() + round(step))
        self.view_moved()

    def show_area(self, area: QRectF, most: float = 1.0, margin: float = 40.0) -> None:
        """Zoom and move so that an area of the scene is seen whole, but not larger than `most`."""
        room = QRectF(self.viewport().rect()).adjusted(margin, margin, -margin, -margin)
        if area.isEmpty() or room.width() <= 0 or room.height() <= 0:
            self.zoom_to(1.0)
            self.centerOn(area.center())
            self.view_moved()
            return
        scale = min(room.width() / area.width(), room.height() / area.height(), most)
        self.zoom_to(max(scale, SMALLEST))
        self.centerOn(area.center())
        self.view_moved()

    def zoom_to_fit(self) -> None:
        """Show everything."""
        self.canvas_scene.fit_scene_rect()  # a view cannot be centred on what lies outside
        self.show_area(self.canvas_scene.content_rect())

    def zoom_to_selection(self) -> None:
        """Show what is selected, or everything."""
        area = QRectF()
        for item in self.canvas_scene.selectedItems():
            area = area.united(item.sceneBoundingRect())
        self.show_area(area if not area.isEmpty() else self.canvas_scene.content_rect(), most=1.5)

    def scroll_at_edge(self, point: QPointF) -> None:
        """Move on while something is dragged at the edge of the view."""
        area = QRectF(self.viewport().rect())
        edge, step = 24.0, 12
        across = -step if point.x() < edge else step if point.x() > area.width() - edge else 0
        down = -step if point.y() < edge else step if point.y() > area.height() - edge else 0
        if across or down:
            self.pan(across, down)

    def view_moved(self) -> None:
        """Another part of the scene is seen; for subclasses."""

    # -- events -------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or event.pixelDelta().isNull():
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.pan(-event.angleDelta().y() - event.angleDelta().x(), 0)
            else:
                steps = event.angleDelta().y() / 120.0
                self.zoom_to(self.scale_factor() * math.pow(1.2, steps), event.position())
        else:  # a touch pad: two fingers move the canvas
            self.pan(-event.pixelDelta().x(), -event.pixelDelta().y())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view_moved()

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_batched():
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), paints().canvas)
        painter.setWorldTransform(self.viewportTransform())
        for note in self.canvas_scene.notes:
            painter.translate(note.pos())
            note.paint(painter, None, None)  # type: ignore[arg-type]
            painter.translate(-note.pos())
        selected = [one for one in self.canvas_scene.selectedItems() if isinstance(one, NodeItem)]
        self.canvas_scene.batch.paint(painter, paints(), selected)
        self.draw_over(painter)
        painter.end()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        look = paints()
        area = QRectF(rect)
        painter.fillRect(area, look.canvas)
        if self.scale_factor() >= DOTS_FROM:
            self._draw_dots(painter, look)

    def _draw_dots(self, painter: QPainter, look: Paints) -> None:
        """A picture of one row of dots, laid out for each row: drawing them one by one took most of a frame."""
        ratio, scale = self.devicePixelRatioF(), self.scale_factor()
        place = self.viewportTransform()
        step = DOTS * scale
        width = self.viewport().width() + math.ceil(step) + 4
        key = (look, ratio, scale, width)
        if self._dots is None or self._dots[0] != key:
            row = QPixmap(round(width * ratio), round(4 * ratio))
            row.setDevicePixelRatio(ratio)
            row.fill(Qt.GlobalColor.transparent)
            drawer = QPainter(row)
            drawer.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawer.setPen(look.grid)
            drawer.drawPoints([QPointF(2 + step * index, 2) for index in range(math.ceil(width / step))])
            drawer.end()
            self._dots = key, row
        row = self._dots[1]
        left = place.dx() % step - step
        first = place.dy() % step - step
        painter.resetTransform()
        for index in range(math.ceil(self.viewport().height() / step) + 2):
            y = round((first + index * step) * ratio) / ratio
            painter.drawPixmap(QPointF(round(left * ratio) / ratio - 2, y - 2), row)
        painter.setWorldTransform(place)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self.draw_over(painter)

    def draw_over(self, painter: QPainter) -> None:
        """Draw over the items, in the coordinates of the scene; for subclasses."""

    def update_scene_area(self, area: QRectF) -> None:
        """Repaint a part of the scene on which a gesture draws."""
        shown = self.viewportTransform().mapRect(area).toAlignedRect().adjusted(-2, -2, 2, 2)
        self.viewport().update(shown)


def view_point(view: QGraphicsView, point: QPointF) -> QPoint:
    """A point of the scene on the viewport."""
    return view.viewportTransform().map(point).toPoint()
