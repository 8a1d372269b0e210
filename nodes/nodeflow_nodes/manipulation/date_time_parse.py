"""Date/Time Parse."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import polars as plain

from nodeflow.errors import shorten
from nodeflow.expressions.source import Source
from nodeflow.parameters import Columns, Fault, family, parameter
from nodeflow_nodes.manipulation._converting import ConvertingNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

_PROBE: dict[str, Any] = {
    "date": datetime.date(2024, 12, 31),
    "datetime": datetime.datetime(2024, 12, 31),
    "time": datetime.time(23, 59),
}
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y")
_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y%m%d",
)
_CLOCKS = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_ZONED = ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%d %H:%M%#z")


class DateTimeParse(ConvertingNode):
    """Read dates and times from texts.

    Without formats the common ones are tried: 2024-12-31, 2024/12/31, 20241231, 31.12.2024, 31 Dec 2024,
    Dec 31, 2024, and 12/31/2024 or 31/12/2024 as you choose; times as 23:59, 23:59:30.5 or 11:59 pm behind
    a blank or a T. Give the formats where others occur; they are tried in their order, each value by
    itself. A moment with an offset, such as 2024-12-31T23:59:00+01:00, becomes that moment in UTC when
    the type is datetime.

    In formats, %Y is the year, %y the last two digits of it, %m the month, %b or %B its English name, %d the
    day, %H the hour, %I the hour of twelve with %p for am or pm, %M the minute, %S the second, %.f its
    fraction, %z an offset such as +0100. Blanks around a text do not count. A value that fits no format
    stops the run and is told, or becomes missing, or its row is left out.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with dates or times in the places of the texts.
    """

    name = "Date/Time Parse"
    category = "Manipulation / Column"
    keywords = (
        "string to date",
        "string to date/time",
        "to_datetime",
        "strptime",
        "parse_dates",
        "timestamp",
    )

    columns: Columns = parameter(help="The text columns to read.", types=("text", "category"))
    type: Literal["date", "datetime", "time"] = parameter(
        default="datetime", help="What the texts become: a day, a moment, or a time of day."
    )
    formats: list[str] = parameter(
        default=[], help="The formats to try, such as %d.%m.%Y %H:%M. Empty for the common ones."
    )
    day_first: bool = parameter(
        default=False,
        help="Read 3/4/2024 as 3 April; otherwise as 4 March. Only for the common formats.",
        when={"formats": []},
    )

    def tried(self) -> list[str]:
        """The formats in the order in which they are tried."""
        if self.formats:
            return list(self.formats)
        days = [*_DAYS, *(_DAY_FIRST if self.day_first else _MONTH_FIRST)]
        if self.type == "time":
            return list(_CLOCKS)
        if self.type == "date":
            return days
        return [*(f"{day} {clock}" for day in days for clock in _CLOCKS), *days, *_ZONED]

    def converted(self, schema: Mapping[str, plain.DataType], pl: Any, column: Any) -> dict[str, Any]:
        dtype = {"date": plain.Date(), "datetime": plain.Datetime("us"), "time": plain.Time()}[self.type]
        # the common formats exclude each other, so those that a sample fits may come first
        formats, in_order = self.tried(), bool(self.formats)
        reader: Any = partial(read_moments, kind=self.type, formats=formats, in_order=in_order)
        found = {}
        for name in self.columns.resolve(schema):
            text = column(name) if family(schema[name]) == "text" else column(name).cast(pl.String)
            if isinstance(text, Source):
                reader = Source(
                    f"lambda texts: read_moments(texts, {self.type!r}, {formats!r}, in_order={in_order})"
                )
            found[name] = text.map_batches(reader, return_dtype=dtype, is_elementwise=True)
        return found

    def export_python(self, script: PythonScript) -> None:
        script.define("read_moments", inspect.getsource(read_moments))
        super().export_python(script)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        for name in self.columns.resolve(schema):
            if family(schema[name]) not in ("text", "category"):
                told = (
                    f'"{shorten(name)}" is {family(schema[name])}, not text; use Cast Types for other types'
                )
                return [Fault("columns", told)]
        return ()

    def check_parameters(self) -> list[Fault]:
        for index, one in enumerate(self.formats):
            try:
                # reading by a wrong format gives no error, writing by it does
                plain.Series([_PROBE[self.type]]).dt.to_string(one.replace("%#z", "").replace("%z", ""))
            except plain.exceptions.PolarsError as error:
                told = shorten(str(error).splitlines()[0], 150)
                return [Fault(f"formats[{index}]", f'"{shorten(one)}" is no format: {told}')]
            if "%" not in one:
                return [Fault(f"formats[{index}]", f'"{shorten(one)}" is no format; write it as %d.%m.%Y')]
        return []

    def summary(self) -> str:
        return f"{self.columns} to {self.type}"[:80]


def read_moments(texts: pl.Series, kind: str, formats: list[str], *, in_order: bool = True) -> pl.Series:
    """Each text by the first format that fits it; null where none does."""
    import polars as pl

    def read(values: pl.Series, form: str) -> pl.Series:
        if kind == "time":
            return values.str.to_time(form, strict=False)
        if kind == "date":
            return values.str.to_date(form, strict=False)
        if "%z" in form or "%#z" in form or "%:z" in form:
            zoned = values.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
            return zoned.dt.replace_time_zone(None)
        if any(part in form for part in ("%H", "%I", "%M", "%R", "%T", "%X", "%c", "%s", "%+")):
            return values.str.to_datetime(form, time_unit="us", strict=False)
        return values.str.to_date(form, strict=False).cast(pl.Datetime("us"))

    # a name such as ^t$ would be taken for a pattern
    texts = texts.alias("texts").str.strip_chars()
    if kind == "datetime":
        texts = texts.str.replace(r"^(\d{4}-\d\d-\d\d)T(\d.*?)Z?$", "$1 $2")
    if not in_order:
        sample = texts.drop_nulls().head(1000)
        formats = sorted(formats, key=lambda form: read(sample, form).null_count())
    found = read(texts, formats[0])
    for form in formats[1:]:
        open_ = found.is_null() & texts.is_not_null()
        if not open_.any():
            break
        rest = pl.select(pl.when(open_).then(texts)).to_series()
        found = found.zip_with(~open_, read(rest, form))
    return found
