"""The reader of time series finds moments, markers and gaps; Resample brings rows to regular steps."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.deep.resample import Resample
from nodeflow_nodes.deep.time_series_reader import TimeSeriesReader

from nodeflow.errors import NodeflowError
from nodeflow.values.specs import TableSpec

sys.path.append(str(Path(__file__).parents[1] / "nodes"))
FakeContext: Any = importlib.import_module("conftest").FakeContext


@pytest.fixture
def context(tmp_path: Path) -> Any:
    return FakeContext(tmp_path)


def read(folder: Path, text: str, context: Any, **parameters: Any) -> pl.DataFrame:
    (folder / "series.csv").write_text(text, encoding="utf-8")
    node = TimeSeriesReader(path=str(folder / "series.csv"), **parameters)
    table = node.run(context=context)
    assert node.spec({}) == TableSpec(table.schema)
    return table


JENA = """"Date Time","p (mbar)","wv (m/s)","Tmin"
01.01.2009 00:30:00,996.53,-9999.00,-8
01.01.2009 00:10:00,996.52,1.03,-9999
01.01.2009 00:20:00,996.57,0.72,-8
01.01.2009 00:20:00,996.57,0.72,-8
01.01.2009 01:10:00,996.57,0.34,-7
"""


def test_jena_data_are_sorted_freed_of_markers_and_repeats_and_gaps_told(
    tmp_path: Path, context: Any
) -> None:
    table = read(tmp_path, JENA, context)
    assert table["Date Time"].to_list() == [
        dt.datetime(2009, 1, 1, *t) for t in ((0, 10), (0, 20), (0, 30), (1, 10))
    ]
    assert table["wv (m/s)"].to_list() == [1.03, 0.72, None, 0.34]
    assert table["Tmin"].to_list() == [None, -8, -8, -7]
    assert context.warnings[0] == "1 rows that repeat another with all its values are taken once"
    assert context.warnings[1].startswith("1 gap in the times, where 3 rows are lacking at a step of 0:10:00")


def test_gaps_are_filled_by_rows_without_values(tmp_path: Path, context: Any) -> None:
    table = read(tmp_path, JENA, context, gaps="fill")
    assert table.height == 7
    assert table["p (mbar)"].to_list() == [996.52, 996.57, 996.53, None, None, None, 996.57]
    assert table["Date Time"].diff().drop_nulls().unique().to_list() == [dt.timedelta(minutes=10)]


PARTS = """station,Year,Month,Day,Hour,temp
Köln,2024,2,28,23,1.5
Köln,2024,2,28,24,2.5
Bonn,2024,2,28,23,3.5
Bonn,2024,2,29,1,4.5
"""


def test_year_month_day_and_hour_are_joined_and_groups_kept_apart(tmp_path: Path, context: Any) -> None:
    table = read(tmp_path, PARTS, context, group="station", gaps="fill")
    rows = table.select("time", "station", "temp").rows()
    eleven, midnight = dt.datetime(2024, 2, 28, 23), dt.datetime(2024, 2, 29)
    assert rows[2:] == [(eleven, "Köln", 1.5), (midnight, "Köln", 2.5)]
    assert rows[:2] == [(eleven, "Bonn", 3.5), (midnight + dt.timedelta(hours=1), "Bonn", 4.5)]


@pytest.mark.parametrize(
    ("text", "parameters", "words"),
    [
        (PARTS, {}, r"share their moment .* name the column that tells series apart"),
        ("a,b\n1,2\n", {}, 'no column holds moments; the file has "a", "b"'),
        ("t,b\nnow,2\n", {"time": "t"}, "not known as moments"),
        ("t,b\n01.02.2024,2\n40.02.2024,2\n", {"time": "t", "time_format": "%d.%m.%Y"}, r'row 2 .* "40.02.2024"'),
        ("t,b\n2024-01-01,2\n", {"time": "tt"}, 'did you mean "t"'),
        ("t,b\n2024-01-01,2\n", {"group": "g"}, 'no column "g"'),
        ("t,b\n7,2\n", {"time": "t"}, "numbers and no moments"),
        ("t,b\n2024-01-01 00:00:00,2\n2024-01-01 01:00:00,2\n2024-01-01 02:00:00,1\n2024-01-01 04:10:00,1\n",
         {"gaps": "fill"}, "one step by Resample"),
    ],
)  # fmt: skip
def test_files_without_usable_moments_are_refused(
    text: str, parameters: dict[str, Any], words: str, tmp_path: Path, context: Any
) -> None:
    with pytest.raises(NodeflowError, match=words):
        read(tmp_path, text, context, **parameters)


def test_rows_of_one_moment_can_be_thinned_or_kept(tmp_path: Path, context: Any) -> None:
    text = "t,b\n2024-01-01 00:00:00,2\n2024-01-01 00:00:00,3\n2024-01-01 01:00:00,4\n"
    assert read(tmp_path, text, context, repeated="first")["b"].to_list() == [2, 4]
    assert read(tmp_path, text, context, repeated="keep")["b"].to_list() == [2, 3, 4]


# Resample


HOURS = pl.DataFrame(
    {
        "t": [dt.datetime(2024, 1, 1, *hm) for hm in ((3, 10), (0, 5), (0, 55), (1, 30))],
        "g": ["ü", "ü", "ü", "ü"],
        "v": [10.0, 1.0, 3.0, None],
        "n": [4, 1, 2, 3],
        "s": ["d", None, "b", "c"],
    }
)


def resampled(context: Any, frame: pl.DataFrame = HOURS, **parameters: Any) -> pl.DataFrame:
    node = Resample(time="t", **parameters)
    table = node.run(frame.lazy(), context=context)
    assert node.spec({"table": TableSpec(frame.schema)}) == TableSpec(table.schema)
    return table


def test_rows_of_one_step_become_one_and_empty_steps_become_rows(context: Any) -> None:
    table = resampled(context, group="g")
    assert table["t"].to_list() == [dt.datetime(2024, 1, 1, hour) for hour in range(4)]
    assert table["v"].to_list() == [2.0, None, None, 10.0]
    assert table["n"].to_list() == [1.5, 3.0, None, 4.0]
    assert table["s"].to_list() == ["b", "c", None, "d"]
    assert table["g"].to_list() == ["ü"] * 4


@pytest.mark.parametrize(
    ("parameters", "values"),
    [
        ({"empty": "last value"}, [2.0, 2.0, 2.0, 10.0]),
        ({"empty": "line"}, [2.0, 14 / 3, 22 / 3, 10.0]),
        ({"numbers": "sum"}, [4.0, None, None, 10.0]),
        ({"numbers": "last"}, [3.0, None, None, 10.0]),
        ({"every": 2}, [2.0, 10.0]),
        ({"unit": "days"}, [14 / 3]),
        ({"unit": "months"}, [14 / 3]),
    ],
)
def test_numbers_become_what_is_asked_for(
    parameters: dict[str, Any], values: list[Any], context: Any
) -> None:
    assert resampled(context, **parameters)["v"].to_list() == pytest.approx(values)


def test_hours_of_dates_are_told_before_running() -> None:
    table = TableSpec({"t": pl.Date(), "v": pl.Float64()})
    assert "without a time of day" in Resample(time="t").check({"table": table})[0].sentence


def test_names_that_look_like_patterns_are_only_names(context: Any) -> None:
    frame = HOURS.rename({"v": "^.*$", "g": "*"})
    assert resampled(context, frame, group="*")["^.*$"].to_list() == [2.0, None, None, 10.0]
