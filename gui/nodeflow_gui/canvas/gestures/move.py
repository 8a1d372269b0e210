"""Moving nodes, notes and frames: on a grid, in line with their neighbours, and onto a wire to be inserted there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem

from nodeflow.errors import NodeflowError
from nodeflow_gui.canvas.gestures.gesture import Gesture
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.canvas.wire_item import WireItem
from nodeflow_gui.document.geometry import GRID, Place
from nodeflow_gui.document.words import tr

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

REACH = 5.0
"""So near to the line of a neighbour a card jumps onto it."""


class Move(Gesture):
    """Begins on a card, a note or the head of a frame. Ctrl leaves the grid, Alt moves a copy."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, event: QMouseEvent, item: NodeItem | NoteItem) -> None:
        super().__init__(view, event)
        self._item = item
        self._was_selected = item.isSelected()
        self._toggles = bool(
            self.modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        )
        if not self._was_selected:
            if not self._toggles:
                self.scene.clearSelection()
            item.setSelected(True)
        self._guides: list[QLineF] = []
        self._wire: WireItem | None = None
        self._copied: tuple[list[str], list[int]] | None = None
        """The nodes and notes of which copies are moved."""
        self._step = 0

    def begin(self) -> None:
        self.scene.finish_moving()
        away = self._copy() if self.modifiers & Qt.KeyboardModifier.AltModifier else QPointF()
        chosen = [one for one in self.scene.selectedItems() if isinstance(one, NodeItem | NoteItem)]
        held: dict[NodeItem | NoteItem, None] = dict.fromkeys(chosen)
        for one in chosen:
            if isinstance(one, NoteItem) and one.note.is_frame:
                held.update(dict.fromkeys(self._within(one)))
        self._starts = {one: one.pos() - away for one in held}
        self._others = self._neighbours() if len(self._starts) < 200 else []

    def _copy(self) -> QPointF:
        """The copy is what moves; the original stays. Gives how far away from it the copy was put."""
        nodes, notes = self.scene.selected_nodes(), self.scene.selected_notes()
        item, first_note = self._item, len(self.document.workflow.notes)
        origin = item.pos()
        place = nodes.index(item.node) if isinstance(item, NodeItem) else notes.index(item.index)
        self.is_changing = True
        new = self.document.duplicate(nodes, notes)
        self.is_changing = False
        self._copied, self._step = (nodes, notes), self.document.undo_stack.index()
        self.scene.finish_moving()
        new_notes = self.scene.notes[first_note:]
        self.scene.select(new, [one.index for one in new_notes])
        self._item = self.scene.nodes[new[place]] if isinstance(item, NodeItem) else new_notes[place]
        return self._item.pos() - origin

    def _within(self, frame: NoteItem) -> list[NodeItem | NoteItem]:
        area = frame.scene_area()
        return [
            one
            for one in self.scene.items(area)
            if (isinstance(one, NodeItem) and area.contains(one.scene_card()))
            or (isinstance(one, NoteItem) and one is not frame and area.contains(one.scene_area()))
        ]

    def _neighbours(self) -> list[QRectF]:
        seen = self.view.visible_rect()
        return [
            one.scene_card()
            for one in self.scene.items(seen)
            if isinstance(one, NodeItem) and one not in self._starts
        ]

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        step = point - self.start
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step = self._snapped(step)
        nodes = {one: start + step for one, start in self._starts.items() if isinstance(one, NodeItem)}
        for one, start in self._starts.items():
            if isinstance(one, NoteItem):
                one.setPos(start + step)
        self.scene.move_items(nodes)
        self._aim(point)
        if self._guides:
            self.view.viewport().update()

    def _snapped(self, step: QPointF) -> QPointF:
        """The step to the next place on the grid, or in line with a neighbour that is nearer than that."""
        origin = self._starts.get(self._item, QPointF())
        wanted = origin + step
        x, y = round(wanted.x() / GRID) * GRID, round(wanted.y() / GRID) * GRID
        old, self._guides = self._guides, []
        if isinstance(self._item, NodeItem):
            height = self._item.card().height()
            reach = REACH / self.view.scale_factor()
            for area in self._others:
                middle = area.center().y() - height / 2
                if abs(middle - wanted.y()) <= reach and abs(area.left() - wanted.x()) < 900:
                    y = middle
                    self._guides.append(
                        QLineF(
                            min(area.left(), x),
                            area.center().y(),
                            max(area.right(), x + area.width()),
                            area.center().y(),
                        )
                    )
                    break
            for area in self._others:
                if abs(area.left() - wanted.x()) <= reach and abs(area.top() - wanted.y()) < 600:
                    x = area.left()
                    self._guides.append(QLineF(x, min(area.top(), y), x, max(area.bottom(), y + height)))
                    break
        if old and not self._guides:
            self.view.viewport().update()
        return QPointF(x, y) - origin

    def _aim(self, point: QPointF) -> None:
        """Find the wire on which the node would be inserted: it must have none of its own and fit."""
        found = None
        nodes = [one for one in self._starts if isinstance(one, NodeItem)]
        if len(self._starts) == 1 and len(nodes) == 1 and not nodes[0].wires:
            found = self.view.adding.wire_for(nodes[0].scene_card().center(), nodes[0].node)
        if found is not self._wire:
            for wire, hovered in ((self._wire, False), (found, True)):
                if wire is not None:
                    wire.set_hovered(hovered)
            self._wire = found

    def end(self, point: QPointF, event: QMouseEvent) -> None:
        nodes = {one.node: _place(one) for one in self._starts if isinstance(one, NodeItem)}
        notes = {one.index: _place(one) for one in self._starts if isinstance(one, NoteItem)}
        wire = self._wire
        self._clear()
        if wire is not None:
            node, place = next(iter(nodes.items()))
            try:
                self.document.insert_on_connection(node, wire.wire, place)
            except NodeflowError as error:
                self.view.tell(str(error))
            else:
                return
        if self._copied is not None and self._takes_back():
            self._copy_to(nodes, notes)
        else:
            self.document.move(nodes, notes)
        self.scene.fit_scene_rect()

    def _takes_back(self) -> bool:
        """Undo the copying, if it is the last that was done."""
        stack = self.document.undo_stack
        if stack.index() != self._step:
            return False
        self.is_changing = True
        stack.undo()
        self.is_changing = False
        return True

    def _copy_to(self, nodes: dict[str, Place], notes: dict[int, Place]) -> None:
        """Copy again and move, as one step; the copies get the ids they had."""
        assert self._copied is not None
        stack, self.is_changing = self.document.undo_stack, True
        stack.beginMacro(tr("Duplicate"))
        self.document.duplicate(*self._copied)
        self.document.move(nodes, notes)
        stack.endMacro()
        self.is_changing = False
        self.scene.finish_moving()
        self.scene.select(list(nodes), list(notes))

    def click(self, event: QMouseEvent) -> None:
        if self._toggles and self._was_selected:
            self._item.setSelected(False)
        elif not self._toggles and self._was_selected:
            others: list[QGraphicsItem] = [one for one in self.scene.selectedItems() if one is not self._item]
            for one in others:
                one.setSelected(False)

    def cancel(self) -> None:
        if not self.has_moved:
            return
        self._clear()
        if self._copied is not None and self._takes_back():
            return
        for one, start in self._starts.items():
            if isinstance(one, NoteItem) and self.is_there(one):
                one.setPos(start)
        # the document may have moved or removed some meanwhile
        places = self.document.places()
        held = [self.scene.nodes[name] for name in places if self.scene.nodes.get(name) in self._starts]
        self.scene.move_items({one: QPointF(*places[one.node]) for one in held})

    def _clear(self) -> None:
        self._guides = []
        if self._wire is not None and self.is_there(self._wire):
            self._wire.set_hovered(False)
        self._wire = None
        self.view.viewport().update()

    def paint(self, painter: QPainter) -> None:
        painter.setPen(paints().guide)
        painter.drawLines(self._guides)


def _place(item: QGraphicsItem) -> Place:
    return item.pos().x(), item.pos().y()
