"""The log: what runs and nodes told, with levels, times and a filter."""

from __future__ import annotations

import datetime

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from nodeflow_gui.look import font, spacing, theme

LEVELS = ("output", "debug", "info", "warning", "error")
_MOST = 5_000
_MARKS = {"error": "✕", "warning": "!", "info": "·", "debug": " ", "output": "›"}
_COLOURS = {"error": "failed", "warning": "warning", "info": "text", "debug": "muted", "output": "muted"}


class LogPage(QWidget):
    """Lines of the log, the newest last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[str, str, str]] = []
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
        clear = QPushButton(self.tr("Clear"))
        clear.setAccessibleName(self.tr("Clear the log"))
        clear.clicked.connect(self.clear)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_MOST)
        self.text.setFont(font("code"))
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setStyleSheet("QPlainTextEdit { background: transparent; border: none; }")
        self.text.setAccessibleName(self.tr("Log"))
        self.text.setPlaceholderText(self.tr("What runs tell appears here."))
        bar = QHBoxLayout()
        bar.setContentsMargins(spacing(3), spacing(1), spacing(3), spacing(1))
        bar.addWidget(self.level)
        bar.addStretch(1)
        bar.addWidget(clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.text, 1)
        theme().theme_changed.connect(self._fill)

    def add(self, level: str, text: str) -> None:
        """Add a line."""
        line = (level if level in LEVELS else "info", f"{datetime.datetime.now():%H:%M:%S}", text)
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
        return sum(one == level for one, _, _ in self._lines)

    def _is_shown(self, line: tuple[str, str, str]) -> bool:
        return LEVELS.index(line[0]) >= LEVELS.index(self.level.currentData())

    def _fill(self) -> None:
        self.text.clear()
        for line in self._lines:
            if self._is_shown(line):
                self._write(line)

    def _write(self, line: tuple[str, str, str]) -> None:
        level, time, text = line
        bar = self.text.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(f"{time}  ", _written(theme().colour("faint")))
        cursor.insertText(f"{_MARKS[level]} {text}", _written(theme().colour(_COLOURS[level])))
        if is_at_end:
            bar.setValue(bar.maximum())


def _written(colour: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    return made
