"""The editor of formulas: the field, a button that lists columns and functions, and what the function at hand does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from nodeflow.errors import FormulaError
from nodeflow_gui.look import spacing
from nodeflow_gui.settings.columns import family_text, fits
from nodeflow_gui.settings.editor import (
    NO_PLACES,
    Editor,
    KnownColumn,
    Places,
    Surroundings,
    row_layout,
    small_button,
    small_label,
)
from nodeflow_gui.settings.formula_field import FormulaField, functions, quoted


class FormulaEditor(Editor):
    """A few lines of code with a button that lists columns and functions."""

    def __init__(
        self, declared: Mapping[str, Any], around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, around, parent)
        self.field = FormulaField(self)
        self.field.setAccessibleName(self.label)
        self.field.setProperty("marks faults", True)
        self.field.setPlaceholderText(self.tr('for example: age >= 18 and country == "DE"'))
        self.field.textChanged.connect(self._typed)
        self.field.left = self.committed.emit
        self.insert = small_button("add", self.tr("Insert a column or function"), self)
        self.insert.clicked.connect(self._offer)
        row = QWidget(self)
        across = row_layout(row)
        across.addWidget(self.field, 1)
        across.addWidget(self.insert, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        layout.addWidget(row)
        self.about = small_label("", "help", self)
        self.about.setVisible(False)
        layout.addWidget(self.about)
        self.field.cursorPositionChanged.connect(self._tell)
        self.setFocusProxy(self.field)
        self._columns: Sequence[KnownColumn] | None = None
        self._fault = ""
        self.refresh_columns()

    def refresh_columns(self) -> None:
        columns = self.around.columns(str(self.declared.get("port", "")))
        if columns != self._columns or columns is None:
            self._columns = columns
            self.field.offer(columns or ())
            self._check()

    def _typed(self) -> None:
        self._check()
        self.edited.emit()

    def _tell(self) -> None:
        """Say what the function at the cursor does."""
        one = functions().get(self.field.function_at_cursor())
        self.about.setText(f"{one['usage']}: {one['help']}" if one else "")
        self.about.setVisible(one is not None)

    def _check(self) -> None:
        """Find the fault and mark its character."""
        from nodeflow.expressions import parse

        text, position = self.field.toPlainText(), None
        self._fault = ""
        if text.strip():
            try:
                formula = parse(text)
                if self._columns is not None and not self.declared.get("deferred"):
                    self._fault = self._unfit(formula)
            except FormulaError as error:
                self._fault, position = error.message, error.position
        elif not self.is_optional:
            self._fault = self.tr("Enter a formula.")
        self._fault = self._fault[:1].upper() + self._fault[1:]
        self.field.mark(position)

    def _unfit(self, formula: Any) -> str:
        from nodeflow.parameters import family
        from nodeflow_gui.settings.choosing import schema_of

        types = self.declared.get("types", ())
        dtype = formula.check(schema_of(self._columns or ()))
        if dtype is not None and not fits(family(dtype), types):
            return self.tr("The formula gives {found}; needed is: {wanted}.").format(
                found=family_text(family(dtype)), wanted=", ".join(map(family_text, types))
            )
        return ""

    def _offer(self) -> None:
        """A menu of all columns and functions, with what each does."""
        from nodeflow.expressions import reference

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        columns = menu.addMenu(self.tr("Columns"))
        columns.setEnabled(bool(self._columns))
        for name, family in self._columns or ():
            columns.addAction(f"{name}\t{family_text(family)}", partial(self.field.put, quoted(name)))
        menu.addSeparator()
        for group in reference():
            below = menu.addMenu(group["group"])
            below.setToolTipsVisible(True)
            for one in group["functions"]:
                action = below.addAction(one["usage"], partial(self.field.put, f"{one['name']}()", back=1))
                action.setToolTip(f"{one['help']}\n{one['example']}")
        menu.popup(self.insert.mapToGlobal(self.insert.rect().bottomLeft()))

    def value(self) -> Any:
        text = self.field.toPlainText()
        return None if self.is_optional and not text.strip() else text

    def set_value(self, value: Any) -> None:
        text = "" if value is None else str(value)
        if text != self.field.toPlainText():
            self.field.put_text(text)
        self._check()

    def mark_faulty(self, faulty: bool, places: Places = NO_PLACES) -> None:
        super().mark_faulty(faulty, places)
        if faulty and not self._fault and places.get("") is not None:
            self.field.mark(places[""])  # the engine knows columns that the editor does not

    def fault(self) -> str:
        return self._fault
