"""Selections that are shared: what is picked in one view shows in all open views of the same data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nodeflow.values.selection import Selection
from nodeflow_gui.running.values import TableSource

if TYPE_CHECKING:
    import polars as pl

Data = tuple[int, str, str]
"""The document, and the node and output whose table a view shows."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table by their numbers, counted from 0; `table` says which version of it they are rows of."""

    numbers: pl.Series
    table: str

    def __bool__(self) -> bool:
        return len(self.numbers) > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self.table == other.table and self.numbers.equals(other.numbers)

    __hash__ = None  # type: ignore[assignment]


Pick = Selection | Rows
"""What is picked: rows that certain values tell, or rows by their numbers."""


class Selections(QObject):
    """What is picked, by the data it is picked from."""

    changed = Signal(object)
    """The data whose selection is another now."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[Data, Pick] = {}

    def of(self, data: Data) -> Pick:
        """What is picked; an empty one means nothing is."""
        return self._held.get(data, Selection())

    def pick(self, data: Data, selection: Pick) -> None:
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


def mask_of(source: TableSource, pick: Pick) -> pl.Series | None:
    """For each row of a table whether it is picked; None if that cannot be said of this table."""
    import polars as pl

    if not pick:
        return None
    if isinstance(pick, Rows):
        if pick.table != source.identity:
            return None
        row = pl.int_range(source.height, dtype=pl.UInt32, eager=True)
        return row.is_in(pick.numbers.implode()).alias("picked")
    if not set(pick.columns()) <= set(source.columns):
        return None
    return source.frame.lazy().select(pick.expression().alias("picked")).collect().to_series()
