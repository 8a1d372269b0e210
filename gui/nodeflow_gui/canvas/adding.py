"""Adding nodes to the canvas: by the search that opens on it, and by dragging a type onto it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QDropEvent, QPainter

from nodeflow.errors import NodeflowError
from nodeflow_gui.canvas.wire_item import WireItem, draw_loose_wire
from nodeflow_gui.canvas.zoom_view import view_point
from nodeflow_gui.document.geometry import CARD_HEIGHT, CARD_WIDTH
from nodeflow_gui.document.wiring import first_fitting, port_of

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

MIME = "application/x-nodeflow-node"
"""A type id as UTF-8, dragged from the palette."""
_HALF = QPointF(CARD_WIDTH / 2, CARD_HEIGHT / 2)


class Adding:
    """Where the next node comes to stand and what it is wired to, for one view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._place = QPointF()
        self._port: tuple[str, str] | None = None
        self._is_output = True
        self._wire: WireItem | None = None
        self._dropped_at: QPointF | None = None
        """The end of the wire that was dropped on empty space; it is shown while the search is open."""
        view.quick_add.closed.connect(self._forget_wire)

    def open(
        self, point: QPointF, port: tuple[str, str] | None, is_output: bool, *, at_place: bool = False
    ) -> None:
        """Search for a node to add at a point of the scene, wired to a port if one is given."""
        view = self._view
        declaration = view.level_document.declaration_of(port[0]) if port is not None else None
        end = None
        if declaration is not None and port is not None:
            end = port_of(declaration["outputs" if is_output else "inputs"], port[1])
        self._dropped_at = point if port is not None and not at_place else None
        if port is not None and not at_place:  # the wire's end is where the new node's port will be
            point = point - QPointF(0 if is_output else CARD_WIDTH, CARD_HEIGHT / 2)
        self._place, self._port, self._is_output, self._wire = point, port, is_output, None
        view.quick_add.open_at(view_point(view, point), declaration, end, is_output=is_output)
        view.add_requested.emit(point, port)

    def paint(self, painter: QPainter) -> None:
        """Draw the wire for whose end a node is searched."""
        nodes = self._view.canvas_scene.nodes
        if self._dropped_at is not None and self._port is not None and self._port[0] in nodes:
            node, port = self._port
            draw_loose_wire(painter, nodes[node], port, self._dropped_at, is_output=self._is_output)

    def _forget_wire(self) -> None:
        self._dropped_at = None
        self._view.viewport().update()

    def open_on(self, wire: WireItem, point: QPointF) -> None:
        """Search for a node to insert on a wire."""
        view = self._view
        declaration = view.level_document.declaration_of(wire.wire.source)
        end = port_of(declaration["outputs"], wire.wire.output)
        self._place, self._port, self._is_output, self._wire = point - _HALF, None, True, wire
        view.quick_add.open_at(view_point(view, point), declaration, end, is_output=True)

    def choose(self, type_id: str) -> None:
        """Add a node of the chosen type."""
        document, place = self._view.level_document, (self._place.x(), self._place.y())
        try:
            if self._wire is not None:
                node = document.insert_on_connection(type_id, self._wire.wire, place)
            elif self._is_output:
                node = document.add_node(type_id, place, source=self._port)
            else:
                node = document.add_node(type_id, place, target=self._port)
        except NodeflowError as error:
            self._view.tell(str(error))
        else:
            self._view.show_added(node)

    def drop(self, event: QDropEvent) -> None:
        """Add the node whose type was dragged here, on the wire under it if it fits there."""
        self._place = self._view.to_scene(event.position()) - _HALF
        self._port, self._is_output, self._wire = None, True, self.wire_under(event)
        self.choose(_type_of(event))

    def wire_under(self, event: QDropEvent) -> WireItem | None:
        """The wire under the pointer, if the dragged type fits on it."""
        known = self._view.document.registry.get(_type_of(event))
        item = self._view.canvas_scene.item_at(self._view.to_scene(event.position()))
        if known is None or not isinstance(item, WireItem):
            return None
        return item if self._fits_on(known.declaration, item) else None

    def wire_for(self, point: QPointF, node: str) -> WireItem | None:
        """The wire near a point into which a node would fit."""
        declaration = self._view.level_document.declaration_of(node)
        near = QRectF(point.x() - 40, point.y() - 24, 80, 48)
        for item in self._view.canvas_scene.items(near):
            if (
                isinstance(item, WireItem)
                and item.shape().intersects(near)
                and self._fits_on(declaration, item)
            ):
                return item
        return None

    def _fits_on(self, declaration: Mapping[str, Any], item: WireItem) -> bool:
        outputs = self._view.level_document.declaration_of(item.wire.source)["outputs"]
        given = port_of(outputs, item.wire.output)
        kind = given["type"] if given is not None else "unknown"
        return bool(
            first_fitting(declaration["inputs"], kind) and first_fitting(declaration["outputs"], kind)
        )


def _type_of(event: QDropEvent) -> str:
    return bytes(event.mimeData().data(MIME).data()).decode(errors="replace")
