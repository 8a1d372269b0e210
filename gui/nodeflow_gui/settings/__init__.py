"""The settings panel: the parameters of the selected node, each with the editor that fits its kind."""

from nodeflow_gui.settings.making import editor_for
from nodeflow_gui.settings.panel import SettingsPanel

__all__ = ["SettingsPanel", "editor_for"]
