"""The edited workflow: every user action is one undo command, and everyone who shows it is told what changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

import nodeflow.document as files
from nodeflow.errors import NodeflowError, did_you_mean, shorten
from nodeflow.registry import Registry
from nodeflow.workflow import COMPONENT, Connection, NodeInstance, Workflow
from nodeflow_gui.document import clipboard, commands, components, notes, wiring
from nodeflow_gui.document.arranging import aligned, arranged, distributed
from nodeflow_gui.document.command import Command
from nodeflow_gui.document.declarations import Declarations
from nodeflow_gui.document.disk import FileWatch
from nodeflow_gui.document.edits import ABSENT, Change, Level, workflow_at
from nodeflow_gui.document.geometry import Place, card_height, free_place, places
from nodeflow_gui.document.recovery import Journal


class EditorDocument(QObject):
    """A workflow that is edited. Others only read `workflow`; each method that changes it pushes one undo command.

    Nodes within components are named "component/node", as in the engine, and every method takes such ids. `view`
    gives a document of the workflow within a component, with the same undo stack, whose ids begin there.
    """

    changed = Signal(object)
    """A `Change`."""
    path_changed = Signal()
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
        self._views: dict[Level, EditorDocument] = {}
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
        self._take(files.load(path), Path(path))

    def recover(self, workflow: Workflow, path: Path | None) -> None:
        """Go on with what a crashed session left; it counts as not saved."""
        self._take(workflow, path)
        self.undo_stack.resetClean()
        self.journal.touch()

    def save(self, path: Path | str | None = None) -> None:
        """Write the file; raises `FileError` or `DocumentError`."""
        root = self._root
        target = Path(path) if path is not None else root.path
        if target is None:
            raise NodeflowError("the workflow has no file yet; choose one to save it in")
        if root.path is not None and target.resolve().parent != root.path.resolve().parent:
            root._workflow.folder = None
        files.save(root._workflow, target)
        root.path = target
        root._watch.follow(target)
        root.undo_stack.setClean()
        root.journal.clear()
        root.path_changed.emit()

    def close(self) -> None:
        """The document is not needed any more: its recovery file goes."""
        self._root.journal.close()
        self._root._watch.follow(None)

    def to_text(self) -> str:
        """The whole file as text."""
        return files.dumps(self._root._workflow)

    def is_changed_on_disk(self) -> bool:
        """Whether another program changed the file."""
        return self._root._watch.is_changed()

    def _take(self, workflow: Workflow, path: Path | None) -> None:
        self.undo_stack.clear()
        self._workflow, self.path = workflow, path
        self._watch.follow(path)
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

    def places(self) -> dict[str, Place]:
        """Where each node of this level is shown, whether the file says so or not."""
        return places(self.workflow)

    def can_connect(
        self, source: str, output: str, target: str, input: str, replacing: Collection[Connection] = ()
    ) -> str:
        """Empty, or the sentence why not. `replacing` are connections that would give way."""
        level, names = self._level_of([source, target])
        wire = Connection(names[0], output, names[1], input)
        held = [self._inner(level, one) for one in replacing]
        return wiring.reason_against(self._at(level), self._declare(level), wire, held)

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

    def view(self, level: Level | str) -> EditorDocument:
        """A document of the workflow within a component; it shares undo stack and file with this one."""
        path = tuple(filter(None, level.split("/"))) if isinstance(level, str) else level
        workflow_at(self._root._workflow, path)
        views = self._root._views
        if path not in views:
            views[path] = _View(self._root, path) if path else self._root
        return views[path]

    def open_component(self, node: str) -> str:
        """The path to give to `view`; raises `NodeflowError` if the component's workflow lies in another file."""
        instance = self.node(node)
        if instance.type != COMPONENT:
            raise NodeflowError(f'"{shorten(node)}" is no component')
        if not isinstance(instance.workflow, Workflow):
            raise NodeflowError(f"the component lies in {instance.workflow}; open that file to change it")
        return "/".join((*self.level, node))

    def component_file(self, node: str) -> Path | None:
        """The file of a component that lies in one of its own."""
        inner = self.node(node).workflow
        return (self.folder or Path()) / inner if isinstance(inner, str) else None

    # -- nodes and wires ----------------------------------------------------------------------

    def add_node(
        self,
        type_id: str,
        position: Place,
        *,
        parameters: Mapping[str, Any] | None = None,
        source: tuple[str, str] | None = None,
        target: tuple[str, str] | None = None,
    ) -> str:
        """Add a node; from `source` (node, output) or to `target` (node, input) it is wired, where a port fits."""
        declaration = self._declaration(type_id)
        node = clipboard.free_id(type_id, self.workflow.nodes)
        wires, replaced = self._first_wires(node, declaration, source, target)
        place = free_place(position, list(self.places().values()))
        data = _node(declaration, parameters)
        self._push(commands.AddNode(self.level, node, data, place, wires, replaced))
        return node

    def insert_on_connection(self, type_id_or_node_id: str, connection: Connection, position: Place) -> str:
        """Put a node on a connection: one that is there, by its id, or a new one of a type."""
        is_new = type_id_or_node_id not in self.workflow.nodes
        declaration = (
            self._declaration(type_id_or_node_id) if is_new else self.declaration_of(type_id_or_node_id)
        )
        given = wiring.port_of(self.declaration_of(connection.source)["outputs"], connection.output)
        type_name = given["type"] if given is not None else "unknown"
        taken = {wire.input for wire in self.workflow.connections if wire.target == type_id_or_node_id}
        entry = wiring.first_fitting(declaration["inputs"], type_name, taken)
        leaving = wiring.first_fitting(declaration["outputs"], type_name)
        if entry is None or leaving is None:
            raise NodeflowError(f"{declaration['name']} has no input and output for a {type_name}")
        node = clipboard.free_id(type_id_or_node_id, self.workflow.nodes) if is_new else type_id_or_node_id
        wires = [
            Connection(connection.source, connection.output, node, entry),
            Connection(node, leaving, connection.target, connection.input),
        ]
        if is_new:
            data = _node(declaration, None)
            self._push(commands.AddNode(self.level, node, data, position, wires, [connection]))
        else:
            for wire in wires:
                reason = self.can_connect(
                    wire.source, wire.output, wire.target, wire.input, replacing=[connection]
                )
                if reason:
                    raise NodeflowError(reason)
            self._push(commands.InsertNode(self.level, node, position, connection, wires))
        return node

    # QObject has a connect too, of signals
    def connect(  # type: ignore[override]
        self, source: str, output: str, target: str, input: str, *, replace: bool = False
    ) -> None:
        """Draw a connection. With `replace` one that holds the input gives way.

        Raises:
            NodeflowError: the ports do not fit, see `can_connect`.
        """
        level, (source, target) = self._level_of([source, target])
        wire = Connection(source, output, target, input)
        held = self._holding(level, wire) if replace else []
        self._check(level, wire, held)
        self._push(commands.Connect(level, wire, held))

    def reconnect(self, connection: Connection, new_connection: Connection) -> None:
        """Lead a connection to another port; one that holds the new input gives way."""
        if connection == new_connection:
            return
        held = [connection, *self._holding(self.level, new_connection)]
        self._check(self.level, new_connection, held)
        self._push(commands.Reconnect(self.level, new_connection, list(dict.fromkeys(held))))

    def remove(
        self, nodes: Collection[str], connections: Collection[Connection] = (), heal: bool = False
    ) -> None:
        """Remove nodes and connections; with `heal` what came before the nodes is joined with what came after."""
        ends = [end for wire in connections for end in (wire.source, wire.target)]
        level, names = self._level_of([*nodes, *ends])
        wires = [self._inner(level, wire) for wire in connections]
        declare = self._declare(level) if heal else None
        self._push(commands.Remove(level, names[: len(nodes)], wires, declare))

    def retype(self, node: str, type_id: str) -> None:
        """Make the node one of another type; settings and wires that still fit stay."""
        level, (name,) = self._level_of([node])
        self._push(commands.Retype(level, name, self._declaration(type_id), self._declare(level)))

    def paste(self, text: str, position: Place | None = None) -> list[str]:
        """Add copied nodes; gives their ids. Raises `NodeflowError` if the text holds none."""
        found = clipboard.read(text, self.workflow, position)
        self._push(commands.Paste(self.level, found.nodes, found.places, found.wires, found.notes))
        return list(found.nodes)

    def duplicate(self, ids: Collection[str], notes: Iterable[int] = ()) -> list[str]:
        """Copy nodes beside themselves; gives the ids of the copies."""
        return self.paste(self.copy_text(ids, notes))

    # -- settings -----------------------------------------------------------------------------

    def set_parameter(self, node: str, name: str, value: Any) -> None:
        """Give a parameter a value, as JSON; edits that follow each other quickly are one step for undo."""
        level, (local,) = self._level_of([node])
        order = [one["name"] for one in self.declaration_of(node)["parameters"]]
        self._push(commands.SetParameter(level, local, name, copy.deepcopy(value), order))

    def reset_parameter(self, node: str, name: str) -> None:
        """Let the default hold again."""
        level, (local,) = self._level_of([node])
        self._push(commands.ResetParameter(level, local, name))

    def set_label(self, node: str, text: str) -> None:
        """Give the node a name of the user's own; the empty text gives back that of its type."""
        level, (local,) = self._level_of([node])
        self._push(commands.SetLabel(level, local, text.strip()))

    def set_variable(self, name: str, default: Any, help: str = "") -> None:
        """Declare a variable of the workflow, or change it."""
        held = self.workflow.variables.get(name)
        extra = held.extra if held is not None else {}
        is_object = bool(help or extra) or (isinstance(default, dict) and "default" in default)
        data = {"default": default} | ({"help": help} if help else {}) | extra if is_object else default
        self._push(commands.SetVariable(self.level, name, copy.deepcopy(data)))

    def remove_variable(self, name: str) -> None:
        """Take a variable away."""
        self._push(commands.SetVariable(self.level, name, ABSENT))

    def set_details(self, *, name: str | None = None, description: str | None = None) -> None:
        """Change the name or the description of the workflow."""
        given = {"name": name, "description": description}
        texts = {key: text for key, text in given.items() if text is not None}
        self._push(commands.SetDetails(self.level, texts))

    # -- places -------------------------------------------------------------------------------

    def move(self, nodes: Mapping[str, Place], notes: Mapping[int, Place] | None = None) -> None:
        """Move nodes, and notes by their index."""
        level, names = self._level_of(list(nodes))
        self._push(commands.Move(level, dict(zip(names, nodes.values(), strict=True)), notes))

    def align(self, ids: Collection[str], how: str) -> None:
        """Bring nodes on one line; see `arranging.ALIGNMENTS`."""
        chosen = self._chosen(ids)
        self._push(commands.Arrange(self.level, aligned(chosen, self._heights(chosen), how)))

    def distribute(self, ids: Collection[str], how: str) -> None:
        """Make the gaps between nodes equal, "horizontally" or "vertically"."""
        chosen = self._chosen(ids)
        self._push(commands.Arrange(self.level, distributed(chosen, self._heights(chosen), how)))

    def arrange(self, ids: Collection[str] = ()) -> None:
        """Lay out nodes by layers along their connections; all of them if none are named."""
        chosen = set(ids or self.workflow.nodes)
        here = self.places()
        new = arranged(self.workflow, here, chosen, self._heights(here))
        self._push(commands.Arrange(self.level, new))

    # -- notes --------------------------------------------------------------------------------

    def add_note(self, text: str, position: Place, size: Place = notes.NOTE_SIZE) -> int:
        """Put a note on the canvas; gives its index in `workflow.notes`."""
        self._push(notes.AddNote(self.level, notes.note_data(text, position, size)))
        return len(self.workflow.notes) - 1

    def add_frame(self, title: str, position: Place, size: Place = notes.FRAME_SIZE) -> int:
        """Put a frame behind nodes; gives its index in `workflow.notes`."""
        self._push(notes.AddNote(self.level, notes.note_data(title, position, size, is_frame=True)))
        return len(self.workflow.notes) - 1

    def change_note(self, index: int, **values: Any) -> None:
        """Change `text`, `at`, `size` or `colour` of a note or frame."""
        self._push(notes.ChangeNote(self.level, index, values))

    def remove_notes(self, indexes: Collection[int]) -> None:
        """Take notes and frames away."""
        self._push(notes.RemoveNotes(self.level, list(indexes)))

    # -- components ---------------------------------------------------------------------------

    def collapse(self, ids: Collection[str], name: str) -> str:
        """Put nodes into a component; gives its id. Raises `NodeflowError` if they lie around another node."""
        node = clipboard.free_id(COMPONENT, self.workflow.nodes)
        components.check_can_collapse(self.workflow, ids)
        self._push(components.Collapse(self.level, ids, name, node, self.places()))
        return node

    def expand(self, node: str) -> list[str]:
        """Take the nodes out of a component; gives their ids."""
        inner = self._root._declarations.inner(self.node(node), self.folder)
        if self.node(node).type != COMPONENT or inner is None:
            raise NodeflowError(f'"{shorten(node)}" is no component that can be expanded')
        command = components.Expand(self.level, node, inner, self.places(), places(inner))
        self._push(command)
        return list(command.names.values())

    def set_port(self, side: str, name: str, ends: Any) -> None:
        """Give a component's workflow a port: `side` "inputs" with a list of ends, or "outputs" with one."""
        self._push(components.SetPorts(self.level, side, name, ends))

    def remove_port(self, side: str, name: str) -> None:
        """Take a port of a component's workflow away."""
        self._push(components.SetPorts(self.level, side, name))

    # -- within -------------------------------------------------------------------------------

    def _push(self, command: Command) -> None:
        root = self._root
        if command.carry_out(root._workflow, root._emit):
            root.undo_stack.push(command)

    def _emit(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind in ("node changed", "nodes removed", "nodes added"):
                for node in change.ids:
                    self._cached.pop(node, None)
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
            raise NodeflowError("these nodes do not lie in one component")
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

    def _first_wires(
        self,
        node: str,
        declaration: Mapping[str, Any],
        source: tuple[str, str] | None,
        target: tuple[str, str] | None,
    ) -> tuple[list[Connection], list[Connection]]:
        wires: list[Connection] = []
        replaced: list[Connection] = []
        if source is not None:
            port = wiring.port_of(self.declaration_of(source[0])["outputs"], source[1])
            entry = wiring.first_fitting(declaration["inputs"], port["type"] if port else "unknown")
            if entry is not None:
                wires.append(Connection(*source, node, entry))
        if target is not None:
            port = wiring.port_of(self.declaration_of(target[0])["inputs"], target[1])
            leaving = wiring.first_fitting(declaration["outputs"], port["type"] if port else "unknown")
            if leaving is not None:
                wires.append(Connection(node, leaving, *target))
                replaced = self._holding(self.level, wires[-1])
        return wires, replaced

    def _holding(self, level: Level, wire: Connection) -> list[Connection]:
        """The connection that gives way at an input that takes only one."""
        ports = self._declare(level)(wire.target)["inputs"]
        port = wiring.port_of(ports, wire.input)
        if port is not None and port["variadic"]:
            return []
        ends = wire.target, wire.input
        return [one for one in self._at(level).connections if (one.target, one.input) == ends and one != wire]

    def _check(self, level: Level, wire: Connection, ignored: Collection[Connection]) -> None:
        reason = wiring.reason_against(self._at(level), self._declare(level), wire, ignored)
        if reason:
            raise NodeflowError(reason)

    def _chosen(self, ids: Collection[str]) -> dict[str, Place]:
        here = self.places()
        return {name: here[name] for name in ids if name in here}

    def _heights(self, nodes: Iterable[str]) -> dict[str, float]:
        return {name: card_height(self.declaration_of(name)) for name in nodes}


class _View(EditorDocument):
    """The document of a component's workflow: another level of the same one."""

    def __init__(self, root: EditorDocument, level: Level) -> None:
        QObject.__init__(self, root)
        self._root, self.level = root, level
        self.registry, self.undo_stack, self.journal = root.registry, root.undo_stack, root.journal
        root.changed.connect(self._pass_on)

    @property
    def path(self) -> Path | None:  # type: ignore[override]
        return self._root.path

    def _pass_on(self, change: Change) -> None:
        """Tell what changed on this level, with the ids it has here."""
        prefix = "/".join(self.level)
        if change.kind == "reset":
            self.changed.emit(change)
            return
        ids = [_shortened(one, prefix) for one in change.ids]
        here = tuple(one for one in ids if one is not None)
        if here or (change.kind == "notes changed" and change.ids == self.level):
            self.changed.emit(Change(change.kind, here))


def _shortened(one: Any, prefix: str) -> Any:
    """An id without the level's prefix, None if it lies on another level."""
    if isinstance(one, Connection):
        source, target = _shortened(one.source, prefix), _shortened(one.target, prefix)
        return None if source is None else Connection(source, one.output, target, one.input)
    return one[len(prefix) + 1 :] if one.startswith(f"{prefix}/") else None


def _node(declaration: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    # the version tells a later release how to read the parameters
    version = {"version": declaration["version"]} if declaration["version"] > 1 else {}
    return {"type": declaration["id"], **version, "parameters": copy.deepcopy(dict(parameters or {}))}
