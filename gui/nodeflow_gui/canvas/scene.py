"""The scene: an item for each node, connection and note of a workflow, kept as the document says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QTimer, QVariantAnimation, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from nodeflow.workflow import COMPONENT, Connection
from nodeflow_gui.canvas.batch import Batch
from nodeflow_gui.canvas.facts import Status, summary_from
from nodeflow_gui.canvas.node_item import Face, NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.wire_item import WireItem
from nodeflow_gui.document import Change, EditorDocument
from nodeflow_gui.document.fixing import fix_words
from nodeflow_gui.document.geometry import is_place
from nodeflow_gui.document.notes import read_note
from nodeflow_gui.document.wiring import entry_of

MOVE_MS = 120
SLICE = 150
"""So many nodes are looked at between two events: some milliseconds."""
MOST_SHOWN = 200
"""Characters of a name: more fit on no card, and measuring millions of them would stop the window."""
MOST_MOVED = 300
"""More cards than this jump to their places at once."""


class CanvasScene(QGraphicsScene):
    """Shows one level of a document. The document changes it, never the other way round."""

    rebuilt = Signal()
    drawn_anew = Signal()
    """Something looks different; for views that paint on their own."""

    def __init__(self, document: EditorDocument, status: Status) -> None:
        super().__init__()
        self.document, self.status = document, status
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[Connection, WireItem] = {}
        self.notes: list[NoteItem] = []
        self.batch = Batch()
        self.prefix = ""
        self._problems: dict[str, list[Mapping[str, Any]]] = {}
        self._moving: dict[NodeItem, tuple[QPointF, QPointF]] = {}
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MOVE_MS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._animate)
        self._animation.finished.connect(self.finish_moving)
        self.animates = True
        self.is_changing = False
        """Meanwhile Qt tells of the selection anew for each item that goes; what counts is told at the end."""
        self._stale: dict[str, None] = {}
        self._refreshing = QTimer(self, singleShot=True, interval=0)
        self._refreshing.timeout.connect(self._refresh_slice)
        self._alone: NodeItem | None = None
        self.selectionChanged.connect(self._find_alone)
        document.changed.connect(self._follow)
        status.node_changed.connect(self._node_told)
        status.problems_changed.connect(self._problems_told)
        status.specs_changed.connect(self._all_told)
        status.run_changed.connect(self._all_told)
        self.rebuild()

    def release(self) -> None:
        """Listen no more; the view shows another level."""
        self._animation.stop()
        self._refreshing.stop()
        self.document.changed.disconnect(self._follow)
        self.status.node_changed.disconnect(self._node_told)
        self.status.problems_changed.disconnect(self._problems_told)
        self.status.specs_changed.disconnect(self._all_told)
        self.status.run_changed.disconnect(self._all_told)

    # -- building -----------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Make everything anew, after another workflow was opened."""
        self._animation.stop()
        self._moving.clear()
        self._stale.clear()
        self._alone = None
        self.clear()
        self.nodes.clear()
        self.wires.clear()
        self.notes.clear()
        self.batch.clear()
        self.prefix = "".join(f"{one}/" for one in self.document.level)
        self._sort_problems()
        workflow = self.document.workflow
        places = self.document.places()
        for node in workflow.nodes:
            self._add_node(node, QPointF(*places[node]))
        for wire in workflow.connections:
            self._add_wire(wire)
        self._sync_notes()
        self.fit_scene_rect()

    def _add_node(self, node: str, place: QPointF) -> None:
        item = NodeItem(node)
        item.setPos(place)
        item.show_face(self._face(node))
        self.nodes[node] = item
        self.addItem(item)
        self.batch.put(item)

    def _add_wire(self, wire: Connection) -> None:
        source, target = self.nodes.get(wire.source), self.nodes.get(wire.target)
        if source is None or target is None or wire in self.wires:
            return  # a dangling connection of a file made by hand; the problems list tells of it
        item = WireItem(wire, source, target)
        self.wires[wire] = item
        source.wires.append(item)
        target.wires.append(item)
        target.used_inputs.add(wire.input)
        self._tell_wire(item)
        self.addItem(item)
        self.batch.put_wire(item)

    def _remove_wire(self, wire: Connection) -> None:
        item = self.wires.pop(wire, None)
        if item is None:
            return
        for end in (item.source, item.target):
            if item in end.wires:
                end.wires.remove(item)
        item.target.used_inputs = {
            one.wire.input for one in item.target.wires if one.wire.target == item.target.node
        }
        item.target.update()
        self.removeItem(item)
        self.batch.remove_wire(item)

    def _sync_notes(self) -> None:
        chosen = {item.index for item in self.notes if item.isSelected()}
        for item in self.notes:
            self.removeItem(item)
        self.notes = []
        loose = self.nodes_rect().bottomLeft() + QPointF(0, 56)
        for index, entry in enumerate(self.document.workflow.notes):
            note = read_note(entry)
            if note is None:
                continue
            if note.place is None:
                place, loose = loose, loose + QPointF(0, note.size[1] + 16)
            else:
                place = QPointF(*note.place)
            item = NoteItem(index, note, place)
            self.notes.append(item)
            self.addItem(item)
            item.setSelected(index in chosen)
        self.drawn_anew.emit()

    # -- following the document ---------------------------------------------------------------

    def _follow(self, change: Change) -> None:
        chosen = len(self.selectedItems())
        self.is_changing = True
        try:
            self._take_in(change)
        finally:
            self.is_changing = False
        if change.kind == "reset":
            self.rebuilt.emit()
        elif len(self.selectedItems()) != chosen:
            self.selectionChanged.emit()
        self.drawn_anew.emit()

    def _take_in(self, change: Change) -> None:
        match change.kind:
            case "reset":
                self.rebuild()
            case "nodes added":
                new = [n for n in change.ids if n in self.document.workflow.nodes and n not in self.nodes]
                for node in set(change.ids).intersection(self.nodes):
                    self.refresh(node)  # another one took the id of one that went
                for node, place in self._places(new).items():
                    self._add_node(node, place)
            case "nodes removed":
                for node in change.ids:
                    self._remove_node(node)
            case "node changed":
                for node in change.ids:
                    self.refresh(node)
            case "moved":
                self._move(change.ids)
            case "connections changed":
                self._sync_wires(change.ids)
            case "notes changed":
                self._sync_notes()
            case "details changed":  # the ports of this component may be others
                for node in self.nodes:
                    self.refresh(node)

    def _remove_node(self, node: str) -> None:
        item = self.nodes.pop(node, None)
        if item is None or node in self.document.workflow.nodes:
            if item is not None:
                self.nodes[node] = item
            return
        for wire in list(item.wires):
            self._remove_wire(wire.wire)
        self._moving.pop(item, None)
        if item is self._alone:
            self._alone = None
        self.batch.remove(item)
        self.removeItem(item)

    def _sync_wires(self, wires: Iterable[Connection]) -> None:
        present = set(self.document.workflow.connections)
        ends: set[str] = set()
        for wire in dict.fromkeys(wires):
            ends.update((wire.source, wire.target))
            if wire in present:
                self._add_wire(wire)
            else:
                self._remove_wire(wire)
        for node in ends & set(self.nodes):
            self.refresh(node)  # an unknown node has the ports that are in use
            self._tell_wires(self.nodes[node])

    def _move(self, nodes: Iterable[str]) -> None:
        self.finish_moving()  # first: where a card is on its way from is not where it stands
        places = self._places([node for node in nodes if node in self.nodes])
        moved = {self.nodes[node]: place for node, place in places.items() if self.nodes[node].pos() != place}
        if not moved:
            return
        if self.animates and len(moved) <= MOST_MOVED:
            self._moving = {item: (item.pos(), place) for item, place in moved.items()}
            self._animation.start()
        else:
            self.move_items(moved)
            self.fit_scene_rect()

    def _places(self, nodes: Iterable[str]) -> dict[str, QPointF]:
        """Where nodes of the workflow stand, also those for which the file gives no place."""
        layout = self.document.workflow.layout
        given: dict[str, Any] = {n: layout.get(n) for n in nodes if n in self.document.workflow.nodes}
        if all(is_place(one) for one in given.values()):
            return {node: QPointF(*place) for node, place in given.items()}
        places = self.document.places()
        return {node: QPointF(*places[node]) for node in given}

    def _animate(self, share: float) -> None:
        self.move_items({item: start + (end - start) * share for item, (start, end) in self._moving.items()})

    def finish_moving(self) -> None:
        """Put what is still under way where it belongs."""
        moving, self._moving = self._moving, {}
        self._animation.stop()
        self.move_items({item: end for item, (_, end) in moving.items()})
        if moving:
            self.fit_scene_rect()

    def move_items(self, places: Mapping[NodeItem, QPointF]) -> None:
        """Move cards, their wires with them."""
        wires: dict[WireItem, None] = {}
        for item, place in places.items():
            item.setPos(place)
            self.batch.put(item)
            wires.update(dict.fromkeys(item.wires))
        for wire in wires:
            wire.follow()
            self.batch.put_wire(wire)
        self.drawn_anew.emit()

    # -- following the session ----------------------------------------------------------------

    def refresh(self, node: str) -> None:
        """Show what the node is now."""
        item = self.nodes.get(node)
        if item is None or node not in self.document.workflow.nodes:
            return
        if item.show_face(self._face(node)):
            for wire in item.wires:
                wire.follow()
                self.batch.put_wire(wire)
        self.batch.put(item)

    def _node_told(self, node: str) -> None:
        if not node.startswith(self.prefix):
            return
        node = node[len(self.prefix) :].partition("/")[0]
        if node in self.nodes:  # a run tells of hundreds at once: drawn together, a slice at a time
            self._stale[node] = None
            self._refreshing.start()

    def _problems_told(self) -> None:
        before = self._problems
        self._sort_problems()
        for node in {*before, *self._problems}:
            if before.get(node) != self._problems.get(node):
                self.refresh(node)
        self.drawn_anew.emit()

    def _all_told(self) -> None:
        """Anything may be different: look again node by node, a slice at a time, so that the window goes on."""
        self._stale.update(dict.fromkeys(self.nodes))
        self._refreshing.start()

    def _refresh_slice(self) -> None:
        for node in list(self._stale)[:SLICE]:
            del self._stale[node]
            self.refresh(node)
            if node in self.nodes:
                self._tell_wires(self.nodes[node])
        if self._stale:
            self._refreshing.start()
        self.drawn_anew.emit()

    def _sort_problems(self) -> None:
        self._problems = {}
        for problem in self.status.problems:
            node = problem.get("node", "")
            if node.startswith(self.prefix) and node != self.prefix:
                self._problems.setdefault(node[len(self.prefix) :].partition("/")[0], []).append(problem)

    def _tell_wires(self, item: NodeItem) -> None:
        for wire in item.wires:
            self._tell_wire(wire)

    def _tell_wire(self, item: WireItem) -> None:
        item.set_inactive("skipped" in (item.source.face.state, item.target.face.state))

    def _face(self, node: str) -> Face:
        workflow = self.document.workflow
        instance, declaration = workflow.nodes[node], self.document.declaration_of(node)
        told = self.status.of(self.prefix + node)
        summary = self.status.summary_of(self.prefix + node) or summary_from(declaration, instance.parameters)
        name = declaration["name"]
        if instance.label and not summary:
            summary = name if name != instance.label else ""
        problems = self._problems.get(node, ())
        worst = next((one for one in problems if one.get("severity", "error") == "error"), None)
        state = told.state
        if state == "ready" and declaration.get("unknown"):
            state = "unknown type"
        elif state == "ready" and worst is not None:
            state = "needs settings"
        sentence = worst["message"] if worst is not None else told.reason if state == "failed" else ""
        return Face(
            title=(instance.label or name)[:MOST_SHOWN],
            summary=summary[:MOST_SHOWN],
            category=declaration["category"],
            inputs=tuple((one["name"], one["type"]) for one in declaration["inputs"]),
            outputs=tuple((one["name"], one["type"]) for one in declaration["outputs"]),
            facts=tuple(
                self.status.facts_of(self.prefix + node, one["name"]) for one in declaration["outputs"]
            ),
            entries=tuple(
                (one["name"], entry)
                for one in declaration["inputs"]
                if (entry := entry_of(workflow, node, one["name"]))
            )
            if workflow.inputs
            else (),
            exits=tuple(
                (end.rpartition(".")[2], name)
                for name, end in workflow.outputs.items()
                if end.rpartition(".")[0] == node
            ),
            state=state,
            progress=told.progress,
            message=told.message,
            problem=sentence[:1].upper() + sentence[1 : 4 * MOST_SHOWN],
            fixes=tuple((fix_words(fix, self._title_of), fix) for fix in (worst or {}).get("fixes", ())),
            is_component=instance.type == COMPONENT,
        )

    def _title_of(self, node: str) -> str:
        """What people call a node, by its full id."""
        return self.document.title_of(node.removeprefix(self.prefix))

    # -- looking ------------------------------------------------------------------------------

    def nodes_rect(self) -> QRectF:
        """What the cards cover."""
        return self.batch.bounds()

    def content_rect(self) -> QRectF:
        """What cards and notes cover."""
        area = self.nodes_rect()
        for note in self.notes:
            area = area.united(note.scene_area())
        return area

    def fit_scene_rect(self) -> None:
        """Give the view room on all sides to move about."""
        area = self.content_rect()
        self.setSceneRect(area.adjusted(-2000, -2000, 2000, 2000))

    def item_at(self, point: QPointF) -> QGraphicsItem | None:
        """The card, else the wire, else the note at a point; ports reach a little beyond the card."""
        near = self.items(QRectF(point.x() - 9, point.y() - 9, 18, 18))
        for item in near:
            if isinstance(item, NodeItem) and (
                item.scene_card().contains(point)
                or item.port_at(point) is not None
                or item.problem_area().translated(item.pos()).contains(point)
            ):
                return item
        for item in near:
            if isinstance(item, WireItem) and item.shape().contains(point):
                return item
        return next(
            (i for i in near if isinstance(i, NoteItem) and i.shape().contains(point - i.pos())), None
        )

    def selected_nodes(self) -> list[str]:
        """The selected nodes, in the order of the workflow."""
        chosen = {item.node for item in self.selectedItems() if isinstance(item, NodeItem)}
        return [node for node in self.nodes if node in chosen] if len(chosen) > 1 else list(chosen)

    def _find_alone(self) -> None:
        """The one selected node tells its problem in full; many at once would hide each other."""
        if self.is_changing:
            return
        chosen = self.selectedItems()
        alone = chosen[0] if len(chosen) == 1 else None
        if alone is self._alone:
            return
        before, self._alone = self._alone, alone if isinstance(alone, NodeItem) else None
        for item in (before, self._alone):
            if item is not None:
                item.set_alone(item is self._alone)

    def selected_wires(self) -> list[Connection]:
        """The selected connections."""
        return [item.wire for item in self.selectedItems() if isinstance(item, WireItem)]

    def selected_notes(self) -> list[int]:
        """The indexes of the selected notes and frames."""
        return sorted(item.index for item in self.selectedItems() if isinstance(item, NoteItem))

    def select(self, nodes: Iterable[str] = (), notes: Iterable[int] = ()) -> None:
        """Select exactly these nodes and notes."""
        blocked = self.blockSignals(True)
        self.clearSelection()
        for node in nodes:
            if node in self.nodes:
                self.nodes[node].setSelected(True)
        wanted = set(notes)
        for item in self.notes:
            item.setSelected(item.index in wanted)
        self.blockSignals(blocked)
        self.selectionChanged.emit()
        self.drawn_anew.emit()
