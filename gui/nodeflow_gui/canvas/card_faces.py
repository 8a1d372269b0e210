"""Cards as pictures, one for each kind in use: rounding corners again in every frame would be nine tenths of its cost.

A picture is made for the exact scale on the screen and laid on whole pixels, so it is as sharp as if drawn there.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap, QTransform

from nodeflow_gui.canvas.paints import Paints
from nodeflow_gui.document.geometry import CARD_WIDTH
from nodeflow_gui.look import group_icon_name, icon_path

RADIUS, BAR, ICON = 10.0, 6.0, 28.0
EDGE = 6.0
"""Around the card, for its shadow."""
MOST = 64_000_000
"""Bytes of all pictures: while one zooms, each scale makes its own."""
_BOX_SCALE = 18 / 24

Key = tuple[object, ...]
_pictures: dict[Key, QPixmap] = {}


def draw_card(
    painter: QPainter, look: Paints, category: str, height: float, edge: str, *, is_component: bool
) -> None:
    """Draw the card without its words at the painter's origin, which comes to lie on a whole pixel.

    `edge` is "", "hovered" or "selected".
    """
    place = painter.worldTransform()
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    scale = place.m11()
    if place.m12() or place.m21() or not 0.05 < scale * ratio < 16:
        _paint(painter, look, category, height, edge, is_component=is_component)
        return
    x, y = round(place.dx() * ratio) / ratio, round(place.dy() * ratio) / ratio
    key = (look, category, height, edge, is_component, round(scale * ratio, 4))
    picture = _pictures.get(key)
    if picture is None:
        picture = _picture(look, category, height, edge, scale * ratio, is_component=is_component)
        if sum(map(_size, _pictures.values())) + _size(picture) > MOST:
            _pictures.clear()
        _pictures[key] = picture
        picture.setDevicePixelRatio(ratio)
    inset = round(EDGE * scale * ratio) / ratio
    painter.resetTransform()
    painter.drawPixmap(QPointF(x - inset, y - inset), picture)
    painter.setWorldTransform(QTransform(scale, 0, 0, scale, x, y))


def _picture(
    look: Paints, category: str, height: float, edge: str, scale: float, *, is_component: bool
) -> QPixmap:
    inset = round(EDGE * scale)
    picture = QPixmap(round(CARD_WIDTH * scale) + 2 * inset, round(height * scale) + 2 * inset)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setWorldTransform(QTransform(scale, 0, 0, scale, inset, inset))
    _paint(painter, look, category, height, edge, is_component=is_component)
    painter.end()
    return picture


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4


def _paint(
    painter: QPainter, look: Paints, category: str, height: float, edge: str, *, is_component: bool
) -> None:
    card = QRectF(0, 0, CARD_WIDTH, height)
    bar, ground, stroke = look.group(category)
    painter.setPen(Qt.PenStyle.NoPen)
    for spread, shadow in enumerate(look.shadows, start=1):
        painter.setBrush(shadow)
        grown = card.adjusted(-spread, -spread + 1, spread, spread + 1)
        painter.drawRoundedRect(grown, RADIUS + spread, RADIUS + spread)
    # the bar is what shows of a card in the group's colour under the card proper
    painter.setBrush(bar)
    painter.drawRoundedRect(card, RADIUS, RADIUS)
    painter.setBrush(look.card)
    whole, left = QPainterPath(), QPainterPath()
    whole.addRoundedRect(card, RADIUS, RADIUS)
    left.addRect(QRectF(0, 0, BAR, height))
    painter.drawPath(whole.subtracted(left))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen({"selected": look.selected, "hovered": look.strong_border}.get(edge, look.border))
    painter.drawRoundedRect(card, RADIUS, RADIUS)
    if is_component:  # a second edge says that there is more within
        painter.drawLine(QPointF(BAR + 3, 5), QPointF(BAR + 3, height - 5))
    tile = QRectF(BAR + 8, (height - ICON) / 2, ICON, ICON)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(tile, 7, 7)
    painter.save()
    painter.translate(tile.x() + (ICON - 24 * _BOX_SCALE) / 2, tile.y() + (ICON - 24 * _BOX_SCALE) / 2)
    painter.scale(_BOX_SCALE, _BOX_SCALE)
    painter.setPen(
        QPen(stroke, 1.9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(icon_path(group_icon_name(category)))
    painter.restore()
