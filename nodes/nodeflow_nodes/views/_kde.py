"""Smooth densities of numbers, from fine bins, so that the column is read but never loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

FINE = 1024
"""Bins that a density is smoothed from; a bin is far narrower than the kernel."""


@dataclass(frozen=True)
class Density:
    """A density at places that stand at equal distances, with the number of rows it is of."""

    at: np.ndarray[Any, Any]
    height: np.ndarray[Any, Any]
    rows: int
    bandwidth: float


def densities(
    frame: pl.LazyFrame, by: str | None, *, points: int = 200, smoothness: float = 1.0, cut: bool = False
) -> dict[str, Density]:
    """The density of "value" for each label of `by`, by a Gaussian kernel.

    The kernel's width is that of Silverman (1986, equation 3.31): 0.9 min(s, IQR / 1.34) n^(-1/5), times
    `smoothness`. With `cut` the curve ends at the lowest and the highest value, else three widths beyond.
    """
    import numpy as np
    import polars as pl

    value = pl.col("value").cast(pl.Float64)
    key = pl.col(by) if by is not None else pl.lit("")
    named = frame.select(key.alias("key"), value.alias("value"))
    facts = (
        named.group_by("key")
        .agg(
            pl.len().alias("rows"), pl.col("value").std().alias("spread"), pl.col("value").min().alias("low"),
            pl.col("value").max().alias("high"), pl.col("value").quantile(0.25).alias("q1"),
            pl.col("value").quantile(0.75).alias("q3"),
        )
        .collect(engine="streaming")
    )  # fmt: skip
    found: dict[str, Density] = {}
    widths = {row["key"]: _bandwidth(row) * smoothness for row in facts.iter_rows(named=True)}
    low = min(row["low"] - (0 if cut else 3 * widths[row["key"]]) for row in facts.iter_rows(named=True))
    high = max(row["high"] + (0 if cut else 3 * widths[row["key"]]) for row in facts.iter_rows(named=True))
    if not np.isfinite(high - low):
        raise NodeFailed("the numbers are too large for a density; scale them down first")
    step = (high - low) / FINE or 1.0
    fine = ((pl.col("value") - low) / step).floor().clip(0, FINE - 1).cast(pl.Int32).alias("bin")
    counts = named.group_by("key", fine).agg(pl.len().alias("n")).collect(engine="streaming")
    centres = low + (np.arange(FINE) + 0.5) * step
    for row in facts.iter_rows(named=True):
        mine = counts.filter(pl.col("key") == row["key"])
        weights = np.zeros(FINE)
        weights[mine["bin"].to_numpy()] = mine["n"].to_numpy()
        width = widths[row["key"]]
        margin = 0.0 if cut else 3 * width
        at = np.linspace(row["low"] - margin, row["high"] + margin, points)
        used = weights > 0
        apart = (at[:, None] - centres[None, used]) / width
        kernel = np.exp(-0.5 * apart**2) / (width * np.sqrt(2 * np.pi))
        found[row["key"]] = Density(at, kernel @ weights[used] / row["rows"], int(row["rows"]), width)
    return found


def _bandwidth(row: dict[str, Any]) -> float:
    spread, middle = row["spread"] or 0.0, (row["q3"] - row["q1"]) / 1.34
    size = min(spread, middle) if spread and middle else spread or middle
    if not size:
        size = max(abs(row["high"]), 1.0) * 0.01
    return float(0.9 * size * row["rows"] ** -0.2)
