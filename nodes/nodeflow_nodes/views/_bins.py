"""Bins of equal width, or of whole days, months or years, found and filled without loading the column."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._base import nice_step, number_text

if TYPE_CHECKING:
    import polars as pl

MOST_BINS = 500

_PERIODS = (
    ("1s", 1), ("10s", 10), ("1m", 60), ("5m", 300), ("15m", 900), ("1h", 3_600), ("6h", 21_600), ("1d", 86_400),
    ("1w", 604_800), ("1mo", 2_629_800), ("3mo", 7_889_400), ("1y", 31_557_600), ("10y", 315_576_000),
    ("100y", 3_155_760_000),
)  # fmt: skip

_CALENDAR = {
    "hour": "1h", "day": "1d", "week": "1w", "month": "1mo", "quarter": "3mo", "year": "1y", "decade": "10y",
}  # fmt: skip
CALENDAR = tuple(_CALENDAR)
"""Names of calendar periods."""


@dataclass(frozen=True)
class Bins:
    """Bins of the numbers of a role: `count` of them from `start`, each of `step` (in decades if logarithmic)."""

    role: str
    start: float
    step: float
    count: int
    logarithmic: bool = False
    whole: bool = False

    def index(self) -> pl.Expr:
        """The number of the bin each value lies in, from 0."""
        import polars as pl

        values = pl.col(self.role).cast(pl.Float64)
        if self.logarithmic:
            values = values.log10()
        return ((values - self.start) / self.step).floor().clip(0, self.count - 1).cast(pl.Int32)

    def edge(self, index: int) -> float:
        """The lower end of a bin."""
        value = self.start + index * self.step
        return 10.0**value if self.logarithmic else _rounded(value, self.step)

    def told(self, index: int) -> str:
        """A bin in words."""
        if self.whole and self.step == 1:
            return number_text(math.floor(self.edge(index) + 1))
        return (
            f"{exact(self.edge(index), self.width(index))} – {exact(self.edge(index + 1), self.width(index))}"
        )

    def width(self, index: int) -> float:
        """How wide a bin is."""
        return self.edge(index + 1) - self.edge(index)


def bins_of(
    frame: pl.LazyFrame,
    role: str,
    *,
    wanted: int | None = None,
    width: float | None = None,
    logarithmic: bool = False,
) -> Bins:
    """Bins for the values of a role, none of which is missing: `wanted` of them, or `width` wide, or as fits.

    By default they are as wide as Freedman and Diaconis (1981) advise, rounded to 1, 2, 2.5 or 5.
    """
    import polars as pl

    whole = frame.collect_schema()[role].is_integer()
    values = pl.col(role).cast(pl.Float64)
    if logarithmic:
        values = values.log10()
    asked = [pl.len().alias("n"), values.min().alias("low"), values.max().alias("high")]
    if wanted is None and width is None:
        asked += [values.quantile(0.25).alias("q1"), values.quantile(0.75).alias("q3")]
    found = frame.select(asked).collect(engine="streaming").row(0, named=True)
    low, high = found["low"], found["high"]
    span = high - low
    if not math.isfinite(span) or span <= abs(high) * 1e-12:
        size = max(abs(low), abs(high))
        if math.isfinite(span):  # one value, or as good as one
            step = 1.0 if size < 1e15 else size / 100
            return Bins(role, low - step / 2, step, 1, logarithmic, whole and not logarithmic)
        return Bins(role, low, high / 10 - low / 10, 10, logarithmic)
    if width is None:
        parts = wanted or _advised(found["n"], found["q3"] - found["q1"], span)
        exactly = logarithmic or wanted is not None
        width = span / parts if exactly else nice_step(span, parts)
        if whole and not logarithmic and wanted is None:
            width = max(1.0, float(round(width)))
        if exactly:
            return Bins(role, low, width, parts, logarithmic)
    if whole and width == 1:
        return Bins(role, low - 0.5, 1.0, int(span) + 1, whole=True)
    start = math.floor(low / width + 1e-9) * width
    count = max(1, math.floor((high - start) / width + 1e-9) + 1)
    return Bins(role, start, width, count)


def _advised(rows: int, middle: float, span: float) -> int:
    """How many bins fit."""
    least = math.ceil(math.log2(max(rows, 1))) + 1
    if middle <= 0:
        return min(max(least, 5), 50)
    return int(min(max(span / (2 * middle / rows ** (1 / 3)), min(least, 30), 5), 60))


def _rounded(value: float, step: float) -> float:
    """Without the dust that adding steps leaves."""
    if step <= 0 or not math.isfinite(value):
        return value
    return round(value, max(0, min(300, 4 - math.floor(math.log10(step)))))


def exact(value: float, step: float) -> str:
    """A number told as precisely as steps of this size need."""
    if abs(value) >= 1e15 or (value and abs(value) < 1e-6):
        return f"{value:.4g}"
    places = 0 if step <= 0 else max(0, min(12, 1 - math.floor(math.log10(step))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- time ----------------------------------------------------------------------------------------------


def period(name: str) -> str:
    """A calendar period as Polars names it."""
    return _CALENDAR[name]


def period_of(frame: pl.LazyFrame, role: str, wanted: int = 30) -> str:
    """The calendar period, as Polars names it, that cuts the range of dates into about `wanted` parts."""
    import polars as pl

    low, high = (
        frame.select(pl.col(role).min().alias("low"), pl.col(role).max().alias("high"))
        .collect(engine="streaming")
        .row(0)
    )
    seconds = (high - low).total_seconds()
    days = not isinstance(high, datetime.datetime)
    fitting = [(every, size) for every, size in _PERIODS if not days or size >= 86_400]
    return next((every for every, size in fitting if seconds / size <= wanted * 1.6), "100y")


def truncated(values: pl.Expr, every: str, dtype: pl.DataType) -> pl.Expr:
    """The beginning of the period that each date or moment lies in."""
    import polars as pl

    if dtype == pl.Date and every.endswith(("s", "m", "h")):
        every = "1d"
    # a century that begins before the calendar begins with it
    first = datetime.date(1, 1, 1) if dtype == pl.Date else datetime.datetime(1, 1, 1)
    return values.dt.truncate(every).clip(lower_bound=first)


def period_text(value: datetime.date, every: str) -> str:
    """A period in words, by its beginning."""
    if every.endswith("y"):
        return f"{value.year}" if every == "1y" else f"from {value.year}"
    if every == "3mo":
        return f"{value.year} Q{(value.month + 2) // 3}"
    if every == "1mo":
        return f"{value.year}-{value.month:02}"
    if every == "1w":
        return f"week of {value:%Y-%m-%d}"
    if every == "1d":
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if every.endswith("s") else f"{value:%Y-%m-%d %H:%M}"


def after(value: Any, every: str) -> Any:
    """The beginning of the next period."""
    import polars as pl

    return pl.Series([value]).dt.offset_by(every)[0]
