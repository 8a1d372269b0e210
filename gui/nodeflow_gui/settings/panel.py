"""SettingsPanel: the parameters of the selected node, at the right of the window."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeflow.errors import NodeflowError
from nodeflow.workflow import NodeInstance
from nodeflow_gui.look import icon, set_look, spacing
from nodeflow_gui.settings.editor import (
    NO_PLACES,
    KnownColumn,
    Surroundings,
    clear,
    small_label,
)
from nodeflow_gui.settings.help_text import help_label
from nodeflow_gui.settings.layers import layer_options
from nodeflow_gui.settings.row import ParameterRow
from nodeflow_gui.settings.sequences import applies, first_value
from nodeflow_gui.settings.simple import LongText
from nodeflow_gui.settings.tabbing import stop_outside, stops
from nodeflow_gui.settings.undoing import UndoKeys
from nodeflow_gui.settings.workflow_settings import WorkflowSettings
from nodeflow_gui.translations.nodes import port_label

if TYPE_CHECKING:
    from nodeflow_gui.document.document import EditorDocument
    from nodeflow_gui.running.status import Status


class SettingsPanel(QWidget):
    """Generated from the declaration of a node type. Each change goes to the document at once and can be undone."""

    output_activated = Signal(str, str)
    """The user wants to see the value at an output: node, port."""

    def __init__(self, document: EditorDocument, status: Status, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(spacing(65))
        self.document = document
        self.status = status
        self.node: str | None = None
        self.rows: dict[str, ParameterRow] = {}
        self._declaration: Mapping[str, Any] = {}
        self._shows_advanced = False
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._area = area
        contents = QWidget(area)
        contents.setObjectName("contents")
        self._layout = QVBoxLayout(contents)
        self._layout.setContentsMargins(spacing(4), spacing(4), spacing(4), spacing(4))
        self._layout.setSpacing(spacing(3))
        area.setWidget(contents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        UndoKeys(self)
        document.changed.connect(self._document_changed)
        status.node_changed.connect(self._node_changed)
        status.problems_changed.connect(self._show_problems)
        status.specs_changed.connect(self._specs_changed)
        self.show_node(None)

    # -- which node ---------------------------------------------------------------------------

    def show_node(self, node: str | None, parameter: str = "") -> None:
        """Show the settings of a node, with the cursor in a parameter if one is named."""
        if node is not None and self._instance(node) is None:
            node = None
        if node != self.node or not self._layout.count():
            self.flush()
            self.node = node
            self._build()
        if parameter:
            self.focus_parameter(parameter)

    def focus_parameter(self, parameter: str) -> None:
        """Put the cursor into a parameter; a nested place such as `keys[0].left` counts for its parameter."""
        name = re.split(r"[\[.]", parameter, maxsplit=1)[0]
        if name not in self.rows and any(one["name"] == name for one in self._parameters()):
            self._toggle_advanced()
        row = self.rows.get(name)
        if row is not None:
            self._enter(row)
            QTimer.singleShot(0, row, lambda: self._area.ensureWidgetVisible(row))

    def focus_first(self) -> None:
        """Put the cursor into the first parameter."""
        for row in self.rows.values():
            if row.isVisible():
                self._enter(row)
                return

    def _enter(self, row: ParameterRow) -> None:
        """Put the cursor into the first field of a parameter."""
        found = stops(row.editor) or [row]
        fields = [one for one in found if not isinstance(one, QToolButton)] or found
        fields[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focusNextPrevChild(self, next: bool) -> bool:
        order = stops(self)
        present = self.window().focusWidget()
        if present not in order:
            return super().focusNextPrevChild(next)
        place = order.index(present) + (1 if next else -1)
        inside = 0 <= place < len(order)
        wanted = order[place] if inside else stop_outside(self, forwards=next)
        if wanted is None:
            return False
        wanted.setFocus(Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason)
        if inside:
            self._area.ensureWidgetVisible(wanted)
        return True

    def flush(self) -> None:
        """Apply what is being typed."""
        for row in list(self.rows.values()):
            row.flush()
        if self.node is None and self._layout.count():
            self.workflow_settings.flush()

    # -- building -----------------------------------------------------------------------------

    def _parameters(self) -> list[Mapping[str, Any]]:
        return list(self._declaration.get("parameters", ()))

    def _build(self) -> None:
        clear(self._layout)
        self.rows = {}
        if self.node is None:
            self._declaration = {}
            self._build_nothing()
            return
        self._declaration = self.document.declaration_of(self.node)
        self._build_head()
        around = Surroundings(
            self.document.folder, self._columns, partial(layer_options, self.document.registry)
        )
        parameters = self._parameters()
        for declared in parameters:
            if not declared.get("advanced"):
                self._add_row(declared, around)
        advanced = [one for one in parameters if one.get("advanced")]
        if advanced:
            self._advanced = QPushButton(self)
            self._advanced.setProperty("role", "link")
            self._advanced.clicked.connect(self._toggle_advanced)
            self._layout.addWidget(self._advanced)
            self._show_advanced_words(len(advanced))
            if self._shows_advanced:
                for declared in advanced:
                    self._add_row(declared, around)
        if self._is_unknown():
            self._build_unknown()
        elif not parameters:
            self._layout.addWidget(small_label(self.tr("This node needs no settings."), "muted", self))
        self._build_outputs()
        self._layout.addStretch(1)
        self._show_values()
        self._show_state()
        self._show_problems()

    def _is_unknown(self) -> bool:
        instance = self._instance(self.node)
        return (
            instance is not None
            and instance.workflow is None
            and self.document.registry.get(instance.type) is None
        )

    def _build_unknown(self) -> None:
        """A node of a package that is missing: its settings can be read, and stay as they are."""
        words = self.tr("This node type is not installed. Its settings are kept as they are:")
        self._layout.addWidget(small_label(words, "muted", self))
        text = LongText(self)
        text.setReadOnly(True)
        text.setAccessibleName(self.tr("Settings of the node"))
        text.setPlainText(json.dumps(self._values(), ensure_ascii=False, indent=1))
        self._layout.addWidget(text)

    def _build_nothing(self) -> None:
        self.workflow_settings = WorkflowSettings(self.document, self)
        self._layout.addWidget(self.workflow_settings)
        self._layout.addStretch(1)

    def _build_head(self) -> None:
        instance = self._instance(self.node)
        assert instance is not None
        head = QVBoxLayout()
        head.setSpacing(spacing(1))
        self._title = QLineEdit(instance.label or self._declaration["name"], self)
        self._title.setStyleSheet(
            "font-size: 16px; font-weight: 600; border: none; background: transparent; padding: 0;"
        )
        self._title.setAccessibleName(self.tr("Title of the node"))
        self._title.setToolTip(self.tr("Click to give the node a title of your own"))
        self._title.setCursorPosition(0)
        self._title.editingFinished.connect(self._retitle)
        head.addWidget(self._title)
        if instance.label and instance.label != self._declaration["name"]:
            head.addWidget(small_label(self._declaration["name"], "heading", self))
        head.addWidget(small_label(self._declaration.get("summary", ""), "muted", self))
        if self._declaration.get("help"):
            more = QPushButton(self.tr("More about this node"), self)
            more.setProperty("role", "link")
            text = help_label(self._declaration["help"], self)
            text.setVisible(False)
            more.clicked.connect(lambda: text.setVisible(not text.isVisible()))
            head.addWidget(more)
            head.addWidget(text)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setVisible(False)
        room = self._bar.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # what stands below must not jump when a run begins
        self._bar.setSizePolicy(room)
        self._state = small_label("", "help", self)
        self._fault = small_label("", "fault", self)
        for widget in (self._bar, self._state, self._fault):
            head.addWidget(widget)
        self._layout.addLayout(head)

    def _add_row(self, declared: Mapping[str, Any], around: Surroundings) -> None:
        row = ParameterRow(declared, around, list(self.document.workflow.variables), self)
        row.changed.connect(self._set)
        row.reset.connect(self._reset)
        self.rows[row.name] = row
        self._layout.addWidget(row)

    def _build_outputs(self) -> None:
        outputs = self._declaration.get("outputs", ())
        self._facts: dict[str, QPushButton] = {}
        self._labels: dict[str, str] = {}
        if not outputs:
            return
        self._layout.addWidget(
            small_label(self.tr("Output") if len(outputs) == 1 else self.tr("Outputs"), "label", self)
        )
        for port in outputs:
            chip = QPushButton(self)
            chip.setStyleSheet("text-align: left; font-size: 11px;")
            chip.setToolTip(port.get("help") or self.tr("Look at this output"))
            chip.clicked.connect(lambda _=False, name=port["name"]: self._activate(name))
            self._facts[port["name"]] = chip
            self._labels[port["name"]] = port_label(port)
            self._layout.addWidget(chip)
        self._show_facts()

    def _activate(self, port: str) -> None:
        if self.node is not None:
            self.output_activated.emit(self.node, port)

    def _toggle_advanced(self) -> None:
        self._shows_advanced = not self._shows_advanced
        self.flush()
        place = self._area.verticalScrollBar().value()
        self._build()
        self._area.verticalScrollBar().setValue(place)

    def _show_advanced_words(self, count: int) -> None:
        shown = self._shows_advanced
        self._advanced.setText(
            self.tr("Fewer options") if shown else self.tr("Expert options ({count})").format(count=count)
        )
        self._advanced.setIcon(icon("down" if shown else "right", "accent"))

    # -- what is shown ------------------------------------------------------------------------

    def _instance(self, node: str | None) -> NodeInstance | None:
        """The node, also one within components; None if it is not there any more."""
        try:
            return self.document.node(node) if node is not None else None
        except NodeflowError:
            return None

    def _values(self) -> Mapping[str, Any]:
        instance = self._instance(self.node)
        return instance.parameters if instance is not None else {}

    def _show_values(self) -> None:
        given = self._values()
        values = {
            one["name"]: given.get(one["name"], one.get("default", first_value(one)))
            for one in self._parameters()
        }
        for row in self.rows.values():
            row.show_value(given)
            row.setVisible(applies(row.declared, values))

    def _show_problems(self) -> None:
        if self.node is None or not self._layout.count():
            return
        found: dict[str, list[str]] = {}
        places: dict[str, dict[str, int | None]] = {}
        for problem in self.status.problems:
            if problem.get("node") == self.node:
                place = problem.get("parameter", "")
                name = re.split(r"[\[.]", place, maxsplit=1)[0]
                found.setdefault(name if name in self.rows else "", []).append(sentence_of(problem))
                places.setdefault(name, {})[place.removeprefix(name)] = problem.get("position")
        for name, row in self.rows.items():
            row.show_fault(found.get(name, ()), places.get(name, NO_PLACES))
        self._fault.setText("\n".join(found.get("", ())))
        self._fault.setVisible(bool(self._fault.text()))

    def _show_state(self) -> None:
        if self.node is None:
            return
        state = self.status.of(self.node)
        running = state.state == "running"
        self._bar.setVisible(running)
        if running and state.progress is not None:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * state.progress))
        elif running:
            self._bar.setRange(0, 0)
        words = state.message or (state.reason if state.state in ("failed", "skipped", "cancelled") else "")
        if state.state in ("needs settings", "unknown type"):
            words = ""  # that is told where the setting is
        self._state.setText(words[:1].upper() + words[1:])
        self._state.setVisible(bool(words))
        set_look(self._state, "role", "fault" if state.state == "failed" else "help")

    def _show_facts(self) -> None:
        for port, chip in self._facts.items():
            facts = self.status.facts_of(self.node, port) if self.node is not None else ""
            name = self._labels[port][:1].upper() + self._labels[port][1:]
            chip.setText(f"{name} · {facts}" if facts else name)

    # -- what others change -------------------------------------------------------------------

    def _document_changed(self, change: Any) -> None:
        if self.node is None:
            if change.kind in ("variables changed", "details changed", "reset"):
                self.workflow_settings.refresh()
            return
        instance = self._instance(self.node)
        if instance is None:
            self.rows = {}
            self.show_node(None)
        elif change.kind in ("reset", "variables changed"):
            self._build()
        elif change.kind == "connections changed":
            self._specs_changed()
        elif self.node in change.ids:
            if not (self._title.hasFocus() and self._title.isModified()):
                self._title.setText(instance.label or self._declaration["name"])
            self._show_values()

    def _node_changed(self, node: str) -> None:
        if node == self.node:
            self._show_state()
            self._show_facts()

    def _specs_changed(self) -> None:
        if self.node is None:
            return
        for row in self.rows.values():
            row.refresh_columns()
        self._show_facts()
        self._show_problems()

    # -- what the user changes ----------------------------------------------------------------

    def _columns(self, port: str) -> list[KnownColumn] | None:
        """The columns at an input, None while they are not known."""
        return self.status.columns_for(self.node, "", port) or None if self.node is not None else None

    def _set(self, name: str, value: object) -> None:
        if self.node is not None:
            self.document.set_parameter(self.node, name, value)

    def _reset(self, name: str) -> None:
        if self.node is not None:
            self.document.reset_parameter(self.node, name)

    def _retitle(self) -> None:
        instance = self._instance(self.node)
        if self.node is None or instance is None:
            return
        text = self._title.text().strip()
        wanted = "" if text == self._declaration["name"] else text
        if wanted != instance.label:
            self.document.set_label(self.node, wanted)


def sentence_of(problem: Mapping[str, Any]) -> str:
    """What a problem says, with a capital; the drawing of a formula that may follow is for terminals."""
    sentence = str(problem.get("message", "")).partition("\n")[0]
    return sentence[:1].upper() + sentence[1:]
