"""The palette: find a node type, read what it does, bring it onto the canvas."""

from nodeflow_gui.palette.palette import NODE_MIME, Palette

__all__ = ["NODE_MIME", "Palette"]
