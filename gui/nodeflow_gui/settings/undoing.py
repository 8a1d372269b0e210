"""Ctrl+Z in the fields of the settings: what was applied is undone in the document, not typed back as a new change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from nodeflow_gui.settings.row import ParameterRow

_UNDOING = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class UndoKeys(QObject):
    """Lets the keys of undo and redo through to the window, except while a field holds what is not applied yet."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if isinstance(now, QLineEdit | QPlainTextEdit) and self._panel.isAncestorOf(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_key = event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if is_key and isinstance(event, QKeyEvent):
            if any(map(event.matches, _UNDOING)) and not _is_being_typed(watched):
                event.ignore()
                return True
            is_end = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_end and isinstance(watched, QLineEdit):
                # by then it is applied
                QTimer.singleShot(0, watched, lambda: watched.setModified(False))
        return super().eventFilter(watched, event)


def _is_being_typed(field: QObject) -> bool:
    """Whether a field holds what is not applied yet."""
    row = _row_of(field)
    if row is not None:
        return row.is_being_typed
    return not isinstance(field, QLineEdit) or field.isModified()


def _row_of(widget: QObject | None) -> ParameterRow | None:
    while widget is not None and not isinstance(widget, ParameterRow):
        widget = widget.parent()
    return widget
