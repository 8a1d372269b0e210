"""The editor of numbers: typed, or stepped by buttons and arrow keys, within bounds and with a unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from nodeflow_gui.settings.editor import Editor, Surroundings, row_layout, small_button, small_label
from nodeflow_gui.settings.simple import plain_schema


class NumberEditor(Editor):
    """A number, whole for the kinds "integer" and "seed"; empty for null where that is allowed."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.whole = declared["kind"] in ("integer", "seed")
        self.may_be_null = self.is_optional or declared["kind"] == "seed"
        schema = plain_schema(declared)
        self.low, self.above = schema.get("minimum"), schema.get("exclusiveMinimum")
        self.high, self.below = schema.get("maximum"), schema.get("exclusiveMaximum")
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setToolTip(self._wanted())
        if declared["kind"] == "seed":
            self.field.setPlaceholderText(self.tr("from the run"))
        elif self.may_be_null:
            self.field.setPlaceholderText(self.tr("not set"))
        self.field.textEdited.connect(self.edited)
        self.field.editingFinished.connect(self.committed)
        self.field.installEventFilter(self)
        less = small_button("remove", self.tr("Less"), self)
        more = small_button("add", self.tr("More"), self)
        less.clicked.connect(lambda: self.step(-1))
        more.clicked.connect(lambda: self.step(1))
        for button in (less, more):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys do the same
        layout = row_layout(self)
        layout.addWidget(self.field, 1)
        if unit := declared.get("unit"):
            layout.addWidget(small_label(unit, "muted", self))
        layout.addWidget(less)
        layout.addWidget(more)
        self.setFocusProxy(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Up:
                self.step(1)
                return True
            if event.key() == Qt.Key.Key_Down:
                self.step(-1)
                return True
        return super().eventFilter(watched, event)

    def step(self, direction: int) -> None:
        """Go a step up or down: 1 for whole numbers, else in the last decimal shown."""
        present = self._read()
        if present is None:
            start = self.low if self.low is not None else self.above if self.above is not None else 0
            present = start if direction > 0 else start - direction
        else:
            decimals = 0 if self.whole else _decimals(self.field.text())
            present = round(present + direction * 10**-decimals, decimals)
        if self.low is not None:
            present = max(present, self.low)
        if self.high is not None:
            present = min(present, self.high)
        if self._is_outside(present):
            return
        self.field.setText(_written(int(present) if self.whole else present))
        self.edited.emit()

    def value(self) -> Any:
        number = self._read()
        return number if number is not None or not self.field.text().strip() else self.field.text()

    def set_value(self, value: Any) -> None:
        if value == self._read() and self.field.text().strip() and not isinstance(value, bool):
            return  # "0.50" stays as it was typed
        self.field.setText("" if value is None else _written(value))

    def fault(self) -> str:
        text = self.field.text().strip()
        if not text:
            return "" if self.may_be_null else self._wanted()
        number = self._read()
        return self._wanted() if number is None or self._is_outside(number) else ""

    def _read(self) -> float | int | None:
        text = self.field.text().strip().replace("−", "-").replace(" ", "").replace("_", "")
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        try:
            if self.whole:
                number = float(text)
                return int(text) if "." not in text and "e" not in text.lower() else _whole(number)
            found = float(text)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    def _is_outside(self, number: float) -> bool:
        return (
            (self.low is not None and number < self.low)
            or (self.high is not None and number > self.high)
            or (self.above is not None and number <= self.above)
            or (self.below is not None and number >= self.below)
        )

    def _wanted(self) -> str:
        """What may be entered, as a sentence."""
        number = self.tr("a whole number") if self.whole else self.tr("a number")
        bounds = []
        if self.low is not None and self.high is not None:
            bounds.append(
                self.tr("from {low} to {high}").format(low=f"{self.low:,.10g}", high=f"{self.high:,.10g}")
            )
        elif self.low is not None:
            bounds.append(self.tr("of at least {low}").format(low=f"{self.low:,.10g}"))
        elif self.high is not None:
            bounds.append(self.tr("of at most {high}").format(high=f"{self.high:,.10g}"))
        if self.above is not None:
            bounds.append(self.tr("above {low}").format(low=f"{self.above:,.10g}"))
        if self.below is not None:
            bounds.append(self.tr("below {high}").format(high=f"{self.below:,.10g}"))
        words = " ".join([number, *bounds])
        if self.may_be_null:
            return self.tr("Enter {number}, or leave it empty.").format(number=words)
        return self.tr("Enter {number}.").format(number=words)


def _whole(number: float) -> int | None:
    return int(number) if number.is_integer() else None


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def _decimals(text: str) -> int:
    _, _, decimals = text.replace(",", ".").partition(".")
    return min(len(decimals), 12) if decimals.isdigit() else 0 if "." not in text else 1
