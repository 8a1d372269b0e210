"""Icons, drawn by us as strokes, so that they are sharp at every size and take any colour."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from nodeflow_gui.look.drawings import ACTIONS, GROUP_OF_CATEGORY, GROUPS

FIELD = 24.0
"""The drawings lie on a field of so many units."""
_ARGUMENTS = {"M": 2, "L": 2, "C": 6, "O": 3, "R": 5, "A": 5, "Z": 0}
_SIZES = (16, 24, 48)


@cache
def icon_path(name: str) -> QPainterPath:
    """The strokes of an icon on its field of 24 by 24."""
    words = (ACTIONS.get(name) or GROUPS[name]).replace(",", " ")
    for letter in _ARGUMENTS:
        words = words.replace(letter, f" {letter} ")
    pieces = words.split()
    path = QPainterPath()
    index = 0
    while index < len(pieces):
        letter = pieces[index]
        count = _ARGUMENTS[letter]
        values = [float(one) for one in pieces[index + 1 : index + 1 + count]]
        _draw(path, letter, values)
        index += 1 + count
    return path


def _draw(path: QPainterPath, letter: str, values: list[float]) -> None:
    match letter:
        case "M":
            path.moveTo(QPointF(*values))
        case "L":
            path.lineTo(QPointF(*values))
        case "C":
            path.cubicTo(QPointF(*values[:2]), QPointF(*values[2:4]), QPointF(*values[4:]))
        case "O":
            path.addEllipse(QPointF(*values[:2]), values[2], values[2])
        case "R":
            path.addRoundedRect(QRectF(*values[:4]), values[4], values[4])
        case "A":
            x, y, radius, start, sweep = values
            circle = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
            path.arcMoveTo(circle, start)
            path.arcTo(circle, start, sweep)
        case _:
            path.closeSubpath()


def draw_icon(
    painter: QPainter,
    name: str,
    rectangle: QRectF,
    colour: QColor,
    *,
    filled: bool = False,
    width: float = 1.8,
) -> None:
    """Draw an icon into a rectangle; `width` is that of the strokes on the field of 24."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rectangle.topLeft())
    painter.scale(rectangle.width() / FIELD, rectangle.height() / FIELD)
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(icon_path(name))
    painter.restore()


def pixmap(name: str, colour: QColor, size: int = 16, ratio: float = 1.0, *, filled: bool = False) -> QPixmap:
    """An icon as a pixmap of `size` pixels, for a screen of that pixel ratio."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    made.setDevicePixelRatio(ratio)
    painter = QPainter(made)
    draw_icon(painter, name, QRectF(0, 0, size, size), colour, filled=filled)
    painter.end()
    return made


def icon(name: str, colour: QColor | str = "muted", *, filled: bool = False) -> QIcon:
    """An icon for buttons and menus, in a colour or the one the theme has for a purpose."""
    from nodeflow_gui.look.theme import theme

    base = theme().colour(colour) if isinstance(colour, str) else colour
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(pixmap(name, base, size, filled=filled))
        made.addPixmap(pixmap(name, theme().colour("faint"), size, filled=filled), QIcon.Mode.Disabled)
    return made


def group_icon_name(category: str) -> str:
    """The name of the icon for a category such as "Mining / Trees"."""
    for start, name in GROUP_OF_CATEGORY:
        if category.casefold().startswith(start.casefold()):
            return name
    return "other"


def application_icon() -> QIcon:
    """The icon of the program: three nodes and their wires."""
    made = QIcon()
    for size in (16, 32, 48, 128, 256):
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor("#2563d9"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
        inset = size * 0.16
        draw_icon(
            painter,
            "layout",
            QRectF(inset, inset, size - 2 * inset, size - 2 * inset),
            QColor("#ffffff"),
            width=2.2,
        )
        painter.end()
        made.addPixmap(picture)
    return made
