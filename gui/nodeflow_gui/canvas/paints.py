"""Pens, brushes and fonts of the canvas, made once a theme: making them in every `paint` would cost more than drawing."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from nodeflow_gui.look import theme

STATE_COLOURS = {
    "needs settings": "warning",
    "ready": "idle",
    "queued": "queued",
    "running": "running",
    "done": "done",
    "cached": "cached",
    "failed": "failed",
    "skipped": "faint",
    "cancelled": "warning",
    "unknown type": "warning",
}


NOTE_COLOURS = {
    "yellow": "#e0b53a",
    "green": "#3aa563",
    "blue": "#3f7ddb",
    "violet": "#8a63d2",
    "red": "#dd5a5a",
    "grey": "#8a94a3",
}
"""Of notes and frames."""


class Paints:
    """All that is painted with in one theme."""

    def __init__(self) -> None:
        look = theme()
        self.is_dark = look.is_dark
        self.is_stale = False
        look.theme_changed.connect(self._grow_stale)
        self.card = QBrush(look.colour("card"))
        self.canvas = QBrush(look.colour("canvas"))
        self.border = _pen(look.colour("border"), 1.0)
        self.strong_border = _pen(look.colour("strong border"), 1.0)
        self.selected = _pen(look.colour("accent"), 2.0)
        self.text = QPen(look.colour("text"))
        self.muted = QPen(look.colour("muted"))
        self.faint = QPen(look.colour("faint"))
        self.accent = look.colour("accent")
        self.accent_pen = QPen(look.colour("accent"))
        self.failed_pen = QPen(look.colour("failed"))
        self.wire = _pen(look.colour("wire"), 1.75)
        self.wire_strong = _pen(look.colour("accent"), 2.25)
        self.wire_hover = _pen(look.colour("muted"), 2.5)
        self.wire_inactive = _pen(look.colour("faint"), 1.5)
        self.wire_inactive.setDashPattern([4, 4])
        self.wire_drawn = _pen(look.colour("accent"), 2.25)
        self.port = QBrush(look.colour("wire"))
        self.port_open = QBrush(look.colour("card"))
        self.port_pen = _pen(look.colour("wire"), 1.75)
        self.port_lit = _pen(look.colour("accent"), 2.0)
        self.accent_brush = QBrush(look.colour("accent"))
        self.grid = _pen(look.colour("grid"), 1.5)
        self.track = QBrush(look.colour("border"))
        self.running = QBrush(look.colour("running"))
        self.fact = QBrush(_faded(look.colour("canvas"), 215))
        self.guide = _pen(look.colour("accent"), 0.0)
        self.guide.setStyle(Qt.PenStyle.DashLine)
        band = QColor(look.colour("accent"))
        band.setAlpha(28)
        self.band = QBrush(band)
        self.band_pen = _pen(look.colour("accent"), 0.0)
        self.frame = QBrush(_faded(look.colour("muted"), 14 if not self.is_dark else 20))
        self.frame_pen = _pen(look.colour("strong border"), 1.25)
        self.frame_pen.setDashPattern([4, 3])
        self.on_badge = look.colour("card") if self.is_dark else QColor("#ffffff")
        self.shadows = [
            _faded(look.colour("shadow"), alpha)
            for alpha in ((18, 12, 7) if not self.is_dark else (60, 40, 24))
        ]
        self.title_font = look.font("strong")
        self.small_font = look.font("small")
        self.small_strong_font = look.font("small strong")
        self.body_font = look.font("body")

    def _grow_stale(self) -> None:
        self.is_stale = True

    @cache  # noqa: B019  # one Paints a theme
    def state(self, name: str) -> QColor:
        """The colour of a node's state."""
        return theme().colour(STATE_COLOURS.get(name, "idle"))

    @cache  # noqa: B019
    def note(self, colour: str, *, is_frame: bool) -> tuple[QBrush, QPen]:
        """The ground and the border of a note or frame; a colour that is not known is the usual one."""
        named = QColor(NOTE_COLOURS.get(colour, colour if colour.startswith("#") else ""))
        if is_frame:
            if not named.isValid():
                return self.frame, self.frame_pen
            pen = QPen(self.frame_pen)
            pen.setColor(theme().tint(named, 0.7, "canvas"))
            return QBrush(_faded(named, 26 if not self.is_dark else 36)), pen
        shown = named if named.isValid() else QColor(NOTE_COLOURS["yellow"])
        ground = theme().tint(shown, 0.14 if not self.is_dark else 0.16, "card")
        return QBrush(ground), _pen(theme().tint(shown, 0.45, "card"), 1.0)

    @cache  # noqa: B019
    def group(self, category: str) -> tuple[QBrush, QBrush, QColor]:
        """The colour of a group as a bar, as the ground of its icon, and as the icon's strokes."""
        colour = theme().group(category)
        return QBrush(colour), QBrush(theme().tint(colour, 0.13)), colour


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded


_current: list[Paints] = []


def paints() -> Paints:
    """What to paint with in the theme in force."""
    if not _current or _current[0].is_stale:
        _current[:] = [Paints()]
    return _current[0]
