"""The keys of the canvas. The window's shortcuts come first; without them the canvas can be worked by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from nodeflow_gui.canvas.walking import Direction

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView

ARROWS: dict[int, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}

_NONE = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier


def handle_key(view: CanvasView, event: QKeyEvent) -> bool:
    """Do what a key stands for; false if it stands for nothing here."""
    editing = view.editing
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() in ARROWS and not modifiers & _ALT:
        direction = ARROWS[event.key()]
        if modifiers & _CTRL:
            editing.nudge(direction, 1.0 if modifiers & _SHIFT else 8.0)
        else:
            editing.walk(direction, extend=bool(modifiers & _SHIFT))
        return True
    standard: list[tuple[QKeySequence.StandardKey, Callable[[], None]]] = [
        (QKeySequence.StandardKey.Copy, editing.copy),
        (QKeySequence.StandardKey.Cut, editing.cut),
        (QKeySequence.StandardKey.Paste, editing.paste),
        (QKeySequence.StandardKey.SelectAll, editing.select_all),
        (QKeySequence.StandardKey.Undo, view.document.undo_stack.undo),
        (QKeySequence.StandardKey.Redo, view.document.undo_stack.redo),
        (QKeySequence.StandardKey.ZoomIn, view.zoom_in),
        (QKeySequence.StandardKey.ZoomOut, view.zoom_out),
    ]
    for sequence, action in standard:
        if event.matches(sequence):
            action()
            return True
    keys: dict[tuple[int, Qt.KeyboardModifier], Callable[[], None]] = {
        (Qt.Key.Key_Tab, _NONE): editing.add_beside,
        (Qt.Key.Key_Delete, _NONE): editing.delete,
        (Qt.Key.Key_Backspace, _NONE): editing.delete,
        (Qt.Key.Key_Delete, _CTRL): lambda: editing.delete(heal=True),
        (Qt.Key.Key_Backspace, _CTRL): lambda: editing.delete(heal=True),
        (Qt.Key.Key_D, _CTRL): editing.duplicate,
        (Qt.Key.Key_G, _CTRL): editing.collapse,
        (Qt.Key.Key_G, _CTRL | _SHIFT): editing.expand,
        (Qt.Key.Key_L, _CTRL): editing.arrange,
        (Qt.Key.Key_C, _NONE): editing.connect_selected,
        (Qt.Key.Key_F, _NONE): view.find_bar.open,
        (Qt.Key.Key_F2, _NONE): editing.rename,
        (Qt.Key.Key_N, _NONE): editing.add_note,
        (Qt.Key.Key_Home, _NONE): view.zoom_to_fit,
        (Qt.Key.Key_End, _NONE): view.zoom_to_selection,
        (Qt.Key.Key_0, _CTRL): view.zoom_to_fit,
        (Qt.Key.Key_1, _CTRL): view.reset_zoom,
        (Qt.Key.Key_2, _CTRL): view.zoom_to_selection,
        (Qt.Key.Key_Return, _NONE): view.activate_current,
        (Qt.Key.Key_Enter, _NONE): view.activate_current,
        (Qt.Key.Key_Return, _CTRL): view.enter_current,
        (Qt.Key.Key_Up, _ALT): view.go_up,
        (Qt.Key.Key_Escape, _NONE): view.escape,
    }
    action_of_key = keys.get((event.key(), modifiers))
    if action_of_key is None:
        return False
    action_of_key()
    return True
