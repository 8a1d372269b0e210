"""One parameter in the settings panel: name, editor, help, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from nodeflow.workflow import is_reference
from nodeflow_gui.look import icon, spacing
from nodeflow_gui.settings.accepting import accepted
from nodeflow_gui.settings.editor import (
    NO_PLACES,
    Editor,
    Places,
    Surroundings,
    row_layout,
    small_button,
    small_label,
)
from nodeflow_gui.settings.making import editor_for
from nodeflow_gui.settings.scalars import VariableEditor
from nodeflow_gui.settings.sequences import first_value
from nodeflow_gui.settings.simple import BooleanEditor

_PAUSE = 300
"""Milliseconds after the last key until what was typed is applied."""


class ParameterRow(QWidget):
    """A parameter of the node. `changed` brings each new value, `reset` asks for the default."""

    changed = Signal(str, object)
    reset = Signal(str)

    def __init__(
        self,
        declared: Mapping[str, Any],
        around: Surroundings,
        variables: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.declared = declared
        self.name: str = declared["name"]
        self._around = around
        self._variables = list(variables)
        self._value: Any = None
        self._is_touched = False
        self._told: tuple[tuple[str, ...], Places] = ((), NO_PLACES)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.flush)
        self._label = small_label(declared["label"], "label", self)
        self._label.setWordWrap(True)
        if declared.get("required"):
            self._label.setToolTip(self.tr("needed"))
        self._mark = small_label("", "muted", self)
        self._mark.setAccessibleName(self.tr("changed from the default"))
        self._menu_button = small_button(
            "more", self.tr("More for {label}").format(label=declared["label"]), self
        )
        self._menu_button.clicked.connect(self._offer)
        self._menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head = QWidget(self)
        across = row_layout(head)
        across.addWidget(self._label)
        across.addWidget(self._mark)
        across.addStretch(1)
        across.addWidget(self._menu_button)
        self._across = across
        self._fault = small_label("", "fault", self)
        self._fault.setVisible(False)
        self._help = small_label(declared.get("help", ""), "help", self)
        self._help.setVisible(bool(declared.get("help")))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(spacing(0.5))
        self.editor: Editor = editor_for(declared, around, self)
        self._layout.addWidget(head)
        if isinstance(self.editor, BooleanEditor):
            across.insertWidget(0, self.editor, 1)  # the box carries the label
            self._label.setVisible(False)
        else:
            self._layout.addWidget(self.editor)
        self._layout.addWidget(self._fault)
        self._layout.addWidget(self._help)
        self._wire(self.editor)

    def _wire(self, editor: Editor) -> None:
        editor.edited.connect(self._edited)
        editor.committed.connect(self._committed)
        editor.setToolTip(accepted(self.declared))
        self.setFocusProxy(editor)

    # -- showing ------------------------------------------------------------------------------

    def show_value(self, parameters: Mapping[str, Any]) -> None:
        """Show the value among the parameters of the node, or the default."""
        if self._pause.isActive():
            return  # what is being typed is newer
        given = self.name in parameters
        value = parameters.get(self.name, self.declared.get("default", first_value(self.declared)))
        self._mark.setText(
            "•" if given and value != self.declared.get("default") and not self._is_needed() else ""
        )
        self._mark.setToolTip(self.tr("changed from the default") if self._mark.text() else "")
        if value != self._value:
            self._told = ((), NO_PLACES)
        self._value = value
        self._use_editor(for_variable=is_reference(value))
        if self.editor.value() != value:
            self.editor.set_value(value)
        self.show_fault(*self._told)

    def _is_needed(self) -> bool:
        return bool(self.declared.get("required"))

    def _use_editor(self, *, for_variable: bool) -> None:
        if for_variable == isinstance(self.editor, VariableEditor):
            return
        made: Editor
        if for_variable:
            made = VariableEditor(self.declared, self._around, self._variables, self)
            made.back.clicked.connect(self._back_to_value)
        else:
            made = editor_for(self.declared, self._around, self)
        self.editor.hide()
        if isinstance(made, BooleanEditor):
            self._across.insertWidget(0, made, 1)
        else:
            self._layout.insertWidget(1, made)
        self._label.setVisible(not isinstance(made, BooleanEditor))
        self.editor.deleteLater()
        self.editor = made
        self._wire(made)

    def show_fault(self, sentences: Sequence[str] = (), places: Places = NO_PLACES) -> None:
        """Show what is wrong: what the engine found, which knows more, else what the editor finds itself.

        `places` are those within the value that the sentences are about.
        """
        self._told = (tuple(sentences), places)
        words = "\n".join(sentences) or self.editor.fault()
        self._fault.setText(words)
        self._fault.setVisible(bool(words))
        self.editor.mark_faulty(bool(words), places)

    @property
    def fault_text(self) -> str:
        """The sentences shown below the editor."""
        return self._fault.text()

    def refresh_columns(self) -> None:
        """Look at the columns of the input again."""
        self.editor.refresh_columns()

    # -- changing -----------------------------------------------------------------------------

    @property
    def is_being_typed(self) -> bool:
        """Whether something was entered that is not applied yet."""
        return self._is_touched

    def _edited(self) -> None:
        self._is_touched = True
        self._pause.start()
        told = self._told
        self.show_fault()
        self._told = told  # it holds again if the value comes back to what it was

    def _committed(self) -> None:
        self._is_touched = True
        self.flush()

    def flush(self) -> None:
        """Apply what was entered now; a value that cannot be one stays in the field with its sentence."""
        self._pause.stop()
        if not self._is_touched:
            return
        self._is_touched = False
        value = self.editor.value()
        if value != self._value or type(value) is not type(self._value):
            self._value = value
            self.show_fault()
            self.changed.emit(self.name, value)
        else:
            self.show_fault(*self._told)

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        back = menu.addAction(
            icon("reset"), self.tr("Back to the default"), lambda: self.reset.emit(self.name)
        )
        back.setEnabled("default" in self.declared)
        variables = menu.addMenu(icon("variable"), self.tr("Take the value of a variable"))
        variables.setEnabled(bool(self._variables))
        for name in self._variables:
            variables.addAction(name, partial(self.take_variable, name))
        accepts = accepted(self.declared)
        if accepts:
            menu.addSeparator()
            menu.addAction(self.tr("Takes {accepts}").format(accepts=accepts)).setEnabled(False)
        menu.popup(self._menu_button.mapToGlobal(self._menu_button.rect().bottomLeft()))

    def take_variable(self, name: str) -> None:
        """Let the parameter have the value of a variable."""
        self.changed.emit(self.name, {"variable": name})

    def _back_to_value(self) -> None:
        if "default" in self.declared:
            self.reset.emit(self.name)
        else:
            self.changed.emit(self.name, first_value(self.declared))
