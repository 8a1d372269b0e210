"""What a person does with the mouse, one class a gesture."""

from nodeflow_gui.canvas.gestures.begin import gesture_for
from nodeflow_gui.canvas.gestures.gesture import Gesture

__all__ = ["Gesture", "gesture_for"]
