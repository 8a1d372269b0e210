"""Conditions picked column by column, in the Row Filter and the Row Splitter."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.row_splitter import RowSplitter

from nodeflow.errors import ParameterError

TABLE = pl.DataFrame(
    {
        "i": [0, 1, 2, 3],
        "^n.*$": [1.5, -2.0, None, 3.0],
        "t": ["Bern", "BASEL", None, 'a "b" \\'],
        "b": [True, False, None, True],
        "d": [datetime.date(2024, 12, 31), datetime.date(1969, 1, 1), None, datetime.date(2025, 1, 1)],
        "m": [
            datetime.datetime(2024, 12, 31, 12),
            datetime.datetime(1969, 1, 1),
            None,
            datetime.datetime(2025, 1, 1),
        ],
        "c": pl.Series(["u", "v", None, "u"], dtype=pl.Categorical),
        "l": [[1], [], None, [2]],
    }
)


def condition(column: str, test: str, *values: str, **options: Any) -> dict[str, Any]:
    if test in ("is one of", "is none of"):
        return {"column": column, "test": test, "listed": list(values), **options}
    return {"column": column, "test": test, **dict(zip(("value", "upper"), values, strict=False)), **options}


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        (condition("^n.*$", "is", "1.5"), [0]),
        (condition("^n.*$", "is not", "3"), [0, 1]),
        (condition("i", "is at least", "2"), [2, 3]),
        (condition("i", "is at most", "1e0"), [0, 1]),
        (condition("i", "is less than", " 1 "), [0]),
        (condition("i", "is greater than", "-1"), [0, 1, 2, 3]),
        (condition("^n.*$", "is between", "-2", "1.5"), [0, 1]),
        (condition("i", "is one of", "1", "3", "9"), [1, 3]),
        (condition("i", "is none of", "1", "3"), [0, 2]),
        (condition("t", "is", "Bern"), [0]),
        (condition("t", "is", "basel", ignore_case=True), [1]),
        (condition("t", "is", 'a "b" \\'), [3]),
        (condition("t", "is none of", "bern", ignore_case=True), [1, 3]),
        (condition("t", "contains", "e"), [0]),
        (condition("t", "contains", "SE", ignore_case=True), [1]),
        (condition("t", "does not contain", "B"), [3]),
        (condition("t", "starts with", "b", ignore_case=True), [0, 1]),
        (condition("t", "ends with", "\\"), [3]),
        (condition("t", "matches pattern", "^B.*n$"), [0]),
        (condition("t", "matches pattern", "^b", ignore_case=True), [0, 1]),
        (condition("t", "is missing"), [2]),
        (condition("l", "is present"), [0, 1, 3]),
        (condition("b", "is", "True"), [0, 3]),
        (condition("b", "is not", "true"), [1]),
        (condition("d", "is at least", "2024-12-31"), [0, 3]),
        (condition("d", "is between", "1960-01-01", "2024-12-31"), [0, 1]),
        (condition("d", "is less than", "2024-12-31 01:00"), [0, 1]),
        (condition("m", "is greater than", "2024-12-31"), [0, 3]),
        (condition("m", "is", "2024-12-31 12:00:00"), [0]),
        (condition("c", "is", "u"), [0, 3]),
    ],
)
def test_a_picked_test_keeps_the_rows_it_says(apply: Any, one: dict[str, Any], rows: list[int]) -> None:
    assert apply(RowFilter(conditions=[one]), table=TABLE)["i"].to_list() == rows


def test_tests_and_formula_hold_together_or_one_of_them(apply: Any) -> None:
    picked = [condition("t", "is present"), condition("i", "is at least", "1")]
    assert apply(RowFilter(conditions=picked, condition="b"), table=TABLE)["i"].to_list() == [3]
    found = apply(RowFilter(conditions=picked[1:], condition="b", combine="any"), table=TABLE)
    assert found["i"].to_list() == [0, 1, 2, 3]
    others = apply(RowFilter(conditions=picked, keep="others"), table=TABLE)
    assert others["i"].to_list() == [0, 2]


def test_the_splitter_takes_the_same_tests(apply: Any) -> None:
    node = RowSplitter(conditions=[condition("^n.*$", "is greater than", "0")])
    matching, others = apply(node, table=TABLE)
    assert matching["i"].to_list() == [0, 3]
    assert others["i"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (condition("i", "is", "x"), 'which "x" is not; write a number such as 12'),
        (condition("i", "is", "nan"), "write a number"),
        (condition("i", "contains", "1"), 'asks for text, but "i" is a whole number'),
        (condition("b", "is at least", "true"), "no meaning"),
        (condition("b", "is", "1"), "write true or false"),
        (condition("d", "is", "31.12.2024"), "2024-12-31"),
        (condition("l", "is", "1"), "only"),
        (condition("t", "matches pattern", "("), "regular expression"),
        (condition("t", "is one of"), "at least one value"),
        (condition("t", "contains", ""), "needs a value"),
        (condition("nn", "is", ""), 'no column "nn"'),
    ],
)
def test_a_test_that_cannot_be_is_told_before_running(faults: Any, one: dict[str, Any], words: str) -> None:
    (told,) = faults(RowFilter(conditions=[condition("i", "is", "1"), one]), table=TABLE)
    assert words in told
    assert "entry 2" in told


def test_without_any_condition_nothing_is_filtered() -> None:
    with pytest.raises(ParameterError, match="add a test of a column"):
        RowFilter()
