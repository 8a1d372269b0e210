"""A small table that is typed in: columns with a name and a type, and cells, as in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QInputDialog, QMenu, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from nodeflow_gui.look import icon, spacing
from nodeflow_gui.settings.editor import Editor, Surroundings, row_layout, small_button
from nodeflow_gui.settings.simple import choice_labels

_RAW = Qt.ItemDataRole.UserRole
FIELDS = frozenset(("name", "type", "cells"))
"""The fields of a record that stands for a column of a typed table."""


def is_grid(declared: Mapping[str, Any]) -> bool:
    """Whether a list of records is a table that is typed in."""
    return declared.get("kind") == "list" and {one["name"] for one in declared.get("fields", ())} == FIELDS


class GridEditor(Editor):
    """The columns beside each other with their cells; paste takes what a spreadsheet copied."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        typing = next(one for one in declared["fields"] if one["name"] == "type")
        self._types: list[str] = typing["choices"]
        self._words = dict(zip(self._types, choice_labels(typing), strict=True))
        self._columns: list[dict[str, Any]] = []
        self.table = QTableWidget(self)
        self.table.setProperty("framed", True)
        self.table.setAccessibleName(self.label)
        self.table.setMinimumHeight(spacing(40))
        self.table.verticalHeader().setDefaultSectionSize(spacing(6.5))
        self.table.itemChanged.connect(self._cell_changed)
        self.table.installEventFilter(self)
        header = self.table.horizontalHeader()
        header.setToolTip(self.tr("Double-click to rename, right-click for the type"))
        header.sectionDoubleClicked.connect(self.rename)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer)
        buttons = QWidget(self)
        across = row_layout(buttons)
        for name, words, does in (
            ("column", self.tr("Add a column"), self.add_column),
            ("rows", self.tr("Add a row"), self.add_row),
            ("delete", self.tr("Remove the selected rows"), self.remove_rows),
        ):
            button = small_button(name, words, self)
            button.clicked.connect(partial(_call, does))
            across.addWidget(button)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        self.setFocusProxy(self.table)

    # -- the value ----------------------------------------------------------------------------

    def value(self) -> list[Any]:
        return [dict(column) for column in self._columns]

    def set_value(self, value: Any) -> None:
        self._columns = (
            [dict(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        )
        self._show()

    def fault(self) -> str:
        names = [str(column.get("name", "")) for column in self._columns]
        if not all(names):
            return self.tr("Every column needs a name.")
        double = next((name for name in names if names.count(name) > 1), "")
        return self.tr("The name “{name}” is there twice.").format(name=double) if double else ""

    def _height(self) -> int:
        return max((len(column.get("cells", ())) for column in self._columns), default=0)

    def _show(self) -> None:
        blocked = self.table.blockSignals(True)
        self.table.setColumnCount(len(self._columns))
        self.table.setRowCount(self._height())
        for place, column in enumerate(self._columns):
            type_name = str(column.get("type", self._types[0]))
            words = f"{column.get('name', '')}\n{self._words.get(type_name, type_name)}"
            self.table.setHorizontalHeaderItem(place, QTableWidgetItem(words))
            cells = column.get("cells", [])
            for row in range(self._height()):
                cell = cells[row] if row < len(cells) else None
                item = QTableWidgetItem("" if cell is None else str(cell))
                item.setData(_RAW, cell)
                self.table.setItem(row, place, item)
        self.table.blockSignals(blocked)

    def _take(self) -> None:
        self._show()
        self.committed.emit()

    # -- changing -----------------------------------------------------------------------------

    def _cell_changed(self, item: QTableWidgetItem) -> None:
        self._put(item.row(), item.column(), item.text())
        self._take()

    def _put(self, row: int, place: int, text: str) -> None:
        column = self._columns[place]
        cells = list(column.get("cells", []))
        cells += [None] * (row + 1 - len(cells))
        cells[row] = typed(text, str(column.get("type", "text")))
        column["cells"] = cells

    def add_column(self) -> None:
        """Add a column of texts at the right."""
        names = {column.get("name") for column in self._columns}
        number = next(n for n in range(1, len(names) + 2) if f"column{n}" not in names)
        self._columns.append(
            {"name": f"column{number}", "type": self._types[0], "cells": [None] * self._height()}
        )
        self._take()

    def add_row(self) -> None:
        """Add an empty row at the end."""
        if not self._columns:
            self.add_column()
        height = self._height()
        for column in self._columns:
            cells = list(column.get("cells", []))
            column["cells"] = [*cells, *[None] * (height + 1 - len(cells))]
        self._take()
        self.table.setCurrentCell(height, 0)

    def remove_rows(self) -> None:
        """Take the selected rows out."""
        gone = {index.row() for index in self.table.selectedIndexes()}
        if not gone:
            return
        for column in self._columns:
            column["cells"] = [cell for row, cell in enumerate(column.get("cells", [])) if row not in gone]
        self._take()

    def rename(self, place: int) -> None:
        """Ask for another name of a column."""
        present = str(self._columns[place].get("name", ""))
        name, given = QInputDialog.getText(
            self, self.tr("Rename the column"), self.tr("Name of the column"), text=present
        )
        if given and name.strip():
            self._columns[place]["name"] = name.strip()
            self._take()

    def set_type(self, place: int, type_name: str) -> None:
        """Give a column another type; its cells are read anew."""
        column = self._columns[place]
        column["type"] = type_name
        column["cells"] = [
            None if cell is None else typed(str(cell), type_name) for cell in column.get("cells", [])
        ]
        self._take()

    def _offer(self, at: QPoint) -> None:
        place = self.table.horizontalHeader().logicalIndexAt(at)
        if not 0 <= place < len(self._columns):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename the column"), partial(self.rename, place))
        types = menu.addMenu(self.tr("Type"))
        for name in self._types:
            types.addAction(self._words[name], partial(self.set_type, place, name))
        menu.addAction(icon("delete"), self.tr("Remove the column"), partial(self.remove_column, place))
        menu.popup(self.table.horizontalHeader().mapToGlobal(at))

    def remove_column(self, place: int) -> None:
        """Take a column out."""
        del self._columns[place]
        self._take()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Paste):
                self.paste(QGuiApplication.clipboard().text())
                return True
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                for index in self.table.selectedIndexes():
                    self._put(index.row(), index.column(), "")
                self._take()
                return True
        return super().eventFilter(watched, event)

    def paste(self, text: str) -> None:
        """Put lines of cells parted by tabs in, from the current cell on; the table grows as needed."""
        lines = [line.split("\t") for line in text.rstrip("\n").splitlines()]
        if not lines:
            return
        top, left = max(0, self.table.currentRow()), max(0, self.table.currentColumn())
        while len(self._columns) < left + max(map(len, lines)):
            self._columns.append(
                {"name": f"column{len(self._columns) + 1}", "type": self._types[0], "cells": []}
            )
        for down, line in enumerate(lines):
            for across, cell in enumerate(line):
                self._put(top + down, left + across, cell)
        self._take()


def typed(text: str, type_name: str) -> Any:
    """A cell as JSON has it: numbers and truth values in columns of theirs, null for an empty one."""
    text = text.strip() if type_name != "text" else text
    if not text:
        return None
    if type_name == "boolean" and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if type_name in ("integer", "number"):
        plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        for kind in (int, float):
            try:
                number = kind(plain)
            except ValueError:
                continue
            return number if abs(number) < float("inf") else text
    return text


def _call(does: Any, _checked: bool = False) -> None:
    does()
