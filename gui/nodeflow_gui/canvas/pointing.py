"""What is said of the thing one points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.tooltips import node_tip, port_tip
from nodeflow_gui.document.wiring import port_of

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView


def tip_at(view: CanvasView, point: QPointF) -> str:
    """The tooltip for a point of the scene; empty where there is nothing to say."""
    item = view.canvas_scene.item_at(point)
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
    port = port_of(declaration["outputs" if is_output else "inputs"], name)
    if port is None:
        return ""
    source = (item.node, name) if is_output else _source_of(item, name)
    if source is None:
        return port_tip(port, is_output=is_output)
    full = view.full_id(source[0])
    fact, spec = view.status.facts_of(full, source[1]), view.status.spec_of(full, source[1])
    return port_tip(port, is_output=is_output, fact=fact, spec=spec)


def _source_of(item: NodeItem, name: str) -> tuple[str, str] | None:
    """The output that feeds an input."""
    for one in item.wires:
        if (one.wire.target, one.wire.input) == (item.node, name):
            return one.wire.source, one.wire.output
    return None
