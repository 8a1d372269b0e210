"""The whole workflow in a few calls, for when it is seen from afar: a call of Python for each card would be the cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nodeflow_gui.canvas.paints import Paints

if TYPE_CHECKING:
    from nodeflow_gui.canvas.node_item import NodeItem
    from nodeflow_gui.canvas.wire_item import WireItem

TROUBLED = frozenset(("failed", "needs settings", "unknown type"))


class Batch:
    """Rectangles by colour and lines, kept in step with the items, so that painting only hands them over."""

    def __init__(self) -> None:
        self._cards: dict[NodeItem, QRectF] = {}
        self._categories: dict[NodeItem, str] = {}
        self._by_category: dict[str, dict[NodeItem, QRectF]] = {}
        self._lines: dict[WireItem, QLineF] = {}
        self._wrong: dict[NodeItem, QRectF] = {}
        self._running: dict[NodeItem, QRectF] = {}
        self._bounds: QRectF | None = None

    def clear(self) -> None:
        """Forget everything."""
        for held in (
            self._cards,
            self._categories,
            self._by_category,
            self._lines,
            self._wrong,
            self._running,
        ):
            held.clear()
        self._bounds = None

    def put(self, item: NodeItem) -> None:
        """A card is new, was moved or has another face."""
        card, category = item.scene_card(), item.face.category
        area = self._cards.get(item)
        if area is None:
            area = self._cards[item] = card
            self._bounds = None
        elif area != card:
            area.setRect(card.x(), card.y(), card.width(), card.height())
            self._bounds = None
        if self._categories.get(item) != category:
            self._by_category.get(self._categories.get(item, ""), {}).pop(item, None)
            self._by_category.setdefault(category, {})[item] = area
            self._categories[item] = category
        for held, belongs in (
            (self._wrong, item.face.state in TROUBLED),
            (self._running, item.face.state == "running"),
        ):
            if belongs:
                held[item] = area
            else:
                held.pop(item, None)

    def remove(self, item: NodeItem) -> None:
        """A card is gone."""
        self._by_category.get(self._categories.pop(item, ""), {}).pop(item, None)
        for held in (self._cards, self._wrong, self._running):
            held.pop(item, None)
        self._bounds = None

    def put_wire(self, item: WireItem) -> None:
        """A wire is new or goes another way."""
        start, end = item.ends()
        self._lines.setdefault(item, QLineF()).setPoints(start, end)

    def remove_wire(self, item: WireItem) -> None:
        """A wire is gone."""
        self._lines.pop(item, None)

    def bounds(self) -> QRectF:
        """What the cards cover."""
        if self._bounds is None:
            self._bounds = QRectF()
            if self._cards:
                areas = self._cards.values()
                left, top = min(one.left() for one in areas), min(one.top() for one in areas)
                right, bottom = max(one.right() for one in areas), max(one.bottom() for one in areas)
                self._bounds = QRectF(left, top, right - left, bottom - top)
        return self._bounds

    def cards(self) -> list[tuple[str, list[QRectF]]]:
        """The cards' rectangles by category."""
        return [(category, list(areas.values())) for category, areas in self._by_category.items()]

    def paint(self, painter: QPainter, look: Paints, selected: Iterable[NodeItem]) -> None:
        """Paint all wires and cards on the scene's coordinates."""
        painter.setPen(QPen(look.wire.color(), 0))
        painter.drawLines(list(self._lines.values()))
        painter.setPen(Qt.PenStyle.NoPen)
        for category, areas in self.cards():
            painter.setBrush(look.group(category)[0])
            painter.drawRects(areas)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wrong = list(self._wrong.values())
        chosen = [self._cards[item] for item in selected if item in self._cards]
        self._outline(painter, list(self._running.values()), look.state("running"))
        self._outline(painter, wrong, look.state("failed"))
        # what is wrong is struck through as well, for those who do not see the colour
        painter.drawLines([QLineF(area.bottomLeft(), area.topRight()) for area in wrong])
        self._outline(painter, chosen, look.accent)

    def _outline(self, painter: QPainter, areas: list[QRectF], colour: QColor) -> None:
        pen = QPen(colour, 2.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRects(areas)
