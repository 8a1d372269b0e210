"""Single functions: what they give for values, missing ones among them, on Polars, on DuckDB and as a script."""

from __future__ import annotations

import datetime
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from nodeflow.errors import FormulaError
from nodeflow.expressions import FUNCTIONS, parse

TABLE = pl.DataFrame(
    {
        "i": [0, 1, 2, 3],
        "s": ["a, b, c", "  x yy  z ", None, ""],
        "u": ["x@y@z", "@", None, "12"],
        "d": [datetime.date(2024, 12, 30), datetime.date(2023, 1, 1), None, datetime.date(1969, 2, 28)],
        "e": [
            datetime.date(2025, 12, 29),
            datetime.date(2022, 12, 31),
            datetime.date(2000, 1, 1),
            datetime.date(1969, 3, 28),
        ],
        "m": [
            datetime.datetime(2024, 12, 30, 5, 6, 7),
            datetime.datetime(1960, 1, 1),
            None,
            datetime.datetime(2000, 2, 29, 23, 59, 59),
        ],
        "n": [1.5, -2.5, None, 1e3],
        "y": [2024, 1900, None, 12],
        "mo": [2, 2, 1, 13],
        "da": [29, 29, 3, 1],
        "b": [True, False, None, True],
    }
)
SCHEMA = dict(TABLE.schema)

EXPECTED = {
    'pad_start(u, 4, "0")': ["x@y@z", "000@", None, "0012"],
    "make_date(y, mo, da)": [datetime.date(2024, 2, 29), None, None, None],
    "make_date(y, mo, 5)": [datetime.date(2024, 2, 5), datetime.date(1900, 2, 5), None, None],
    "word(s, 2)": ["b,", "yy", None, None],
    'part(s, ", ", 2)': ["b", None, None, None],
    'part(u, "@", 3)': ["z", None, None, None],
    'before(u, "@")': ["x", "", None, None],
    'after(u, "@")': ["y@z", "", None, None],
    'position(u, "@")': [2, 1, None, 0],
    'count_of(u, "@")': [2, 1, None, 0],
    "word_count(s)": [3, 3, None, 0],
    "squeeze(s)": ["a, b, c", "x yy z", None, ""],
    "is_blank(s)": [False, False, None, True],
    "same_text(s, u)": [False, False, None, False],
    "digits(u)": ["", "", None, "12"],
    "letters(s)": ["abc", "xyyz", None, ""],
    "week(d)": [1, 52, None, 9],
    "week_year(d)": [2025, 2022, None, 1969],
    "week(m)": [1, 53, None, 9],
    "month_name(d)": ["December", "January", None, "February"],
    "is_weekend(d)": [False, True, None, False],
    "is_leap_year(d)": [True, False, None, False],
    "days_in_month(d)": [31, 31, None, 28],
    'start_of(d, "quarter")': [
        datetime.date(2024, 10, 1),
        datetime.date(2023, 1, 1),
        None,
        datetime.date(1969, 1, 1),
    ],
    'start_of(m, "hour")': [
        datetime.datetime(2024, 12, 30, 5, 0),
        datetime.datetime(1960, 1, 1, 0, 0),
        None,
        datetime.datetime(2000, 2, 29, 23, 0),
    ],
    'start_of(m, "year")': [
        datetime.datetime(2024, 1, 1, 0, 0),
        datetime.datetime(1960, 1, 1, 0, 0),
        None,
        datetime.datetime(2000, 1, 1, 0, 0),
    ],
    "end_of_month(m)": [
        datetime.date(2024, 12, 31),
        datetime.date(1960, 1, 31),
        None,
        datetime.date(2000, 2, 29),
    ],
    "end_of_month(d)": [
        datetime.date(2024, 12, 31),
        datetime.date(2023, 1, 31),
        None,
        datetime.date(1969, 2, 28),
    ],
    "years_between(d, e)": [0, 0, None, 0],
    "months_between(d, e)": [11, 0, None, 1],
    "months_between(e, d)": [-11, 0, None, -1],
    "years_between(e, d)": [0, 0, None, 0],
    "add_years(d, 1)": [
        datetime.date(2025, 12, 30),
        datetime.date(2024, 1, 1),
        None,
        datetime.date(1970, 2, 28),
    ],
    "add_hours(m, 30)": [
        datetime.datetime(2024, 12, 31, 11, 6, 7),
        datetime.datetime(1960, 1, 2, 6, 0),
        None,
        datetime.datetime(2000, 3, 2, 5, 59, 59),
    ],
    "total_days(e - d)": [364.0, -1.0, None, 28.0],
    "truncate(n)": [1.0, -2.0, None, 1000.0],
    "round_to(n, 0.5)": [1.5, -2.5, None, 1000.0],
    "bucket(n, 10)": [0.0, -10.0, None, 1000.0],
    "total(n, i, y)": [2025.5, 1898.5, 2.0, 1015.0],
    "either(b, n > 0)": [False, False, None, False],
    "count_missing(s, n, b)": [0, 0, 3, 0],
    "count_true(b, n > 0)": [2, 0, 0, 2],
    "parse_number(u)": [None, None, None, 12.0],
    "is_number(u)": [False, False, None, True],
    "column_variance(n)": [333670.75, 333670.75, 333670.75, 333670.75],
    "column_missing(n)": [1, 1, 1, 1],
    "column_missing(s)": [1, 1, 1, 1],
}


@pytest.mark.parametrize("text", EXPECTED)
def test_polars_gives_what_is_written_here(text: str) -> None:
    formula = parse(text)
    formula.check(SCHEMA)
    frame = nw.from_native(TABLE.lazy()).with_columns(formula.compile(SCHEMA).alias("result"))
    assert frame.to_native().collect()["result"].to_list() == EXPECTED[text]


@pytest.mark.parametrize("text", EXPECTED)
def test_duckdb_gives_the_same(text: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    frame = nw.from_native(duckdb.from_arrow(TABLE.to_arrow()))
    result = frame.with_columns(parse(text).compile(SCHEMA).alias("result")).sort("i").to_native()
    found = pl.from_arrow(result.to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    assert found["result"].to_list() == EXPECTED[text]


@pytest.mark.parametrize("text", EXPECTED)
def test_the_exported_source_gives_the_same(text: str) -> None:
    namespace: dict[str, Any] = {"pl": pl, "TABLE": TABLE}
    source = parse(text).source(SCHEMA)
    exec(  # noqa: S102 - the exported source is what is tested
        f"result = TABLE.with_columns(({source}).alias('result'))['result'].to_list()", namespace
    )
    assert namespace["result"] == EXPECTED[text]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('start_of(d, "weak")', '"quarter"'),
        ("word(s, 0)", "from 1 to 100"),
        ('part(s, "", 1)', "one character or more"),
        ("bucket(n, 0)", "greater than 0"),
        ("column_quantile(n, 2)", "from 0 to 1"),
        ("hours_between(d, d)", "a date and time"),
        ("pi(1)", "used as pi()"),
    ],
)
def test_impossible_arguments_are_told(text: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text).check(SCHEMA)
    assert words in str(caught.value)


def test_the_longest_word_and_part_can_be_asked_for() -> None:
    many = pl.DataFrame({"s": [" ".join(map(str, range(200)))]})
    for text in ("word(s, 100)", 'part(s, " ", 100)'):
        frame = nw.from_native(many.lazy()).with_columns(
            parse(text).compile(dict(many.schema)).alias("result")
        )
        assert frame.to_native().collect()["result"].to_list() == ["99"]


def test_there_are_the_functions_people_know() -> None:
    assert len(FUNCTIONS) >= 120
