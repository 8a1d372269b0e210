"""Rectangles for cells of a picture: neighbours that are alike become one, so that a chart stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Cell = tuple[int, int, int, int, int]
"""Columns from and to, rows from and to, and the key."""


def merged(keys: np.ndarray) -> list[Cell]:
    """Rectangles that cover an array of whole numbers; those below 0 are left out."""
    rows, columns = keys.shape
    open_runs: dict[tuple[int, int, int], int] = {}
    found: list[Cell] = []
    for row in range(rows):
        runs: dict[tuple[int, int, int], int] = {}
        line = keys[row].tolist()
        start = 0
        for column in range(1, columns + 1):
            if column == columns or line[column] != line[start]:
                if line[start] >= 0:
                    run = (start, column, line[start])
                    runs[run] = open_runs.pop(run, row)
                start = column
        found += [(start, end, first, row, key) for (start, end, key), first in open_runs.items()]
        open_runs = runs
    return found + [(start, end, first, rows, key) for (start, end, key), first in open_runs.items()]
