"""Missing Value."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from nodeflow_nodes.manipulation.missing_value import MissingValue

TABLE = pl.DataFrame(
    {
        "i": [None, 1, None, 4, None],
        "x": [None, 1.0, None, 4.0, 4.0],
        "t": ["b", None, "a", "a", None],
        "d": [datetime.date(2024, 1, 1), None, None, datetime.date(2024, 1, 3), None],
        "z": pl.Series([None] * 5, dtype=pl.String),
    }
)


@pytest.mark.parametrize(
    ("column", "treatment", "expected"),
    [
        ("i", "mean", [2.5, 1, 2.5, 4, 2.5]),
        ("x", "median", [4.0, 1.0, 4.0, 4.0, 4.0]),
        ("x", "mode", [4.0, 1.0, 4.0, 4.0, 4.0]),
        ("i", "mode", [1, 1, 1, 4, 1]),
        ("i", "min", [1, 1, 1, 4, 1]),
        ("i", "max", [4, 1, 4, 4, 4]),
        ("i", "previous", [None, 1, 1, 4, 4]),
        ("i", "next", [1, 1, 4, 4, None]),
        ("i", "interpolate", [None, 1.0, 2.5, 4.0, None]),
        ("t", "mode", ["b", "a", "a", "a", "a"]),
        ("t", "min", ["b", "a", "a", "a", "a"]),
        ("t", "previous", ["b", "b", "a", "a", "a"]),
        ("z", "mode", [None] * 5),
        ("z", "next", [None] * 5),
    ],
)
def test_a_rule_fills_one_column(apply, column, treatment, expected) -> None:
    rules = [{"columns": [column], "treatment": treatment}]
    result = apply(MissingValue(rules=rules), table=TABLE)
    assert result[column].to_list() == expected
    assert result.drop(column).equals(TABLE.drop(column))


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("i", 0, [0, 1, 0, 4, 0]),
        ("i", 0.5, [0.5, 1, 0.5, 4, 0.5]),
        ("x", 2, [2.0, 1.0, 2.0, 4.0, 4.0]),
        ("t", "?", ["b", "?", "a", "a", "?"]),
        ("z", "", [""] * 5),
    ],
)
def test_a_constant_fills_a_column(apply, column, value, expected) -> None:
    rules = [{"columns": [column], "treatment": "constant", "value": value}]
    assert apply(MissingValue(rules=rules), table=TABLE)[column].to_list() == expected


def test_a_date_as_the_constant(apply) -> None:
    rules = [{"columns": ["d"], "treatment": "constant", "value": "2020-02-29"}]
    result = apply(MissingValue(rules=rules), table=TABLE, exported=False)
    assert result["d"].to_list()[1] == datetime.date(2020, 2, 29)


def test_types_and_rules_together_the_rule_wins(apply) -> None:
    node = MissingValue(
        numbers="constant",
        number=-1,
        texts="constant",
        text="-",
        dates="previous",
        rules=[
            {"columns": {"pattern": "x|t"}, "treatment": "next"},
            {"columns": ["x"], "treatment": "none"},
        ],
    )
    assert apply(node, table=TABLE).to_dict(as_series=False) == {
        "i": [-1, 1, -1, 4, -1],
        "x": [None, 1.0, None, 4.0, 4.0],
        "t": ["b", "a", "a", "a", None],
        "d": [datetime.date(2024, 1, day) for day in (1, 1, 1, 3, 3)],
        "z": ["-"] * 5,
    }


def test_means_are_those_before_rows_are_dropped(apply) -> None:
    node = MissingValue(numbers="mean", rules=[{"columns": ["t"], "treatment": "drop"}])
    assert apply(node, table=TABLE).select("i", "t").rows() == [(2.5, "b"), (2.5, "a"), (4.0, "a")]


def test_nothing_is_done_unless_told(apply) -> None:
    assert apply(MissingValue(), table=TABLE).equals(TABLE)
    assert apply(MissingValue(numbers="mean"), table=TABLE.clear()).height == 0


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"columns": ["t"], "treatment": "mean"}, '"mean" does not fit the column "t", which is text'),
        ({"columns": ["i"], "treatment": "constant", "value": "x"}, "takes a number as the constant"),
        ({"columns": ["t"], "treatment": "constant"}, "takes a value as the constant, not nothing"),
        ({"columns": ["d"], "treatment": "constant", "value": "soon"}, "a date such as 2024-12-31"),
        ({"columns": ["q"], "treatment": "drop"}, 'no column "q"'),
    ],
)
def test_rules_that_do_not_fit_are_reported(faults, rule, words) -> None:
    assert words in faults(MissingValue(rules=[rule]), table=TABLE)[0]
