"""Nodes of dates, windows and nearest values: their contract cases, and what they give on every engine."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.date_time_difference import DateTimeDifference
from nodeflow_nodes.manipulation.date_time_parts import DateTimeParts
from nodeflow_nodes.statistics.value_counts import ValueCounts

TABLE = pl.DataFrame(
    {
        "day": [date(2024, 2, 29), None, date(2023, 12, 31)],
        "moment": [datetime(2024, 3, 1, 12), datetime(2024, 1, 1), None],
    }
)
DAYS = pl.DataFrame({"day": [date(2024, 2, 29), date(2023, 12, 31)], "end": [date(2024, 3, 10)] * 2})

CONTRACT = {
    "date_time_parts": {
        "parameters": {"column": "day", "parts": ["year", "weekday"]},
        "inputs": {"table": TABLE},
    },
    "date_time_difference": {"parameters": {"start": "day", "end": "moment"}, "inputs": {"table": TABLE}},
    "date_time_shift": {"inputs": {"table": TABLE}},
    "moving_aggregation": {},
    "nearest_join": {"parameters": {"left_on": "number", "right_on": "number"}},
    "value_counts": {"parameters": {"columns": ["text"]}},
}
VALUES = pl.DataFrame({"v": ["b", None, "a", "b", None, "b"]})

PORTABLE = {
    "date parts": Portable(
        DateTimeParts(column="day", parts=["year", "quarter", "month", "weekday"]),
        [DAYS.select("day")],
        [(date(2024, 2, 29), 2024, 1, 2, 4), (date(2023, 12, 31), 2023, 4, 12, 7)],
    ),
    "days between": Portable(
        DateTimeDifference(start="day", end="end"),
        [DAYS],
        [(date(2024, 2, 29), date(2024, 3, 10), 10), (date(2023, 12, 31), date(2024, 3, 10), 70)],
    ),
    "value counts": Portable(
        ValueCounts(columns=["v"]),
        [VALUES],
        [("b", 3, 0.5), (None, 2, 1 / 3), ("a", 1, 1 / 6)],
        ["v", "count", "share"],
    ),
    "value counts, sorted, present": Portable(
        ValueCounts(columns=["v"], order="sorted", missing="leave out", share_column=""),
        [VALUES],
        [("a", 1), ("b", 3)],
    ),
}
