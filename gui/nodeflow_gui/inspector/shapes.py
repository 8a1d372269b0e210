"""Drawing resolved charts by pyqtgraph: shapes of a chart as items of a plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPicture

from nodeflow.values.looks import swaps
from nodeflow_gui.look import font, theme

DENSE = 20_000
"""Points above which their density is drawn instead."""

_FEW = 500
_FEWEST = 6
"""Letters that a word along an axis has room for at least."""
_HALF = 0.5
_EDGE = 0.03
_ROOM = 0.12
"""Shares of the whole that stay free at the edges; more for texts beside marks."""
_CELLS = (240, 160)
_STYLES = {False: Qt.PenStyle.SolidLine, True: Qt.PenStyle.DashLine}


class Boxes(pg.GraphicsObject):  # type: ignore[misc]
    """Rectangles, drawn in one go from a recording."""

    def __init__(
        self, left: Any, bottom: Any, right: Any, top: Any, colours: Sequence[QColor], edge: QColor | None
    ) -> None:
        super().__init__()
        self._picture = QPicture()
        painter = QPainter(self._picture)
        pen = QPen(Qt.PenStyle.NoPen)
        if edge is not None:
            pen = QPen(edge, 1)
            pen.setCosmetic(True)
        painter.setPen(pen)
        for x, y, x2, y2, colour in zip(left, bottom, right, top, colours, strict=True):
            if math.isfinite(x + y + x2 + y2):
                painter.setBrush(QBrush(colour))
                painter.drawRect(QRectF(min(x, x2), min(y, y2), abs(x2 - x), abs(y2 - y)))
        painter.end()
        known = [part[np.isfinite(part)] for part in (left, bottom, right, top)]
        if all(part.size for part in known):
            low_x, high_x = min(known[0].min(), known[2].min()), max(known[0].max(), known[2].max())
            low_y, high_y = min(known[1].min(), known[3].min()), max(known[1].max(), known[3].max())
            self._bounds = QRectF(low_x, low_y, high_x - low_x, high_y - low_y)
        else:
            self._bounds = QRectF()

    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.drawPicture(0, 0, self._picture)

    def boundingRect(self) -> QRectF:
        return self._bounds


class LabelAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of words: each is cut to the room that it has, and where there is hardly any, some are left out."""

    def __init__(self, side: str, labels: Sequence[str]) -> None:
        super().__init__(orientation=side)
        self._labels = [_short(label) for label in labels]
        self.setStyle(hideOverlappingLabels=side == "bottom")

    def generateDrawSpecs(self, p: QPainter) -> Any:
        low, high = sorted(self.range)
        is_across = self.orientation in ("top", "bottom")
        pixels = self.geometry().width() if is_across else self.geometry().height()
        room = pixels / ((high - low) or 1.0)
        metrics = QFontMetrics(self.style["tickFont"] or p.font())
        least = _FEWEST * metrics.averageCharWidth() if is_across else metrics.height()
        step = max(1, math.ceil(least / room)) if room > 0 else 1
        width = room * step - 2 * metrics.averageCharWidth()
        shown = []
        for place in range(0, len(self._labels), step):
            text = self._labels[place]
            if is_across:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            shown.append((place, text))
        self._tickLevels = [shown]
        return super().generateDrawSpecs(p)


class Drawing:
    """The items of one chart on a plot, and what the mouse can find among them.

    `x` and `y` are the middles of its points or boxes on the plot's scale, `told` the lines on each.
    """

    def __init__(self, plot: Any, chart: Mapping[str, Any]) -> None:
        self.plot = plot
        self.chart = chart
        self.swaps = swaps("dark") if theme().is_dark else {}
        self.x = np.empty(0)
        self.y = np.empty(0)
        self.told: list[list[str]] = []
        self.boxes: np.ndarray | None = None
        self._rank = (False, 0)
        self.values: dict[str, list[Any]] = {}
        self.fields: dict[str, str] = {}
        self._room = (_EDGE, _EDGE)
        self._ends = [(math.inf, -math.inf), (math.inf, -math.inf)]
        self._axes()
        for layer in chart["layers"]:
            draw: Callable[[Mapping[str, Any]], None] = {
                "point": self._points,
                "line": self._lines,
                "area": self._areas,
                "box": self._boxes,
                "rule": self._rules,
                "line across": self._lines_across,
                "text": self._texts,
            }[layer["mark"]]
            draw(layer)
        self.show_all()

    def show_all(self) -> None:
        """Zoom to all that is drawn."""
        ranges = []
        for role, (low, high) in zip(("x", "y"), self._ends, strict=True):
            if not low <= high:
                low, high = 0.0, 1.0
            if self.chart[role]["kind"] == "labels":
                low, high = min(low, -_HALF), max(high, len(self.chart[role]["labels"]) - 1 + _HALF)
            ranges.append((low, high) if high > low else (low - 0.5, high + 0.5))
        (left, right), (low, high) = (
            (start - _EDGE * (end - start), end + room * (end - start))
            for (start, end), room in zip(ranges, self._room, strict=True)
        )
        self.plot.setRange(xRange=(left, right), yRange=(low, high), padding=0)
        for side in ("bottom", "left"):
            # a new axis is told of no range if that is the same as before
            self.plot.getAxis(side).linkedViewChanged(self.plot.vb)

    def _cover(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take the ends of what is drawn."""
        for place, values in enumerate((x, y)):
            known = values[np.isfinite(values)]
            if known.size:
                low, high = self._ends[place]
                self._ends[place] = (min(low, float(known.min())), max(high, float(known.max())))

    # -- axes ---------------------------------------------------------------------------------

    def _axes(self) -> None:
        for role, side in (("x", "bottom"), ("y", "left")):
            told = self.chart[role]
            if told["kind"] == "time":
                self.plot.setAxisItems({side: pg.DateAxisItem(orientation=side, utcOffset=0)})
            elif told["kind"] == "labels":
                self.plot.setAxisItems({side: LabelAxis(side, told["labels"])})
            else:
                self.plot.setAxisItems({side: pg.AxisItem(orientation=side)})
            axis = self.plot.getAxis(side)
            if told["kind"] == "log":
                axis.setLogMode(x=True, y=True)
            axis.setLabel(text=told["title"])
            axis.setVisible(not told.get("hidden", False))
            axis.enableAutoSIPrefix(False)
            axis.setTickFont(font("small"))
            axis.setStyle(tickLength=4, tickTextOffset=6)
            axis.label.setFont(font("small strong"))
            axis.setPen(theme().colour("strong border"))
            axis.setTextPen(theme().colour("muted"))
        self.plot.invertY(self.chart["y"]["kind"] == "labels")
        is_grid = [self.chart[role]["kind"] != "labels" for role in ("x", "y")]
        self.plot.showGrid(x=is_grid[0], y=is_grid[1], alpha=0.12)

    def place(self, role: str, values: Sequence[float | None]) -> np.ndarray:
        """Values on the plot's scale."""
        found = np.array([math.nan if value is None else value for value in values], dtype=float)
        if self.chart[role]["kind"] == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.log10(found)
        return found

    def colour(self, name: str, opacity: float = 1.0) -> QColor:
        """A colour of the chart in the present theme."""
        if not name:
            return QColor(theme().colour("text"))
        made = QColor(self.swaps.get(name, self.swaps.get(name.lower(), name)))
        made.setAlphaF(made.alphaF() * opacity)
        return made

    # -- marks --------------------------------------------------------------------------------

    def _points(self, layer: Mapping[str, Any]) -> None:
        x, y = self.place("x", layer["x"]), self.place("y", layer["y"])
        if len(x) > DENSE:
            self._density(x, y)
        else:
            sizes = np.broadcast_to(_sizes(layer, len(x)), len(x))
            # an item for each colour: a brush for each point is a hundred times slower
            for name, places in _by_colour(layer["colours"]).items():
                colour = theme().seen(self.colour(name, layer["opacity"]))
                self.plot.addItem(
                    pg.ScatterPlotItem(
                        x=x[places],
                        y=y[places],
                        size=float(sizes[0]) if np.all(sizes == sizes[0]) else sizes[places],
                        pen=None if layer["filled"] else pg.mkPen(colour, width=1.5),
                        brush=pg.mkBrush(colour) if layer["filled"] else None,
                        pxMode=True,
                    )
                )
        self._cover(x, y)
        self._take_targets(x, y, layer)

    def _density(self, x: np.ndarray, y: np.ndarray) -> None:
        keep = np.isfinite(x) & np.isfinite(y)
        counts, x_edges, y_edges = np.histogram2d(x[keep], y[keep], bins=_CELLS)
        image = pg.ImageItem(np.log1p(counts))
        image.setRect(QRectF(x_edges[0], y_edges[0], x_edges[-1] - x_edges[0], y_edges[-1] - y_edges[0]))
        accent = theme().colour("accent")
        red, green, blue = accent.red(), accent.green(), accent.blue()
        lut = np.array([[red, green, blue, 40 + step * 215 // 255 if step else 0] for step in range(256)])
        image.setLookupTable(lut.astype(np.ubyte))
        self.plot.addItem(image)

    def _lines(self, layer: Mapping[str, Any]) -> None:
        for one in layer["series"]:
            colour = self.colour(one["colour"], layer["opacity"])
            x, y = self.place("x", one["x"]), self.place("y", one["y"])
            pen = pg.mkPen(colour, width=1.8, style=_STYLES[layer["dashed"]])
            self.plot.addItem(pg.PlotCurveItem(x, y, pen=pen, connect="finite"))
            if layer["points"] and len(x) <= _FEW:
                self.plot.addItem(pg.ScatterPlotItem(x=x, y=y, size=5, pen=None, brush=pg.mkBrush(colour)))
            self._cover(x, y)
        self._take_series(layer)

    def _areas(self, layer: Mapping[str, Any]) -> None:
        for one in layer["series"]:
            colour = self.colour(one["colour"], layer["opacity"])
            x, y = self.place("x", one["x"]), self.place("y", one["y"])
            path = QPainterPath()
            if "x2" in one:
                edge = [*zip(x, y, strict=True), *zip(self.place("x", one["x2"])[::-1], y[::-1], strict=True)]
            else:
                low = self.place("y", one["y2"])
                edge = [*zip(x, y, strict=True), *zip(x[::-1], low[::-1], strict=True)]
            path.addPolygon([QPointF(a, b) for a, b in edge if math.isfinite(a + b)])
            path.closeSubpath()
            bounds = path.boundingRect()
            self._cover(np.array([bounds.left(), bounds.right()]), np.array([bounds.top(), bounds.bottom()]))
            item = pg.QtWidgets.QGraphicsPathItem(path)
            pen = QPen(self.colour(one["colour"]), 1.2)
            pen.setCosmetic(True)
            item.setPen(pen)
            fill = QColor(colour)
            fill.setAlphaF(min(colour.alphaF(), 0.55 if layer["opacity"] == 1.0 else layer["opacity"]))
            item.setBrush(fill)
            self.plot.addItem(item)
        self._take_series(layer)

    def _boxes(self, layer: Mapping[str, Any]) -> None:
        left, right = self.place("x", layer["x"]), self.place("x", layer["x2"])
        bottom, top = self.place("y", layer["y"]), self.place("y", layer["y2"])
        colours = [self.colour(name, layer["opacity"]) for name in layer["colours"]]
        edge = self.colour(layer["stroke"]) if layer["stroke"] else None
        if edge is not None and layer["stroke"].lower() in ("#ffffff", "white"):
            edge = theme().colour("panel")
        self.plot.addItem(Boxes(left, bottom, right, top, colours, edge))
        self._cover(np.concatenate([left, right]), np.concatenate([bottom, top]))
        boxes = [
            np.minimum(left, right), np.minimum(bottom, top),
            np.maximum(left, right), np.maximum(bottom, top),
        ]  # fmt: skip
        self._take_targets((left + right) / 2, (bottom + top) / 2, layer, np.column_stack(boxes))

    def _rules(self, layer: Mapping[str, Any]) -> None:
        x, x2 = self.place("x", layer["x"]), self.place("x", layer["x2"])
        y, y2 = self.place("y", layer["y"]), self.place("y", layer["y2"])
        across = np.column_stack([x, x2]).ravel(), np.column_stack([y, y2]).ravel()
        self._cover(*across)
        colour = self.colour(layer["colours"][0] if layer["colours"] else "")
        self.plot.addItem(pg.PlotCurveItem(*across, connect="pairs", pen=pg.mkPen(colour, width=1.5)))

    def _lines_across(self, layer: Mapping[str, Any]) -> None:
        pen = pg.mkPen(
            self.colour(layer["colours"][0] if layer["colours"] else ""),
            width=1.2,
            style=Qt.PenStyle.DashLine,
        )
        for value in self.place("x", layer["x"]) if layer["x"] else ():
            self.plot.addItem(pg.InfiniteLine(value, angle=90, pen=pen))
        for value in self.place("y", layer["y"]) if layer["y"] else ():
            self.plot.addItem(pg.InfiniteLine(value, angle=0, pen=pen))

    def _texts(self, layer: Mapping[str, Any]) -> None:
        # what stands beside or on top of a mark needs room there
        across, up = layer["anchor"]
        self._room = (_ROOM if across != 0.5 else _EDGE, _ROOM if up != 0.5 else _EDGE)
        x, y = self.place("x", layer["x"]), self.place("y", layer["y"])
        behind = [one for one in self.chart["layers"] if one["mark"] == "box"]
        for place, text in enumerate(layer["texts"][:400]):
            if not math.isfinite(x[place] + y[place]):
                continue
            name = layer["colours"][place]
            ink = self.colour(name)
            if not name and behind and len(behind[0]["colours"]) == len(layer["texts"]):
                ink = QColor(
                    "#10151b" if self.colour(behind[0]["colours"][place]).lightness() > 130 else "#ffffff"
                )
            item = pg.TextItem(text, color=ink, anchor=layer["anchor"])
            item.setFont(font("small"))
            item.setPos(x[place], y[place])
            self.plot.addItem(item)

    # -- what the mouse finds -----------------------------------------------------------------

    def _take_targets(
        self, x: np.ndarray, y: np.ndarray, layer: Mapping[str, Any], boxes: np.ndarray | None = None
    ) -> None:
        """One picks from the layer that shows values of columns, of several from that with most marks."""
        shows = any(layer["fields"].get(role) in self.chart["columns"] for role in ("x", "y"))
        if (shows, len(x)) < self._rank:
            return
        self._rank = (shows, len(x))
        self.x, self.y, self.told, self.boxes = x, y, layer["told"], boxes
        self.values, self.fields = layer["values"], layer["fields"]

    def _take_series(self, layer: Mapping[str, Any]) -> None:
        if self.fields:
            return
        x = [value for one in layer["series"] for value in one["x"]]
        y = [value for one in layer["series"] for value in one["y"]]
        self.x, self.y = self.place("x", x), self.place("y", y)
        self.fields = dict(layer["fields"])
        self.values = {"x": [value for one in layer["series"] for value in one["at"]]} if self.fields else {}
        names = [one["name"] for one in layer["series"] for _ in one["x"]]
        self.told = [
            [line for line in (name, f"{self.chart['y']['title']}: {value:.6g}") if line]
            if value is not None
            else [name]
            for name, value in zip(names, y, strict=True)
        ]


def _short(label: str) -> str:
    return label if len(label) <= 18 else label[:17] + "…"


def _by_colour(names: Sequence[str]) -> dict[str, np.ndarray]:
    """The places of each colour."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return {name: np.array(places) for name, places in found.items() if name}


def _sizes(layer: Mapping[str, Any], count: int) -> Any:
    """Diameters in pixels; Vega-Lite counts areas."""
    values = np.array([math.nan if one is None else one for one in layer["sizes"]], dtype=float)
    if not len(values):
        return math.sqrt(layer["size"] or 40) * 1.1
    low, high = np.nanmin(values), np.nanmax(values)
    share = (values - low) / ((high - low) or 1.0)
    return np.sqrt(20 + 340 * np.nan_to_num(share))
