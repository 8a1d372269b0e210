"""WorkflowPage: one open workflow with its canvas, settings, data and problems."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from nodeflow.errors import NodeflowError, shorten
from nodeflow.registry import Registry
from nodeflow_gui.canvas.view import CanvasView
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.fixing import carry_out
from nodeflow_gui.document.geometry import CARD_WIDTH, COLUMN, Place, free_place
from nodeflow_gui.document.wiring import LONGEST_TITLE
from nodeflow_gui.inspector.inspector import Inspector
from nodeflow_gui.inspector.selections import selections
from nodeflow_gui.look import spacing
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.running.session import Session
from nodeflow_gui.running.status import Status
from nodeflow_gui.settings import SettingsPanel
from nodeflow_gui.window.asking import agrees
from nodeflow_gui.window.dialogs import TrustDialog
from nodeflow_gui.window.first_steps import FirstSteps
from nodeflow_gui.window.notice import NoticeBar
from nodeflow_gui.window.options import run_options
from nodeflow_gui.window.problems import ProblemsPanel


class WorkflowPage(QWidget):
    """Holds a document and all that shows it. The window tells it what the user commands."""

    title_changed = Signal()
    state_changed = Signal()
    """Selection, problems, run or undo stack changed: commands may have to be enabled or not."""
    panel_wanted = Signal(str)
    """A panel is needed that may be folded away, by the command that shows it."""
    failed = Signal(str)
    """A sentence on something that could not be done."""

    def __init__(self, registry: Registry, kept: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kept = kept
        self.selection: list[str] = []
        self.document = EditorDocument(registry, self)
        self.status = Status(self)
        self.session = Session(self.document, self.status, run_options(kept), self)
        self.canvas = CanvasView(self.document, self.status)
        self.inspector = Inspector(self.session, self.status)
        self.settings = SettingsPanel(self.document, self.status)
        self.problems = ProblemsPanel(self)
        self.notice = NoticeBar(self)
        self.first_steps = FirstSteps(self.canvas)
        self.below = QSplitter(Qt.Orientation.Vertical, self)
        self.across = QSplitter(Qt.Orientation.Horizontal, self)
        for widget in (self.canvas, self.inspector, self.problems):
            self.below.addWidget(widget)
        self.below.setStretchFactor(0, 1)
        self.below.setCollapsible(0, False)
        self.across.addWidget(self.below)
        self.across.addWidget(self.settings)
        self.across.setStretchFactor(0, 1)
        self.across.setCollapsible(0, False)
        self.across.setSizes([spacing(220), spacing(76)])
        self.below.setSizes([spacing(130), spacing(76), spacing(42)])
        self.problems.hide()
        for splitter in (self.below, self.across):
            splitter.setHandleWidth(1)
            splitter.splitterMoved.connect(lambda: self._remember_sizes())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.across, 1)
        self._is_code_told = False
        self._connect()
        self._restore_sizes()

    def _connect(self) -> None:
        canvas, document, status = self.canvas, self.document, self.status
        canvas.selection_changed.connect(self._select)
        canvas.port_activated.connect(self.look_at)
        canvas.node_activated.connect(self._go_to_settings)
        canvas.fix_requested.connect(self.carry_out)
        canvas.message.connect(self.failed)
        document.changed.connect(self._tell_title)
        document.path_changed.connect(self.title_changed)
        document.undo_stack.cleanChanged.connect(self._tell_title)
        document.undo_stack.indexChanged.connect(self._tell_state)
        document.changed_on_disk.connect(self._offer_reload)
        status.problems_changed.connect(self._show_problems)
        status.run_changed.connect(self.state_changed)
        status.node_changed.connect(self._node_changed)
        status.trust_changed.connect(self._tell_of_code)
        self.session.trust_needed.connect(self._ask_for_trust)
        self.session.code_kept.connect(self.kept.code.add)
        self.session.worker_lost.connect(self._tell_of_loss)
        self.problems.problem_activated.connect(self.go_to)
        self.problems.fix_chosen.connect(self.carry_out)
        self.settings.output_activated.connect(self.look_at)
        self.inspector.filter_made.connect(self._go_to_made)
        self.inspector.message.connect(self._tell_done)
        self.inspector.failed.connect(self.failed)
        self.inspector.node_wanted.connect(self.go_to)

    # methods, not lambdas: Qt lets go of them when the page goes, before the document ends its undo stack
    def _tell_title(self) -> None:
        self.first_steps.setVisible(not self.document.workflow.nodes)
        self.title_changed.emit()

    def _tell_state(self) -> None:
        self.state_changed.emit()

    def _tell_done(self, sentence: str) -> None:
        self.notice.tell(sentence, passes=True)

    def _tell_of_loss(self, node: str, sentence: str) -> None:
        title = self.document.title_of(node) if node else ""
        self.notice.tell(f"{title}: {sentence}" if title else sentence[:1].upper() + sentence[1:])

    # -- what it is called --------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The name of the workflow, else of its file."""
        document = self.document
        path = document.path
        name = document.workflow.name or (path.stem if path is not None else "")
        return shorten(name, LONGEST_TITLE) or self.tr("New workflow")

    @property
    def is_modified(self) -> bool:
        """Whether there is something to save."""
        return bool(self.document.is_modified)

    # -- where the user is --------------------------------------------------------------------

    def _select(self, nodes: list[str]) -> None:
        self.selection = list(nodes)
        chosen = nodes[0] if len(nodes) == 1 else None
        self.settings.show_node(chosen)
        if chosen is not None:
            self.inspector.show_node(chosen)
        self.state_changed.emit()

    def declaration_of_selected(self) -> Mapping[str, Any] | None:
        """The declaration of the one selected node."""
        if len(self.selection) != 1:
            return None
        try:
            found: Mapping[str, Any] = self.document.declaration_of(self.selection[0])
            return found
        except NodeflowError:
            return None

    def look_at(self, node: str, port: str) -> None:
        """Show the value at an output below the canvas."""
        self.panel_wanted.emit("show inspector")
        self.inspector.look_at(node, port)

    def look_at_column(self, node: str, port: str, column: str) -> None:
        """Select a node and show a column of its output."""
        self.canvas.select_nodes([node])
        self.look_at(node, port)
        self.inspector.table.show_column(column)

    def look_at_selected(self) -> None:
        """Show the first output of the selected node."""
        if self.selection:
            self.panel_wanted.emit("show inspector")
            self.inspector.show_node(self.selection[0])

    def go_to(self, node: str, parameter: str = "") -> None:
        """Select a node, bring it into view and put the cursor into a parameter."""
        if not node:
            return
        self.canvas.select_nodes([node])
        self.panel_wanted.emit("show settings")
        self.settings.show_node(node, parameter)

    def _go_to_made(self, node: str) -> None:
        self.go_to(node)
        self.canvas.show_added(node.rpartition("/")[2])

    def _go_to_settings(self, node: str) -> None:
        self.panel_wanted.emit("show settings")
        self.settings.show_node(node)
        self.settings.focus_first()

    # -- adding -------------------------------------------------------------------------------

    def add_node(
        self, type_id: str, parameters: Mapping[str, Any] | None = None, place: Place | None = None
    ) -> str:
        """Add a node: after the selected one if it fits there, else at a place, or in the middle of what is seen."""
        source: tuple[str, str] | None = None
        declaration = self.declaration_of_selected()
        if declaration is not None and declaration["outputs"]:
            known = self.document.registry.get(type_id)
            takes = {port["type"] for port in known.declaration["inputs"]} if known is not None else set()
            port = next((one for one in declaration["outputs"] if one["type"] in takes), None)
            if port is not None:
                source = (self.selection[0], port["name"])
        level = "/".join(self.canvas.level)
        added = self.canvas.level_document.add_node(
            type_id,
            self._place_after(source, place),
            parameters=parameters,
            source=(source[0].rpartition("/")[2], source[1]) if source is not None else None,
        )
        self.canvas.show_added(added)
        return f"{level}/{added}" if level else added

    def _place_after(self, source: tuple[str, str] | None, place: Place | None) -> Place:
        """A free place right of a node, at the place, or in the middle of what is seen."""
        places = self.canvas.level_document.places()
        before = places.get(source[0].rpartition("/")[2]) if source is not None else None
        middle = self.canvas.visible_rect().center()
        wanted = (
            (before[0] + COLUMN, before[1])
            if before is not None
            else place or (middle.x() - CARD_WIDTH / 2, middle.y())
        )
        return free_place(wanted, list(places.values()))

    # -- problems -----------------------------------------------------------------------------

    def _show_problems(self) -> None:
        self.problems.show_problems(self.status.problems, self.document.title_of)
        self.state_changed.emit()

    def carry_out(self, fix: Mapping[str, Any]) -> None:
        """Mend a problem as a fix says."""
        try:
            match fix["do"]:
                case "allow":
                    self.session.allow(dict(fix))
                case "show parameter":
                    self.go_to(fix["node"], fix["parameter"])
                case _:
                    carry_out(self.document, fix)
                    self.focus_canvas()  # the button goes with its problem; the keys must not go to its neighbour
        except NodeflowError as error:
            self.failed.emit(str(error))

    # -- running ------------------------------------------------------------------------------

    def flush(self) -> None:
        """Take in what is being typed, into settings and on the canvas."""
        self.settings.flush()
        self.canvas.text_editor.finish()

    def take_preferences(self) -> None:
        """Let the next run go as the user prefers now; what that changes is looked up anew."""
        before = copy.copy(self.session.options)
        if run_options(self.kept, self.session.options) != before:
            self.session.check_soon()

    def run(self, targets: list[str] | None = None) -> None:
        """Run all, or what the targets need."""
        self.flush()
        self.take_preferences()
        self.session.run(tuple(targets or ()))

    def _tell_of_code(self) -> None:
        """Tell once of code that came with the workflow, before it is to run."""
        code = self.status.code
        is_foreign = bool(code) and not self.status.is_allowed
        if is_foreign and not self._is_code_told:
            self.notice.tell(
                self.tr("This workflow holds code of its own. It runs only if you allow it."),
                [(self.tr("Look at the code…"), lambda: self._ask_for_trust(self.status.code))],
            )
        self._is_code_told = is_foreign

    def _ask_for_trust(self, code: Mapping[str, Any]) -> None:
        texts = [(one.get("title") or one.get("node", ""), one["text"]) for one in code["texts"]]
        dialog = TrustDialog(texts, self)
        dialog.finished.connect(lambda: self._answer_trust(dialog.choice, code))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _answer_trust(self, choice: str, code: Mapping[str, Any]) -> None:
        if choice == "allow":
            self.kept.code.add(code["hash"])
            self.session.allow_code(code["hash"])
        elif choice == "without":
            self.notice.tell(
                self.tr("The workflow runs without its own code."),
                [(self.tr("Look at the code…"), lambda: self._ask_for_trust(code))],
            )
            self.session.leave_out_code()
        elif self.session.waits_for_trust:
            self.session.stop()
            self.notice.tell(self.tr("The workflow was not run, since its code is not allowed."))

    def _node_changed(self, node: str) -> None:
        if self.selection == [node]:
            self.state_changed.emit()

    # -- the file on disk ---------------------------------------------------------------------

    def _offer_reload(self) -> None:
        path = self.document.path
        if path is None or not self.document.is_changed_on_disk():
            return
        self.notice.tell(
            self.tr("{file} was changed by another program.").format(file=path.name),
            [
                (self.tr("Load it anew"), lambda: self._reload(path)),
                (self.tr("Keep what is here"), self.document.keep),
            ],
        )

    def _reload(self, path: Path) -> None:
        self.flush()
        words = self.tr("What you changed in “{name}” is not saved and would be lost.").format(
            name=self.title
        )
        if self.is_modified and not agrees(self, words, self.tr("Load it anew")):
            return
        try:
            self.document.load(path)
        except (NodeflowError, OSError) as error:
            self.failed.emit(str(error))

    # -- sizes --------------------------------------------------------------------------------

    def _remember_sizes(self) -> None:
        window = dict(self.kept.kept.window)
        for name, splitter in (("across", self.across), ("below", self.below)):
            before = window.get(name) or []
            held = before if len(before) == splitter.count() else [0] * splitter.count()
            # what is folded away has no size; it comes back with the one it had
            window[name] = [now or old for now, old in zip(splitter.sizes(), held, strict=True)]
        self.kept.kept.window = window

    def _restore_sizes(self) -> None:
        for name, splitter in (("across", self.across), ("below", self.below)):
            sizes = self.kept.kept.window.get(name)
            if (
                isinstance(sizes, list)
                and len(sizes) == splitter.count()
                and all(isinstance(n, int) for n in sizes)
            ):
                splitter.setSizes(sizes)

    def finish(self) -> None:
        """End what runs for this page; it is closed for good."""
        self.inspector.close_jobs()
        selections().forget(id(self.document))
        self.session.close()
        self.document.close()

    def focus_canvas(self) -> None:
        """Give the keys to the canvas."""
        QTimer.singleShot(
            0, self, lambda: self.canvas.setFocus() if QApplication.activePopupWidget() is None else None
        )
