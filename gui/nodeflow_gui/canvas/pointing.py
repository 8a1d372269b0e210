"""The thing one points at: it stands out, the pointer says what a press would do, a tooltip says what it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QGraphicsItem

from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.note_item import NoteItem
from nodeflow_gui.canvas.tooltips import node_tip, port_tip
from nodeflow_gui.canvas.wire_item import WireItem
from nodeflow_gui.document.wiring import port_of

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

MOST_ROWS, MOST_CELLS = 4, 6


class Pointing:
    """The item under the pointer of one view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._item: QGraphicsItem | None = None

    def forget(self) -> None:
        """The items are gone."""
        self._item = None

    def hover(self, item: QGraphicsItem | None, position: QPointF | None = None) -> None:
        """The pointer is over an item, at a point of the viewport."""
        before, self._item = self._item, item
        if isinstance(before, NodeItem) and before is not item:
            before.set_hovered(False, None)
        elif isinstance(before, WireItem) and before is not item:
            before.set_hovered(False)
        if isinstance(item, NodeItem) and position is not None:
            item.set_hovered(True, item.port_at(self._view.to_scene(position)))
        elif isinstance(item, WireItem):
            item.set_hovered(True)
        if before is not item or isinstance(item, NodeItem | NoteItem):
            self.update_cursor(position)

    def update_cursor(self, position: QPointF | None = None) -> None:
        """Show by the pointer what a press would do."""
        shape = Qt.CursorShape.ArrowCursor
        if (
            self._view.gesture is not None
            and self._view.gesture.has_moved
            and self._view.gesture.cursor is not None
        ):
            shape = self._view.gesture.cursor
        elif self._view.is_space_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif isinstance(self._item, NodeItem) and position is not None:
            point = self._view.to_scene(position)
            if self._item.port_at(point) is not None:
                shape = Qt.CursorShape.CrossCursor
            elif self._item.link_at(point) is not None:
                shape = Qt.CursorShape.PointingHandCursor
        elif (
            isinstance(self._item, NoteItem)
            and position is not None
            and self._item.corner_at(self._view.to_scene(position))
        ):
            shape = Qt.CursorShape.SizeFDiagCursor
        if self._view.viewport().cursor().shape() != shape:
            self._view.viewport().setCursor(shape)


def tip_at(view: CanvasView, point: QPointF) -> str:
    """The tooltip for a point of the scene; empty where there is nothing to say."""
    item = view.canvas_scene.item_at(point)
    if isinstance(item, WireItem):
        return _output_tip(view, item.wire.source, item.wire.output)
    if not isinstance(item, NodeItem):
        return ""
    declaration = view.level_document.declaration_of(item.node)
    found = item.port_at(point)
    if found is None:
        told = view.status.of(view.full_id(item.node))
        return node_tip(
            item.face.title, declaration, item.face.state, told.message, told.seconds, told.reason
        )
    name, is_output = found
    if is_output:
        return _output_tip(view, item.node, name)
    port, source = port_of(declaration["inputs"], name), _source_of(item, name)
    if port is None or source is None:
        return port_tip(port, is_output=False) if port is not None else ""
    return port_tip(port, is_output=False, **_known_of(view, *source))


def _output_tip(view: CanvasView, node: str, name: str) -> str:
    port = port_of(view.level_document.declaration_of(node)["outputs"], name)
    return port_tip(port, is_output=True, **_known_of(view, node, name)) if port is not None else ""


def _known_of(view: CanvasView, node: str, port: str) -> dict[str, Any]:
    """What is known of the value at an output."""
    full = view.full_id(node)
    return {
        "fact": view.status.facts_of(full, port),
        "spec": view.status.spec_of(full, port),
        "rows": _first_rows(view, full, port),
    }


def _first_rows(view: CanvasView, node: str, port: str) -> list[list[str]]:
    """The head of the table at an output, if it has been computed; the names of its columns come first."""
    place = view.status.place_of(node, port)
    # importing Polars for a tooltip would hold the pointer up; it is there once a table was looked at
    if place is None or place.kind != "table" or "polars" not in sys.modules:
        return []
    from nodeflow_gui.running.values import TableSource

    try:
        source = TableSource(place.path, place.data)
    except (OSError, ValueError):  # the store has dropped it meanwhile, or it is damaged
        return []
    shown = source.columns[:MOST_CELLS]
    return [shown, *([_cell(value) for value in row[:MOST_CELLS]] for row in source.slice(0, MOST_ROWS))]


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


def _source_of(item: NodeItem, name: str) -> tuple[str, str] | None:
    """The output that feeds an input."""
    for one in item.wires:
        if (one.wire.target, one.wire.input) == (item.node, name):
            return one.wire.source, one.wire.output
    return None
