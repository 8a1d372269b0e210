"""The editor of days: typed in one of the usual ways, stepped by arrow keys, or taken from a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QDate, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCalendarWidget, QFrame, QLineEdit, QVBoxLayout, QWidget

from nodeflow_gui.settings.editor import Editor, Surroundings, row_layout, small_button

_FORMAT = "yyyy-MM-dd"
_READ = (_FORMAT, "yyyy-M-d", "yyyy/M/d", "d.M.yyyy")


class DateEditor(Editor):
    """A line that takes 2024-12-31 and 31.12.2024, with a calendar; empty for null where that is allowed."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setPlaceholderText(self.tr("not set") if self.is_optional else "2024-12-31")
        self.field.setClearButtonEnabled(self.is_optional)
        self.field.textEdited.connect(self.edited)
        self.field.editingFinished.connect(self._settle)
        self.field.installEventFilter(self)
        self.button = small_button("calendar", self.tr("Choose in a calendar"), self)
        self.button.clicked.connect(self.show_calendar)
        self._popup: QFrame | None = None
        layout = row_layout(self)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            days = (event.key() == Qt.Key.Key_Up) - (event.key() == Qt.Key.Key_Down)
            if days:
                present = read_date(self.field.text())
                self.field.setText(self._written(present.addDays(days) if present else QDate.currentDate()))
                self.edited.emit()
                return True
        return super().eventFilter(watched, event)

    def show_calendar(self) -> None:
        """Open a calendar below the field, or above it where the screen ends.

        A click or Enter takes a day, Escape leaves it.
        """
        if self._popup is None:
            self._popup = QFrame(self, Qt.WindowType.Popup)
            self.calendar = QCalendarWidget(self._popup)
            self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
            self.calendar.clicked.connect(self._take)
            self.calendar.activated.connect(self._take)
            layout = QVBoxLayout(self._popup)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.addWidget(self.calendar)
            self._popup.adjustSize()
        self.calendar.setSelectedDate(read_date(self.field.text()) or QDate.currentDate())
        place = self.mapToGlobal(self.rect().bottomRight())
        if place.y() + self._popup.height() > self.screen().availableGeometry().bottom():
            place.setY(self.mapToGlobal(self.rect().topLeft()).y() - self._popup.height())
        self._popup.move(place.x() - self._popup.width(), place.y())
        self._popup.show()
        self.calendar.setFocus()

    def _take(self, day: QDate) -> None:
        assert self._popup is not None
        self._popup.hide()
        self.field.setText(self._written(day))
        self.committed.emit()

    def _settle(self) -> None:
        day = read_date(self.field.text())
        if day is not None:
            self.field.setText(self._written(day))
        self.committed.emit()

    def _written(self, day: QDate) -> str:
        return day.toString(_FORMAT)

    def value(self) -> Any:
        text = self.field.text().strip()
        if not text and self.is_optional:
            return None
        day = read_date(text)
        return self._written(day) if day is not None else text

    def set_value(self, value: Any) -> None:
        if value != self.value():
            self.field.setText("" if value is None else str(value))

    def fault(self) -> str:
        value = self.value()
        if value is not None and read_date(value) is None:
            return self.tr("Enter a day such as 2024-12-31.")
        return ""


def read_date(text: str) -> QDate | None:
    """The day that a text names; None if it is none."""
    for form in _READ:
        found = QDate.fromString(text.strip(), form)
        if found.isValid():
            return found
    return None
