"""Curves of the figures a node tells while it works: the loss of a training, as it falls."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from nodeflow_gui.inspector.jobs import Jobs
from nodeflow_gui.look import spacing, theme
from nodeflow_gui.warming import import_of_qt, import_plain

_MOST = 20_000
_REDRAW = 100
_PLACES = ("epoch", "epochs", "step", "steps", "batch")
"""Figures that say where the others belong."""
_FIRST = "loss"
_CHECKED = Qt.CheckState.Checked


class CurvesPage(QWidget):
    """The figures of one node, drawn as they come, at most ten times a second.

    At first the losses are drawn; a tick in the list beside the plot draws other figures.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self.curves: dict[str, list[float]] = {}
        self.places: dict[str, list[float]] = {}
        """Where each value of a curve belongs: the epoch, or its number."""
        self._rows = 0
        self._plot: Any = None
        self._pg: Any = None
        self._place_name = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REDRAW)
        self.words = QLabel(self.tr("Nothing has been told yet."))
        self.words.setProperty("role", "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.figures = QListWidget()
        self.figures.setAccessibleName(self.tr("Figures to draw"))
        self.figures.setFixedWidth(spacing(60))
        self.figures.setIconSize(QSize(12, 12))
        self.figures.setFrameShape(QListWidget.Shape.NoFrame)
        self.figures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.figures.itemChanged.connect(lambda _: self._timer.start())
        self.figures.hide()
        self._row = QHBoxLayout()
        self._row.addWidget(self.figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(spacing(3), spacing(2), spacing(3), spacing(2))
        column.addWidget(self.words)
        column.addLayout(self._row)
        self._timer.timeout.connect(self._draw)
        theme().theme_changed.connect(self._timer.start)

    def show_figures(self, rows: list[dict[str, float | None]]) -> None:
        """Show the figures told so far, one mapping a step."""
        self.curves, self.places, self._rows = {}, {}, 0
        for row in rows[-_MOST:]:
            self._take(row)
        self._timer.start()

    def add(self, row: dict[str, float | None]) -> None:
        """Add the figures of one step."""
        self._take(row)
        if not self._timer.isActive():
            self._timer.start()

    def drawn(self) -> list[str]:
        """The figures that are drawn."""
        items = [self.figures.item(place) for place in range(self.figures.count())]
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == _CHECKED]

    def close_jobs(self) -> None:
        """End the thread."""
        self.jobs.close()

    def _take(self, row: dict[str, float | None]) -> None:
        self._rows += 1
        name = next((one for one in _PLACES if row.get(one) is not None), "")
        place = row[name] if name else None
        self._place_name = name
        for name, value in row.items():
            if name not in _PLACES:
                self.curves.setdefault(name, []).append(math.nan if value is None else float(value))
                self.places.setdefault(name, []).append(float(self._rows if place is None else place))

    def _list_figures(self) -> None:
        """A line for each figure: its colour, whether it is drawn, its name and its last value."""
        names = list(self.curves)
        items = [self.figures.item(place) for place in range(self.figures.count())]
        if [item.data(Qt.ItemDataRole.UserRole) for item in items] != names:
            known = {item.data(Qt.ItemDataRole.UserRole): item.checkState() for item in items}
            losses = [name for name in names if name.removeprefix("val_") == _FIRST] or names[:1]
            self.figures.clear()
            for name in names:
                item = QListWidgetItem(self.figures)
                item.setData(Qt.ItemDataRole.UserRole, name)
                unknown = _CHECKED if name in losses else Qt.CheckState.Unchecked
                item.setCheckState(known.get(name, unknown))
        for place, (name, values) in enumerate(self.curves.items()):
            item = self.figures.item(place)
            last = next((value for value in reversed(values) if not math.isnan(value)), math.nan)
            words = name.replace("_", " ")
            text = words if math.isnan(last) else f"{words}  {last:.4g}"
            if item.text() != text:
                item.setText(text)
            item.setIcon(_swatch(self._colour(place)))

    def _colour(self, place: int) -> str:
        from nodeflow.values.looks import PALETTES

        palette = PALETTES["dark" if theme().is_dark else "light"]
        return palette[place % len(palette)]

    def _draw(self) -> None:
        self.words.setVisible(not self.curves)
        self.figures.setVisible(bool(self.curves))
        blocked = self.figures.blockSignals(True)
        self._list_figures()
        self.figures.blockSignals(blocked)
        if self._plot is not None:
            self._plot.setVisible(bool(self.curves))
        if not self.curves:
            return
        if self._pg is None:
            self.jobs.run(import_plain, self._take_library)
            return
        self._plot.setBackground(theme().colour("panel"))
        self._plot.setLabel("bottom", self._place_name or self.tr("step"))
        self._plot.plotItem.clear()
        drawn = set(self.drawn())
        for place, (name, values) in enumerate(self.curves.items()):
            if name not in drawn:
                continue
            pen = self._pg.mkPen(self._colour(place), width=2)
            # a single value is seen as a point
            symbol = {"symbol": "o", "symbolSize": 5, "symbolBrush": self._colour(place), "symbolPen": None}
            self._plot.plot(
                self.places[name], values, pen=pen, connect="finite", **(symbol if len(values) < 2 else {})
            )

    def _take_library(self, _: None) -> None:
        if self._pg is None:
            import_of_qt()
            import pyqtgraph as library

            self._pg = library
            self._plot = library.PlotWidget(self)
            self._plot.setMenuEnabled(False)
            self._plot.hideButtons()
            self._plot.showGrid(x=False, y=True, alpha=0.12)
            self._plot.setAccessibleName(self.tr("Learning curves"))
            self._row.insertWidget(0, self._plot, 1)
        self._draw()


def _swatch(colour: str) -> QIcon:
    picture = QPixmap(12, 12)
    picture.fill(QColor(colour))
    return QIcon(picture)
