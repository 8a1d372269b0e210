"""The editor of several columns: all, by type and name, or ticked one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeflow.errors import ParameterError
from nodeflow.parameters import Columns
from nodeflow_gui.look import hint, icon, spacing
from nodeflow_gui.settings.choosing import chosen, read
from nodeflow_gui.settings.columns import TYPE_ROLE, TypeDelegate, family_text, fits
from nodeflow_gui.settings.editor import (
    Editor,
    KnownColumn,
    QuietComboBox,
    Surroundings,
    row_layout,
    small_button,
    small_label,
)

Way = Literal["all", "rule", "named"]
_OFFERED_TYPES = (
    "number",
    "integer",
    "float",
    "text",
    "category",
    "boolean",
    "date",
    "datetime",
    "time",
    "duration",
)


class ColumnsEditor(Editor):
    """A line that says what is chosen; opened, the way of choosing and a list with a tick a column.

    With "all" and by rule a tick taken away excludes the column, so that new columns still come in; with
    "only those ticked" the names are kept in their order.
    """

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self._raw: Any = {}
        self._choice = Columns()
        self._way: Way = "all"
        self._columns: Sequence[KnownColumn] | None = None
        self._shown_columns: object = None
        self.head = QToolButton(self)
        self.head.setProperty("role", "button")
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setCheckable(True)
        self.head.setAccessibleName(self.label)
        # long summaries are cut, so that they do not push the panel wider
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.head.toggled.connect(self._unfold)
        self.body = QWidget(self)
        self.body.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(self.head)
        layout.addWidget(self.body)
        self.setFocusProxy(self.head)
        self._is_built = False
        self.refresh_columns()

    # -- building -----------------------------------------------------------------------------

    def _unfold(self, is_open: bool) -> None:
        if is_open and not self._is_built:
            self._build()
        self.body.setVisible(is_open)
        self._show()

    def _build(self) -> None:
        self._is_built = True
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, spacing(1))
        layout.setSpacing(spacing(1))
        self.way = QuietComboBox(self.body)
        self.way.setAccessibleName(self.tr("How columns are chosen"))
        self.way.addItem(self.tr("All columns but those unticked"), "all")
        self.way.addItem(self.tr("By type and name"), "rule")
        self.way.addItem(self.tr("Only those ticked"), "named")
        self.way.activated.connect(self._change_way)
        layout.addWidget(self.way)
        self.rule = QWidget(self.body)
        grid = QGridLayout(self.rule)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.types: dict[str, QCheckBox] = {}
        for place, family in enumerate(_OFFERED_TYPES):
            box = QCheckBox(family_text(family), self.rule)
            box.clicked.connect(self._change_rule)
            self.types[family] = box
            grid.addWidget(box, place // 2, place % 2)
        self.pattern = QLineEdit(self.rule)
        self.pattern.setPlaceholderText(self.tr("Pattern of names, such as ^score_"))
        self.pattern.setAccessibleName(self.tr("Pattern of names"))
        self.pattern.setToolTip(
            self.tr("A regular expression. A column whose name it fits is taken as well.")
        )
        self.pattern.setProperty("marks faults", True)
        self.pattern.textEdited.connect(self._change_rule)
        grid.addWidget(self.pattern, len(_OFFERED_TYPES) // 2, 0, 1, 2)
        layout.addWidget(self.rule)
        row = QWidget(self.body)
        across = row_layout(row)
        self.filter = QLineEdit(row)
        self.filter.setPlaceholderText(self.tr("Filter, or a name to add"))
        self.filter.setAccessibleName(self.tr("Filter the columns"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.filter.returnPressed.connect(self._add_typed)
        self.every = small_button("done", self.tr("Tick all that are shown"), row)
        self.none = small_button("remove", self.tr("Untick all that are shown"), row)
        self.move_up = small_button("up", self.tr("Move up"), row)
        self.move_down = small_button("down", self.tr("Move down"), row)
        self.every.clicked.connect(lambda: self._tick_shown(True))
        self.none.clicked.connect(lambda: self._tick_shown(False))
        self.move_up.clicked.connect(lambda: self._move(-1))
        self.move_down.clicked.connect(lambda: self._move(1))
        across.addWidget(self.filter, 1)
        for button in (self.every, self.none, self.move_up, self.move_down):
            across.addWidget(button)
        layout.addWidget(row)
        self.list = QListWidget(self.body)
        self.list.setProperty("framed", True)
        self.list.setItemDelegate(TypeDelegate(self.list))
        self.list.setAccessibleName(self.tr("Columns"))
        self.list.itemChanged.connect(self._ticked)
        layout.addWidget(self.list)
        self.note = small_label("", "help", self.body)
        layout.addWidget(self.note)
        self.lenient = QCheckBox(self.tr("Skip columns that are gone"), self.body)
        self.lenient.clicked.connect(self._change_lenience)
        layout.addWidget(self.lenient)

    # -- showing ------------------------------------------------------------------------------

    def refresh_columns(self) -> None:
        columns = self.around.columns(str(self.declared.get("port", "")))
        if columns != self._columns or not self.head.text():
            self._columns = columns
            self._show()

    def _show(self) -> None:
        self.head.setIcon(icon("up" if self.head.isChecked() else "down"))
        self.head.setText(self.summary())
        self.head.setToolTip(hint(self.summary()))
        if not self._is_built or not self.head.isChecked():
            return
        self.way.setCurrentIndex(self.way.findData(self._way))
        self.rule.setVisible(self._way == "rule")
        for family, box in self.types.items():
            box.setChecked(family in self._choice.types)
        if self.pattern.text() != self._choice.pattern:
            self.pattern.setText(self._choice.pattern)
        for button in (self.move_up, self.move_down):
            button.setVisible(self._way == "named")
        self.lenient.setChecked(self._choice.missing == "ignore")
        self._show_list()

    def _show_list(self) -> None:
        columns = dict(self._columns or ())
        taken = self._taken()
        named = [*self._choice.names, *self._choice.exclude]
        gone = [name for name in named if name not in columns]
        first = [name for name in self._choice.names if name in columns] if self._way == "named" else []
        order = [*first, *(name for name in columns if name not in first), *dict.fromkeys(gone)]
        current = self.list.currentItem().data(Qt.ItemDataRole.UserRole) if self.list.currentItem() else None
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for name in order:
            item = QListWidgetItem(name)
            item.setData(Qt.ItemDataRole.UserRole, name)
            there = name in columns
            words = (
                family_text(columns[name])
                if there
                else self.tr("not there")
                if self._columns is not None
                else ""
            )
            item.setData(TYPE_ROLE, words)
            item.setToolTip(hint(f"{name} · {words}" if words else name))
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            )
            is_taken = name in taken or (name not in columns and name in self._choice.names)
            item.setCheckState(Qt.CheckState.Checked if is_taken else Qt.CheckState.Unchecked)
            if there and not fits(columns[name], self.declared.get("types", ())) and not is_taken:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
            if name == current:
                self.list.setCurrentItem(item)
        self.list.blockSignals(blocked)
        rows = min(10, max(2, len(order)))
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), spacing(6)) + spacing(2))
        self.note.setText(
            self.tr("The columns are known once the input is connected. Names can be typed above.")
            if self._columns is None
            else ""
        )
        self.note.setVisible(self._columns is None)
        self._filter()

    def _taken(self) -> set[str]:
        return set(chosen(self._choice, self._columns)) if self._columns else set()

    def summary(self) -> str:
        """What is chosen, in a line: "7 of 8 columns · all but Serial No."."""
        choice = self._choice
        excluded = ", ".join(choice.exclude)
        if choice.only_named:
            words = ", ".join(choice.names) or self.tr("none")
        elif choice.types or choice.pattern or choice.names:
            parts = []
            if choice.types:
                parts.append(self.tr("type {types}").format(types=", ".join(map(family_text, choice.types))))
            if choice.pattern:
                parts.append(self.tr("names like {pattern}").format(pattern=choice.pattern))
            if choice.names:
                parts.append(", ".join(choice.names))
            words = "; ".join(parts)
            if excluded:
                words = self.tr("{words} without {names}").format(words=words, names=excluded)
        else:
            words = self.tr("all but {names}").format(names=excluded) if excluded else self.tr("all columns")
        if self._columns:
            count = self.tr("{chosen} of {all}").format(chosen=len(self._taken()), all=len(self._columns))
            return f"{count} · {words}"
        return words

    # -- changing -----------------------------------------------------------------------------

    def _take(self, choice: Columns, *, typing: bool = False) -> None:
        self._choice = choice
        self._raw = choice.to_json()
        self._show()
        (self.edited if typing else self.committed).emit()

    def _change_way(self) -> None:
        way: Way = self.way.currentData()
        taken = [name for name, _ in self._columns or () if name in self._taken()] or list(self._choice.names)
        self._way = way
        kept = self._choice.missing
        if way == "all":
            exclude = [name for name, _ in self._columns or () if name not in taken]
            choice = Columns(exclude=tuple(exclude) if taken else ())
        elif way == "named":
            choice = Columns.of(*taken)
        else:
            types = tuple(self.declared.get("types", ())) or ("number",)
            choice = Columns(types=types, exclude=self._choice.exclude)
        self._take(replace(choice, missing=kept))

    def _change_rule(self) -> None:
        types = tuple(family for family, box in self.types.items() if box.isChecked())
        typing = self.sender() is self.pattern
        self._take(
            replace(self._choice, types=types, pattern=self.pattern.text(), only_named=False), typing=typing
        )

    def _change_lenience(self) -> None:
        self._take(replace(self._choice, missing="ignore" if self.lenient.isChecked() else "error"))

    def _ticked(self, item: QListWidgetItem) -> None:
        self._tick([item.data(Qt.ItemDataRole.UserRole)], item.checkState() == Qt.CheckState.Checked)

    def _tick(self, names: Sequence[str], wanted: bool) -> None:
        choice = self._choice
        if self._way == "named":
            kept = [name for name in choice.names if name not in names]
            new = [name for name in names if name not in choice.names]
            self._take(replace(choice, names=(*choice.names, *new) if wanted else tuple(kept)))
            return
        known = dict(self._columns or ())
        columns = [*(self._columns or ()), *((name, "other") for name in names if name not in known)]
        if wanted:
            choice = replace(choice, exclude=tuple(one for one in choice.exclude if one not in names))
            missed = set(names) - set(chosen(choice, columns))
            choice = replace(choice, names=(*choice.names, *(name for name in names if name in missed)))
        else:
            choice = replace(choice, names=tuple(one for one in choice.names if one not in names))
            left = set(chosen(choice, columns))
            choice = replace(choice, exclude=(*choice.exclude, *(name for name in names if name in left)))
        self._take(choice)

    def _tick_shown(self, wanted: bool) -> None:
        state = Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked
        names = []
        for row in range(self.list.count()):
            item = self.list.item(row)
            enabled = bool(item.flags() & Qt.ItemFlag.ItemIsEnabled)
            if not item.isHidden() and enabled and item.checkState() != state:
                names.append(item.data(Qt.ItemDataRole.UserRole))
        if names:
            self._tick(names, wanted)

    def _move(self, direction: int) -> None:
        item = self.list.currentItem()
        names = list(self._choice.names)
        name = item.data(Qt.ItemDataRole.UserRole) if item else None
        if name not in names:
            return
        place = names.index(name)
        other = place + direction
        if 0 <= other < len(names):
            names[place], names[other] = names[other], names[place]
            self._take(replace(self._choice, names=tuple(names)))

    def _filter(self) -> None:
        wanted = self.filter.text().casefold().strip()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted not in item.text().casefold())

    def _add_typed(self) -> None:
        name = self.filter.text().strip()
        if not name:
            return
        self.filter.clear()
        if self._way == "all":
            known = dict(self._columns or ())
            if name not in known and name not in self._choice.exclude:
                self._take(replace(self._choice, exclude=(*self._choice.exclude, name)))
            return
        self._tick([name], True)

    # -- the value ----------------------------------------------------------------------------

    def value(self) -> Any:
        return self._raw

    def set_value(self, value: Any) -> None:
        self._raw = value
        self._choice = read(value)
        if self._choice.only_named:
            self._way = "named"
        elif self._choice.types or self._choice.pattern or self._choice.names:
            self._way = "rule"
        else:
            self._way = "all" if self._way != "rule" or not self._choice.exclude else self._way
        self._show()

    def fault(self) -> str:
        try:
            choice = Columns.from_json(self._raw)
        except ParameterError as error:
            return self.tr("The choice of columns {fault}.").format(fault=error)
        if self._columns is None:
            return ""
        known = dict(self._columns)
        if choice.missing == "error":
            gone = [name for name in (*choice.names, *choice.exclude) if name not in known]
            if gone:
                return self.tr("Not at the input: {names}.").format(names=", ".join(gone))
        return ""
