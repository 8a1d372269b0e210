"""Writing on the canvas itself: notes, titles of frames, names of nodes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFont, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget


class TextEditor(QObject):
    """One field over the canvas. What is written counts when it loses the focus; Escape takes a single line back."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._field: QLineEdit | QPlainTextEdit | None = None
        self._done: Callable[[str | None], None] = lambda text: None

    @property
    def field(self) -> QLineEdit | QPlainTextEdit | None:
        """The field while it is open."""
        return self._field

    def open(
        self,
        text: str,
        area: QRect,
        font: QFont,
        name: str,
        done: Callable[[str | None], None],
        *,
        many_lines: bool,
    ) -> None:
        """Edit a text in an area of the viewport; `done` gets the new text, or None if it stays."""
        self.finish()
        field: QLineEdit | QPlainTextEdit
        if many_lines:
            field = QPlainTextEdit(text, self._parent)
        else:
            field = QLineEdit(text, self._parent)
            field.returnPressed.connect(self.finish)
        field.setFont(font)
        field.setAccessibleName(name)
        field.setGeometry(area.adjusted(-8, -6, 8, 6))
        field.installEventFilter(self)
        self._field, self._done = field, done
        field.show()
        field.setFocus()
        if isinstance(field, QPlainTextEdit):
            field.moveCursor(QTextCursor.MoveOperation.End)
        else:
            field.selectAll()

    def finish(self, *, keep: bool = True) -> None:
        """Close the field; what it holds counts unless `keep` is false."""
        field, self._field = self._field, None
        if field is None:
            return
        text = field.toPlainText() if isinstance(field, QPlainTextEdit) else field.text()
        field.removeEventFilter(self)
        if field.hasFocus():
            self._parent.setFocus()  # before it is hidden: the keys would go nowhere
        field.hide()
        field.deleteLater()
        self._done(text if keep else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field:
            if event.type() == QEvent.Type.FocusOut:
                self.finish()
            elif event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
                if event.key() == Qt.Key.Key_Escape:
                    self.finish(keep=isinstance(watched, QPlainTextEdit))
                    return True
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and ctrl:
                    self.finish()
                    return True
        return super().eventFilter(watched, event)
