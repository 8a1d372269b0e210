"""How the editor looks: colours, spacing, type, icons and the style sheet. All of it is decided here."""

from nodeflow_gui.look.icons import draw_icon, group_icon_name, icon, icon_path, pixmap
from nodeflow_gui.look.stylesheet import set_look
from nodeflow_gui.look.theme import Theme, apply, font, spacing, theme
from nodeflow_gui.look.words import caption, hint

__all__ = [
    "Theme",
    "apply",
    "caption",
    "draw_icon",
    "font",
    "group_icon_name",
    "hint",
    "icon",
    "icon_path",
    "pixmap",
    "set_look",
    "spacing",
    "theme",
]
