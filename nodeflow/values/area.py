"""Area: the rows whose places along two columns lie within a closed line, as drawn around points of a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeflowError
from nodeflow.expressions.writing import literal, quoted

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

Scale = Literal["number", "log", "day", "moment"]
"""How a column's values are placed: themselves, to base 10, or as days or seconds since 1970."""

_EDGES = {"number": 24, "log": 18, "day": 12, "moment": 10}
"""Edges that a formula has room for."""


@dataclass(frozen=True)
class Area:
    """A polygon over two columns. A missing value, or one without a logarithm on such a scale, is in none.

    Attributes:
        x, y: The columns along which its corners lie.
        corners: Pairs of places; the last is joined to the first. Where the line crosses itself, what is
            enclosed twice lies outside.
        x_scale, y_scale: How the columns' values are placed.
    """

    x: str
    y: str
    corners: Sequence[tuple[float, float]]
    x_scale: Scale = "number"
    y_scale: Scale = "number"

    def __post_init__(self) -> None:
        corners = tuple((float(x), float(y)) for x, y in self.corners)
        if len(corners) < 3 or not all(math.isfinite(x + y) for x, y in corners):
            raise NodeflowError("an area has at least three corners, all at finite places")
        object.__setattr__(self, "corners", corners)

    @property
    def most_corners(self) -> int:
        """How many corners a formula has room for on these scales."""
        return min(_EDGES[self.x_scale], _EDGES[self.y_scale])

    def edges(self) -> list[tuple[float, float, float, float]]:
        """Of each edge that is not level: from where to where up, and its line across: offset + slope * y."""
        found = []
        for (x, y), (x2, y2) in zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True):
            if y != y2:
                slope = (x2 - x) / (y2 - y)
                low, high = min(y, y2), max(y, y2)
                found.append((low, high, x - slope * y, slope))
        return found

    def contains(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Which of these places lie within."""
        import numpy as np

        inside = np.zeros(len(x), dtype=bool)
        for low, high, offset, slope in self.edges():
            inside = inside ^ ((y >= low) & (y < high) & (x < offset + slope * y))
        return inside

    def expression(self) -> pl.Expr:
        """The area as a test of a Polars table's rows."""
        import polars as pl

        x, y = _placed(self.x, self.x_scale), _placed(self.y, self.y_scale)
        inside = pl.lit(value=False)
        for low, high, offset, slope in self.edges():
            inside = inside ^ ((y >= low) & (y < high) & (x < offset + slope * y))
        return inside & x.is_not_null() & y.is_not_null()

    def formula(self) -> str:
        """The area in the formula language: a point lies within if an odd number of edges lie right of it."""
        x, y = _written(self.x, self.x_scale), _written(self.y, self.y_scale)
        parts = [
            f"({literal(low)} <= {y} < {literal(high)} and {x} < {_line(offset, slope, y)})"
            for low, high, offset, slope in self.edges()
        ]
        return _odd(parts) if parts else "false"

    def bounds(self) -> dict[str, tuple[float, float]]:
        """The ranges that the area spans of columns that are placed as they are, rounded outwards."""
        found = {}
        for place, (name, scale) in enumerate(((self.x, self.x_scale), (self.y, self.y_scale))):
            if scale == "number":
                along = [corner[place] for corner in self.corners]
                found[name] = _outwards(min(along), max(along))
        return found


def simpler(line: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """A closed line with at most so many corners: those go first that change the enclosed area least."""
    kept = [point for place, point in enumerate(line) if place == 0 or point != line[place - 1]]
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    while len(kept) > max(most, 3):
        sizes = [
            abs(
                (kept[place - 1][0] - x) * (kept[(place + 1) % len(kept)][1] - y)
                - (kept[(place + 1) % len(kept)][0] - x) * (kept[place - 1][1] - y)
            )
            for place, (x, y) in enumerate(kept)
        ]
        del kept[sizes.index(min(sizes))]
    return kept


def _placed(name: str, scale: Scale) -> pl.Expr:
    import polars as pl
    import polars.selectors as cs

    column = cs.by_name(name).as_expr()
    if scale == "log":
        return pl.when(column > 0).then(column.log(10))
    if scale == "day":
        return column.dt.epoch("d")
    return column.dt.epoch("s") if scale == "moment" else column


def _written(name: str, scale: Scale) -> str:
    if scale == "log":
        return f"log10({quoted(name)})"
    if scale == "day":
        return f'days_between(date("1970-01-01"), {quoted(name)})'
    if scale == "moment":
        return f'seconds_between(datetime("1970-01-01 00:00:00"), {quoted(name)})'
    return quoted(name)


def _line(offset: float, slope: float, y: str) -> str:
    """A straight line over y."""
    return f"{literal(offset)} + {literal(slope)} * {y}" if slope else literal(offset)


def _odd(parts: Sequence[str]) -> str:
    """That an odd number of tests hold, nested as little as can be."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_odd(parts[:half])} != {_odd(parts[half:])})"


def _outwards(low: float, high: float) -> tuple[float, float]:
    """A range of few digits that holds this one."""
    if not high > low:
        return low, high
    step = 10.0 ** (math.floor(math.log10(high - low)) - 2)
    digits = max(0, -math.floor(math.log10(step)))
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)
