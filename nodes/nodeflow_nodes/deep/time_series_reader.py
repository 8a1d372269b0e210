"""Time Series CSV Reader."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, did_you_mean, shorten
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io.csv_reader import CsvReader

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values.specs import Spec

_HEAD = 1_000


class TimeSeriesReader(Node):
    """Read measurements over time from a CSV file, such as the weather of a station, in the order of their moments.

    The column of the moments is found by itself: dates and times in any usual form, such as 31.12.2016 23:50:00 of the
    Jena climate data, or the columns year, month, day and hour together, which become one called `time`. It becomes
    the first column. Numbers that stand for "not measured", such as -9999, become missing.

    Rows are sorted by their moments, within each group (such as a station) if there is a column for it. Rows that come
    twice with all their values are taken once; different rows of one moment stop the run, unless told otherwise. Gaps are
    told, or filled by rows without values, which Missing Value or Resample can fill further.

    Outputs:
        table: A row for each moment.
    """

    name = "Time Series CSV Reader"
    category = "Input / Output"
    keywords = ("weather", "climate", "jena", "sensor", "measurements", "read_csv", "hourly", "timestamps")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".csv", ".txt", ".csv.gz", ".zip")
    )
    time: str = parameter(
        default="",
        label="Time column",
        help="The column with the moments; empty to find it, or to join year, month, day.",
    )
    time_format: str = parameter(
        default="",
        help="How moments are written, such as %d.%m.%Y %H:%M:%S; empty to find out.",
        advanced=True,
    )
    group: str = parameter(
        default="", label="Group column", help="The column that tells series apart, if there is one."
    )
    missing_numbers: list[float] = parameter(
        default=[-9999.0], help="Numbers that stand for a missing value."
    )
    repeated: Literal["fail", "first", "keep"] = parameter(
        default="fail",
        label="Moments that come twice",
        help="With other values: stop, take the first row, or keep all of them.",
    )
    gaps: Literal["tell", "fill"] = parameter(
        default="tell", help="Whether gaps are only told, or filled by rows without values."
    )

    def run(self, context: Context) -> pl.DataFrame:
        frame = self._with_times(self._read(None))
        context.check_cancelled()
        name = frame.columns[0]
        keys = [self.group, name] if self.group else [name]
        lost = frame.get_column(name).null_count()
        if lost:
            context.warn(f"{lost:,} rows without a moment are left out")
            frame = frame.filter(frame.get_column(name).is_not_null())
        order = frame.select(*(cs.by_name(key) for key in keys))
        order = order.rename({key: f"k{place}" for place, key in enumerate(keys)}).with_row_index("row")
        rows = order.sort(*(f"k{place}" for place in range(len(keys))), "row").get_column("row")
        frame = frame[rows]
        frame = self._once(frame, keys, context)
        return self._regular(frame, name, context)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow.values.specs import TableSpec

        # the types of all rows, as the CSV Reader tells them, but no more rows than are needed to find the moments
        return TableSpec(dict(self._with_times(self._read(_HEAD)).schema))

    def _read(self, rows: int | None) -> pl.DataFrame:
        reader = CsvReader(path=self.path)
        try:
            table = reader.run()
            return (table if rows is None else table.head(rows)).collect(engine="streaming")
        except pl.exceptions.PolarsError as error:
            raise NodeFailed(reader.explain(error) or shorten(str(error), 300)) from None

    def _with_times(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with the moments first and markers of missing values taken out."""
        from nodeflow_nodes.deep._times import moments

        if self.group and self.group not in frame.columns:
            raise NodeFailed(
                f'no column "{shorten(self.group)}"; {did_you_mean(self.group, frame.columns, what="the file has")}'
            )
        name, times, made_of = moments(frame, self.time, self.time_format)
        rest = [one for one in frame.get_columns() if one.name not in made_of]
        return pl.DataFrame([times.alias(name), *(self._known(one) for one in rest)])

    def _known(self, column: pl.Series) -> pl.Series:
        if not column.dtype.is_numeric():
            return column
        markers = [one for one in self.missing_numbers if math.isfinite(one)]
        if column.dtype.is_integer():
            markers = [one for one in markers if one == int(one)]
        if not markers:
            return column
        found = column.cast(pl.Float64).is_in(markers).fill_null(value=False)
        return column.set(found, None) if found.any() else column

    def _once(self, frame: pl.DataFrame, keys: list[str], context: Context) -> pl.DataFrame:
        """Each moment once in its group."""
        if self.repeated == "keep" or not frame.height:
            return frame
        whole = frame.is_duplicated()
        if whole.any():
            before = frame.height
            frame = frame.unique(keep="first", maintain_order=True)
            if frame.height < before:
                context.warn(
                    f"{before - frame.height:,} rows that repeat another with all its values are taken once"
                )
        marks = frame.select(*(cs.by_name(key) for key in keys))
        if not marks.is_duplicated().any():
            return frame
        twice = frame.filter(marks.is_duplicated())
        if self.repeated == "fail":
            way_out = "" if self.group else "name the column that tells series apart as the group, or "
            raise NodeFailed(
                f"{twice.height:,} rows share their moment with another that has other values, such as "
                f"{twice.get_column(keys[-1])[0]}; {way_out}take the first of them"
            )
        first = marks.to_struct("moment").is_first_distinct()
        context.warn(f"{int((~first).sum()):,} rows that repeat a moment are left out")
        return frame.filter(first)

    def _regular(self, frame: pl.DataFrame, name: str, context: Context) -> pl.DataFrame:
        from nodeflow_nodes.deep._times import gap_words, step_of

        groups = frame.get_column(self.group) if self.group else None
        usual, gaps = step_of(frame.get_column(name), groups)
        if usual is None or not gaps.height:
            return frame
        words = gap_words(gaps, usual)
        if self.gaps == "tell":
            context.warn(words)
            return frame
        parts = frame.partition_by(self.group, maintain_order=True) if self.group else [frame]
        filled = []
        for part in parts:
            times = part.get_column(name)
            grid = pl.datetime_range(times[0], times[-1], usual, eager=True, time_unit="us").cast(times.dtype)
            if not times.is_in(grid.implode()).all():
                raise NodeFailed(
                    f"the moments are not always a multiple of {usual} apart, so that gaps cannot be filled by rows; bring "
                    "them to one step by Resample"
                )
            rows = pl.DataFrame({"t": grid}).join(
                pl.DataFrame({"t": times}).with_row_index("row"), on="t", how="left", maintain_order="left"
            )
            places = rows.get_column("row")
            columns = [one.gather(places) for one in part.get_columns()]
            named = {name: grid} | (
                {self.group: pl.Series([part.get_column(self.group)[0]] * len(grid))} if self.group else {}
            )
            filled.append(
                pl.DataFrame(
                    [
                        named[one.name].alias(one.name).cast(one.dtype) if one.name in named else one
                        for one in columns
                    ]
                )
            )
        context.warn(f"{words}; rows without values are put there")
        return pl.concat(filled)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
