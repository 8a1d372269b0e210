"""Statistics."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from nodeflow_nodes.statistics.statistics import Statistics

TABLE = pl.DataFrame(
    {
        "x": [1.0, 2.0, None, 2.0, 10.0],
        "t": ["b", "a", None, "b", "c"],
        "b": [True, False, True, None, True],
        "d": [datetime.date(2024, 1, day) for day in (3, 1, 2, 1, 5)],
        "l": [[1], [2], None, [], [1]],
        "u": pl.Series([datetime.timedelta(hours=1)] * 4 + [None]),
        "n": pl.Series([None] * 5, dtype=pl.Float64),
        "c": pl.Series(["p", "q", "q", None, "p"], dtype=pl.Categorical),
    }
)


def test_each_column_is_one_row(apply) -> None:
    result = apply(Statistics(), table=TABLE)
    rows = {row["column"]: row for row in result.iter_rows(named=True)}
    assert list(rows) == TABLE.columns
    numbers = {key: value for key, value in rows["x"].items() if isinstance(value, int | float)}
    assert numbers == pytest.approx(
        {
            "count": 4,
            "missing": 1,
            "distinct": 3,
            "minimum": 1.0,
            "maximum": 10.0,
            "mean": 3.75,
            "std": 4.193248541803041,
            "median": 2.0,
            "quartile_1": 1.75,
            "quartile_3": 4.0,
            "sum": 15.0,
            "skewness": 1.1099684291823657,
            "kurtosis": -0.6973338424563691,
            "frequency": 2,
        }
    )
    assert (rows["x"]["type"], rows["x"]["smallest"], rows["x"]["most_frequent"]) == ("float", "1.0", "2.0")
    assert {key: value for key, value in rows["t"].items() if value is not None} == {
        "column": "t",
        "type": "text",
        "count": 4,
        "missing": 1,
        "distinct": 3,
        "smallest": "a",
        "largest": "c",
        "most_frequent": "b",
        "frequency": 2,
    }
    assert (rows["b"]["mean"], rows["b"]["sum"], rows["b"]["most_frequent"]) == (0.75, 3.0, "true")
    assert (rows["d"]["smallest"], rows["d"]["largest"], rows["d"]["frequency"]) == (
        "2024-01-01",
        "2024-01-05",
        2,
    )
    assert (rows["l"]["type"], rows["l"]["count"], rows["l"]["distinct"]) == ("list", 4, None)
    assert rows["u"]["smallest"] == "PT1H"
    assert (rows["n"]["count"], rows["n"]["mean"], rows["n"]["frequency"]) == (0, None, None)
    assert (rows["c"]["most_frequent"], rows["c"]["largest"]) == ("p", "q")


def test_empty_tables_are_described_too(apply) -> None:
    result = apply(Statistics(), table=TABLE.clear())
    assert result["count"].to_list() == [0] * 8
    assert result["mean"].to_list() == [None] * 8


def test_chosen_columns_only(apply) -> None:
    assert apply(Statistics(columns=["t", "x"]), table=TABLE, exported=False)["column"].to_list() == [
        "t",
        "x",
    ]
    assert apply(Statistics(columns=[]), table=TABLE).height == 0


def test_one_row_has_no_spread(apply) -> None:
    result = apply(Statistics(columns=["x"]), table=TABLE.head(1))
    assert result["std"].to_list() == [None]
    assert result["mean"].to_list() == [1.0]
