"""What a person does with what is selected, for keys, menus and the window alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QCursor, QFont, QGuiApplication
from shiboken6 import isValid

from nodeflow.errors import NodeflowError
from nodeflow.workflow import COMPONENT, Connection
from nodeflow_gui.canvas.walking import Direction, first_node, neighbour
from nodeflow_gui.canvas.zoom_view import view_point
from nodeflow_gui.document.geometry import CARD_WIDTH, COLUMN, GRID, as_json
from nodeflow_gui.document.notes import FRAME_SIZE, NOTE_SIZE
from nodeflow_gui.look import font

if TYPE_CHECKING:
    from nodeflow_gui.canvas.note_item import NoteItem
    from nodeflow_gui.canvas.view import CanvasView


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("Canvas", text)


class Editing:
    """The actions on one canvas. What the document refuses is told by the view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except NodeflowError as error:
            self._view.tell(str(error))

    # -- clipboard ----------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the selected nodes and notes on the clipboard, as the text of a workflow."""
        scene = self._view.canvas_scene
        nodes, notes = scene.selected_nodes(), scene.selected_notes()
        if nodes or notes:
            QGuiApplication.clipboard().setText(self._view.level_document.copy_text(nodes, notes))

    def cut(self) -> None:
        """Copy, then delete."""
        self.copy()
        self.delete()

    def paste(self, point: QPointF | None = None) -> None:
        """Add what is on the clipboard, at a point of the scene or beside the originals, and select it."""
        document, area = self._view.level_document, self._view.visible_rect()
        place = None if point is None else (point.x(), point.y())
        seen = (area.left(), area.top(), area.right(), area.bottom())
        before = len(document.workflow.notes)
        with self._telling():
            self._selected(document.paste(QGuiApplication.clipboard().text(), place, seen), before)

    def duplicate(self) -> None:
        """Copy the selected nodes and notes beside themselves."""
        scene, document = self._view.canvas_scene, self._view.level_document
        nodes, notes, before = scene.selected_nodes(), scene.selected_notes(), len(document.workflow.notes)
        if nodes or notes:
            with self._telling():
                self._selected(document.duplicate(nodes, notes), before)

    def _selected(self, nodes: list[str], first_note: int | None = None) -> None:
        """Select what is new: these nodes, and the notes from an index on."""
        scene = self._view.canvas_scene
        scene.finish_moving()
        scene.select(nodes, range(first_note, len(scene.notes)) if first_note is not None else ())
        scene.fit_scene_rect()

    # -- selection ----------------------------------------------------------------------------

    def delete(self, *, heal: bool = False) -> None:
        """Delete what is selected; with `heal` join what stood before and after."""
        scene, document = self._view.canvas_scene, self._view.level_document
        nodes, wires, notes = scene.selected_nodes(), scene.selected_wires(), scene.selected_notes()
        with self._telling():
            together = bool(notes) and bool(nodes or wires)
            if together:
                document.undo_stack.beginMacro(tr("Delete"))
            if nodes or wires:
                document.remove(nodes, wires, heal=heal)
            if notes:
                document.remove_notes(notes)
            if together:
                document.undo_stack.endMacro()

    def select_all(self) -> None:
        """Select all nodes and notes of this level."""
        scene = self._view.canvas_scene
        scene.select(list(scene.nodes), [item.index for item in scene.notes])

    def walk(self, direction: Direction, *, extend: bool = False) -> None:
        """Go to the next node, along a wire or in that direction."""
        scene, document = self._view.canvas_scene, self._view.level_document
        places = document.places()
        here = self._view.current_node
        if here is None or here not in places:
            found = first_node(places)
        else:
            found = neighbour(here, direction, places, document.workflow.connections)
        if found is not None:
            scene.select([*scene.selected_nodes(), found] if extend else [found])
            self._view.current_node = found
            self._view.reveal(scene.nodes[found].scene_card(), 60)

    def nudge(self, direction: Direction, step: float = GRID) -> None:
        """Move what is selected by a step."""
        across = {"left": -step, "right": step}.get(direction, 0.0)
        down = {"up": -step, "down": step}.get(direction, 0.0)
        scene = self._view.canvas_scene
        scene.finish_moving()
        nodes = {n: (scene.nodes[n].x() + across, scene.nodes[n].y() + down) for n in scene.selected_nodes()}
        chosen = set(scene.selected_notes())
        notes = {i.index: (i.x() + across, i.y() + down) for i in scene.notes if i.index in chosen}
        if nodes or notes:
            scene.animates = False
            self._view.level_document.move(nodes, notes)
            scene.animates = True

    # -- layout -------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Lay out the selected nodes by layers, or all."""
        nodes = self._view.canvas_scene.selected_nodes()
        if 1 < len(nodes) < len(self._view.canvas_scene.nodes):
            self._view.level_document.arrange(nodes)
            return
        self._view.level_document.arrange()
        self._view.canvas_scene.finish_moving()
        self._view.zoom_to_fit()

    def align(self, how: str) -> None:
        """Bring the selected nodes on one line."""
        self._view.level_document.align(self._view.canvas_scene.selected_nodes(), how)

    def distribute(self, how: str) -> None:
        """Make the gaps between the selected nodes equal."""
        self._view.level_document.distribute(self._view.canvas_scene.selected_nodes(), how)

    # -- notes --------------------------------------------------------------------------------

    def add_note(self, point: QPointF | None = None) -> None:
        """Put a note on the canvas and write in it at once."""
        place = point or self._place_for_note()
        index = self._view.level_document.add_note("", (place.x(), place.y()))
        self._edit_new_note(index)

    def _place_for_note(self) -> QPointF:
        """Under the pointer, else in the middle of what is seen; below the cards and notes that lie there."""
        view, scene = self._view, self._view.canvas_scene
        area = QRectF(0, 0, *NOTE_SIZE)
        if view.viewport().underMouse():
            area.moveTopLeft(view.to_scene(QPointF(view.viewport().mapFromGlobal(QCursor.pos()))))
        else:
            area.moveCenter(view.visible_rect().center())
        taken = [item.scene_card() for item in scene.nodes.values()]
        taken += [item.scene_area() for item in scene.notes if not item.note.is_frame]
        while (hit := next((one for one in taken if one.intersects(area)), None)) is not None:
            area.moveTop(hit.bottom() + 2 * GRID)
        return area.topLeft()

    def add_frame(self, point: QPointF | None = None) -> None:
        """Put a frame round the selected nodes, or an empty one, and write its title at once."""
        scene = self._view.canvas_scene
        nodes = scene.selected_nodes()
        if nodes:
            area = scene.nodes[nodes[0]].scene_card()
            for node in nodes:
                area = area.united(scene.nodes[node].scene_card())
            area = area.adjusted(-24, -48, 24, 32)
            place, size = (area.x(), area.y()), (area.width(), area.height())
        else:
            at = point or self._view.visible_rect().center() - QPointF(FRAME_SIZE[0] / 2, FRAME_SIZE[1] / 2)
            place, size = (at.x(), at.y()), FRAME_SIZE
        self._edit_new_note(self._view.level_document.add_frame(tr("Frame"), place, size))

    def _edit_new_note(self, index: int) -> None:
        item = next((one for one in self._view.canvas_scene.notes if one.index == index), None)
        if item is not None:
            self._view.canvas_scene.select(notes=[index])
            self._view.canvas_scene.fit_scene_rect()
            self._view.reveal(item.scene_area())
            self.edit_note(item, is_new=True)

    def colour_notes(self, colour: str) -> None:
        """Give the selected notes and frames a colour; empty for the usual one."""
        document, notes = self._view.level_document, self._view.canvas_scene.selected_notes()
        document.undo_stack.beginMacro(tr("Change colour"))
        for index in notes:
            document.change_note(index, colour=colour or None)
        document.undo_stack.endMacro()

    def edit_note(self, item: NoteItem, *, is_new: bool = False) -> None:
        """Write in a note, or the title of a frame, where it stands; a new note that gets no text goes again."""
        document, index = self._view.level_document, item.index
        step = document.undo_stack.index()

        def done(text: str | None) -> None:
            if index >= len(document.workflow.notes):
                return  # it was taken away meanwhile
            if isValid(item):
                item.is_edited = False
                item.update()
            if is_new and not text and not item.note.text and document.undo_stack.index() == step:
                document.undo_stack.undo()
            elif text is not None and text != item.note.text:
                height = item.height_for(text)
                grown = {"size": as_json((item.size.x(), height))} if height > item.size.y() else {}
                document.change_note(index, text=text, **grown)

        item.is_edited = True
        item.update()
        self._write(
            item.note.text,
            item.text_area(),
            font("small strong" if item.note.is_frame else "small"),
            tr("Title of the frame") if item.note.is_frame else tr("Text of the note"),
            done,
            many_lines=not item.note.is_frame,
        )

    def rename(self, node: str | None = None) -> None:
        """Write the name of a node where it stands."""
        node = node or self._view.current_node
        if node is None or node not in self._view.canvas_scene.nodes:
            return
        item, document = self._view.canvas_scene.nodes[node], self._view.level_document
        label = document.workflow.nodes[node].label

        def done(text: str | None) -> None:
            if text is not None and text.strip() != label and node in document.workflow.nodes:
                document.set_label(node, text)

        area = item.scene_card().adjusted(54, 12, -8, -item.card().height() + 34)
        self._write(
            label or item.face.title, area, font("body"), tr("Name of the node"), done, many_lines=False
        )

    def _write(
        self,
        text: str,
        area: QRectF,
        font: QFont,
        name: str,
        done: Callable[[str | None], None],
        *,
        many_lines: bool,
    ) -> None:
        """Write on the canvas, in an area of the scene."""
        view = self._view
        if view.scale_factor() < 0.8:
            view.zoom_to(1.0, QPointF(view_point(view, area.center())))
        shown = view.viewportTransform().mapRect(area).toAlignedRect()
        view.text_editor.open(text, shown, font, name, done, many_lines=many_lines)

    # -- components and adding ----------------------------------------------------------------

    def collapse(self) -> None:
        """Put the selected nodes into a component and name it."""
        nodes = self._view.canvas_scene.selected_nodes()
        with self._telling():
            made = self._view.level_document.collapse(nodes, tr("Component"))
            self._selected([made])
            self._view.current_node = made
            self.rename(made)

    def expand(self) -> None:
        """Take the nodes out of the selected components."""
        document = self._view.level_document
        found: list[str] = []
        with self._telling():
            for node in self._view.canvas_scene.selected_nodes():
                if document.workflow.nodes[node].type == COMPONENT:
                    found += document.expand(node)
        if found:
            self._selected(found)

    def add_beside(self) -> None:
        """Search for a node to add after the selected one, or in the middle of what is seen."""
        scene, node = self._view.canvas_scene, self._view.current_node
        if node is None or node not in scene.nodes:
            middle = self._view.visible_rect().center()
            self._view.adding.open(middle - QPointF(CARD_WIDTH / 2, 32), None, True)
            return
        item = scene.nodes[node]
        outputs = self._view.level_document.declaration_of(node)["outputs"]
        port = (node, outputs[0]["name"]) if outputs else None
        self._view.adding.open(item.pos() + QPointF(COLUMN, 0), port, True, at_place=True)

    def connect_selected(self) -> None:
        """Wire the selected nodes, from the left to the right, where an output fits a free input."""
        scene, document = self._view.canvas_scene, self._view.level_document
        chosen = sorted(
            scene.selected_nodes(), key=lambda node: (scene.nodes[node].x(), scene.nodes[node].y())
        )
        found = [ends for pair in pairwise(chosen) if (ends := self._fitting_ends(*pair)) is not None]
        if not found:
            self._view.tell(tr("No free ports of these nodes fit together."))
            return
        document.undo_stack.beginMacro(tr("Connect"))
        for ends in found:
            document.connect(*ends)
        document.undo_stack.endMacro()

    def _fitting_ends(self, source: str, target: str) -> tuple[str, str, str, str] | None:
        document = self._view.level_document
        if any((one.source, one.target) == (source, target) for one in document.workflow.connections):
            return None
        for output in document.declaration_of(source)["outputs"]:
            fitting = document.fitting(source, output["name"], is_output=True)
            for port in document.declaration_of(target)["inputs"]:
                if fitting.get((target, port["name"])):
                    return source, output["name"], target, port["name"]
        return None

    def disconnect(self, wire: Connection) -> None:
        """Take one connection away."""
        self._view.level_document.remove([], [wire])
