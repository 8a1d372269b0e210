"""How the editor looks: colours, spacing, type, icons and the style sheet. All of it is decided here."""

from nodeflow_gui.look.icons import draw_icon, group_icon_name, icon, icon_path, pixmap
from nodeflow_gui.look.theme import Theme, apply, font, spacing, theme

__all__ = [
    "Theme",
    "apply",
    "draw_icon",
    "font",
    "group_icon_name",
    "icon",
    "icon_path",
    "pixmap",
    "spacing",
    "theme",
]
