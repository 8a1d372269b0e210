"""Editors of values that may be of several types, of code, and of references to secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from nodeflow_gui.look import font, pixmap, spacing, theme
from nodeflow_gui.settings.editor import (
    Editor,
    QuietComboBox,
    Surroundings,
    row_layout,
    small_button,
    small_label,
)
from nodeflow_gui.settings.highlighting import PythonHighlighter
from nodeflow_gui.settings.simple import LongText


class ScalarEditor(Editor):
    """A single value and its type: text, number, true, false or missing."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.type = QuietComboBox(self)
        self.type.setAccessibleName(self.tr("Type of the value"))
        for words, key in (
            (self.tr("text"), "text"),
            (self.tr("number"), "number"),
            (self.tr("true"), "true"),
            (self.tr("false"), "false"),
            (self.tr("missing"), "missing"),
        ):
            self.type.addItem(words, key)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setMinimumWidth(spacing(10))
        self.type.setMinimumContentsLength(4)
        self.field.textEdited.connect(self._typed)
        self.field.editingFinished.connect(self.committed)
        self.type.activated.connect(self._retyped)
        layout = row_layout(self)
        layout.addWidget(self.field, 2)
        layout.addWidget(self.type, 1)
        self.setFocusProxy(self.field)

    def _typed(self, text: str) -> None:
        # a first number makes it one; whoever wants the text says so
        if self.type.currentData() == "missing":
            self._set_type("number" if _number(text) is not None else "text")
        self.edited.emit()

    def _retyped(self) -> None:
        self.field.setEnabled(self.type.currentData() in ("text", "number", "missing"))
        self.committed.emit()

    def _set_type(self, key: str) -> None:
        self.type.setCurrentIndex(self.type.findData(key))
        self.field.setEnabled(key in ("text", "number", "missing"))

    def value(self) -> Any:
        key, text = self.type.currentData(), self.field.text()
        if key == "number":
            number = _number(text)
            return text if number is None else number
        return {"text": text, "true": True, "false": False, "missing": None}[key]

    def set_value(self, value: Any) -> None:
        if value is None:
            self._set_type("missing")
        elif isinstance(value, bool):
            self._set_type("true" if value else "false")
        else:
            self._set_type("number" if isinstance(value, int | float) else "text")
        if value is None or isinstance(value, bool):
            self.field.clear()
        elif self.value() != value:
            self.field.setText(str(value))

    def fault(self) -> str:
        if self.type.currentData() == "number" and _number(self.field.text()) is None:
            return self.tr("Enter a number, or choose another type.")
        return ""


def _number(text: str) -> int | float | None:
    text = text.strip()
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    for kind in (int, float):
        try:
            found = kind(text)
        except ValueError:
            continue
        return found if abs(found) < float("inf") else None
    return None


class SecretEditor(Editor):
    """Where a secret is: in an environment variable, or in the system's keyring. Never the secret itself."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.place = QuietComboBox(self)
        self.place.setAccessibleName(self.tr("Where the secret is"))
        if self.is_optional:
            self.place.addItem(self.tr("none"), "none")
        self.place.addItem(self.tr("environment variable"), "environment")
        self.place.addItem(self.tr("the system’s keyring"), "keyring")
        self.environment = self._line(self.tr("Name of the variable, such as DB_PASSWORD"))
        self.service = self._line(self.tr("Service"))
        self.user = self._line(self.tr("User"))
        self.pages = QStackedWidget(self)
        keyring = QWidget(self)
        across = row_layout(keyring)
        across.addWidget(self.service)
        across.addWidget(self.user)
        for page in (QWidget(self), self.environment, keyring):
            self.pages.addWidget(page)
        self.pages.setFixedHeight(spacing(7.5))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(self.place)
        layout.addWidget(self.pages)
        self.place.activated.connect(self._moved)
        self.setFocusProxy(self.place)
        self._show_page()

    def _line(self, words: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(words)
        line.setAccessibleName(words)
        line.setProperty("marks faults", True)
        line.textEdited.connect(self.edited)
        line.editingFinished.connect(self.committed)
        return line

    def _moved(self) -> None:
        self._show_page()
        self.committed.emit()

    def _show_page(self) -> None:
        page = {"none": 0, "environment": 1, "keyring": 2}[self.place.currentData()]
        self.pages.setCurrentIndex(page)
        self.pages.setVisible(page > 0)

    def value(self) -> Any:
        key = self.place.currentData()
        if key == "none":
            return None
        if key == "environment":
            return {"environment": self.environment.text().strip()}
        return {"keyring": self.service.text().strip(), "user": self.user.text().strip()}

    def set_value(self, value: Any) -> None:
        given = value if isinstance(value, dict) else {}
        key = "keyring" if "keyring" in given else "environment" if given or not self.is_optional else "none"
        self.place.setCurrentIndex(self.place.findData(key))
        for field, name in (
            (self.environment, "environment"),
            (self.service, "keyring"),
            (self.user, "user"),
        ):
            if name in given and field.text().strip() != given[name]:
                field.setText(str(given[name]))
        self._show_page()

    def fault(self) -> str:
        value = self.value()
        if value is not None and not value.get("environment", value.get("keyring")):
            return self.tr("Enter a name; the secret itself never goes into a workflow.")
        return ""


class CodeEditor(Editor):
    """Source text in a font of even width, with a word on trust."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.field = LongText(self, least=8)
        self.field.setStyleSheet(f'font-family: "{font("code").family()}"; font-size: 12px;')
        self.field.setFont(font("code"))
        self.field.setTabChangesFocus(False)
        self.field.setTabStopDistance(4 * self.field.fontMetrics().horizontalAdvance(" "))
        self.field.setLineWrapMode(LongText.LineWrapMode.NoWrap)
        self.field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self._highlighter = PythonHighlighter(self.field.document())
        theme().theme_changed.connect(self._highlighter.recolour)
        self.field.textChanged.connect(self.edited)
        self.field.left = self.committed.emit
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(self.field)
        layout.addWidget(
            small_label(self.tr("This code runs on your computer with your rights."), "warning", self)
        )
        self.setFocusProxy(self.field)

    def value(self) -> Any:
        text = self.field.toPlainText()
        return None if self.is_optional and not text else text

    def set_value(self, value: Any) -> None:
        if value != self.value():
            self.field.put_text(str(value or ""))


class JsonEditor(Editor):
    """Any value as JSON text, for what no other editor knows, such as settings of unknown node types."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.field = LongText(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.textChanged.connect(self.edited)
        self.field.left = self.committed.emit
        row_layout(self).addWidget(self.field)
        self.setFocusProxy(self.field)

    def value(self) -> Any:
        try:
            return json.loads(self.field.toPlainText())
        except (ValueError, RecursionError):
            return self.field.toPlainText()

    def set_value(self, value: Any) -> None:
        blocked = self.field.blockSignals(True)
        self.field.setPlainText(json.dumps(value, ensure_ascii=False, indent=1))
        self.field.blockSignals(blocked)
        self.field.fit()

    def fault(self) -> str:
        try:
            json.loads(self.field.toPlainText())
        except (ValueError, RecursionError) as error:
            return self.tr("This is no JSON: {fault}").format(fault=error)
        return ""


class VariableEditor(Editor):
    """A reference to a variable of the workflow in place of a value."""

    def __init__(
        self,
        declared: Mapping[str, Any],
        around: Surroundings,
        names: list[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(declared, around, parent)
        self.names = names
        self.box = QuietComboBox(self)
        self.box.setAccessibleName(self.tr("Variable"))
        self.box.addItems(names)
        self.box.activated.connect(self.committed)
        self.back = small_button("close", self.tr("Enter a value"), self)
        mark = QLabel(self)
        mark.setPixmap(pixmap("variable", theme().colour("muted"), 16, 2))
        mark.setToolTip(self.tr("The value of a variable"))
        layout = row_layout(self)
        layout.addWidget(mark)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.back)
        self.setFocusProxy(self.box)

    def value(self) -> Any:
        return {"variable": self.box.currentText()}

    def set_value(self, value: Any) -> None:
        name = value.get("variable", "") if isinstance(value, dict) else ""
        if self.box.findText(name) < 0:
            self.box.addItem(name)
        self.box.setCurrentIndex(self.box.findText(name))

    def fault(self) -> str:
        name = self.box.currentText()
        return (
            "" if name in self.names else self.tr("The workflow has no variable “{name}”.").format(name=name)
        )
