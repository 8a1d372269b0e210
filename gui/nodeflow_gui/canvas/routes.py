"""The way of a wire between two ports, as a painter path. Pure geometry."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

STUB = 28.0
"""How far a wire leaves a port before it may turn."""
RADIUS = 16.0
GAP = 20.0
"""The distance at which a backward wire passes the cards."""


def route(start: QPointF, end: QPointF, source: QRectF, target: QRectF) -> QPainterPath:
    """From an output to an input: a curve to the right, or round the two cards if the input lies behind."""
    across = end.x() - start.x()
    if across >= STUB or (across > 0 and abs(end.y() - start.y()) < 2 * STUB):
        return forward(start, end)
    return backward(start, end, source, target)


def forward(start: QPointF, end: QPointF) -> QPainterPath:
    """A curve that leaves to the right and arrives from the left."""
    across = end.x() - start.x()
    bend = min(max(across / 2, min(STUB * 1.5, abs(end.y() - start.y()) / 2 + 8)), 160.0)
    path = QPainterPath(start)
    path.cubicTo(QPointF(start.x() + bend, start.y()), QPointF(end.x() - bend, end.y()), end)
    return path


def backward(start: QPointF, end: QPointF, source: QRectF, target: QRectF) -> QPainterPath:
    """Out to the right, along a lane between the cards or below both, and in from the left."""
    right = max(start.x(), source.right()) + STUB
    left = min(end.x(), target.left()) - STUB
    if target.top() - source.bottom() >= 2 * GAP:
        lane = (source.bottom() + target.top()) / 2
    elif source.top() - target.bottom() >= 2 * GAP:
        lane = (target.bottom() + source.top()) / 2
    else:
        lane = max(source.bottom(), target.bottom()) + GAP
    corners = [start, QPointF(right, start.y()), QPointF(right, lane)]
    corners += [QPointF(left, lane), QPointF(left, end.y()), end]
    return rounded(corners)


def rounded(corners: list[QPointF], radius: float = RADIUS) -> QPainterPath:
    """Straight lines through the corners, each corner rounded as far as its sides allow."""
    path = QPainterPath(corners[0])
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        inward, outward = corner - before, after - corner
        lengths = math.hypot(inward.x(), inward.y()), math.hypot(outward.x(), outward.y())
        room = min(radius, lengths[0] / 2, lengths[1] / 2)
        if room < 1.0:
            path.lineTo(corner)
            continue
        path.lineTo(corner - inward * (room / lengths[0]))
        path.quadTo(corner, corner + outward * (room / lengths[1]))
    path.lineTo(corners[-1])
    return path
