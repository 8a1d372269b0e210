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
UNITS = {"year": "1y", "quarter": "1q", "month": "1mo", "day": "1d", "hour": "1h", "minute": "1m"}


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
    lambda nw, x, days, kinds: _as_kind(nw, x.dt.offset_by(f"{days}d"), kinds[0]),
    ('days_between(date("2024-01-01"), add_days(date("2024-01-01"), 31))', 31),
    with_kinds=True,
)
_define(
    f"add_months(x: {_DAY}, months: constant integer) -> same",
    "So many months later; the last day of a shorter month where the day does not exist.",
    lambda nw, x, months, kinds: _as_kind(nw, x.dt.offset_by(f"{months}mo"), kinds[0]),
    ('day(add_months(date("2024-01-31"), 1))', 29),
    with_kinds=True,
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


_define(
    f"week(x: {_DAY}) -> integer",
    "The week of the year by ISO 8601, 1 to 53: weeks begin on Monday, week 1 has the year's first Thursday.",
    lambda nw, x: x.dt.to_string("%V").cast(nw.Int64),
    (f"week({_DATE})", 20),
    "week_of_year",
    "isoweek",
)
_define(
    f"week_year(x: {_DAY}) -> integer",
    "The year that the ISO week of a day belongs to.",
    lambda nw, x: x.dt.to_string("%G").cast(nw.Int64),
    ('week_year(date("2024-12-30"))', 2025),
)
_define(
    f"month_name(x: {_DAY}) -> text",
    "The English name of the month.",
    lambda nw, x: x.dt.to_string("%B"),
    (f"month_name({_DATE})", "May"),
)
_define(
    f"weekday_name(x: {_DAY}) -> text",
    "The English name of the day of the week.",
    lambda nw, x: x.dt.to_string("%A"),
    (f"weekday_name({_DATE})", "Friday"),
    "day_name",
)
_define(
    f"is_weekend(x: {_DAY}) -> boolean", "Whether the day is a Saturday or Sunday.",
    lambda nw, x: x.dt.weekday() >= 6, (f"is_weekend({_DATE})", False),
)  # fmt: skip
_define(
    f"is_leap_year(x: {_DAY}) -> boolean",
    "Whether the year has 366 days.",
    lambda nw, x: _is_leap(x.dt.year()),
    (f"is_leap_year({_DATE})", True),
)
_define(
    f"days_in_month(x: {_DAY}) -> integer",
    "The number of days of the month.",
    lambda nw, x: _days_of(nw, x.dt.year(), x.dt.month()),
    ('days_in_month(date("2024-02-01"))', 29),
)
_define(
    f"start_of(x: {_DAY}, unit: constant unit) -> same",
    'The moment a "year", "quarter", "month", "day", "hour" or "minute" began.',
    lambda nw, x, unit, kinds: _as_kind(nw, x.dt.truncate(UNITS[unit]), kinds[0]),
    (f'day(start_of({_DATE}, "month"))', 1),
    "date_trunc",
    "truncate_date",
    with_kinds=True,
)
_define(
    f"end_of_month(x: {_DAY}) -> date",
    "The last day of the month.",
    lambda nw, x: x.dt.truncate("1mo").dt.offset_by("1mo").dt.offset_by("-1d").cast(nw.Date),
    ('day(end_of_month(date("2024-02-10")))', 29),
    "eomonth",
)
_define(
    f"years_between(start: {_DAY}, end: {_DAY}) -> integer",
    "The number of full years from start to end, as an age; negative if end is earlier.",
    lambda nw, start, end: _months(nw, start, end, 12),
    ('years_between(date("2000-05-18"), date("2024-05-17"))', 23),
    "age",
)
_define(
    f"months_between(start: {_DAY}, end: {_DAY}) -> integer",
    "The number of full months from start to end; negative if end is earlier.",
    lambda nw, start, end: _months(nw, start, end, 1),
    ('months_between(date("2024-01-31"), date("2024-03-30"))', 1),
)
_define(
    "hours_between(start: datetime, end: datetime) -> float",
    "The hours from start to end, with decimals.",
    lambda nw, start, end: (end - start).dt.total_seconds().cast(nw.Float64) / 3600,
    (f'hours_between({_TIME}, datetime("2024-05-17 15:15:10"))', 1.5),
)
_define(
    "minutes_between(start: datetime, end: datetime) -> float",
    "The minutes from start to end, with decimals.",
    lambda nw, start, end: (end - start).dt.total_seconds().cast(nw.Float64) / 60,
    (f'minutes_between({_TIME}, datetime("2024-05-17 13:46:40"))', 1.5),
)
_define(
    f"add_years(x: {_DAY}, years: constant integer) -> same",
    "So many years later; 28 February where a 29th does not exist.",
    lambda nw, x, years, kinds: _as_kind(nw, x.dt.offset_by(f"{12 * years}mo"), kinds[0]),
    ('day(add_years(date("2024-02-29"), 1))', 28),
    with_kinds=True,
)
_define(
    "add_hours(x: datetime, hours: constant integer) -> datetime",
    "So many hours later; earlier for a negative number.",
    lambda nw, x, hours: x.dt.offset_by(f"{hours}h"),
    (f"hour(add_hours({_TIME}, 12))", 1),
)
_define(
    "add_minutes(x: datetime, minutes: constant integer) -> datetime",
    "So many minutes later; earlier for a negative number.",
    lambda nw, x, minutes: x.dt.offset_by(f"{minutes}m"),
    (f"minute(add_minutes({_TIME}, -45))", 0),
)
_define(
    "make_date(year: integer, month: integer, day: integer) -> date",
    "The day of these numbers; missing where there is no such day. Years from 1 to 9999.",
    lambda nw, year, month, day: _made(nw, year, month, day),
    ("days_between(make_date(2024, 2, 29), make_date(2024, 3, 1))", 1),
    "date_from_parts",
)
_define(
    "total_hours(x: duration) -> float",
    "A duration in hours, with decimals.",
    lambda nw, x: x.dt.total_seconds().cast(nw.Float64) / 3600,
    (f"round(total_hours({_TIME} - {_DATE}), 3)", 13.753),
)
_define(
    "total_days(x: duration) -> float",
    "A duration in days, with decimals.",
    lambda nw, x: x.dt.total_seconds().cast(nw.Float64) / 86_400,
    ('total_days(date("2024-03-01") - date("2024-02-28"))', 2.0),
)


def _day(nw: Any, value: Any, kind: str) -> Any:
    # some engines take the difference of two days as a plain number
    return (value.dt.date() if kind == "datetime" else value).cast(nw.Datetime)


def _as_kind(nw: Any, value: Any, kind: str) -> Any:
    # DuckDB gives a moment where a day is cut or shifted
    return value.cast(nw.Date) if kind == "date" else value


def _is_leap(year: Any) -> Any:
    return (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))


def _days_of(nw: Any, year: Any, month: Any) -> Any:
    february = nw.when(_is_leap(year)).then(nw.lit(29, nw.Int64)).otherwise(nw.lit(28, nw.Int64))
    short = nw.when(month.is_in([4, 6, 9, 11])).then(nw.lit(30, nw.Int64)).otherwise(nw.lit(31, nw.Int64))
    return nw.when(month == 2).then(february).otherwise(nw.when(~month.is_null()).then(short))


def _months(nw: Any, start: Any, end: Any, unit: int) -> Any:
    """Full units of so many months: the one that has begun counts once its day of the month has come."""
    passed = (end.dt.year().cast(nw.Int64) - start.dt.year().cast(nw.Int64)) * 12
    passed = passed + end.dt.month().cast(nw.Int64) - start.dt.month().cast(nw.Int64)
    behind = nw.when(end.dt.day() < start.dt.day()).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64))
    ahead = nw.when(end.dt.day() > start.dt.day()).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64))
    forward = (passed - behind) // unit
    backward = ((passed + ahead) * -1) // unit * -1
    return nw.when(end >= start).then(forward).otherwise(backward)


def _made(nw: Any, year: Any, month: Any, day: Any) -> Any:
    is_day = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    is_day = is_day & (day <= _days_of(nw, year, month))
    padded = [
        nw.concat_str([nw.lit("000"), part.cast(nw.String)]).str.tail(length)
        for part, length in ((year, 4), (month, 2), (day, 2))
    ]
    written = nw.concat_str(padded, separator="-")
    return nw.when(is_day).then(written).str.to_date("%Y-%m-%d")
