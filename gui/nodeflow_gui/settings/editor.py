"""Editor: the base of what edits one value, and the world an editor may ask about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from nodeflow_gui.look import icon, set_look, spacing

KnownColumn = tuple[str, str]
"""The name of a column and the family of its type."""


Places = Mapping[str, int | None]
"""Where within a value faults are, such as "[0].name", each with the character if it is one of a formula."""
NO_PLACES: Places = MappingProxyType({})


def places_within(places: Places, start: str) -> Places:
    """The places that lie in the part of a value that `start` names, as seen from there."""
    return {
        place[len(start) :]: position
        for place, position in places.items()
        if place.startswith(start) and place[len(start) : len(start) + 1] in ("", "[", ".")
    }


def _no_columns(port: str) -> list[KnownColumn] | None:
    return None


def _no_options(record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return ()


@dataclass(frozen=True)
class Surroundings:
    """What an editor may ask of its node: the folder of the workflow, and the columns at a port.

    `columns` takes the name of an input port, empty for the first table, and gives None where they are not known.
    `options` takes a record and gives the declarations of what can be named in a mapping of it, none if unknown.
    """

    folder: Path | None = None
    columns: Callable[[str], Sequence[KnownColumn] | None] = field(default=_no_columns)
    options: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] = field(default=_no_options)


class Editor(QWidget):
    """Edits one JSON value. `edited` tells each change by the user, `committed` the end of one."""

    edited = Signal()
    committed = Signal()

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.declared = declared
        self.around = around

    @property
    def label(self) -> str:
        """What the value is called."""
        return str(self.declared.get("label") or self.declared.get("name") or "")

    @property
    def is_optional(self) -> bool:
        """Whether null is a value."""
        return bool(self.declared.get("optional"))

    def value(self) -> Any:
        """The value as in a workflow file."""
        raise NotImplementedError(type(self).__name__)

    def set_value(self, value: Any) -> None:
        """Show a value, without telling of a change."""
        raise NotImplementedError(type(self).__name__)

    def fault(self) -> str:
        """Why the present entry is no value, empty if it is one."""
        return ""

    def refresh_columns(self) -> None:
        """Look at the columns again."""

    def offer(self, options: Sequence[Mapping[str, Any]]) -> None:
        """Offer what can be named here, by the declarations of the values."""

    def mark_faulty(self, faulty: bool, places: Places = NO_PLACES) -> None:
        """Show by the frame that something is wrong; `places` are those within the value, where they are known."""
        for field_ in (self, *self.findChildren(QWidget)):
            if field_.property("marks faults"):
                set_look(field_, "faulty", faulty)


class QuietComboBox(QComboBox):
    """A combo box that the wheel only turns while it has the focus, so that scrolling changes no setting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setProperty("marks faults", True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def row_layout(parent: QWidget, gap: float = 1) -> QHBoxLayout:
    """A row without margins."""
    layout = QHBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing(gap))
    return layout


def small_button(icon_name: str, words: str, parent: QWidget | None = None) -> QToolButton:
    """A flat button with an icon; `words` are its tooltip and accessible name."""
    button = QToolButton(parent)
    button.setIcon(icon(icon_name))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setAutoRaise(True)
    return button


def small_label(words: str, role: str = "help", parent: QWidget | None = None) -> QLabel:
    """A label of plain text in one of the roles of the style sheet."""
    label = QLabel(words, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(role in ("help", "fault", "muted", "warning"))
    return label


def clear(layout: Any) -> None:
    """Take all widgets out of a layout and delete them."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif item.layout() is not None:
            clear(item.layout())
