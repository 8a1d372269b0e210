"""Functions of dates and times. There is no "now": the same workflow gives the same result."""

from __future__ import annotations

from typing import Any

from nodeflow.expressions.function import Group

group = Group("Dates and times")
_define = group.define
_DAY = "date | datetime"
_CLOCK = "datetime | time"
_DATE = 'date("2024-05-17")'
_TIME = 'datetime("2024-05-17 13:45:10")'


def _part(name: str, kinds: str, help_text: str, value: int, source: str, attribute: str = "") -> None:
    _define(
        f"{name}(x: {kinds}) -> integer",
        help_text,
        lambda nw, x: getattr(x.dt, attribute or name)().cast(nw.Int64),
        (f"{name}({source})", value),
    )


_part("year", _DAY, "The year.", 2024, _DATE)
_part("month", _DAY, "The month, 1 to 12.", 5, _DATE)
_part("day", _DAY, "The day of the month, 1 to 31.", 17, _DATE)
_part("weekday", _DAY, "The day of the week, 1 for Monday to 7 for Sunday.", 5, _DATE)
_part("day_of_year", _DAY, "The day of the year, 1 to 366.", 138, _DATE, "ordinal_day")
_part("hour", _CLOCK, "The hour, 0 to 23.", 13, _TIME)
_part("minute", _CLOCK, "The minute, 0 to 59.", 45, _TIME)
_part("second", _CLOCK, "The second, 0 to 59.", 10, _TIME)
_define(
    f"quarter(x: {_DAY}) -> integer", "The quarter of the year, 1 to 4.",
    lambda nw, x: (x.dt.month().cast(nw.Int64) + 2) // 3, (f"quarter({_DATE})", 2),
)  # fmt: skip
_define(
    "date(text: constant iso_date) -> date",
    "A day written as year-month-day, such as 2024-12-31.",
    lambda nw, text: nw.lit(text).str.to_date("%Y-%m-%d"),
    (f"year({_DATE})", 2024),
)
_define(
    "datetime(text: constant iso_datetime) -> datetime",
    "A moment written as year-month-day hour:minute:second.",
    lambda nw, text: nw.lit(text).str.to_datetime("%Y-%m-%d %H:%M:%S"),
    (f"minute({_TIME})", 45),
)
_define(
    f"days_between(start: {_DAY}, end: {_DAY}) -> integer",
    "The number of days from start to end, midnights passed; negative if end is earlier.",
    lambda nw, start, end, kinds: (
        (_day(nw, end, kinds[1]) - _day(nw, start, kinds[0])).dt.total_minutes().cast(nw.Int64) // 1440
    ),
    ('days_between(date("2024-02-28"), date("2024-03-01"))', 2),
    "datediff",
    with_kinds=True,
)
_define(
    "seconds_between(start: datetime, end: datetime) -> integer",
    "The number of whole seconds from start to end.",
    lambda nw, start, end: (end - start).dt.total_seconds().cast(nw.Int64),
    (f'seconds_between({_TIME}, datetime("2024-05-17 13:46:00"))', 50),
)
_define(
    f"add_days(x: {_DAY}, days: constant integer) -> same",
    "So many days later; earlier for a negative number.",
    lambda nw, x, days: x.dt.offset_by(f"{days}d"),
    ('days_between(date("2024-01-01"), add_days(date("2024-01-01"), 31))', 31),
)
_define(
    f"add_months(x: {_DAY}, months: constant integer) -> same",
    "So many months later; the last day of a shorter month where the day does not exist.",
    lambda nw, x, months: x.dt.offset_by(f"{months}mo"),
    ('day(add_months(date("2024-01-31"), 1))', 29),
)
_define(
    f"format_date(x: {_DAY}, format: constant text) -> text",
    "As text: %Y year, %m month, %d day, %H hour, %M minute, %S second, %B name of the month.",
    lambda nw, x, format: x.dt.to_string(format),
    (f'format_date({_DATE}, "%d.%m.%Y")', "17.05.2024"),
)
_define(
    'parse_date(x: text, format: constant text = "%Y-%m-%d") -> date',
    "A day read from text by a format such as %d.%m.%Y; a text that does not fit stops the workflow.",
    lambda nw, x, format: x.str.to_date(format),
    ('month(parse_date("17.05.2024", "%d.%m.%Y"))', 5),
    "to_date",
)
_define(
    'parse_datetime(x: text, format: constant text = "%Y-%m-%d %H:%M:%S") -> datetime',
    "A moment read from text by a format; a text that does not fit stops the workflow.",
    lambda nw, x, format: x.str.to_datetime(format),
    ('hour(parse_datetime("2024-05-17 13:45:10"))', 13),
    "to_datetime",
)
_define(
    "date_of(x: datetime) -> date",
    "The day of a moment.",
    lambda nw, x: x.dt.date(),
    (f"day(date_of({_TIME}))", 17),
)


def _day(nw: Any, value: Any, kind: str) -> Any:
    # some engines take the difference of two days as a plain number
    return (value.dt.date() if kind == "datetime" else value).cast(nw.Datetime)
