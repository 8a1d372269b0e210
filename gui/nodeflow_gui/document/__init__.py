"""The edited workflow: its undo stack, one command a user action, clipboard and recovery. No widgets."""

from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.edits import Change

__all__ = ["Change", "EditorDocument"]
