"""The card of a node: one item without children, since children make building and moving many times slower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QStaticText, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nodeflow_gui.canvas.card_faces import BAR, ICON, draw_card
from nodeflow_gui.canvas.marks import draw_badge, port_path
from nodeflow_gui.canvas.paints import Paints, paints
from nodeflow_gui.canvas.title_lines import two_lines
from nodeflow_gui.document.geometry import CARD_WIDTH, height_for, port_offsets

TEXT_LEFT = BAR + 8 + ICON + 9
MARGIN = 14.0
"""Around the card: shadow, ports and badge."""
PROBLEM_WIDTH = 248.0
HIT_RADIUS = 10.0
FACT_WIDTH = 110.0
LINE_BREAK = "\N{LINE SEPARATOR}"
"""A plain static text passes over all others."""


@dataclass
class Face:
    """What a card says; compared to see whether it must be painted anew."""

    title: str = ""
    summary: str = ""
    category: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    """Name and type of each port."""
    outputs: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    """What each output gives: "400 rows"."""
    entries: tuple[tuple[str, str], ...] = ()
    """Within a component: inputs that its own inputs feed, with their names."""
    exits: tuple[tuple[str, str], ...] = ()
    """Outputs that are its own outputs too, with their names."""
    state: str = "ready"
    progress: float | None = None
    message: str = ""
    problem: str = ""
    fixes: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=(), compare=False)
    """What a click can do about the problem: words and the fix."""
    is_component: bool = False


class NodeItem(QGraphicsItem):
    """Draws one node. It knows its face and nothing of the document."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self.node = node
        self.face = Face()
        self.wires: list[Any] = []
        self.lit_ports: frozenset[tuple[str, bool]] | None = None
        """Ports that fit the wire being drawn, as name and whether an output; None when none is drawn."""
        self.hovered_port: tuple[str, bool] | None = None
        self.is_hovered = False
        self.is_alone = False
        """Whether it is the only one selected."""
        self.used_inputs: set[str] = set()
        self._height = height_for(1, 1)
        self._made_for: tuple[Paints, Face] | None = None
        self._texts: list[QStaticText] = []
        self._title_font = paints().title_font
        self._links: list[tuple[QRectF, Mapping[str, Any]]] = []
        self._problem_height = 0.0
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    # -- geometry -----------------------------------------------------------------------------

    def card(self) -> QRectF:
        """The card in the item's own coordinates; its upper left corner is the node's place."""
        return QRectF(0, 0, CARD_WIDTH, self._height)

    def scene_card(self) -> QRectF:
        """The card on the scene."""
        return self.card().translated(self.pos())

    def boundingRect(self) -> QRectF:
        bounds = self.card().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        if any(self.face.facts) or self.face.exits:
            bounds.setRight(CARD_WIDTH + FACT_WIDTH)
        if self.face.entries:
            bounds.setLeft(-FACT_WIDTH)
        if self._problem_height:
            bounds.setBottom(self._height + 8 + self._problem_height + 4)
            bounds.setRight(max(bounds.right(), PROBLEM_WIDTH + 4))
        return bounds

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.card().adjusted(-HIT_RADIUS, 0, HIT_RADIUS, 0))
        if self._problem_height:
            path.addRect(self.problem_area())
        return path

    def port_point(self, name: str, is_output: bool) -> QPointF:
        """Where a port sits on the scene; an unknown one at the middle of its side."""
        names = [port[0] for port in (self.face.outputs if is_output else self.face.inputs)]
        offsets = port_offsets(len(names), self._height)
        y = offsets[names.index(name)] if name in names else self._height / 2
        return self.pos() + QPointF(CARD_WIDTH if is_output else 0.0, y)

    def port_at(self, point: QPointF) -> tuple[str, bool] | None:
        """The port near a point of the scene, as its name and whether it is an output."""
        local = point - self.pos()
        for ports, x, is_output in ((self.face.inputs, 0.0, False), (self.face.outputs, CARD_WIDTH, True)):
            if abs(local.x() - x) > HIT_RADIUS:
                continue
            for (name, _), y in zip(ports, port_offsets(len(ports), self._height), strict=True):
                if abs(local.y() - y) <= HIT_RADIUS:
                    return name, is_output
        return None

    def link_at(self, point: QPointF) -> Mapping[str, Any] | None:
        """The fix offered under the card at a point of the scene."""
        local = point - self.pos()
        return next((fix for area, fix in self._links if area.contains(local)), None)

    def problem_area(self) -> QRectF:
        """Where the problem stands under the card, in the item's own coordinates; empty if there is none."""
        if not self._problem_height:
            return QRectF()
        return QRectF(0, self._height + 8, PROBLEM_WIDTH, self._problem_height)

    # -- what it says -------------------------------------------------------------------------

    def show_face(self, face: Face) -> bool:
        """Take on a face; true if the ports moved, so that the wires must follow."""
        if face == self.face and face.fixes == self.face.fixes:
            return False
        height = height_for(len(face.inputs), len(face.outputs))
        moved = height != self._height or (face.inputs, face.outputs) != (self.face.inputs, self.face.outputs)
        self.prepareGeometryChange()
        self.face, self._height, self._made_for = face, height, None
        self.measure_problem()
        self.update()
        return moved

    def measure_problem(self) -> None:
        """Find the room the problem takes; told in full while the node alone is selected, or is pointed at."""
        height, links = self._room_for_problem(paints())
        if height != self._problem_height:
            # before it is another one: the scene forgets an item only where it covered something until now
            self.prepareGeometryChange()
        self._problem_height, self._links = height, links
        self.setZValue(2.0 if self._told_problem() else 1.0 if self.isSelected() else 0.0)

    def _room_for_problem(self, look: Paints) -> tuple[float, list[tuple[QRectF, Mapping[str, Any]]]]:
        """The height of the problem, and where its fixes stand."""
        if not self.face.problem:
            return 0.0, []
        if not self._told_problem():
            return 22.0, []
        metrics, small = QFontMetricsF(look.small_strong_font), QFontMetricsF(look.small_font)
        area = QRectF(0, 0, PROBLEM_WIDTH - 24, 400)
        text = metrics.boundingRect(area, int(Qt.TextFlag.TextWordWrap), self.face.problem)
        links: list[tuple[QRectF, Mapping[str, Any]]] = []
        y = self._height + 8 + text.height() + 14
        for words, fix in self.face.fixes[:3]:
            width = min(small.horizontalAdvance(words) + 4, PROBLEM_WIDTH - 24)
            links.append((QRectF(12, y, width, 18), fix))
            y += 18
        return text.height() + 20 + 18 * len(links) + (4 if links else 0), links

    def _told_problem(self) -> bool:
        # while a wire is drawn, it would hide the ports of others
        return bool(self.face.problem) and self.lit_ports is None and (self.is_alone or self.is_hovered)

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:
        if change == QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged:
            self.measure_problem()
            for wire in self.wires:
                wire.update_strength()
        return value

    def set_hovered(self, hovered: bool, port: tuple[str, bool] | None) -> None:
        """The pointer is over the card, over one of its ports, or neither."""
        if (hovered, port) != (self.is_hovered, self.hovered_port):
            self.is_hovered, self.hovered_port = hovered, port
            self.measure_problem()
            self.update()

    def set_alone(self, alone: bool) -> None:
        """It is the only one selected, or no longer."""
        self.is_alone = alone
        self.measure_problem()
        self.update()

    def light(self, ports: frozenset[tuple[str, bool]] | None) -> None:
        """Light the ports that fit the wire being drawn; None when none is drawn any more."""
        if ports != self.lit_ports:
            begins_or_ends = (ports is None) != (self.lit_ports is None)
            self.lit_ports = ports
            if begins_or_ends and self.face.problem:
                self.measure_problem()
            self.update()

    # -- drawing ------------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look = paints()
        if self._made_for is None or self._made_for[0] is not look:
            self._make_texts(look)
        if self.lit_ports is not None and not self.lit_ports:
            painter.setOpacity(0.45)  # nothing here fits the wire being drawn
        edge = "selected" if self.isSelected() else "hovered" if self.is_hovered else ""
        draw_card(painter, look, self.face.category, self._height, edge, is_component=self.face.is_component)
        title, summary = self._texts[:2]
        left = TEXT_LEFT
        painter.setPen(look.text)
        painter.setFont(self._title_font)
        high = title.size().height()
        below = 15.0 if self.face.summary else 0.0
        top = (self._height - high - below) / 2
        painter.drawStaticText(QPointF(left, top), title)
        if self.face.summary:
            painter.setPen(look.muted)
            painter.setFont(look.small_font)
            painter.drawStaticText(QPointF(left, top + high + 3), summary)
        if self.face.state == "running":
            self._draw_progress(painter, look)
        self._draw_facts(painter, look)
        if self.face.entries or self.face.exits:
            self._draw_borders(painter, look)
        self._draw_ports(painter, look)
        draw_badge(painter, QPointF(CARD_WIDTH - 14, 1), self.face.state, self.face.progress, look)
        if self._problem_height:
            self._draw_problem(painter, look)

    def _make_texts(self, look: Paints) -> None:
        room = CARD_WIDTH - TEXT_LEFT - 8
        facts = [(fact, look.small_font, FACT_WIDTH - 12) for fact in self.face.facts]
        others = ((self.face.summary, look.small_font, room), *facts)
        self._texts = [self._title_text(look, room)]
        for text, font, width in others:
            elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._texts.append(_static_text(elided, font))
        self._made_for = look, self.face

    def title_lines(self) -> list[str]:
        """The lines of the title as they are painted."""
        return self._texts[0].text().split(LINE_BREAK)

    def _title_text(self, look: Paints, room: float) -> QStaticText:
        """The title; a long one is better small, or on two lines, than cut."""
        title = self.face.title
        self._title_font = look.title_font
        if QFontMetricsF(look.title_font).horizontalAdvance(title) <= room:
            return _static_text(title, look.title_font)
        self._title_font = look.small_strong_font
        metrics = QFontMetricsF(self._title_font)
        if metrics.horizontalAdvance(title) <= room:
            return _static_text(title, self._title_font)
        lines = [
            metrics.elidedText(one, Qt.TextElideMode.ElideRight, room)
            for one in two_lines(title, metrics.horizontalAdvance, room)
        ]
        return _static_text(LINE_BREAK.join(lines), self._title_font)

    def _draw_progress(self, painter: QPainter, look: Paints) -> None:
        line = QRectF(BAR + 10, self._height - 7, CARD_WIDTH - BAR - 20, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.track)
        painter.drawRoundedRect(line, 1.5, 1.5)
        if self.face.progress is not None:
            line.setWidth(max(3.0, line.width() * self.face.progress))
            painter.setBrush(look.running)
            painter.drawRoundedRect(line, 1.5, 1.5)

    def _draw_facts(self, painter: QPainter, look: Paints) -> None:
        """Beside each output, over or under its wire, so that the wire stays to be seen."""
        if not any(self.face.facts):
            return
        painter.setFont(look.small_font)
        for text, y in zip(self._texts[2:], port_offsets(len(self.face.outputs), self._height), strict=True):
            size = text.size()
            if size.width() < 1:
                continue
            below = y >= self._height / 2 - 1
            area = QRectF(
                CARD_WIDTH + 2, y + 5 if below else y - 5 - size.height(), size.width() + 4, size.height()
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.fact)
            painter.drawRoundedRect(area, 4, 4)
            painter.setPen(look.muted)
            painter.drawStaticText(QPointF(area.x() + 2, area.y()), text)

    def _draw_borders(self, painter: QPainter, look: Paints) -> None:
        """Where the component's own ports begin and end: a tag with the name, beside the port it is joined to."""
        metrics = QFontMetricsF(look.small_strong_font)
        painter.setFont(look.small_strong_font)
        for tags, ports, is_output in (
            (self.face.entries, self.face.inputs, False),
            (self.face.exits, self.face.outputs, True),
        ):
            offsets = dict(
                zip((name for name, _ in ports), port_offsets(len(ports), self._height), strict=True)
            )
            for port, name in tags:
                y = offsets.get(port, self._height / 2)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, FACT_WIDTH - 46)
                width = metrics.horizontalAdvance(text) + 14
                x = CARD_WIDTH + 22 if is_output else -22 - width
                painter.setPen(look.wire)
                painter.drawLine(
                    QPointF(CARD_WIDTH if is_output else -22, y), QPointF(x if is_output else 0, y)
                )
                painter.setPen(look.strong_border)
                painter.setBrush(look.card)
                painter.drawRoundedRect(QRectF(x, y - 9, width, 18), 4, 4)
                painter.setPen(look.muted)
                painter.drawText(QRectF(x, y - 9, width, 18), int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_ports(self, painter: QPainter, look: Paints) -> None:
        for ports, x, is_output in ((self.face.inputs, 0.0, False), (self.face.outputs, CARD_WIDTH, True)):
            for (name, type_name), y in zip(ports, port_offsets(len(ports), self._height), strict=True):
                lit = self.lit_ports is not None and (name, is_output) in self.lit_ports
                hovered = self.hovered_port == (name, is_output)
                filled = (
                    is_output
                    or name in self.used_inputs
                    or any(name == port for port, _ in self.face.entries)
                )
                painter.setPen(look.port_lit if lit or hovered else look.port_pen)
                if hovered or lit:
                    painter.setBrush(look.accent_brush)
                else:
                    painter.setBrush(look.port if filled else look.port_open)
                painter.translate(x, y)
                if hovered or lit:
                    painter.scale(1.35, 1.35)
                painter.drawPath(port_path(type_name))
                if hovered or lit:
                    painter.scale(1 / 1.35, 1 / 1.35)
                painter.translate(-x, -y)

    def _draw_problem(self, painter: QPainter, look: Paints) -> None:
        area = self.problem_area()
        if not self._told_problem():
            painter.setPen(look.failed_pen)
            painter.setFont(look.small_font)
            metrics = QFontMetricsF(look.small_font)
            text = metrics.elidedText(self.face.problem, Qt.TextElideMode.ElideRight, CARD_WIDTH - 8)
            painter.drawText(QPointF(6, area.top() + 11), text)
            return
        painter.setPen(type(look.border)(look.failed_pen.color(), 1.0))
        painter.setBrush(look.card)
        painter.drawRoundedRect(area, 8, 8)
        painter.setPen(look.text)
        painter.setFont(look.small_strong_font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        painter.drawText(area.adjusted(12, 10, -12, -8), self.face.problem, option)
        painter.setPen(look.accent_pen)
        painter.setFont(look.small_font)
        metrics = QFontMetricsF(look.small_font)
        for (words, _), (link, _) in zip(self.face.fixes, self._links, strict=False):
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, PROBLEM_WIDTH - 24)
            painter.drawText(link, int(Qt.AlignmentFlag.AlignVCenter), text)


def _static_text(text: str, font: QFont) -> QStaticText:
    static = QStaticText(text)
    static.setTextFormat(Qt.TextFormat.PlainText)
    static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    static.prepare(font=font)
    return static
