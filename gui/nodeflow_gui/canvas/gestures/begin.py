"""Which gesture a press of the mouse begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from nodeflow_gui.canvas.gestures.draw_wire import DrawWire
from nodeflow_gui.canvas.gestures.gesture import Gesture
from nodeflow_gui.canvas.gestures.move import Move
from nodeflow_gui.canvas.gestures.pan import Pan
from nodeflow_gui.canvas.gestures.resize import Resize
from nodeflow_gui.canvas.gestures.rubber_band import RubberBand
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.wire_item import WireItem

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView


def gesture_for(view: CanvasView, event: QMouseEvent) -> Gesture | None:
    """The gesture for what lies under the pointer."""
    if event.button() == Qt.MouseButton.MiddleButton or (
        event.button() == Qt.MouseButton.LeftButton and view.is_space_held
    ):
        return Pan(view, event)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    point = view.to_scene(event.position())
    item = view.canvas_scene.item_at(point)
    if isinstance(item, NodeItem):
        port = item.port_at(point) if view.scale_factor() >= view.batch_below else None
        if port is None:
            return Move(view, event, item)
        name, is_output = port
        held = None if is_output else _only_wire(item, name)
        if held is not None:  # the end of a wire that lies on this input is taken, not a new wire begun
            return DrawWire(view, event, held.wire.source, held.wire.output, True, held)
        return DrawWire(view, event, item.node, name, is_output)
    if isinstance(item, WireItem):
        return _of_wire(view, event, item, point)
    if isinstance(item, NoteItem):
        return Resize(view, event, item) if item.corner_at(point) else Move(view, event, item)
    return RubberBand(view, event)


def _of_wire(view: CanvasView, event: QMouseEvent, item: WireItem, point: QPointF) -> Gesture:
    """A press on a wire takes the end that is nearer."""
    start, end = item.ends()
    wire = item.wire
    if (point - start).manhattanLength() < (point - end).manhattanLength():
        return DrawWire(view, event, wire.target, wire.input, False, item)
    return DrawWire(view, event, wire.source, wire.output, True, item)


def _only_wire(item: NodeItem, name: str) -> WireItem | None:
    found = [one for one in item.wires if one.wire.target == item.node and one.wire.input == name]
    return found[0] if len(found) == 1 else None
