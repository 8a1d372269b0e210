"""Learning curves while a node trains: a line for each number that it tells with its progress."""

from __future__ import annotations

import importlib
import math
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nodeflow_gui.inspector.jobs import Jobs
from nodeflow_gui.look import spacing, theme

_MOST = 20_000
_REDRAW = 100
_PLACES = ("epoch", "epochs", "step", "steps", "batch")
"""Figures that say where the work is, not how well it goes."""


class CurvesPage(QWidget):
    """The figures of one node, drawn as they come, at most ten times a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self.curves: dict[str, list[float]] = {}
        self._plot: Any = None
        self._pg: Any = None
        self.words = QLabel(self.tr("Nothing has been told yet."))
        self.words.setProperty("role", "muted")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(spacing(3), spacing(2), spacing(3), spacing(2))
        self._column.addWidget(self.words)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REDRAW)
        self._timer.timeout.connect(self._draw)
        theme().theme_changed.connect(self._timer.start)

    def show_figures(self, rows: list[dict[str, float | None]]) -> None:
        """Show the figures told so far, one mapping a step."""
        self.curves = {}
        for row in rows[-_MOST:]:
            self._take(row)
        self._timer.start()

    def add(self, row: dict[str, float | None]) -> None:
        """Add the figures of one step."""
        self._take(row)
        if not self._timer.isActive():
            self._timer.start()

    def close_jobs(self) -> None:
        """End the thread."""
        self.jobs.close()

    def _take(self, row: dict[str, float | None]) -> None:
        for name, value in row.items():
            if name not in _PLACES:
                self.curves.setdefault(name, []).append(math.nan if value is None else float(value))

    def _draw(self) -> None:
        latest = "    ".join(f"{name} {values[-1]:.4g}" for name, values in self.curves.items() if values)
        self.words.setText(latest or self.tr("Nothing has been told yet."))
        if not self.curves:
            return
        if self._pg is None:
            self.jobs.run(lambda: importlib.import_module("pyqtgraph"), self._take_library)
            return
        from nodeflow.values.looks import PALETTES

        self._plot.setBackground(theme().colour("panel"))
        self._plot.plotItem.clear()
        palette = PALETTES["dark" if theme().is_dark else "light"]
        for place, (name, values) in enumerate(self.curves.items()):
            pen = self._pg.mkPen(palette[place % len(palette)], width=2)
            self._plot.plot(list(range(1, len(values) + 1)), values, pen=pen, name=name)

    def _take_library(self, library: Any) -> None:
        if self._pg is None:
            self._pg = library
            self._plot = library.PlotWidget(self)
            self._plot.setMenuEnabled(False)
            self._plot.hideButtons()
            self._plot.addLegend(offset=(-10, 10))
            self._plot.showGrid(x=False, y=True, alpha=0.12)
            self._plot.setLabel("bottom", self.tr("step"))
            self._plot.setAccessibleName(self.tr("Learning curves"))
            self._column.addWidget(self._plot, 1)
        self._draw()
