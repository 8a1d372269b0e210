"""Nodes that choose, order and number rows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.cumulative_aggregation import CumulativeAggregation
from nodeflow_nodes.manipulation.duplicate_row_filter import DuplicateRowFilter
from nodeflow_nodes.manipulation.lag import Lag
from nodeflow_nodes.manipulation.rank import Rank
from nodeflow_nodes.manipulation.row_number import RowNumber
from nodeflow_nodes.manipulation.row_sampling import RowSampling
from nodeflow_nodes.manipulation.row_splitter import RowSplitter
from nodeflow_nodes.manipulation.shuffle import Shuffle
from nodeflow_nodes.manipulation.top_k import TopK

from nodeflow.errors import ParameterError
from nodeflow.parameters import Columns

TABLE = pl.DataFrame(
    {"^g$": ["a", "b", None, "a", None, "a"], "*": [3, None, 1, 2, 5, 2], "n": [1, 2, 3, 4, 5, 6]}
)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"columns": ["^g$"]}, [1, 2, 3]),
        ({"columns": ["^g$"], "keep": "last"}, [2, 5, 6]),
        ({"columns": ["^g$"], "keep": "none"}, [2]),
        ({"columns": ["^g$", "*"]}, [1, 2, 3, 4, 5]),
        ({}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_duplicates_are_removed(apply, options, left) -> None:
    assert apply(DuplicateRowFilter(**options), table=TABLE)["n"].to_list() == left


def test_choosing_no_column_is_told(faults) -> None:
    assert "no column is chosen" in faults(DuplicateRowFilter(columns=Columns.typed("date")), table=TABLE)[0]


def test_every_row_goes_to_one_side(apply) -> None:
    matching, others = apply(RowSplitter(condition="`*` > 2"), table=TABLE)
    assert matching["n"].to_list() == [1, 5]
    assert others["n"].to_list() == [2, 3, 4, 6]
    everything, nothing = apply(RowSplitter(condition="column_max(`*`) > 2"), table=TABLE)
    assert (everything.height, nothing.height) == (6, 0)


@pytest.mark.parametrize("method", ["random", "stratified", "first", "every nth"])
def test_a_sample_has_its_size_and_order(apply, method) -> None:
    table = pl.DataFrame({"g": ["a", "b", "b", "b"] * 50, "n": range(200)})
    by = {"by": "g"} if method == "stratified" else {}
    found = apply(RowSampling(method=method, fraction=0.3, seed=5, **by), table=table)
    assert found.height == 60
    assert found["n"].is_sorted()
    counted = apply(RowSampling(method=method, size="count", count=10, seed=5, **by), table=table)
    assert counted.height == 10
    assert counted.equals(
        apply(RowSampling(method=method, size="count", count=10, seed=5, **by), table=table)
    )
    if method == "stratified":
        assert found["g"].to_list().count("a") == 15
    whole = apply(RowSampling(method=method, size="count", count=1000, seed=5, **by), table=table)
    assert whole.equals(table)


def test_a_stratified_sample_needs_its_column() -> None:
    with pytest.raises(ParameterError, match="needs a column"):
        RowSampling(method="stratified")


@given(st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_shuffling_loses_no_row(count: int, seed: int) -> None:
    import narwhals as nw

    table = pl.LazyFrame({"n": list(range(count))}, schema={"n": pl.Int64})
    found = Shuffle(seed=seed).run(nw.from_native(table)).to_native().collect()
    assert sorted(found["n"]) == list(range(count))


def test_shuffling_mixes_and_repeats(apply) -> None:
    table = pl.DataFrame({"n": range(100)})
    one, other = apply(Shuffle(seed=1), table=table), apply(Shuffle(seed=2), table=table)
    assert not one.equals(other)
    assert not one["n"].is_sorted()
    assert one.equals(apply(Shuffle(seed=1), table=table))


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"count": 2}, [5, 1]),
        ({"count": 3, "which": "smallest"}, [3, 4, 6]),
        ({"count": 9}, [5, 1, 4, 6, 3, 2]),
        ({"count": 1, "groups": ["^g$"]}, [5, 1, 2]),
    ],
)
def test_the_best_rows_are_kept(apply, options, rows) -> None:
    assert apply(TopK(by="*", **options), table=TABLE)["n"].to_list() == rows


def test_rows_are_numbered(apply, faults) -> None:
    assert apply(RowNumber(place="first"), table=TABLE).columns[0] == "row"
    assert apply(RowNumber(), table=TABLE)["row"].to_list() == [1, 2, 3, 4, 5, 6]
    assert apply(RowNumber(groups=["^g$"], start=0), table=TABLE)["row"].to_list() == [0, 0, 0, 1, 1, 2]
    assert apply(RowNumber(), table=TABLE.clear()).height == 0
    assert "already" in faults(RowNumber(column="n"), table=TABLE)[0]


@pytest.mark.parametrize(
    ("options", "ranks"),
    [
        ({}, [2, None, 5, 3, 1, 3]),
        ({"ties": "largest"}, [2, None, 5, 4, 1, 4]),
        ({"ties": "by order", "best": "smallest"}, [4, None, 1, 2, 5, 3]),
        ({"ties": "average"}, [2.0, None, 5.0, 3.5, 1.0, 3.5]),
        ({"groups": ["^g$"], "ties": "dense"}, [1, None, 2, 2, 1, 2]),
    ],
)
def test_rows_are_ranked(apply, options, ranks) -> None:
    assert apply(Rank(by="*", **options), table=TABLE)["rank"].to_list() == ranks


def test_values_of_other_rows_are_added(apply, faults) -> None:
    found = apply(Lag(columns=["n"], offsets=[1, -1], groups=["^g$"]), table=TABLE)
    assert found["n (-1)"].to_list() == [None, None, None, 1, 3, 4]
    assert found["n (+1)"].to_list() == [4, None, 5, 6, None, None]
    with pytest.raises(ParameterError, match="the row itself"):
        Lag(columns=["n"], offsets=[1, 0])
    assert "two columns" in faults(Lag(columns=["n"], offsets=[1, 1]), table=TABLE)[0]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("sum", [3, None, 4, 6, 11, 13]),
        ("minimum", [3, None, 1, 1, 1, 1]),
        ("maximum", [3, None, 3, 3, 5, 5]),
        ("product", [3, None, 3, 6, 30, 60]),
        ("count", [1, 1, 2, 3, 4, 5]),
    ],
)
def test_totals_run(apply, function, expected) -> None:
    found = apply(CumulativeAggregation(columns=["*"], function=function), table=TABLE)
    assert found[f"* (running {function})"].to_list() == expected


def test_running_totals_need_numbers(faults) -> None:
    assert "no number column" in faults(CumulativeAggregation(columns=["^g$"]), table=TABLE)[0]
