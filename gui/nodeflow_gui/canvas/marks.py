"""Small shapes: ports by the type of what they carry, and badges by the state of a node. Never colour alone."""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from nodeflow_gui.canvas.paints import Paints

PORT_RADIUS = 5.0
BADGE_RADIUS = 8.0


@cache
def port_path(type_name: str) -> QPainterPath:
    """The shape of a port around the origin: a circle carries a table, a diamond a model, and so on."""
    path = QPainterPath()
    r = PORT_RADIUS
    match type_name:
        case "table":
            path.addEllipse(QPointF(0, 0), r, r)
        case "model":
            _polygon(path, 4, r * 1.3, 0.0)
        case "network":
            _polygon(path, 6, r * 1.18, 0.0)
        case "tensors":
            path.addRoundedRect(QRectF(-r, -r, 2 * r, 2 * r), 1.5, 1.5)
        case "chart":
            _polygon(path, 3, r * 1.35, -math.pi / 2)
        case "report":
            path.addRoundedRect(QRectF(-r * 0.8, -r * 1.1, r * 1.6, r * 2.2), 1.5, 1.5)
        case "variables":
            _polygon(path, 5, r * 1.15, -math.pi / 2)
        case _:
            path.addRoundedRect(QRectF(-r, -r * 0.7, 2 * r, r * 1.4), r * 0.7, r * 0.7)
    return path


def _polygon(path: QPainterPath, corners: int, radius: float, start: float) -> None:
    for index in range(corners):
        angle = start + 2 * math.pi * index / corners
        point = QPointF(radius * math.cos(angle), radius * math.sin(angle))
        if index:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()


@cache
def _ground(state: str) -> QPainterPath:
    path = QPainterPath()
    r = BADGE_RADIUS
    match state:
        case "failed":
            _polygon(path, 8, r * 1.05, math.pi / 8)
        case "needs settings" | "unknown type":
            path.addRoundedRect(QRectF(-r * 0.9, -r * 0.9, r * 1.8, r * 1.8), 4, 4)
        case "cancelled":
            path.addRoundedRect(QRectF(-r * 0.85, -r * 0.85, r * 1.7, r * 1.7), 2, 2)
        case _:
            path.addEllipse(QPointF(0, 0), r, r)
    return path


@cache
def _sign(state: str) -> QPainterPath:
    path = QPainterPath()
    match state:
        case "done":
            path.moveTo(-3.4, 0.2)
            path.lineTo(-1.0, 2.8)
            path.lineTo(3.6, -2.8)
        case "cached":
            # an arrow that comes back: taken from the results that are kept
            circle = QRectF(-3.4, -3.4, 6.8, 6.8)
            path.arcMoveTo(circle, 50)
            path.arcTo(circle, 50, 280)
            path.moveTo(3.4, -4.2)
            path.lineTo(2.3, -2.3)
            path.lineTo(0.2, -2.9)
        case "failed":
            path.moveTo(0, -4.0)
            path.lineTo(0, 0.8)
            path.moveTo(0, 3.8)
            path.lineTo(0, 3.9)
        case "needs settings":
            for x in (-3.2, 0.0, 3.2):
                path.moveTo(x, 0)
                path.lineTo(x + 0.01, 0)
        case "unknown type":
            path.moveTo(-2.2, -2.0)
            path.cubicTo(-2.2, -5.0, 2.4, -5.0, 2.4, -1.9)
            path.cubicTo(2.4, -0.2, 0.0, -0.2, 0.0, 1.5)
            path.moveTo(0, 4.2)
            path.lineTo(0, 4.3)
        case "skipped":
            path.moveTo(-3.2, 0)
            path.lineTo(3.2, 0)
        case "cancelled":
            path.moveTo(-2.6, -2.6)
            path.lineTo(2.6, 2.6)
            path.moveTo(2.6, -2.6)
            path.lineTo(-2.6, 2.6)
        case "queued":
            path.moveTo(0, -3.4)
            path.lineTo(0, 0)
            path.lineTo(2.6, 1.4)
    return path


def draw_badge(painter: QPainter, centre: QPointF, state: str, progress: float | None, look: Paints) -> None:
    """The state of a node, at the corner of its card; a node that is ready shows a quiet ring."""
    colour = look.state(state)
    painter.translate(centre)
    if state == "ready":
        painter.setBrush(look.card)
        painter.setPen(QPen(colour, 1.5))
        painter.drawEllipse(QPointF(0, 0), BADGE_RADIUS * 0.55, BADGE_RADIUS * 0.55)
    elif state == "running":
        painter.setBrush(look.card)
        painter.setPen(QPen(colour, 1.75))
        painter.drawEllipse(QPointF(0, 0), BADGE_RADIUS * 0.9, BADGE_RADIUS * 0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if progress is None:
            for x in (-3.2, 0.0, 3.2):
                painter.drawEllipse(QPointF(x, 0), 1.2, 1.2)
        else:
            r = BADGE_RADIUS * 0.6
            painter.drawPie(QRectF(-r, -r, 2 * r, 2 * r), 90 * 16, round(-5760 * progress))
    else:
        hollow = state in ("queued", "skipped")
        painter.setBrush(look.card if hollow else colour)
        painter.setPen(QPen(colour, 1.5) if hollow else Qt.PenStyle.NoPen)
        painter.drawPath(_ground(state))
        pen = QPen(colour if hollow else look.on_badge, 1.75)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_sign(state))
    painter.translate(-centre)
