"""Editors of lists and records: each entry with the editor of its own kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeflow_gui.look import icon, spacing
from nodeflow_gui.settings.editor import (
    NO_PLACES,
    Editor,
    Places,
    Surroundings,
    clear,
    places_within,
    row_layout,
    small_button,
    small_label,
)
from nodeflow_gui.settings.simple import BooleanEditor, plain_schema

Making = Callable[[Mapping[str, Any], Surroundings, QWidget | None], Editor]


class Entries(Editor):
    """What lists and mappings share: rows with an editor each, added, moved and removed."""

    is_ordered = True

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, making: Making, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self._making = making
        self.entries: list[Editor] = []
        self.buttons: list[dict[str, QToolButton]] = []
        self.keys: list[QLineEdit] = []
        self._layout = QVBoxLayout()
        self._layout.setSpacing(spacing(1))
        self.add_button = QPushButton(self.tr("Add"), self)
        self.add_button.setIcon(icon("add"))
        self.add_button.setAccessibleName(self.tr("Add an entry to {label}").format(label=self.label))
        self.add_button.clicked.connect(self.add_empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addLayout(self._layout)
        layout.addWidget(self.add_button)
        self.setFocusProxy(self.add_button)

    def _entry_declaration(self, key: str = "") -> dict[str, Any]:
        """The declaration of an entry, with what the list says of its entries."""
        own = self.declared
        entry: dict[str, Any] = dict(own.get("entry") or {"kind": "scalar"})
        entry.update(
            {name: own[name] for name in ("unit", "port", "types", "fields", "deferred") if name in own}
        )
        entry["label"] = self.label
        return entry

    def _append(self, value: Any, key: str = "") -> Editor:
        declared = self._entry_declaration(key)
        row = QFrame(self)
        made = self._making(declared, self.around, row)
        made.set_value(value)
        made.edited.connect(self.edited)
        made.committed.connect(self.committed)
        buttons = self._buttons_of(made, is_wide=declared["kind"] == "record")
        if declared["kind"] == "record" or not self.is_ordered:
            row.setObjectName("record")
            head = QWidget(row)
            across = row_layout(head)
            number = str(len(self.entries) + 1)
            first = small_label(number, "heading", head) if self.is_ordered else self._key_field(key)
            across.addWidget(first, 1)
            below = QVBoxLayout(row)
            margin = 0.0 if self.is_ordered else 1.0
            below.setContentsMargins(spacing(2), spacing(margin), spacing(2), spacing(1))
            below.setSpacing(spacing(margin))
            below.addWidget(head)
            below.addWidget(made)
        else:
            across = row_layout(row)
            across.addWidget(made, 1)
        for button in buttons.values():
            across.addWidget(button)
        self._layout.addWidget(row)
        row.show()  # at once and not with the next events, so that it can take the focus
        self.entries.append(made)
        self.buttons.append(buttons)
        return made

    def _key_field(self, key: str) -> QLineEdit:
        name = QLineEdit(key, self)
        name.setPlaceholderText(self.tr("name"))
        name.setMinimumWidth(spacing(10))
        name.setAccessibleName(self.tr("Name of the entry"))
        name.textEdited.connect(self.edited)
        name.editingFinished.connect(self.committed)
        self.keys.append(name)
        return name

    def _buttons_of(self, entry: Editor, *, is_wide: bool) -> dict[str, QToolButton]:
        """The buttons of an entry; beside a plain value there is no room for one that the others can stand for."""
        made = {}
        if self.is_ordered:
            made["up"] = small_button("up", self.tr("Move up"), self)
            made["up"].clicked.connect(lambda: self.move_entry(entry, -1))
            if is_wide:
                made["down"] = small_button("down", self.tr("Move down"), self)
                made["down"].clicked.connect(lambda: self.move_entry(entry, 1))
        made["close"] = small_button("close", self.tr("Remove"), self)
        made["close"].clicked.connect(lambda: self.remove_entry(entry))
        return made

    def add_empty(self) -> None:
        """Add an entry and let the user fill it in."""
        made = self._append(first_value(self._entry_declaration()))
        self._show_ends()
        self.committed.emit()
        (made if self.is_ordered else self.keys[-1]).setFocus()

    def remove_entry(self, entry: Editor) -> None:
        """Take an entry out."""
        place = self.entries.index(entry)
        values = self._values()
        del values[place]
        self._show(values)
        self.committed.emit()
        if values:
            self.buttons[min(place, len(values) - 1)]["close"].setFocus()
        else:
            self.add_button.setFocus()

    def move_entry(self, entry: Editor, direction: int) -> None:
        """Let an entry change places with its neighbour; the focus goes with it, to move it on."""
        place = self.entries.index(entry)
        values = self._values()
        other = place + direction
        if 0 <= other < len(values):
            values[place], values[other] = values[other], values[place]
            self._show(values)
            self.committed.emit()
            moved = self.buttons[other]
            order = ("up", "down", "close") if direction < 0 else ("down", "up", "close")
            next(moved[one] for one in order if one in moved and moved[one].isEnabled()).setFocus()

    def _show_ends(self) -> None:
        """The first entry cannot go up, the last not down."""
        for number, buttons in enumerate(self.buttons):
            if "up" in buttons:
                buttons["up"].setEnabled(number > 0)
            if "down" in buttons:
                buttons["down"].setEnabled(number < len(self.buttons) - 1)

    def _values(self) -> list[tuple[str, Any]]:
        keys = [field.text() for field in self.keys] or [""] * len(self.entries)
        return [(key, entry.value()) for key, entry in zip(keys, self.entries, strict=True)]

    def _show(self, values: list[tuple[str, Any]]) -> None:
        clear(self._layout)
        self.entries.clear()
        self.buttons.clear()
        self.keys.clear()
        for key, value in values:
            self._append(value, key)
        self._show_ends()

    def mark_faulty(self, faulty: bool, places: Places = NO_PLACES) -> None:
        for number, entry in enumerate(self.entries):
            within = places_within(places, f"[{number}]")
            entry.mark_faulty(faulty and bool(within or entry.fault()), within)

    def refresh_columns(self) -> None:
        for entry in self.entries:
            entry.refresh_columns()

    def fault(self) -> str:
        least = plain_schema(self.declared).get("minItems", 0)
        if len(self.entries) < least:
            return self.tr("At least %n entry(ies) needed.", "", least)
        for number, entry in enumerate(self.entries, 1):
            if fault := entry.fault():
                return self.tr("Entry {number}: {fault}").format(number=number, fault=fault)
        return ""


class ListEditor(Entries):
    """A list of values or records in their order."""

    def value(self) -> list[Any]:
        return [entry.value() for entry in self.entries]

    def set_value(self, value: Any) -> None:
        values = value if isinstance(value, list) else []
        if len(values) == len(self.entries):
            for entry, one in zip(self.entries, values, strict=True):
                if entry.value() != one:
                    entry.set_value(one)
        else:
            self._show([("", one) for one in values])


class RecordEditor(Editor):
    """A few fields below each other, each with its name."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, making: Making, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.fields: dict[str, Editor] = {}
        self._rows: dict[str, list[QWidget]] = {}
        self._given: dict[str, Any] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, spacing(1), 0, spacing(1))
        layout.setSpacing(spacing(1))
        for field in declared.get("fields", ()):
            made = making(field, around, self)
            made.set_value(field.get("default", first_value(field)))
            made.edited.connect(self._changed)
            made.committed.connect(self._committed)
            made.setToolTip(field.get("help", ""))
            widgets: list[QWidget] = [made]
            if not isinstance(made, BooleanEditor):
                name = small_label(field["label"], "help", self)
                name.setToolTip(field.get("help", ""))
                layout.addWidget(name)
                widgets.append(name)
            layout.addWidget(made)
            self.fields[field["name"]] = made
            self._rows[field["name"]] = widgets
        if self.fields:
            self.setFocusProxy(next(iter(self.fields.values())))
        self._show_fitting()

    def _changed(self) -> None:
        self._show_fitting()
        self.edited.emit()

    def _committed(self) -> None:
        self._show_fitting()
        self.committed.emit()

    def _show_fitting(self) -> None:
        values = {name: editor.value() for name, editor in self.fields.items()}
        for field in self.declared.get("fields", ()):
            for widget in self._rows[field["name"]]:
                widget.setVisible(applies(field, values))
        for editor in self.fields.values():
            editor.offer(self.around.options(values))

    def value(self) -> dict[str, Any]:
        found = {}
        for field in self.declared.get("fields", ()):
            name = field["name"]
            value = self.fields[name].value()
            # what is as declared is left out unless it was written out before
            if field.get("required") or name in self._given or value != field.get("default"):
                found[name] = value
        unknown = {name: value for name, value in self._given.items() if name not in self.fields}
        return found | unknown

    def set_value(self, value: Any) -> None:
        self._given = dict(value) if isinstance(value, dict) else {}
        for field in self.declared.get("fields", ()):
            wanted = self._given.get(field["name"], field.get("default", first_value(field)))
            editor = self.fields[field["name"]]
            if editor.value() != wanted:
                editor.set_value(wanted)
        self._show_fitting()

    def refresh_columns(self) -> None:
        for editor in self.fields.values():
            editor.refresh_columns()

    def mark_faulty(self, faulty: bool, places: Places = NO_PLACES) -> None:
        for name, editor in self.fields.items():
            within = places_within(places, f".{name}")
            editor.mark_faulty(faulty and bool(within or editor.fault()), within)

    def fault(self) -> str:
        values = {name: editor.value() for name, editor in self.fields.items()}
        for field in self.declared.get("fields", ()):
            editor = self.fields[field["name"]]
            if applies(field, values) and (fault := editor.fault()):
                return f"{field['label']}: {fault}"
        return ""


class OptionalEditor(Editor):
    """Another editor behind a tick: without it the value is null."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, making: Making, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.box = QCheckBox(self.tr("set"), self)
        self.box.setAccessibleName(self.tr("Set {label}").format(label=self.label))
        self.inner = making({**declared, "optional": False}, around, self)
        self.inner.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(self.box)
        layout.addWidget(self.inner)
        self.box.clicked.connect(self._toggled)
        self.inner.edited.connect(self.edited)
        self.inner.committed.connect(self.committed)
        self.setFocusProxy(self.box)

    def _toggled(self) -> None:
        self.inner.setVisible(self.box.isChecked())
        self.committed.emit()

    def value(self) -> Any:
        return self.inner.value() if self.box.isChecked() else None

    def set_value(self, value: Any) -> None:
        self.box.setChecked(value is not None)
        self.inner.setVisible(value is not None)
        if value is not None:
            self.inner.set_value(value)
        else:
            self.inner.set_value(first_value(_without_default(self.declared)))

    def refresh_columns(self) -> None:
        self.inner.refresh_columns()

    def mark_faulty(self, faulty: bool, places: Places = NO_PLACES) -> None:
        self.inner.mark_faulty(faulty, places)

    def fault(self) -> str:
        return self.inner.fault() if self.box.isChecked() else ""


def applies(declared: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a parameter matters, given the values of its neighbours: its condition `when` holds."""
    for name, wanted in declared.get("when", {}).items():
        value = values.get(name)
        if value != wanted and not (isinstance(wanted, list) and value in wanted):
            return False
    return True


def first_value(declared: Mapping[str, Any]) -> Any:
    """What an entry of that kind starts with, before the user says more."""
    if "default" in declared:
        return declared["default"]
    if declared.get("optional"):
        return None
    kind = declared.get("kind")
    if kind == "choice":
        return declared["choices"][0]
    if kind in ("integer", "number"):
        schema = plain_schema(declared)
        return (
            max(0, schema.get("minimum", 0))
            if "exclusiveMinimum" not in schema
            else schema["exclusiveMinimum"] + 1
        )
    if kind == "record":
        return {one["name"]: first_value(one) for one in declared.get("fields", ()) if one.get("required")}
    blank: dict[str, Any] = {"boolean": False, "columns": [], "list": [], "mapping": {}, "colour": "#1f77b4"}
    if kind in ("scalar", "seed"):
        return None
    if kind == "secret":
        return {"environment": ""}
    if kind == "date":
        return "2024-01-01"
    return blank.get(str(kind), "")


def _without_default(declared: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a value that is not null."""
    return {name: one for name, one in declared.items() if name not in ("default", "optional")}
