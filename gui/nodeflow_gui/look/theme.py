"""The theme in force: light, dark or as the system has it; everyone who draws asks it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from nodeflow_gui.look.colours import DARK, LIGHT, group_colour
from nodeflow_gui.look.stylesheet import stylesheet

Mode = Literal["light", "dark", "system"]
FontKind = Literal["body", "strong", "small", "small strong", "title", "display", "code"]

_SIZES = {"body": 13, "strong": 13, "small": 11, "small strong": 11, "title": 16, "display": 24, "code": 12}
"""Pixels on a screen of plain density; Qt scales them on others."""
_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Cantarell", "Noto Sans", "DejaVu Sans")


def spacing(steps: float) -> int:
    """Pixels of a distance of so many steps of the 4 pixel grid."""
    return round(4 * steps)


LEAST_LIGHT = 100
"""Of 255: how light small marks are at least on dark ground."""


class Theme(QObject):
    """The colours and fonts in force. `theme_changed` tells when others took their place."""

    theme_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "light"
        self.is_dark = False
        self._colours: dict[str, QColor] = {}

    def colour(self, name: str) -> QColor:
        """The colour for a purpose, such as "text", "accent", "failed"; see `colours`."""
        if name not in self._colours:
            self._colours[name] = QColor((DARK if self.is_dark else LIGHT)[name])
        return self._colours[name]

    def group(self, category: str) -> QColor:
        """The colour of the group that a category such as "Mining / Trees" belongs to."""
        return QColor(group_colour(category, self.is_dark))

    def tint(self, colour: QColor, share: float, ground: str = "card") -> QColor:
        """A colour laid over a ground, opaque: for the field behind an icon and the like."""
        under = self.colour(ground)
        mixed = (
            round(share * over + (1 - share) * below)
            for over, below in zip(colour.getRgb()[:3], under.getRgb()[:3], strict=True)  # type: ignore[index]
        )
        return QColor(*mixed)

    def seen(self, colour: QColor) -> QColor:
        """A small mark's colour, lighter where it would be lost on dark ground, such as the low end of a scale."""
        if not self.is_dark or colour.lightness() >= LEAST_LIGHT:
            return colour
        return QColor.fromHsl(colour.hslHue(), colour.hslSaturation(), LEAST_LIGHT, colour.alpha())

    def spacing(self, steps: float) -> int:
        """Pixels of a distance of so many steps of the 4 pixel grid."""
        return spacing(steps)

    def font(self, kind: FontKind = "body") -> QFont:
        """The font for a purpose."""
        return font(kind)

    def set_mode(self, mode: Mode) -> None:
        """Take another mode; with "system" the theme follows the desktop from then on."""
        self.mode = mode
        self.refresh()

    def refresh(self) -> None:
        """Bring all widgets to the mode, after it or the desktop changed."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        scheme = QGuiApplication.styleHints().colorScheme()
        self.is_dark = self.mode == "dark" or (self.mode == "system" and scheme == Qt.ColorScheme.Dark)
        self._colours.clear()
        application.setPalette(self._palette())
        application.setStyleSheet(stylesheet(DARK if self.is_dark else LIGHT))
        self.theme_changed.emit()

    def _palette(self) -> QPalette:
        roles = {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "panel",
            QPalette.ColorRole.AlternateBase: "canvas",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.PlaceholderText: "muted",
            QPalette.ColorRole.Button: "button",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.Highlight: "accent",
            QPalette.ColorRole.HighlightedText: "on accent",
            QPalette.ColorRole.ToolTipBase: "tooltip",
            QPalette.ColorRole.ToolTipText: "on tooltip",
            QPalette.ColorRole.Link: "accent",
            QPalette.ColorRole.Mid: "border",
        }
        palette = QPalette()
        for role, name in roles.items():
            palette.setColor(role, self.colour(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("faint"))
        return palette


@cache
def theme() -> Theme:
    """The one theme of the program."""
    return Theme()


def font(kind: FontKind = "body") -> QFont:
    """The font for a purpose: one family in two weights, and one of even width for code."""
    made = QFont(_family(kind == "code"))
    made.setPixelSize(_SIZES[kind])
    if kind in ("strong", "small strong", "title", "display"):
        made.setWeight(QFont.Weight.DemiBold)
    return made


@cache
def _family(fixed: bool) -> str:
    if fixed:
        return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    present = set(QFontDatabase.families())
    return next((name for name in _FAMILIES if name in present), QGuiApplication.font().family())


def apply(application: QApplication, mode: Mode = "system") -> Theme:
    """Give the application its style, fonts and the theme of this mode."""
    QDir.setSearchPaths("icon", [str(Path(__file__).parent / "svg")])
    application.setStyle("Fusion")
    application.setFont(font("body"))
    found = theme()
    if not application.property("follows system"):
        application.setProperty("follows system", True)
        QGuiApplication.styleHints().colorSchemeChanged.connect(_follow)
    found.set_mode(mode)
    return found


def _follow() -> None:
    if theme().mode == "system":
        theme().refresh()
