"""Cast Types and Date/Time Parse: what texts become, and what is told of those that do not fit."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.manipulation.cast_types import CastTypes
from nodeflow_nodes.manipulation.date_time_parse import DateTimeParse

import nodeflow as nf
from nodeflow.errors import ParameterError

DAY = datetime.datetime(2024, 12, 31)
LATE = datetime.datetime(2024, 12, 31, 23, 59)


def texts(*values: str | None) -> pl.DataFrame:
    return pl.DataFrame({"^t$": list(values), "n": range(len(values))}, schema_overrides={"^t$": pl.String})


COMMON = {
    "2024-12-31": DAY,
    " 31.12.2024 ": DAY,
    "2024/12/31": DAY,
    "20241231": DAY,
    "31 Dec 2024": DAY,
    "31 December 2024": DAY,
    "Dec 31, 2024": DAY,
    "12/31/2024": DAY,
    "12-31-2024": DAY,
    "2024-12-31 23:59": LATE,
    "2024-12-31T23:59:00": LATE,
    "2024-12-31T23:59:00Z": LATE,
    "2024-12-31T23:59:00+01:00": datetime.datetime(2024, 12, 31, 22, 59),
    "2024-12-31 23:59:00 -0230": datetime.datetime(2025, 1, 1, 2, 29),
    "31.12.2024 11:59 pm": LATE,
    "12/31/2024 23:59:30.25": datetime.datetime(2024, 12, 31, 23, 59, 30, 250_000),
    "1969-12-31": datetime.datetime(1969, 12, 31),
}


def test_common_ways_of_writing_are_found(apply: Any) -> None:
    found = apply(DateTimeParse(columns=["^t$"]), table=texts(*COMMON, None, "", " "))
    assert found["^t$"].to_list() == [*COMMON.values(), None, None, None]


@pytest.mark.parametrize("text", COMMON)
def test_each_of_them_alone(apply: Any, text: str) -> None:
    assert apply(DateTimeParse(columns=["^t$"]), table=texts(text))["^t$"].to_list() == [COMMON[text]]


def test_day_or_month_first(apply: Any) -> None:
    table = texts("3/4/2024", "03-04-2024")
    read = [
        apply(DateTimeParse(columns=["^t$"], type="date", day_first=one), table=table)["^t$"]
        for one in (True, False)
    ]
    assert [one.to_list() for one in read] == [
        [datetime.date(2024, 4, 3)] * 2,
        [datetime.date(2024, 3, 4)] * 2,
    ]


def test_formats_are_tried_in_their_order(apply: Any) -> None:
    node = DateTimeParse(columns=["^t$"], type="date", formats=["%d/%m/%Y", "%m/%d/%Y"])
    found = apply(node, table=texts(*["12/31/2024"] * 5, "3/4/2024"))
    assert found["^t$"].to_list() == [DAY.date()] * 5 + [datetime.date(2024, 4, 3)]


def test_times_of_day(apply: Any) -> None:
    found = apply(
        DateTimeParse(columns=["^t$"], type="time"), table=texts("23:59", "8:30:15", "11:59 PM", None)
    )
    expected = [datetime.time(23, 59), datetime.time(8, 30, 15), datetime.time(23, 59), None]
    assert found["^t$"].to_list() == expected


def test_values_that_do_not_fit(apply: Any) -> None:
    table = texts("2024-12-31", "2024-02-30", None)
    node = DateTimeParse(columns=["^t$"], unfit="missing")
    assert apply(node, table=table)["^t$"].to_list() == [DAY, None, None]
    node = DateTimeParse(columns=["^t$"], unfit="drop row")
    assert apply(node, table=table)["n"].to_list() == [0, 2]
    workflow = nf.Workflow("fail")
    cells = [{"name": "when", "type": "text", "cells": ["2024-12-31", "soon"]}]
    workflow.add("date_time_parse", workflow.add("table_creator", columns=cells), columns=["when"])
    reason = workflow.run(cache=False, check=False).reports["date_time_parse"].reason
    assert '"when" holds values that cannot be converted, such as' in reason
    assert "soon" in reason


def test_settings_that_cannot_be(faults: Any) -> None:
    with pytest.raises(ParameterError, match="no format"):
        DateTimeParse(columns=["t"], formats=["yyyy"])
    with pytest.raises(ParameterError, match="no format"):
        DateTimeParse(columns=["t"], formats=["%Q"])
    (told,) = faults(DateTimeParse(columns=["n"]), table=texts("x"))
    assert "n" in told
    assert "text" in told


@pytest.mark.parametrize("unfit", ["fail", "missing", "drop row"])
def test_types_are_cast_and_exported(apply: Any, unfit: Any) -> None:
    table = pl.DataFrame(
        {
            "^n$": [" 1.234,5", "-2", None, ""],
            "b": ["Yes", "off", None, "1"],
            "d": ["31.12.2024", None, "01.02.1969", ""],
            "f": [1.0, -2.0, None, 3.0],
            "i": [1, 0, None, 7],
        }
    )
    casts = [
        {"columns": ["^n$"], "type": "number"},
        {"columns": ["b"], "type": "boolean"},
        {"columns": ["d"], "type": "date", "format": "%d.%m.%Y"},
        {"columns": ["f"], "type": "integer"},
        {"columns": ["i"], "type": "category"},
    ]
    found = apply(CastTypes(casts=casts, decimal=",", thousands=".", unfit=unfit), table=table)
    assert found.rows() == [
        (1234.5, True, datetime.date(2024, 12, 31), 1, "1"),
        (-2.0, False, None, -2, "0"),
        (None, None, datetime.date(1969, 2, 1), None, None),
        (None, True, None, 3, "7"),
    ]
    assert dict(found.schema) == {
        "^n$": pl.Float64,
        "b": pl.Boolean,
        "d": pl.Date,
        "f": pl.Int64,
        "i": pl.Categorical,
    }
