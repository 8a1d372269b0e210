"""The chart page: pan and zoom, hover, brush and lasso; what has no shapes is shown as SVG."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nodeflow.values.looks import swaps
from nodeflow.values.selection import Selection
from nodeflow_gui.inspector.jobs import Jobs
from nodeflow_gui.inspector.marking import marks_of_rows
from nodeflow_gui.inspector.picture import Picture
from nodeflow_gui.inspector.selections import Pick, Rows
from nodeflow_gui.inspector.writing import ask_path, write_bytes
from nodeflow_gui.look import hint, icon, spacing, theme
from nodeflow_gui.warming import import_of_qt, import_plain

if TYPE_CHECKING:
    from nodeflow_gui.running.values import TableSource

Kind = Literal["svg", "png"]
Draw = Callable[[Kind, Callable[[bytes, str], None]], None]
"""Gives the chart as a picture to a function, or the sentence why there is none."""


_IN_LEGEND = 12
_TOLD = 60


class _Title(QLabel):
    """A line of text that ends in dots where there is no room for all of it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter,
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            True,
            shown,
            self.foregroundRole(),
        )


class ChartPage(QWidget):
    """Shows one chart."""

    shown = Signal()
    picked = Signal(object)
    """A `Selection` by columns of the table behind the chart."""
    filter_wanted = Signal()
    """A Row Filter is wanted that keeps what is picked."""
    message = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self._mark_jobs = Jobs(self)
        self.plot: Any = None
        """The plot widget; made when the first chart with shapes comes."""
        self._chart: dict[str, Any] = {}
        self._draw: Draw | None = None
        self._selection: Pick = Selection()
        self._is_own = False
        """Whether what is picked was picked here, and is marked already."""
        self.title = _Title()
        self.title.setProperty("role", "strong")
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.title, self.legend):
            label.setMinimumWidth(spacing(6))  # long words are cut rather than push the panels aside
        self.modes = QButtonGroup(self)
        bar = QHBoxLayout()
        bar.setContentsMargins(spacing(3), spacing(1), spacing(3), spacing(1))
        bar.setSpacing(spacing(2))
        bar.addWidget(self.title)
        bar.addWidget(self.legend)
        bar.addStretch(1)
        self.keep = QPushButton(self.tr("Make a filter of it"))
        self.keep.setToolTip(self.tr("Add a Row Filter that keeps what is picked"))
        self.keep.clicked.connect(self.filter_wanted)
        self.keep.hide()
        bar.addWidget(self.keep)
        for mode, text, told in (
            ("pan", self.tr("Move"), self.tr("Drag moves the picture, the wheel zooms")),
            ("brush", self.tr("Brush"), self.tr("Drag picks what lies in a rectangle")),
            (
                "lasso",
                self.tr("Lasso"),
                self.tr("Drag picks what lies within a line"),
            ),
        ):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setChecked(mode == "pan")
            button.setToolTip(told)
            button.setProperty("mode", mode)
            self.modes.addButton(button)
            bar.addWidget(button)
        self.whole = QPushButton()
        self.whole.setIcon(icon("fit"))
        self.whole.setFlat(True)
        self.whole.setToolTip(self.tr("Show all"))
        self.whole.setAccessibleName(self.tr("Show all"))
        self.whole.clicked.connect(self._show_all)
        self.saving = QPushButton()
        self.saving.setIcon(icon("save"))
        self.saving.setFlat(True)
        self.saving.setToolTip(self.tr("Save the picture"))
        self.saving.setAccessibleName(self.tr("Save the picture"))
        self.saving.clicked.connect(self._ask_save)
        bar.addWidget(self.whole)
        bar.addWidget(self.saving)
        self.picture = Picture()
        self.picture.setAccessibleName(self.tr("Chart"))
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.words)
        self.stack.addWidget(self.picture)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stack, 1)
        self.modes.buttonClicked.connect(lambda button: self._set_mode(button.property("mode")))
        theme().theme_changed.connect(self._restyle)

    def show_chart(self, chart: dict[str, Any], draw: Draw) -> None:
        """Show what `running.pictures.resolved` gave; `draw` is asked for an SVG where there are no shapes."""
        self._chart, self._draw = chart, draw
        self._selection, self._is_own = Selection(), False
        self._mark_jobs.forget()
        self.keep.hide()
        self.title.setText(chart.get("title", ""))
        self.title.setToolTip(hint(self.title.text()))
        has_shapes = bool(chart.get("shapes"))
        for button in self.modes.buttons():
            button.setVisible(has_shapes)
        self._write_legend()
        if not has_shapes:
            self._show_as_picture()
        elif self.plot is not None:
            self._show_shapes()
        else:
            self.jobs.run(import_plain, self._take_plot)

    def _show_as_picture(self) -> None:
        assert self._draw is not None
        self._chart = {"title": self._chart.get("title", ""), "shapes": False}
        for button in self.modes.buttons():
            button.hide()
        self._write_legend()
        self.show_words(self.tr("The picture is being drawn …"))
        self._draw("svg", self._take_svg)

    def show_words(self, text: str) -> None:
        """Show a sentence in place of a chart."""
        self.words.setText(text)
        self.stack.setCurrentWidget(self.words)

    def close_jobs(self) -> None:
        """End the threads."""
        self.jobs.close()
        self._mark_jobs.close()

    def select(self, selection: Pick) -> None:
        """Mark what is picked in any view of the same data, as far as the chart alone can tell what that is."""
        self._is_own = self._is_own and selection == self._selection
        self._selection = selection
        self.keep.setVisible(bool(selection))
        self._mark()

    def mark_rows(self, source: TableSource, mask: Any) -> None:
        """Mark what stands for the picked rows of the table behind the chart."""
        if self.plot is None or not self._chart.get("shapes") or self._is_own or self._is_told():
            return
        if mask is None:
            self.plot.mark_places(())
            return
        roles = self.plot.roles()
        self._mark_jobs.forget()
        self._mark_jobs.run(
            lambda: marks_of_rows(roles, source.frame, mask), self.plot.mark_places, self.failed.emit
        )

    def _is_told(self) -> bool:
        """Whether the values of the chart's marks say all about what is picked."""
        selection = self._selection
        return not isinstance(selection, Rows) and bool(self.plot.tells(selection, self._chart["columns"]))

    def _mark(self) -> None:
        if self.plot is None or not self._chart.get("shapes") or self._is_own:
            return
        self._mark_jobs.forget()
        self.plot.mark(
            Selection() if isinstance(self._selection, Rows) else self._selection, self._chart["columns"]
        )

    def _take_plot(self, _: None) -> None:
        if self.plot is None:
            import_of_qt()
            from nodeflow_gui.inspector.plot import ChartPlot

            self.plot = ChartPlot(self)
            self.plot.picked.connect(self._take_picked)
            self.stack.addWidget(self.plot)
        self._show_shapes()

    def _show_shapes(self) -> None:
        if not self._chart.get("shapes"):
            return
        try:
            self.plot.show_chart(self._chart)
        except (IndexError, KeyError, TypeError, ValueError):
            self._show_as_picture()  # what the plot does not know, the picture does
            return
        chosen = self.modes.checkedButton()
        self.plot.set_mode(chosen.property("mode") if chosen is not None else "pan")
        self._is_own = False
        self._mark()
        self.stack.setCurrentWidget(self.plot)
        self.shown.emit()

    def _take_svg(self, svg: bytes, fault: str) -> None:
        if fault:
            self.show_words(fault)
            return
        self.picture.show_svg(svg.decode())
        self.stack.setCurrentWidget(self.picture)
        self.shown.emit()

    def _take_picked(self, selection: Selection) -> None:
        self._selection, self._is_own = selection, True
        self.keep.setVisible(bool(selection))
        self.picked.emit(selection)
        if selection and not selection.areas and self.plot.drew_line:
            self.message.emit(self.tr("Here a line can only be kept as the ranges and values that it spans."))

    def _set_mode(self, mode: str) -> None:
        if self.plot is not None:
            self.plot.set_mode(mode)

    def _show_all(self) -> None:
        shown = self.stack.currentWidget()
        if shown is self.picture or (self.plot is not None and shown is self.plot):
            shown.show_all()

    def _write_legend(self) -> None:
        own = swaps("dark") if theme().is_dark else {}
        entries = [(name, own.get(colour.lower(), colour)) for name, colour in self._chart.get("legend", [])]
        marks = [f'<span style="color:{colour}">●</span>&nbsp;{escape(name)}' for name, colour in entries]
        parts = marks[:_IN_LEGEND] + (["…"] if len(marks) > _IN_LEGEND else [])
        # the whole, for where there is no room
        self.legend.setToolTip("<br>".join(marks[:_TOLD]))
        ramp = self._chart.get("ramp")
        if ramp:
            shown = [theme().seen(QColor(colour)).name() for colour in ramp["colours"]]
            dots = "".join(f'<span style="color:{colour}">■</span>' for colour in shown)
            parts.append(f"{escape(ramp['title'])} {ramp['low']:.4g} {dots} {ramp['high']:.4g}")
        self.legend.setText("&nbsp;&nbsp; ".join(parts))

    def _restyle(self) -> None:
        self._write_legend()
        self.picture.restyle()
        if self.plot is not None and self._chart.get("shapes"):
            self.plot.show_chart(self._chart)
            self._is_own = False
            self._mark()
            self.shown.emit()

    def _ask_save(self) -> None:
        kinds = [("svg", self.tr("SVG pictures")), ("png", self.tr("PNG pictures"))]
        path = ask_path(self, self.tr("Save the picture"), self.title.text(), kinds)
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> None:
        """Write the chart as SVG, or as PNG where the name ends so."""
        if self._draw is None:
            return
        kind: Kind = "png" if path.suffix.lower() == ".png" else "svg"

        def take(picture: bytes, fault: str) -> None:
            if fault:
                self.failed.emit(fault)
                return
            self.jobs.run(lambda: write_bytes(path, picture), self.message.emit, self.failed.emit)

        self._draw(kind, take)
