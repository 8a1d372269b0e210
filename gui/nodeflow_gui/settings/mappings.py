"""The editor of mappings: values by their names, of which those are offered that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from nodeflow_gui.settings.editor import Surroundings
from nodeflow_gui.settings.sequences import Entries, Making, first_value

_PLAIN = frozenset(("boolean", "choice", "integer", "number", "scalar", "seed", "text"))
"""Kinds whose values are no lists and no mappings."""


class MappingEditor(Entries):
    """Named values. Where it is known what can be named, that is offered, each with the editor of its kind."""

    is_ordered = False

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, making: Making, parent: QWidget | None = None
    ) -> None:
        self._offered: dict[str, Mapping[str, Any]] = {}
        super().__init__(declared, around, making, parent)
        self.add_button.clicked.disconnect()
        self.add_button.clicked.connect(self._add)

    def offer(self, options: Sequence[Mapping[str, Any]]) -> None:
        """Offer these names, each with the declaration of its value."""
        offered = {one["name"]: one for one in options if one["kind"] in _PLAIN}
        if offered != self._offered:
            values = self._values()
            self._offered = offered
            self._show(values)

    def _entry_declaration(self, key: str = "") -> dict[str, Any]:
        known = self._offered.get(key)
        return {**known, "optional": False} if known is not None else super()._entry_declaration()

    def _key_field(self, key: str) -> QLineEdit:
        name = super()._key_field(key)
        known = self._offered.get(key)
        if known is not None:
            name.setReadOnly(True)
            name.setToolTip(f"{known['label']}\n{known.get('help', '')}".strip())
        return name

    def _add(self) -> None:
        """Add an entry; of what is offered if something is."""
        used = {field.text() for field in self.keys}
        left = [one for name, one in self._offered.items() if name not in used]
        if not left:
            self.add_empty()
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        rare = QMenu(self.tr("Expert options"), menu)
        rare.setToolTipsVisible(True)
        for one in left:
            action = (rare if one.get("advanced") else menu).addAction(
                one["label"], partial(self.add_named, one["name"])
            )
            action.setToolTip(one.get("help", ""))
        menu.addSeparator()
        if not rare.isEmpty():
            menu.addMenu(rare)
        menu.addAction(self.tr("Another name"), self.add_empty)
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def add_named(self, name: str) -> None:
        """Add an entry of a name that is offered, with its default."""
        made = self._append(first_value(self._offered[name]), name)
        self.committed.emit()
        made.setFocus()

    def value(self) -> dict[str, Any]:
        return {key: value for key, value in self._values() if key}

    def set_value(self, value: Any) -> None:
        values = value if isinstance(value, dict) else {}
        if self.value() != values:
            self._show(list(values.items()))

    def fault(self) -> str:
        names = [field.text() for field in self.keys]
        if not all(names):
            return self.tr("Give each entry a name.")
        double = next((name for name in names if names.count(name) > 1), "")
        if double:
            return self.tr("The name “{name}” is there twice.").format(name=double)
        return super().fault()
