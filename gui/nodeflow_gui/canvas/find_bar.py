"""Finding a node on the canvas by its name, its type or its settings."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget


class FindBar(QFrame):
    """A search field; Enter goes to the next hit, Shift+Enter to the one before, Escape closes."""

    searched = Signal(str, int)
    """The text, and the step: 0 for the first hit, 1 or -1 for the next or the one before."""
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Find a node"))
        self.field.setAccessibleName(self.tr("Find a node on the canvas"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(lambda text: self.searched.emit(text, 0))
        self.field.installEventFilter(self)
        self.count = QLabel(self)
        self.count.setProperty("role", "help")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 12, 8)
        row.addWidget(self.field)
        row.addWidget(self.count)
        self.setFixedWidth(320)
        self.adjustSize()
        self.hide()

    def open(self) -> None:
        """Show it, with what was searched before selected."""
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()
        if self.field.text():
            self.searched.emit(self.field.text(), 0)

    def tell(self, index: int, count: int) -> None:
        """Say which hit of how many is shown."""
        if not self.field.text():
            self.count.setText("")
        elif count:
            self.count.setText(self.tr("{0} of {1}").format(index + 1, count))
        else:
            self.count.setText(self.tr("none"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.searched.emit(self.field.text(), -1 if back else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                self.closed.emit()
                return True
        return super().eventFilter(watched, event)
