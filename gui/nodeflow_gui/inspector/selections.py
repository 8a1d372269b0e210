"""Selections that are shared: what is picked in one view shows in all open views of the same data."""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Signal

from nodeflow.values.selection import Selection

Data = tuple[int, str, str]
"""The document, and the node and output whose table a view shows."""


class Selections(QObject):
    """What is picked, by the data it is picked from."""

    changed = Signal(object)
    """The data whose selection is another now."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[Data, Selection] = {}

    def of(self, data: Data) -> Selection:
        """What is picked; an empty selection means nothing is."""
        return self._held.get(data, Selection())

    def pick(self, data: Data, selection: Selection) -> None:
        """Pick rows for all views of the data."""
        if selection == self.of(data):
            return
        if selection:
            self._held[data] = selection
        else:
            self._held.pop(data, None)
        self.changed.emit(data)

    def forget(self, document: int) -> None:
        """A document was closed."""
        self._held = {data: one for data, one in self._held.items() if data[0] != document}


@cache
def selections() -> Selections:
    """The selections of all windows."""
    return Selections()


def mask_of(frame: Any, selection: Selection) -> Any:
    """For each row of a table whether it is picked; None if the table lacks a column of the selection."""
    if not selection or not set(selection.columns()) <= set(frame.columns):
        return None
    return frame.lazy().select(selection.expression().alias("picked")).collect().to_series()
