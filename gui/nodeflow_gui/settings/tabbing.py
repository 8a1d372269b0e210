"""The order in which Tab goes through the settings: as they stand, whatever was made first."""

from __future__ import annotations

from functools import cmp_to_key

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox, QLineEdit, QScrollArea, QWidget

_WHOLE = (QAbstractScrollArea, QComboBox, QLineEdit)
"""Widgets whose parts take no focus of their own."""


def stops(area: QWidget) -> list[QWidget]:
    """The widgets within that Tab stops at, line by line."""
    found = [area] if _takes_keys(area) else []
    if isinstance(area, _WHOLE) and not isinstance(area, QScrollArea):
        return found
    parts = [
        one for one in area.children() if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()
    ]
    for part in sorted(parts, key=cmp_to_key(_compare)):
        found += stops(part)
    return found


def stop_outside(area: QWidget, *, forwards: bool) -> QWidget | None:
    """Where Tab goes on, or Shift+Tab goes back to, outside an area."""
    widget: QWidget | None = area
    while widget is not None:
        widget = widget.nextInFocusChain() if forwards else widget.previousInFocusChain()
        if widget is None or widget is area:
            break
        if not area.isAncestorOf(widget) and widget.isVisible() and _takes_keys(widget):
            return widget
    return None


def _takes_keys(widget: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.isEnabled()
        and widget.focusProxy() is None
        and not isinstance(widget, QScrollArea)
    )


def _compare(one: QWidget, other: QWidget) -> int:
    """Whether one stands before the other: above it, or at its left in the same line."""
    first, second = one.geometry(), other.geometry()
    if first.bottom() < second.top():
        return -1
    if second.bottom() < first.top():
        return 1
    return first.left() - second.left() or first.top() - second.top()
