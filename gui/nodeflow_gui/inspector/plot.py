"""The plot of a chart: mouse gestures over the shapes, and marks on what is picked."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem, QToolTip, QWidget

from nodeflow.values.area import Area, Scale, simpler
from nodeflow.values.selection import Selection
from nodeflow_gui.inspector.marking import Role, roles_of
from nodeflow_gui.inspector.shapes import Drawing
from nodeflow_gui.look import hint, theme

_NEAR = 10
"""Pixels within which the mouse finds a point."""

_MOST_SET = 200
_UNITS: dict[Scale, float] = {"number": 1.0, "log": 1.0, "moment": 1.0, "day": 86_400.0}
"""How many of a plot's units make one of an area's."""


class _Box(pg.ViewBox):  # type: ignore[misc]
    """Pans as always, or draws a rectangle or a line to pick; with Shift it picks in any mode."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = "pan"
        self.is_rectangle = True
        """Whether what was drawn last is a rectangle rather than a line."""
        self.on_picked: Any = lambda path: None
        self._trail = QGraphicsPathItem()
        self._trail.setZValue(1e6)
        self._trail.hide()
        self._line = QPolygonF()
        self.addItem(self._trail, ignoreBounds=True)

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        shifted = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if ev.button() != Qt.MouseButton.LeftButton or (self.mode == "pan" and not shifted):
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        here, start = self.mapToView(ev.pos()), self.mapToView(ev.buttonDownPos())
        path = QPainterPath()
        self.is_rectangle = self.mode != "lasso"
        if not self.is_rectangle:
            if ev.isStart():
                self._line = QPolygonF([start])
            self._line.append(here)
            path.addPolygon(self._line)
            path.closeSubpath()
        else:
            path.addRect(QRectF(start, here).normalized())
        pen = QPen(theme().colour("accent"), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        ground = QColor(theme().colour("accent"))
        ground.setAlpha(30)
        self._trail.setPen(pen)
        self._trail.setBrush(ground)
        self._trail.setPath(path)
        self._trail.setVisible(not ev.isFinish())
        if ev.isFinish():
            self.on_picked(path)

    def mouseClickEvent(self, ev: Any) -> None:
        if ev.button() == Qt.MouseButton.LeftButton:
            self.on_picked(QPainterPath())
        super().mouseClickEvent(ev)

    def take_back(self) -> None:
        """The trail lies on the plot, which was cleared."""
        if self._trail.parentItem() is None:
            self.addItem(self._trail, ignoreBounds=True)


class _Hatched(QGraphicsPathItem):
    """A shape whose hatching has the same width at any zoom."""

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        brush = self.brush()
        brush.setTransform(painter.worldTransform().inverted()[0])
        self.setBrush(brush)
        super().paint(painter, option, widget)


class ChartPlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws one chart at a time."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = _Box()
        super().__init__(parent, viewBox=self._box)
        self._drawing: Drawing | None = None
        self._marks: Any = None
        self._box.on_picked = self._pick
        self.setMenuEnabled(False)
        self.hideButtons()
        self.plotItem.setContentsMargins(10, 8, 18, 6)
        self.setAccessibleName(self.tr("Chart"))
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(40)
        self._hover.timeout.connect(self._tell)
        self._at = QPointF()
        self.scene().sigMouseMoved.connect(self._moved)

    def show_chart(self, chart: dict[str, Any]) -> None:
        """Draw a chart anew."""
        self.plotItem.clear()
        self._box.take_back()
        self._marks = None
        self.setBackground(theme().colour("panel"))
        self._drawing = Drawing(self.plotItem, chart)

    def set_mode(self, mode: str) -> None:
        """What dragging does: "pan", "brush" or "lasso"."""
        self._box.mode = mode
        cursor = Qt.CursorShape.ArrowCursor if mode == "pan" else Qt.CursorShape.CrossCursor
        self.viewport().setCursor(cursor)

    def show_all(self) -> None:
        """Zoom to all there is."""
        if self._drawing is not None:
            self._drawing.show_all()

    def tells(self, selection: Selection, columns: dict[str, str]) -> bool:
        """Whether the values of the chart's own marks say which of them a selection picks."""
        drawing = self._drawing
        if drawing is None or "x2" in drawing.values or "y2" in drawing.values:
            return False
        shown = {columns.get(drawing.fields.get(role, "")) for role in ("x", "y")}
        axes = self._axes_of_area()
        return set(selection.columns()) <= shown and all(
            (area.x, area.x_scale, area.y, area.y_scale) == axes for area in selection.areas
        )

    def mark(self, selection: Selection, columns: dict[str, str]) -> None:
        """Let what is picked stand out, if the chart's own values say what that is; else nothing."""
        drawing = self._drawing
        if drawing is None or not selection or not self.tells(selection, columns):
            self.mark_places(())
            return
        inside = np.array([self._is_in(at, selection, columns) for at in range(len(drawing.x))], dtype=bool)
        for area in selection.areas:
            inside &= area.contains(*self._scaled(area))
        self.mark_places(np.flatnonzero(inside))

    @property
    def drew_line(self) -> bool:
        """Whether what was drawn last is a line, not a rectangle."""
        return not self._box.is_rectangle

    def roles(self) -> list[Role]:
        """The axes that stand for columns, to find the marks of picked rows by."""
        drawing = self._drawing
        return [] if drawing is None else roles_of(drawing.chart, drawing.fields, drawing.values)

    def _is_in(self, place: int, selection: Selection, columns: dict[str, str]) -> bool:
        assert self._drawing is not None
        for role in ("x", "y"):
            field = self._drawing.fields.get(role)
            column = columns.get(field or "")
            values = self._drawing.values.get(role)
            if column is None or values is None:
                continue
            value = values[place]
            if column in selection.intervals:
                low, high = selection.intervals[column]
                if not _is_between(value, low, high):
                    return False
            if column in selection.sets and value not in selection.sets[column]:
                return False
        return True

    def mark_places(self, places: Sequence[int] | np.ndarray) -> None:
        """Let the marks of these numbers stand out, and no others."""
        if self._marks is not None:
            self.plotItem.removeItem(self._marks)
            self._marks = None
        drawing = self._drawing
        if drawing is None or not len(places):
            return
        # neither hidden by the colours of the chart nor told by colour alone: dark or light, and hatched
        ink = theme().colour("text")
        if drawing.boxes is not None and len(drawing.boxes) == len(drawing.x):
            path = QPainterPath()
            for left, bottom, right, top in drawing.boxes[places]:
                path.addRect(QRectF(left, bottom, right - left, top - bottom))
            self._marks = _Hatched(path)
            pen = QPen(ink, 2)
            pen.setCosmetic(True)
            self._marks.setPen(pen)
            self._marks.setBrush(
                QBrush(QColor(ink.red(), ink.green(), ink.blue(), 110), Qt.BrushStyle.BDiagPattern)
            )
        else:
            ground = pg.mkBrush(QColor(ink.red(), ink.green(), ink.blue(), 50))
            self._marks = pg.ScatterPlotItem(
                x=drawing.x[places],
                y=drawing.y[places],
                size=10,
                pen=pg.mkPen(ink, width=1.4),
                brush=ground,
            )
        self._marks.setZValue(1e5)
        self.plotItem.addItem(self._marks, ignoreBounds=True)

    # -- gestures -----------------------------------------------------------------------------

    def _pick(self, path: QPainterPath) -> None:
        drawing = self._drawing
        if drawing is None:
            return
        if path.isEmpty():
            self.picked.emit(Selection())
            self.mark_places(())
            return
        area = path.boundingRect()
        inside = (
            (drawing.x >= area.left()) & (drawing.x <= area.right())
            & (drawing.y >= area.top()) & (drawing.y <= area.bottom())
        )  # fmt: skip
        if drawing.boxes is not None and len(drawing.boxes) == len(drawing.x):
            left, bottom, right, top = drawing.boxes.T
            inside = (
                (left < area.right()) & (right > area.left()) & (bottom < area.bottom()) & (top > area.top())
            )
        places = np.flatnonzero(inside)
        area_of_line = None
        if not self._box.is_rectangle:
            line = path.toFillPolygon()
            corners = [(line.at(place).x(), line.at(place).y()) for place in range(line.size())]
            area_of_line = self._area(corners)
            if area_of_line is not None:
                places = np.flatnonzero(area_of_line.contains(*self._scaled(area_of_line)))
            else:
                kept = [p for p in places if path.contains(QPointF(drawing.x[p], drawing.y[p]))]
                places = np.array(kept, dtype=int)
        if area_of_line is not None and len(places):
            self.picked.emit(Selection(areas=[area_of_line]))
        else:
            self.picked.emit(self._selection_of(places, area))
        self.mark_places(places)

    def _axes_of_area(self) -> tuple[str, Scale, str, Scale] | None:
        """Columns and scales over which a line around points is exact; None where axes are of other kinds."""
        drawing = self._drawing
        if drawing is None or drawing.boxes is not None:
            return None
        found: list[Any] = []
        for role in ("x", "y"):
            column = drawing.chart["columns"].get(drawing.fields.get(role, ""))
            kind = drawing.chart[role]["kind"]
            if column is None or kind == "labels":
                return None
            if kind == "time":
                known = next((_moment(one) for one in drawing.values[role] if one is not None), None)
                if known is None or getattr(known, "tzinfo", None) is not None:
                    return None
                kind = "moment" if isinstance(known, datetime.datetime) else "day"
            found += [column, kind]
        return found[0], found[1], found[2], found[3]

    def _area(self, corners: list[tuple[float, float]]) -> Area | None:
        """The area within a line, with as many corners as a formula has room for."""
        axes = self._axes_of_area()
        if axes is None or len(set(corners)) < 3:
            return None
        x, x_scale, y, y_scale = axes
        by_x, by_y = _UNITS[x_scale], _UNITS[y_scale]
        scaled = [(across / by_x, up / by_y) for across, up in corners]
        most = Area(x, y, scaled[:3], x_scale, y_scale).most_corners
        width, height = self._box.viewPixelSize()
        # in pixels, where both axes count alike
        flat = [(across * by_x / width, up * by_y / height) for across, up in scaled]
        kept = simpler(flat, most)
        return Area(
            x, y, [(across * width / by_x, up * height / by_y) for across, up in kept], x_scale, y_scale
        )

    def _scaled(self, area: Area) -> tuple[np.ndarray, np.ndarray]:
        """Where the points are on the scales of an area."""
        assert self._drawing is not None
        return self._drawing.x / _UNITS[area.x_scale], self._drawing.y / _UNITS[area.y_scale]

    def _selection_of(self, places: np.ndarray, area: QRectF) -> Selection:
        """The ranges and lists of values of columns that hold what was picked."""
        drawing = self._drawing
        assert drawing is not None
        intervals: dict[str, Any] = {}
        sets: dict[str, Any] = {}
        columns = drawing.chart["columns"]
        for role in ("x", "y"):
            column = columns.get(drawing.fields.get(role, ""))
            if column is None or not len(places):
                continue
            ends = [drawing.values.get(name, []) for name in (role, f"{role}2")]
            held = [one[place] for one in ends if one for place in places if one[place] is not None]
            if not held:
                continue
            kind = drawing.chart[role]["kind"]
            if kind == "labels":
                sets[column] = list(dict.fromkeys(held))[:_MOST_SET]
            elif kind == "time":
                moments = [found for one in held if (found := _moment(one)) is not None]
                if moments:
                    intervals[column] = (min(moments), max(moments))
            else:
                intervals[column] = (min(held), max(held))
        return Selection(intervals, sets)

    def _moved(self, place: QPointF) -> None:
        self._at = place
        self._hover.start()

    def _tell(self) -> None:
        """Say what lies under the mouse."""
        drawing = self._drawing
        if drawing is None or not len(drawing.x) or not self._box.sceneBoundingRect().contains(self._at):
            QToolTip.hideText()
            return
        here = self._box.mapSceneToView(self._at)
        found: int | None = None
        if drawing.boxes is not None and len(drawing.boxes) == len(drawing.x):
            left, bottom, right, top = drawing.boxes.T
            hits = np.flatnonzero(
                (left <= here.x()) & (right >= here.x()) & (bottom <= here.y()) & (top >= here.y())
            )
            found = int(hits[-1]) if len(hits) else None
        else:
            width, height = self._box.viewPixelSize()
            far = ((drawing.x - here.x()) / width) ** 2 + ((drawing.y - here.y()) / height) ** 2
            if not np.all(np.isnan(far)):
                nearest = int(np.nanargmin(far))
                found = nearest if far[nearest] <= _NEAR**2 else None
        if found is None or found >= len(drawing.told):
            QToolTip.hideText()
        else:
            spot = self.mapToGlobal(self.mapFromScene(self._at))
            QToolTip.showText(spot, hint("\n".join(drawing.told[found])), self)


def _is_between(value: Any, low: Any, high: Any) -> bool:
    """Whether a value of the chart's data, where days and moments are texts, lies in a range."""
    if isinstance(low, datetime.date):
        value = _moment(value)
        if isinstance(low, datetime.datetime) != isinstance(value, datetime.datetime):
            return False
    elif not isinstance(value, int | float):
        return False
    return value is not None and bool(low <= value <= high)


def _moment(text: Any) -> datetime.date | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.date.fromisoformat(text) if len(text) == 10 else datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
