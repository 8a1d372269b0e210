"""Drawing a wire from a port, and leading the end of a wire elsewhere. Only ports that fit are lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from nodeflow.errors import NodeflowError
from nodeflow.workflow import Connection
from nodeflow_gui.canvas.gestures.gesture import Gesture
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.wire_item import WireItem, draw_loose_wire
from nodeflow_gui.document.wiring import first_fitting, port_of
from nodeflow_gui.translations.nodes import port_label

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

MAGNET = 28.0
"""A wire's end jumps onto a port that fits from so far away, on the screen."""


class DrawWire(Gesture):
    """From an output or an input to a port that fits; on empty space a search for fitting nodes opens."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        view: CanvasView,
        event: QMouseEvent,
        node: str,
        port: str,
        is_output: bool,
        held: WireItem | None = None,
    ) -> None:
        super().__init__(view, event)
        self.node, self.port, self.is_output, self.held = node, port, is_output, held
        self._fitting: dict[tuple[str, str], bool] = {}
        self._aim: tuple[str, str] | None = None
        self._end = self.start

    def begin(self) -> None:
        ignored = [self.held.wire] if self.held is not None else []
        self._fitting = self.document.fitting(self.node, self.port, is_output=self.is_output, ignored=ignored)
        by_node: dict[str, set[tuple[str, bool]]] = {}
        for node, port in self._fitting:
            by_node.setdefault(node, set()).add((port, not self.is_output))
        by_node.setdefault(self.node, set()).add((self.port, self.is_output))
        for name, item in self.scene.nodes.items():
            item.light(frozenset(by_node.get(name, ())))
        if self.held is not None:
            self.held.set_faded(True)

    def drag(self, point: QPointF, event: QMouseEvent) -> None:
        before = self._area()
        aim = self._nearest(point)
        self._aim = aim
        self.view.hint.show(self._hint() if aim is not None else self._refusal(point), event.position())
        self._end = point if aim is None else self.scene.nodes[aim[0]].port_point(aim[1], not self.is_output)
        self.view.scroll_at_edge(event.position())
        self.view.update_scene_area(before.united(self._area()))

    def _nearest(self, point: QPointF) -> tuple[str, str] | None:
        """The fitting port next to the pointer; anywhere on a card its first free one."""
        reach = MAGNET / self.view.scale_factor()
        near: list[tuple[float, tuple[str, str]]] = []
        for item in self.scene.items(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)):
            if not isinstance(item, NodeItem):
                continue
            ports = item.face.inputs if self.is_output else item.face.outputs
            inside = item.scene_card().contains(point)
            for rank, (name, _) in enumerate(ports):
                if (item.node, name) not in self._fitting:
                    continue
                away = item.port_point(name, not self.is_output) - point
                distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
                if distance <= reach:
                    near.append((distance, (item.node, name)))
                elif inside:
                    taken = not self._fitting[item.node, name]
                    near.append((1000.0 * (1 + taken) + rank, (item.node, name)))
        return min(near)[1] if near else None

    def _hint(self) -> str:
        if self._aim is None:
            return ""
        node, name = self._aim
        title = self.document.title_of(node)
        found = port_of(self.document.declaration_of(node)["inputs" if self.is_output else "outputs"], name)
        port = port_label(found) if found is not None else name
        if not self._fitting[self._aim]:
            return self.view.tr("Replaces the wire at {0} of {1}").format(port, title)
        return f"{title} · {port}"

    def _refusal(self, point: QPointF) -> str:
        """Why the wire cannot go to the card at a point; empty where there is none."""
        item = self._card_at(point)
        if item is None or item.node == self.node:
            return ""
        declaration = self.document.declaration_of(item.node)
        ports = declaration["inputs" if self.is_output else "outputs"]
        if not ports:
            words = (
                self.view.tr("{0} has no input.") if self.is_output else self.view.tr("{0} has no output.")
            )
            return words.format(self.document.title_of(item.node))
        own = self.document.declaration_of(self.node)["outputs" if self.is_output else "inputs"]
        held = port_of(own, self.port)
        name = first_fitting(ports, held["type"] if held is not None else "unknown") or ports[0]["name"]
        giving_way = [
            one.wire
            for one in item.wires
            if one is self.held or (one.wire.target, one.wire.input) == (item.node, name)
        ]
        return self.document.can_connect(*self._ends((item.node, name)), replacing=giving_way)

    def _card_at(self, point: QPointF) -> NodeItem | None:
        """The card at a point; what stands under a card counts as empty space."""
        items = (one for one in self.scene.items(point) if isinstance(one, NodeItem))
        return next((one for one in items if one.scene_card().contains(point)), None)

    def end(self, point: QPointF, event: QMouseEvent) -> None:
        aim = self._aim
        self._clear()
        try:
            if aim is not None:
                self._connect(aim)
            elif self._card_at(point) is not None:
                pass  # the hint has said why not
            elif self.held is not None:
                self.document.remove([], [self.held.wire])
            else:
                self.view.adding.open(point, (self.node, self.port), self.is_output)
        except NodeflowError as error:
            self.view.tell(str(error))

    def _connect(self, aim: tuple[str, str]) -> None:
        ends = self._ends(aim)
        if self.held is not None:
            self.document.reconnect(self.held.wire, Connection(*ends))
        else:
            self.document.connect(*ends, replace=True)

    def _ends(self, aim: tuple[str, str]) -> tuple[str, str, str, str]:
        return (self.node, self.port, *aim) if self.is_output else (*aim, self.node, self.port)

    def click(self, event: QMouseEvent) -> None:
        if self.is_output:
            self.view.activate_port(self.node, self.port)
        elif self.held is None:
            self.scene.select([self.node])
        if self.held is not None:
            self.scene.clearSelection()
            self.held.setSelected(True)

    def cancel(self) -> None:
        self._clear()

    def _clear(self) -> None:
        for item in self.scene.nodes.values():
            item.light(None)
        if self.held is not None and self.is_there(self.held):
            self.held.set_faded(False)
        self.view.hint.show("")
        self.view.viewport().update()

    def _area(self) -> QRectF:
        anchor = self.scene.nodes[self.node].port_point(self.port, self.is_output)
        return QRectF(anchor, self._end).normalized().adjusted(-120, -120, 120, 120)

    def paint(self, painter: QPainter) -> None:
        draw_loose_wire(painter, self.scene.nodes[self.node], self.port, self._end, is_output=self.is_output)
