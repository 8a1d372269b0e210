"""Nodes of dates, windows and nearest values."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.date_time_difference import DateTimeDifference
from nodeflow_nodes.manipulation.date_time_parts import DateTimeParts
from nodeflow_nodes.manipulation.date_time_shift import DateTimeShift
from nodeflow_nodes.manipulation.moving_aggregation import MovingAggregation
from nodeflow_nodes.manipulation.nearest_join import NearestJoin
from nodeflow_nodes.statistics.value_counts import ValueCounts

from nodeflow.errors import ParameterError

TABLE = pl.DataFrame(
    {
        "^d$": [date(2024, 2, 29), None, date(1969, 12, 31)],
        "m": [datetime(2024, 3, 1, 13, 45, 10), datetime(2024, 1, 1), None],
    }
)


def test_dates_are_taken_apart(apply, faults) -> None:
    parts = ["year", "quarter", "month", "day", "weekday", "day of year", "month name", "weekday name"]
    found = apply(DateTimeParts(column="^d$", parts=parts), table=TABLE)
    assert found.row(0)[2:] == (2024, 1, 2, 29, 4, 60, "February", "Thursday")
    assert found.row(1)[2:] == (None,) * 8
    assert found.row(2)[2:6] == (1969, 4, 12, 31)
    times = apply(DateTimeParts(column="m", parts=["hour", "minute", "second", "date"]), table=TABLE)
    assert times.row(0)[2:] == (13, 45, 10, date(2024, 3, 1))
    assert "has no hour" in faults(DateTimeParts(column="^d$", parts=["hour"]), table=TABLE)[0]
    with pytest.raises(ParameterError, match="twice"):
        DateTimeParts(column="m", parts=["hour", "hour"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"end": "m"}, [1, None, None]),
        ({"end": "m", "unit": "weeks", "whole": False}, [1 / 7, None, None]),
        ({"until": date(2024, 3, 10)}, [10, None, 19793]),
        ({"until": date(2024, 2, 28), "unit": "hours"}, [-24, None, 474768]),
    ],
)
def test_time_between_dates_is_computed(apply, options, expected) -> None:
    found = apply(DateTimeDifference(start="^d$", **options), table=TABLE)["difference"].to_list()
    assert found == [None if one is None else pytest.approx(one) for one in expected]


def test_time_between_moments_counts_seconds(apply) -> None:
    table = pl.DataFrame(
        {
            "a": [datetime(2024, 1, 1), datetime(2024, 1, 1)],
            "b": [datetime(2024, 1, 2, 12), datetime(2023, 12, 31, 23)],
        }
    )
    assert apply(DateTimeDifference(start="a", end="b"), table=table)["difference"].to_list() == [1, -1]
    hours = apply(DateTimeDifference(start="a", end="b", unit="hours"), table=table)
    assert hours["difference"].to_list() == [36, -1]


def test_an_end_is_needed_and_one_only() -> None:
    for options in ({}, {"end": "b", "until": date(2024, 1, 1)}):
        with pytest.raises(ParameterError, match="either a column or a fixed date"):
            DateTimeDifference(start="a", **options)


def test_dates_are_moved(apply, faults) -> None:
    found = apply(DateTimeShift(amount=1, unit="years"), table=TABLE)
    assert found["^d$"].to_list() == [date(2025, 2, 28), None, date(1970, 12, 31)]
    assert found["m"].to_list()[0] == datetime(2025, 3, 1, 13, 45, 10)
    assert apply(DateTimeShift(amount=-2, unit="weeks"), table=TABLE)["^d$"].to_list()[0] == date(2024, 2, 15)
    assert "no date or datetime column" in faults(DateTimeShift(), table=pl.DataFrame({"n": [1]}))[0]


NUMBERS = pl.DataFrame({"g": ["a", "a", "b", "a", "b"], "*": [1.0, 3.0, 10.0, None, 20.0]})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"window": 2}, [1.0, 2.0, 6.5, 10.0, 20.0]),
        ({"window": 2, "least": 2}, [None, 2.0, 6.5, None, None]),
        ({"window": 3, "place": "centred", "function": "sum"}, [4.0, 14.0, 13.0, 30.0, 20.0]),
        ({"window": 2, "place": "forward", "function": "maximum"}, [3.0, 10.0, 10.0, 20.0, 20.0]),
        ({"window": 2, "groups": ["g"], "function": "sum"}, [1.0, 4.0, 10.0, 3.0, 30.0]),
    ],
)
def test_windows_move(apply, options, expected) -> None:
    node = MovingAggregation(columns=["*"], **options)
    assert apply(node, table=NUMBERS).to_series(-1).to_list() == expected


def test_a_window_that_can_have_no_result_is_told() -> None:
    with pytest.raises(ParameterError, match="never has 4 values"):
        MovingAggregation(least=4)


LEFT = pl.DataFrame({"t": [5, 1, None, 9], "k": ["x", "y", "x", "y"], "v": ["p", "q", "r", "s"]})
RIGHT = pl.DataFrame({"at": [4, 8, 1, 4], "k": ["x", "y", "y", "x"], "v": [40, 80, 10, 41]})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [41, 10, None, 80]),
        ({"direction": "forward"}, [80, 10, None, None]),
        ({"direction": "nearest", "distance": 1}, [41, 10, None, 80]),
        ({"same": ["k"]}, [41, 10, None, 80]),
        ({"same": ["k"], "direction": "forward"}, [None, 10, None, None]),
        ({"distance": 0}, [None, 10, None, None]),
    ],
)
def test_rows_meet_their_nearest(apply, options, expected) -> None:
    found = apply(NearestJoin(left_on="t", right_on="at", **options), left=LEFT, right=RIGHT)
    assert found["v"].to_list() == ["p", "q", "r", "s"]
    assert found["v_right"].to_list() == expected


def test_dates_and_moments_meet(apply, faults) -> None:
    left = pl.DataFrame({"m": [datetime(2024, 1, 2, 12), datetime(2024, 1, 9)]})
    right = pl.DataFrame({"d": [date(2024, 1, 1), date(2024, 1, 2)], "v": [1, 2]})
    node = NearestJoin(left_on="m", right_on="d", distance=2)
    assert apply(node, exported=False, left=left, right=right)["v"].to_list() == [2, None]
    assert "convert" in faults(NearestJoin(left_on="t", right_on="d"), left=LEFT, right=right)[0]
    assert (
        "right table has no column"
        in faults(NearestJoin(left_on="m", right_on="d", same=["m"]), left=left, right=right)[0]
    )


@given(st.lists(st.integers(0, 20), max_size=8), st.lists(st.integers(0, 20), max_size=8))
def test_the_nearest_earlier_row_is_what_a_search_finds(left: list[int], right: list[int]) -> None:
    frames = [
        pl.LazyFrame({"t": rows, "i": range(len(rows))}, schema={"t": pl.Int64, "i": pl.Int64})
        for rows in (left, right)
    ]
    found = NearestJoin(left_on="t", right_on="t").run(*frames).collect()
    for at, place in zip(found["t"], found["i_right"], strict=True):
        earlier = [one for one in right if one <= at]
        assert place == (max(i for i, one in enumerate(right) if one == max(earlier)) if earlier else None)


def test_values_are_counted(apply, faults) -> None:
    table = pl.DataFrame({"^v$": ["b", None, "a", "b"], "n": [1, 2, 3, 1]})
    assert apply(ValueCounts(columns=["^v$"]), table=table).rows() == [
        ("b", 2, 0.5),
        (None, 1, 0.25),
        ("a", 1, 0.25),
    ]
    assert apply(ValueCounts(columns=["n", "^v$"], share_column=""), table=table).rows()[0] == (1, "b", 2)
    assert apply(ValueCounts(columns=["n"], order="appearance"), table=table.clear()).height == 0
    assert "already" in faults(ValueCounts(columns=["n"], count_column="n"), table=table)[0]
