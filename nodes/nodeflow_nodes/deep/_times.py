"""Finding the times of a series in a table, and looking at their steps."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, did_you_mean, listing, shorten
from nodeflow.parameters import family

FORMATS = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d%H%M", "%d.%m.%Y",
    "%Y/%m/%d", "%d/%m/%Y", "%Y-%m-%d",
)  # fmt: skip
"""Ways in which files write moments that the CSV Reader leaves as text, tried in this order."""

_PARTS = ("year", "month", "day", "hour", "minute", "second")


def moments(frame: pl.DataFrame, wanted: str, pattern: str) -> tuple[str, pl.Series, list[str]]:
    """The name of the times, the times, and the columns they were made of.

    Raises:
        NodeFailed: there are none, or some cannot be read as such.
    """
    if wanted:
        if wanted not in frame.columns:
            raise NodeFailed(
                f'no column "{shorten(wanted)}"; {did_you_mean(wanted, frame.columns, what="the file has")}'
            )
        return wanted, as_moments(frame.get_column(wanted), pattern), [wanted]
    for name, dtype in frame.schema.items():
        if family(dtype) == "datetime":
            return name, frame.get_column(name), [name]
    for name, dtype in frame.schema.items():
        if family(dtype) == "text" and format_of(frame.get_column(name)):
            return name, as_moments(frame.get_column(name), ""), [name]
    parts = {name.strip().casefold(): name for name in frame.columns}
    if all(part in parts for part in _PARTS[:3]):
        given = [parts[part] for part in _PARTS if part in parts]
        whole = all(family(frame.schema[name]) == "integer" for name in given)
        if whole:
            name = "time" if "time" not in frame.columns else "moment"
            return name, _joined(frame, parts), []
    for name, dtype in frame.schema.items():
        if family(dtype) == "date":
            return name, frame.get_column(name).cast(pl.Datetime("us")), [name]
    raise NodeFailed(
        f"no column holds moments; the file has {listing(frame.columns)}. Say which one does, and how they are written, "
        "such as %d.%m.%Y %H:%M:%S"
    )


def format_of(column: pl.Series) -> str:
    """How the texts of a column write moments, empty if they do not."""
    sample = column.drop_nulls().head(100)
    if not len(sample):
        return ""
    for one in FORMATS:
        if not sample.str.strip_chars().str.to_datetime(one, strict=False, time_unit="us").null_count():
            return one
    return ""


def as_moments(column: pl.Series, pattern: str) -> pl.Series:
    """A column as moments; raises `NodeFailed` with the first that is none."""
    kind = family(column.dtype)
    if kind == "datetime":
        return column
    if kind == "date":
        return column.cast(pl.Datetime("us"))
    if kind != "text":
        raise NodeFailed(
            f'the column "{shorten(column.name)}" has numbers and no moments; leave the time empty to join year, month, '
            "day and hour, or make moments of it by Date&Time Parse"
        )
    pattern = pattern or format_of(column)
    if not pattern:
        first = next(iter(column.drop_nulls().head(1).to_list()), "")
        raise NodeFailed(
            f'the texts of "{shorten(column.name)}" are not known as moments, such as "{shorten(str(first))}"; '
            "give their format, such as %d.%m.%Y %H:%M:%S"
        )
    try:
        found = column.str.strip_chars().str.to_datetime(pattern, strict=False, time_unit="us")
    except pl.exceptions.PolarsError as error:
        raise NodeFailed(
            f"the format {shorten(pattern)} cannot be used: {shorten(str(error), 150)}"
        ) from None
    wrong = (found.is_null() & column.is_not_null()).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise NodeFailed(
            f'row {row + 1:,} of "{shorten(column.name)}" holds "{shorten(str(column[row]))}", which is no moment written '
            f"as {pattern} ({len(wrong):,} such rows)"
        )
    return found


def _joined(frame: pl.DataFrame, parts: Mapping[str, str]) -> pl.Series:
    given: dict[str, Any] = {part: cs.by_name(parts[part]).cast(pl.Int32) for part in _PARTS if part in parts}
    # hour 24 is the first of the next day, which no clock shows but some stations write
    hour = given.pop("hour", None)
    try:
        days = frame.select(time=pl.datetime(**given)).to_series()
    except pl.exceptions.PolarsError as error:
        raise NodeFailed(f"year, month and day make no moments: {shorten(str(error), 150)}") from None
    if hour is None:
        return days
    hours = frame.select(hour).to_series().cast(pl.Int64)
    return days + (hours * 3_600_000_000).cast(pl.Duration("us"))


def step_of(times: pl.Series, groups: pl.Series | None) -> tuple[datetime.timedelta | None, pl.DataFrame]:
    """The usual step of sorted times, and the gaps: where a step is more than 1.5 times as long."""
    steps = pl.DataFrame({"time": times, "step": times.diff()})
    if groups is not None and len(groups):
        steps = steps.filter(groups.eq_missing(groups.shift(1)).fill_null(value=False))
    steps = steps.drop_nulls()
    usual: Any = steps.get_column("step").median() if steps.height else None
    if not isinstance(usual, datetime.timedelta) or usual <= datetime.timedelta(0):
        return None, steps.clear()
    return usual, steps.filter(pl.col("step") > usual * 1.5)


def gap_words(gaps: pl.DataFrame, usual: datetime.timedelta) -> str:
    """A sentence on gaps."""
    longest = gaps.sort("step", descending=True, maintain_order=True).row(0, named=True)
    count = gaps.height
    lacking = int(sum(round(one / usual) - 1 for one in gaps.get_column("step").to_list()))
    return (
        f"{count:,} gap{'s' if count > 1 else ''} in the times, where {lacking:,} rows are lacking at a step of {usual}; "
        f"the longest ends at {longest['time']} after {longest['step']}"
    )
