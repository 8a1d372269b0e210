"""The edited workflow: every user action is one undo command, and everyone who shows it is told what changed."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from nodeflow.errors import NodeflowError, shorten
from nodeflow.workflow import COMPONENT, Connection
from nodeflow_gui.document import clipboard, commands, components, notes, wiring
from nodeflow_gui.document.arranging import aligned, arranged, distributed
from nodeflow_gui.document.base import DocumentBase
from nodeflow_gui.document.edits import ABSENT, Change, Level, workflow_at
from nodeflow_gui.document.geometry import Place, free_place, is_place, places, room_between
from nodeflow_gui.document.paths import KeepPaths, kept_paths
from nodeflow_gui.document.words import tr
from nodeflow_gui.translations.nodes import type_text


class EditorDocument(DocumentBase):
    """A workflow that is edited. Others only read `workflow`; each method that changes it pushes one undo command.

    Nodes within components are named "component/node", as in the engine, and every method takes such ids. `view`
    gives a document of the workflow within a component, with the same undo stack, whose ids begin there.
    """

    def view(self, level: Level | str) -> EditorDocument:
        """A document of the workflow within a component; it shares undo stack and file with this one."""
        path = tuple(filter(None, level.split("/"))) if isinstance(level, str) else level
        workflow_at(self._root._workflow, path)
        root = self._root
        assert isinstance(root, EditorDocument)
        if not path:
            return root
        found = root._views.get(path)
        if not isinstance(found, EditorDocument):
            found = root._views[path] = _View(root, path)
        return found

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
        self.check_is_there(connection)
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
            words = tr("{0} has no input and output for a {1}")
            raise NodeflowError(words.format(declaration["name"], type_text(type_name)))
        node = clipboard.free_id(type_id_or_node_id, self.workflow.nodes) if is_new else type_id_or_node_id
        wires = [
            Connection(connection.source, connection.output, node, entry),
            Connection(node, leaving, connection.target, connection.input),
        ]
        if is_new:
            data = _node(declaration, None)
            position, room = self._room_on(connection, position)
            self._push(commands.AddNode(self.level, node, data, position, wires, [connection], room))
        else:
            for wire in wires:
                reason = self.can_connect(
                    wire.source, wire.output, wire.target, wire.input, replacing=[connection]
                )
                if reason:
                    raise NodeflowError(reason)
            position, room = self._room_on(connection, position, without=node)
            self._push(commands.InsertNode(self.level, node, position, connection, wires, room))
        return node

    def _room_on(
        self, wire: Connection, wanted: Place, without: str = ""
    ) -> tuple[Place, commands.Move | None]:
        """Where a node on a wire goes, and the move of all that lies behind which makes room for it."""
        places = self.places()
        if wire.source not in places or wire.target not in places:
            return wanted, None
        edge = places[wire.target][0]
        place, shift = room_between(places[wire.source], places[wire.target], wanted)
        if not shift:
            return place, None
        nodes = {
            name: (x + shift, y)
            for name, (x, y) in places.items()
            if x >= edge and name not in (without, wire.source)
        }
        notes = {
            index: (note["at"][0] + shift, note["at"][1])
            for index, note in enumerate(self.workflow.notes)
            if isinstance(note, dict) and is_place(note.get("at")) and note["at"][0] >= edge
        }
        return place, commands.Move(self.level, nodes, notes)

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

    def paste(
        self, text: str, position: Place | None = None, seen: clipboard.Area | None = None
    ) -> list[str]:
        """Add copied nodes; gives their ids. Raises `NodeflowError` if the text holds none.

        Without a position they come to lie beside the originals, if that is in the area that is `seen`.
        """
        found = clipboard.read(text, self.workflow, position, seen)
        self._push(commands.Paste(self.level, found.nodes, found.places, found.wires, found.notes))
        return list(found.nodes)

    def duplicate(self, ids: Collection[str], notes: Iterable[int] = ()) -> list[str]:
        """Copy nodes beside themselves; gives the ids of the copies."""
        return self.paste(self.copy_text(ids, notes))

    # -- settings -----------------------------------------------------------------------------

    def set_parameter(self, node: str, name: str, value: Any) -> None:
        """Give a parameter a value, as JSON; edits that follow each other quickly are one step for undo."""
        level, (local,) = self._level_of([node])
        declared = {one["name"]: one for one in self.declaration_of(node)["parameters"]}
        before = self._at(level).nodes[local].parameters.get(name)
        self._root.written.emit("/".join((*level, local)), name, before, value)
        default = declared.get(name, {}).get("default", ABSENT)
        self._push(commands.SetParameter(level, local, name, copy.deepcopy(value), list(declared), default))

    def reset_parameter(self, node: str, name: str) -> None:
        """Let the default hold again."""
        level, (local,) = self._level_of([node])
        self._push(commands.ResetParameter(level, local, name))

    def keep_paths(self, folder: Path) -> None:
        """Before it is saved in another folder: let what its nodes read be found from there."""
        root = self._root
        self._push(KeepPaths(list(kept_paths(root.workflow, root.declaration_of, self.folder, folder))))

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
        components.check_can_collapse(self.workflow, ids, self.title_of)
        self._push(components.Collapse(self.level, ids, name, node, self.places()))
        return node

    def expand(self, node: str) -> list[str]:
        """Take the nodes out of a component; gives their ids."""
        inner = self._root._declarations.inner(self.node(node), self.folder)
        if self.node(node).type != COMPONENT or inner is None:
            raise NodeflowError(tr('"{0}" is no component that can be expanded').format(shorten(node)))
        command = components.Expand(self.level, node, inner, self.places(), places(inner))
        self._push(command)
        return list(command.names.values())

    def set_port(self, side: str, name: str, ends: Any, new_name: str = "") -> None:
        """Give this component a port, or rename it: `side` "inputs" with a list of ends, or "outputs" with one."""
        self._push(components.SetPort(self.level, side, name, ends, new_name))

    def remove_port(self, side: str, name: str) -> None:
        """Take a port of this component away."""
        self._push(components.SetPort(self.level, side, name))

    def offer_port(self, node: str, port: str, *, is_output: bool) -> str:
        """Let a port of a node of this component be one of the component too; gives its name."""
        side = "outputs" if is_output else "inputs"
        name = clipboard.free_id(port, getattr(self.workflow, side))
        end = f"{node}.{port}"
        self.set_port(side, name, end if is_output else [end])
        return name

    # -- within -------------------------------------------------------------------------------

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


class _View(EditorDocument):
    """The document of a component's workflow: another level of the same one."""

    # of a method that QObject has too, PySide sees what stands in the object's own class only
    connect = EditorDocument.connect

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
        holders = {"/".join(self.level[:depth]) for depth in range(1, len(self.level) + 1)}
        if change.kind == "reset" or (change.kind == "nodes added" and holders.intersection(change.ids)):
            # another workflow, or another component of the same name
            self.changed.emit(Change("reset"))
            return
        ids = [_shortened(one, prefix) for one in change.ids]
        here = tuple(one for one in ids if one is not None)
        about_level = {"notes changed": self.level, "details changed": (prefix,)}
        if here or about_level.get(change.kind) == change.ids:
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
