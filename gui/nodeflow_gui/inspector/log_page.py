"""The log: what runs and nodes told, with levels, times, a filter and a way to the node."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from nodeflow_gui.look import font, spacing, theme

LEVELS = ("output", "debug", "info", "warning", "error")
_MOST = 5_000
_MARKS = {"error": "✕", "warning": "!", "info": "·", "debug": " ", "output": "›"}
_COLOURS = {"error": "failed", "warning": "warning", "info": "text", "debug": "muted", "output": "muted"}


@dataclass(frozen=True)
class Line:
    """A line of the log; `node` is who told it, if a node did."""

    level: str
    time: str
    text: str
    node: str = ""


class LogPage(QWidget):
    """Lines of the log, the newest last. A click on the mark of a node's line goes to the node."""

    node_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self.level = QComboBox()
        for level, text in (
            ("output", self.tr("Everything")),
            ("info", self.tr("Information and worse")),
            ("warning", self.tr("Warnings and errors")),
            ("error", self.tr("Errors")),
        ):
            self.level.addItem(text, level)
        self.level.setAccessibleName(self.tr("What the log shows"))
        self.level.currentIndexChanged.connect(self._fill)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Show lines that contain"))
        self.search.setAccessibleName(self.tr("Show lines that contain"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(spacing(80))
        self.search.textChanged.connect(self._fill)
        clear = QPushButton(self.tr("Clear"))
        clear.setAccessibleName(self.tr("Clear the log"))
        clear.clicked.connect(self.clear)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setUndoRedoEnabled(False)
        self.text.document().setMaximumBlockCount(_MOST)
        self.text.setFont(font("code"))
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.setStyleSheet("QTextBrowser { background: transparent; border: none; }")
        self.text.setAccessibleName(self.tr("Log"))
        self.text.setPlaceholderText(self.tr("What runs tell appears here."))
        self.text.anchorClicked.connect(lambda link: self.node_wanted.emit(link.path()))
        bar = QHBoxLayout()
        bar.setContentsMargins(spacing(3), spacing(1), spacing(3), spacing(1))
        bar.addWidget(self.level)
        bar.addWidget(self.search, 1)
        bar.addStretch(1)
        bar.addWidget(clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.text, 1)
        theme().theme_changed.connect(self._fill)

    def add(self, level: str, text: str, node: str = "") -> None:
        """Add a line."""
        line = Line(level if level in LEVELS else "info", f"{datetime.datetime.now():%H:%M:%S}", text, node)
        self._lines.append(line)
        del self._lines[:-_MOST]
        if self._is_shown(line):
            self._write(line)

    def clear(self) -> None:
        """Drop all lines."""
        self._lines.clear()
        self.text.clear()

    def count(self, level: str) -> int:
        """How many lines of a level there are."""
        return sum(line.level == level for line in self._lines)

    def _is_shown(self, line: Line) -> bool:
        wanted = self.search.text().strip().casefold()
        return LEVELS.index(line.level) >= LEVELS.index(self.level.currentData()) and (
            wanted in line.text.casefold()
        )

    def _fill(self) -> None:
        self.text.clear()
        for line in self._lines:
            if self._is_shown(line):
                self._write(line)

    def _write(self, line: Line) -> None:
        bar = self.text.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(f"{line.time}  ", _written(theme().colour("faint")))
        told = _written(theme().colour(_COLOURS[line.level]))
        # the name of the node before the colon leads to it
        name, colon, rest = line.text.partition(": ") if line.node else ("", "", line.text)
        cursor.insertText(f"{_MARKS[line.level]} ", told)
        if name:
            link = _written(theme().colour("accent"))
            link.setAnchor(True)
            link.setAnchorHref(f"node:{line.node}")
            link.setFontUnderline(True)
            cursor.insertText(name, link)
        cursor.insertText(f"{colon}{rest}", told)
        if is_at_end:
            bar.setValue(bar.maximum())


def _written(colour: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    return made
