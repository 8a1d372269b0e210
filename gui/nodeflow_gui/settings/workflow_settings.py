"""The settings of the workflow itself, shown while no node is selected: name, purpose and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget

from nodeflow.errors import NodeflowError
from nodeflow_gui.look import icon, spacing
from nodeflow_gui.settings.editor import Surroundings, clear, row_layout, small_button, small_label
from nodeflow_gui.settings.scalars import ScalarEditor
from nodeflow_gui.settings.simple import LongText

if TYPE_CHECKING:
    from nodeflow_gui.document.document import EditorDocument


class WorkflowSettings(QWidget):
    """Name, description and variables of a workflow; each change is one undo step."""

    def __init__(self, document: EditorDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name of the workflow"))
        self.name.setAccessibleName(self.tr("Name of the workflow"))
        self.name.editingFinished.connect(self.flush)
        self.description = LongText(self, least=2)
        self.description.setPlaceholderText(self.tr("What this workflow is for"))
        self.description.setAccessibleName(self.tr("What this workflow is for"))
        self.description.left = self.flush
        self.rows: dict[str, VariableRow] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(spacing(2))
        self.new_name = QLineEdit(self)
        self.new_name.setPlaceholderText(self.tr("Name of a new variable"))
        self.new_name.setAccessibleName(self.tr("Name of a new variable"))
        self.new_name.returnPressed.connect(self.add)
        self.add_button = QPushButton(self.tr("Add"), self)
        self.add_button.setIcon(icon("add"))
        self.add_button.clicked.connect(self.add)
        self.fault = small_label("", "fault", self)
        adding = QWidget(self)
        across = row_layout(adding)
        across.addWidget(self.new_name, 1)
        across.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(2))
        layout.addWidget(small_label(self.tr("Workflow"), "title", self))
        layout.addWidget(small_label(self.tr("Choose a node to see and change its settings."), "muted", self))
        layout.addWidget(self.name)
        layout.addWidget(self.description)
        layout.addSpacing(spacing(2))
        layout.addWidget(small_label(self.tr("Variables"), "label", self))
        layout.addWidget(
            small_label(
                self.tr("Values that settings can refer to, and that are given when it is run."), "help", self
            )
        )
        layout.addLayout(self._list)
        layout.addWidget(adding)
        layout.addWidget(self.fault)
        self.refresh()

    def refresh(self) -> None:
        """Show the workflow as it is now."""
        workflow = self.document.workflow
        if not self.name.hasFocus():
            self.name.setText(workflow.name)
        if not self.description.hasFocus() and self.description.toPlainText() != workflow.description:
            self.description.setPlainText(workflow.description)
        if list(self.rows) != list(workflow.variables):
            clear(self._list)
            self.rows = {}
            for name in workflow.variables:
                row = VariableRow(self.document, name, self)
                self.rows[name] = row
                self._list.addWidget(row)
        for name, row in self.rows.items():
            row.show_variable(workflow.variables[name].default, workflow.variables[name].help)

    def flush(self) -> None:
        """Apply name and description."""
        workflow = self.document.workflow
        name, description = self.name.text().strip(), self.description.toPlainText().strip()
        if (name, description) != (workflow.name, workflow.description):
            self.document.set_details(name=name, description=description)

    def add(self) -> None:
        """Add the variable that was named."""
        name = self.new_name.text().strip()
        if not name:
            return
        if name in self.document.workflow.variables:
            self.fault.setText(self.tr("There is a variable “{name}” already.").format(name=name))
            return
        try:
            self.document.set_variable(name, 0)
        except NodeflowError as error:
            self.fault.setText(str(error))
            return
        self.fault.setText("")
        self.new_name.clear()
        self.refresh()
        self.rows[name].value.field.selectAll()
        self.rows[name].value.setFocus()


class VariableRow(QFrame):
    """One variable: its value, what it is for, and a button that takes it away."""

    def __init__(self, document: EditorDocument, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._name = document, name
        self.value = ScalarEditor({"kind": "scalar", "label": name}, Surroundings(), self)
        self.value.committed.connect(self._apply)
        self.help = QLineEdit(self)
        self.help.setPlaceholderText(self.tr("What it is for"))
        self.help.setAccessibleName(self.tr("What it is for"))
        self.help.editingFinished.connect(self._apply)
        remove = small_button("close", self.tr("Remove"), self)
        remove.clicked.connect(lambda: document.remove_variable(name))
        head = QWidget(self)
        across = row_layout(head)
        across.addWidget(small_label(name, "strong", self), 1)
        across.addWidget(remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(1))
        for widget in (head, self.value, self.help):
            layout.addWidget(widget)

    def show_variable(self, value: Any, words: str) -> None:
        """Show the value it has now."""
        if self.value.value() != value or type(self.value.value()) is not type(value):
            self.value.set_value(value)
        if self.help.text() != words and not self.help.hasFocus():
            self.help.setText(words)

    def _apply(self) -> None:
        known = self._document.workflow.variables.get(self._name)
        if known is None or self.value.fault():
            return
        value, words = self.value.value(), self.help.text().strip()
        if (value, words) != (known.default, known.help) or type(value) is not type(known.default):
            self._document.set_variable(self._name, value, words)
