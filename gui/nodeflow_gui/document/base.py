"""The part of the document that is no action: the file, the levels of components, and telling what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

import nodeflow.document as files
from nodeflow.errors import NodeflowError, did_you_mean, shorten
from nodeflow.registry import Registry
from nodeflow.workflow import COMPONENT, Connection, NodeInstance, Workflow
from nodeflow_gui.document import clipboard, wiring
from nodeflow_gui.document.arranging import arranged
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.declarations import Declarations
from nodeflow_gui.document.disk import FileWatch, digest_of, modified_at
from nodeflow_gui.document.edits import Change, Level, workflow_at
from nodeflow_gui.document.geometry import Place, card_height, is_place, places
from nodeflow_gui.document.recovery import Journal
from nodeflow_gui.document.words import tr

MOST_SETTLED = 200
"""So many nodes without places are laid out with care while the user waits; more of them by layers alone."""


class DocumentBase(QObject):
    """Holds a workflow and its undo stack. `EditorDocument` adds the actions of a user."""

    changed = Signal(object)
    """A `Change`."""
    path_changed = Signal()
    written = Signal(str, str, object, object)
    """The user set a parameter by hand: node, parameter, the value before (None if there was none), the new one."""
    changed_on_disk = Signal()

    def __init__(
        self, registry: Registry | None = None, parent: QObject | None = None, *, recovery: Path | None = None
    ) -> None:
        super().__init__(parent)
        self.registry = registry or Registry.installed()
        self.undo_stack = QUndoStack(self)
        self.path: Path | None = None
        self.level: Level = ()
        self._root = self
        self._workflow = Workflow()
        self._declarations = Declarations(self.registry)
        self._cached: dict[str, Mapping[str, Any]] = {}
        self._views: dict[Level, Any] = {}
        self._watch = FileWatch(self)
        self._watch.changed.connect(self.changed_on_disk)
        self.journal = Journal(lambda: (self._workflow, self.path), recovery)
        self.undo_stack.indexChanged.connect(self._follow_index)

    # -- the file -----------------------------------------------------------------------------

    @property
    def workflow(self) -> Workflow:
        """The workflow; for others to read."""
        return workflow_at(self._root._workflow, self.level)

    @property
    def is_modified(self) -> bool:
        """Whether there is something to save."""
        return not self.undo_stack.isClean()

    @property
    def folder(self) -> Path | None:
        """Where relative paths start."""
        return self._root._workflow.folder

    def new(self, workflow: Workflow | None = None) -> None:
        """Begin an empty workflow, or go on with one that came from elsewhere and has no file."""
        self._take(workflow or Workflow(), None)

    def load(self, path: Path | str) -> None:
        """Open a file; raises `DocumentError` and keeps the present workflow if that fails."""
        path = Path(path)
        known = digest_of(path)  # before it is read: what is written meanwhile is a change
        self._take(files.load(path), path, known)

    def recover(self, workflow: Workflow, path: Path | None, changed_at: float | None = None) -> None:
        """Go on with what a crashed session left; it counts as not saved, and is in this session's care at once.

        `changed_at` is the time of its last change: a file that was saved later holds something else.
        """
        self._take(workflow, path)
        if path is not None and changed_at is not None and modified_at(path) > changed_at:
            self._watch.doubt()
        self.undo_stack.resetClean()
        self.journal.write()

    def save(self, path: Path | str | None = None) -> None:
        """Write the file; raises `FileError` or `DocumentError`."""
        root = self._root
        target = Path(path) if path is not None else root.path
        if target is None:
            raise NodeflowError(tr("the workflow has no file yet; choose one to save it in"))
        moves = root.path is not None and target.resolve().parent != root.path.resolve().parent
        files.save(root._workflow, target)
        if moves:
            root._workflow.folder = target.resolve().parent
        root.path = target
        root._watch.follow(target)
        root.undo_stack.setClean()
        root.journal.clear()
        root.path_changed.emit()

    def close(self) -> None:
        """The document is not needed any more: its recovery file goes."""
        self._root.journal.close()
        self._root._watch.follow(None)
        # not left to the destructor: the collector of garbage may free commands that the stack still holds, and the
        # stack would tell of its emptying when nobody is left to hear it
        self._root.undo_stack.blockSignals(True)
        self._root.undo_stack.clear()

    def to_text(self) -> str:
        """The whole file as text."""
        return files.dumps(self._root._workflow)

    def is_changed_on_disk(self) -> bool:
        """Whether another program changed the file."""
        return self._root._watch.is_changed()

    def keep(self) -> None:
        """What another program wrote into the file does not count: what is here is not saved yet."""
        root = self._root
        root._watch.follow(root.path)
        root.undo_stack.resetClean()
        root.journal.touch()

    def _take(self, workflow: Workflow, path: Path | None, known: str | None = None) -> None:
        self.undo_stack.clear()
        self._workflow, self.path = workflow, path
        self._watch.follow(path, known)
        self.journal.clear()
        self._emit([Change("reset")])
        self.path_changed.emit()

    # -- looking ------------------------------------------------------------------------------

    def node(self, node: str) -> NodeInstance:
        """A node, also one within components; raises `NodeflowError` if it is not there."""
        workflow, name = self._find(node)
        return workflow.nodes[name]

    def declaration_of(self, node: str) -> Mapping[str, Any]:
        """What the node declares, as plain data; unknown types have a placeholder."""
        root, full = self._root, "/".join((*self.level, node))
        known = root._cached.get(full)
        if known is None:
            workflow, name = self._find(node)
            known = root._declarations.of(workflow, name, self.folder)
            root._cached[full] = known
        return known

    def title_of(self, node: str) -> str:
        """What people call a node; its id if it is not there any more."""
        level, (name,) = self._level_of([node])
        try:
            return wiring.title_of(self._at(level), self._declare(level), name)
        except (NodeflowError, KeyError):
            return node

    def places(self) -> dict[str, Place]:
        """Where each node of this level is shown, whether the file says so or not."""
        return self._shown_at(self.level)

    def _shown_at(self, level: Level) -> dict[str, Place]:
        workflow, declare = self._at(level), self._declare(level)
        found = places(workflow)
        if len(found) <= MOST_SETTLED and not any(is_place(one) for one in workflow.layout.values()):
            # a file made by hand or by a program; here is known how high each card is
            heights = {name: card_height(declare(name)) for name in found}
            return arranged(workflow, found, set(found), heights)
        return found

    def _heights(self, nodes: Iterable[str]) -> dict[str, float]:
        return {name: card_height(self.declaration_of(name)) for name in nodes}

    def can_connect(
        self, source: str, output: str, target: str, input: str, replacing: Collection[Connection] = ()
    ) -> str:
        """Empty, or the sentence why not. `replacing` are connections that would give way."""
        level, names = self._level_of([source, target])
        wire = Connection(names[0], output, names[1], input)
        held = [self._inner(level, one) for one in replacing]
        return wiring.reason_against(self._at(level), self._declare(level), wire, held)

    def check_is_there(self, connection: Connection) -> None:
        """Raise `NodeflowError` if a connection of this level has gone meanwhile."""
        if connection not in self.workflow.connections:
            raise NodeflowError(tr("this connection is not there any more"))

    def look_at_files(self) -> None:
        """Files of components may have been changed meanwhile, here or elsewhere: tell of the nodes that hold them."""
        root = self._root
        if root._declarations.forget_changed_files():
            root._emit([Change("node changed", tuple(_held_in_files(root._workflow)))])

    def fitting(
        self, node: str, port: str, *, is_output: bool, ignored: Collection[Connection] = ()
    ) -> dict[tuple[str, str], bool]:
        """The ports at which a wire from this port may end, each with whether it is free."""
        find = wiring.fitting_inputs if is_output else wiring.fitting_outputs
        return find(self.workflow, self.declaration_of, node, port, ignored)

    def copy_text(self, ids: Collection[str], notes: Iterable[int] = ()) -> str:
        """Nodes and the connections among them, as the text of a workflow file."""
        level, names = self._level_of(ids)
        return clipboard.copied(self._at(level), names, notes)

    def open_component(self, node: str) -> str:
        """The path to give to `view`; raises `NodeflowError` if the component's workflow lies in another file."""
        instance = self.node(node)
        if instance.type != COMPONENT:
            raise NodeflowError(tr('"{0}" is no component').format(shorten(node)))
        if not isinstance(instance.workflow, Workflow):
            raise NodeflowError(
                tr("the component lies in {0}; open that file to change it").format(instance.workflow)
            )
        return "/".join((*self.level, node))

    def component_file(self, node: str) -> Path | None:
        """The file of a component that lies in one of its own."""
        inner = self.node(node).workflow
        return (self.folder or Path()) / inner if isinstance(inner, str) else None

    # -- within -------------------------------------------------------------------------------

    def _push(self, command: Command) -> None:
        root = self._root
        for level in {command.level, command.level[:-1]}:  # wires at a component lie outside it
            command.shown[level] = self._loose_places(level)
        if command.carry_out(root._workflow, root._emit):
            root.undo_stack.push(command)

    def _loose_places(self, level: Level) -> dict[str, Place]:
        """Where the nodes of a level are shown for which the file gives no place."""
        workflow = self._at(level)
        loose = [name for name in workflow.nodes if not is_place(workflow.layout.get(name))]
        if not loose:
            return {}
        here = self._shown_at(level)
        return {name: here[name] for name in loose}

    def _emit(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind in ("node changed", "nodes removed", "nodes added"):
                for node in change.ids:
                    self._cached.pop(node, None)
            if change.kind in ("nodes removed", "nodes added"):
                # a component that comes again may hold others of the same names
                gone = set(change.ids)
                for name in [one for one in self._cached if gone.intersection(_outer_of(one))]:
                    del self._cached[name]
            if change.kind in ("node changed", "reset", "connections changed", "variables changed"):
                self._forget(change)
        for change in changes:
            self.changed.emit(change)

    def _forget(self, change: Change) -> None:
        """Drop declarations that follow from what lies in a component, or from wires."""
        if change.kind == "reset":
            self._cached.clear()
            return
        for one in change.ids:
            for node in (one.source, one.target) if isinstance(one, Connection) else (one,):
                for depth in range(1, node.count("/") + 2):
                    held = self._cached.get("/".join(node.split("/")[:depth]))
                    if held is not None and (held.get("unknown") or held["id"] == COMPONENT):
                        del self._cached["/".join(node.split("/")[:depth])]

    def _follow_index(self) -> None:
        if self.undo_stack.isClean():
            self.journal.clear()
        else:
            self.journal.touch()

    def _find(self, node: str) -> tuple[Workflow, str]:
        level, (name,) = self._level_of([node])
        workflow = self._at(level)
        if name not in workflow.nodes:
            hint = did_you_mean(name, list(workflow.nodes))
            raise NodeflowError(f'there is no node "{shorten(node)}"; {hint}')
        return workflow, name

    def _level_of(self, ids: Collection[str]) -> tuple[Level, list[str]]:
        """The one level that all these nodes are on, and their names there."""
        within = {one.rpartition("/")[0] for one in ids}
        if len(within) > 1:
            raise NodeflowError(tr("these nodes do not lie in one component"))
        prefix = next(iter(within), "")
        level = (*self.level, *prefix.split("/")) if prefix else self.level
        return level, [one.rpartition("/")[2] for one in ids]

    def _inner(self, level: Level, wire: Connection) -> Connection:
        return Connection(
            wire.source.rpartition("/")[2], wire.output, wire.target.rpartition("/")[2], wire.input
        )

    def _at(self, level: Level) -> Workflow:
        return workflow_at(self._root._workflow, level)

    def _declare(self, level: Level) -> Callable[[str], Mapping[str, Any]]:
        root = self._root
        return lambda node: root.declaration_of("/".join((*level, node)))

    def _declaration(self, type_id: str) -> Mapping[str, Any]:
        found = self.registry.get(type_id)
        if found is None:
            near = did_you_mean(type_id, self.registry.suggest(type_id))
            raise NodeflowError(f'there is no node type "{shorten(type_id)}"; {near}')
        return found.declaration


def _outer_of(node: str) -> list[str]:
    """The components a node lies in."""
    parts = node.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _held_in_files(workflow: Workflow, within: str = "") -> list[str]:
    """The components at any depth that lie in files of their own."""
    found = []
    for name, instance in workflow.nodes.items():
        if isinstance(instance.workflow, str):
            found.append(within + name)
        elif instance.workflow is not None:
            found += _held_in_files(instance.workflow, f"{within}{name}/")
    return found
