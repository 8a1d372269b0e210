"""The drawing of a workflow: scene, items, view, and one class a mouse gesture."""

from nodeflow_gui.canvas.view import CanvasView

__all__ = ["CanvasView"]
