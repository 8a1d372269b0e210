"""Bringing numbers to one scale: learned from the rows of the training part, applied to all, and undone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from nodeflow.errors import listing
from nodeflow.values.arrays import Numbers, TensorError

Method = Literal["standard", "min-max", "robust", "none"]


class Scaler(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken off each column and what it is divided by then; one number may stand for all columns."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        sound = all(map(math.isfinite, (*self.mean, *self.scale))) and min(self.scale, default=1.0) > 0
        if len(self.mean) != len(self.scale) or not self.mean or not sound:
            raise ValueError("a scaler needs a finite mean and a positive scale for each column")

    def applied(self, values: Numbers) -> Numbers:
        """The values on the common scale."""
        return np.asarray((values - np.asarray(self.mean)) / np.asarray(self.scale))

    def undone(self, values: Numbers) -> Numbers:
        """Values of the common scale in their own unit, in double precision."""
        return np.asarray(np.asarray(values, np.float64) * np.asarray(self.scale) + np.asarray(self.mean))


def fit(
    values: Numbers, method: Method, names: Sequence[str], notes: list[str], *, together: bool = False
) -> Scaler | None:
    """The scaler of these rows, each column by itself or all together; None for the method "none".

    A column that does not vary keeps its spread, and is told; so does one of no value, for which there is
    nothing to learn.

    Raises:
        TensorError: no column has any value.
    """
    if method == "none":
        return None
    rows = values.reshape(-1, 1) if together else values
    known = np.isfinite(rows)
    if not known.any():
        raise TensorError(
            "the training part has no known value at all; there is nothing to learn a scale from"
        )
    centres, widths, constant = [], [], []
    for place in range(rows.shape[1]):
        column = rows[known[:, place], place]
        centre, width = _centre_and_width(column, method)
        if not width > 1e-12 * max(1.0, abs(centre)) or not math.isfinite(width):
            constant.append(names[place] if not together else "all columns")
            width = 1.0
        centres.append(centre)
        widths.append(width)
    if constant:
        verb = "does" if len(constant) == 1 else "do"
        notes.append(
            f"{listing(constant)} {verb} not vary in the training part, so nothing can be learned from there"
        )
    return Scaler(tuple(centres), tuple(widths))


def _centre_and_width(column: Numbers, method: Method) -> tuple[float, float]:
    if not len(column):
        return 0.0, 0.0
    if method == "standard":
        return float(column.mean()), float(column.std())
    if method == "min-max":
        return float(column.min()), float(column.max() - column.min())
    low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
    return float(middle), float(high - low)
