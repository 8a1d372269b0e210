"""Editors of plain values: yes or no, one of several, texts, dates, colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeflow_gui.look import font, pixmap, spacing
from nodeflow_gui.settings.editor import Editor, QuietComboBox, Surroundings, row_layout

_LONG_TEXTS = frozenset(
    ("query", "text", "statement", "markdown", "body", "template", "description", "rules")
)
"""Names of parameters whose texts usually have several lines."""
_CODES = frozenset(("query", "statement"))
"""Those of them that hold SQL, which reads best in a font of even width."""


class BooleanEditor(Editor):
    """A check box with the label of the parameter beside it."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(self.label)
        layout = row_layout(self, 2)
        layout.addWidget(self.box)
        layout.addWidget(_BoxLabel(self.label, self.box, self), 1)
        self.box.clicked.connect(self.committed)
        self.setFocusProxy(self.box)

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class _BoxLabel(QLabel):
    """The words of a check box, in as many lines as they need; a click on them is one on the box."""

    def __init__(self, words: str, box: QCheckBox, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._box = box

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._box.setFocus(Qt.FocusReason.MouseFocusReason)
        self._box.click()


class ChoiceEditor(Editor):
    """A combo box over the choices, with "not set" first where that is allowed."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.box = QuietComboBox(self)
        self.box.setAccessibleName(self.label)
        if self.is_optional:
            self.box.addItem(self.tr("not set"), None)
        for label, choice in zip(choice_labels(declared), declared["choices"], strict=True):
            self.box.addItem(label, choice)
        row_layout(self).addWidget(self.box)
        self.box.activated.connect(self.committed)
        self.setFocusProxy(self.box)
        self._unknown: Any = None

    def value(self) -> Any:
        index = self.box.currentIndex()
        return self.box.itemData(index) if index >= 0 else self._unknown

    def set_value(self, value: Any) -> None:
        self._unknown = value
        choices = [self.box.itemData(index) for index in range(self.box.count())]
        fitting = [i for i, one in enumerate(choices) if type(one) is type(value) and one == value]
        self.box.setCurrentIndex(fitting[0] if fitting else -1)

    def fault(self) -> str:
        if self.box.currentIndex() < 0:
            if self._unknown is None:
                return self.tr("Choose one.")
            return self.tr("“{value}” is none of the choices.").format(value=self._unknown)
        return ""


def choice_labels(declared: Mapping[str, Any]) -> list[str]:
    """What people read for the choices; in another language they are not the values."""
    labels = declared.get("choice_labels", declared["choices"])
    return [str(one).lower() if isinstance(one, bool) or one is None else str(one) for one in labels]


class TextEditor(Editor):
    """A line of text; several lines where such texts are usual or there are some already."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.field: QLineEdit | LongText
        self._null = False
        if declared.get("name") in _LONG_TEXTS:
            self._take(LongText(self))
            if declared["name"] in _CODES:
                self.field.setFont(font("code"))
                self.field.setStyleSheet(f'font-family: "{font("code").family()}"; font-size: 12px;')
        else:
            self._take(QLineEdit(self))

    def _take(self, field: QLineEdit | LongText) -> None:
        self.field = field
        field.setAccessibleName(self.label)
        field.setProperty("marks faults", True)
        self._layout.addWidget(field)
        self.setFocusProxy(field)
        if isinstance(field, LongText):
            field.textChanged.connect(self._typed)
            field.left = self.committed.emit
        else:
            field.textEdited.connect(self._typed)
            field.editingFinished.connect(self.committed)
            if self.is_optional:
                field.setPlaceholderText(self.tr("not set"))
                field.setClearButtonEnabled(True)

    def _typed(self) -> None:
        self._null = False
        if not self.signalsBlocked():
            self.edited.emit()

    def _text(self) -> str:
        return self.field.text() if isinstance(self.field, QLineEdit) else self.field.toPlainText()

    def value(self) -> Any:
        text = self._text()
        return None if self.is_optional and (self._null or not text) else text

    def set_value(self, value: Any) -> None:
        text = value if isinstance(value, str) else "" if value is None else str(value)
        if "\n" in text and isinstance(self.field, QLineEdit):
            self.field.deleteLater()
            self._take(LongText(self))
        self._null = value is None
        if isinstance(self.field, LongText):
            self.field.put_text(text)
            return
        blocked = self.field.blockSignals(True)
        self.field.setText(text)
        self.field.blockSignals(blocked)

    def fault(self) -> str:
        schema = plain_schema(self.declared)
        least = schema.get("minLength", 0)
        value = self.value()
        if isinstance(value, str) and len(value) < least:
            return self.tr("Enter at least %n character(s).", "", least)
        return ""


class LongText(QPlainTextEdit):
    """A text field that grows with its lines, from three to twelve."""

    def __init__(self, parent: QWidget | None = None, *, least: int = 3) -> None:
        super().__init__(parent)
        self.least = least
        self.left: Any = None
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self.fit)
        self.fit()

    def put_text(self, text: str) -> None:
        """Show another text without telling of it; the cursor stays where it was as far as it can."""
        blocked = self.blockSignals(True)
        place = self.textCursor().position()
        self.setPlainText(text)
        cursor = self.textCursor()
        cursor.setPosition(min(place, len(self.toPlainText())))
        self.setTextCursor(cursor)
        self.blockSignals(blocked)
        self.fit()

    def fit(self) -> None:
        """Take the height of the text."""
        lines = min(12, max(self.least, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + spacing(5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()  # another width breaks lines elsewhere
        room = self.viewport().size()
        if room.width() != event.size().width():
            # the bar came while the field was being shown, when Qt loses the event that tells of the room it took
            self.resizeEvent(QResizeEvent(room, event.size()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.left is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left()


class HostEditor(TextEditor):
    """The name of a server."""

    def fault(self) -> str:
        text = self._text()
        if "://" in text or "@" in text:
            return self.tr("Enter the name of the server alone, without user, password or path.")
        return super().fault()


class ColourEditor(Editor):
    """A colour as #rrggbb, with a swatch that opens a chooser."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.swatch = QToolButton(self)
        self.swatch.setAccessibleName(self.tr("Choose a colour"))
        self.swatch.setToolTip(self.tr("Choose a colour"))
        self.swatch.clicked.connect(self._choose)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setPlaceholderText("#1f77b4")
        self.field.textEdited.connect(self._typed)
        self.field.editingFinished.connect(self.committed)
        layout = row_layout(self)
        layout.addWidget(self.swatch)
        layout.addWidget(self.field, 1)
        self.setFocusProxy(self.field)

    def _typed(self) -> None:
        self._show_swatch()
        self.edited.emit()

    def _show_swatch(self) -> None:
        colour = QColor(self.field.text())
        name = "colour" if colour.isValid() else "warning"
        self.swatch.setIcon(
            pixmap(name, colour if colour.isValid() else QColor("#98a2b0"), 20, 2, filled=True)
        )

    def _choose(self) -> None:
        chosen = QColorDialog.getColor(QColor(self.field.text()), self, self.label)
        if chosen.isValid():
            self.field.setText(chosen.name())
            self._show_swatch()
            self.committed.emit()

    def value(self) -> Any:
        text = self.field.text().strip()
        return None if self.is_optional and not text else text

    def set_value(self, value: Any) -> None:
        self.field.setText(str(value or ""))
        self._show_swatch()

    def fault(self) -> str:
        value = self.value()
        if value is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            return self.tr("Enter a colour such as #1f77b4.")
        return ""


def plain_schema(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON Schema of the value itself, without "or a variable" and "or null"."""
    schema: Mapping[str, Any] = declared.get("schema", {})
    while "anyOf" in schema:
        schema = next(
            (one for one in schema["anyOf"] if "$ref" not in one and one.get("type") != "null"),
            schema["anyOf"][0],
        )
    return schema
