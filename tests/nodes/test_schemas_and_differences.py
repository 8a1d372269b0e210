"""Extract Schema, Row to Header and Compare Tables."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.compare_tables import CompareTables
from nodeflow_nodes.manipulation.extract_schema import ExtractSchema
from nodeflow_nodes.manipulation.row_to_header import RowToHeader

from nodeflow.errors import NodeFailed


def test_the_schema_is_a_table(apply: Any) -> None:
    table = pl.DataFrame({"^a$": [1], "b": ["x"], "c": [[1.5]]}, schema_overrides={"^a$": pl.Int8})
    assert apply(ExtractSchema(), table=table).rows() == [
        (1, "^a$", "integer", "Int8"),
        (2, "b", "text", "String"),
        (3, "c", "list", "List(Float64)"),
    ]


TEXTS = pl.DataFrame(
    {
        "x": ["report of May", "name", "Ada", None],
        "y": [None, "born", "1815-12-10", "1906-12-09"],
        "z": ["", "score", "1", "2.5"],
        "w": ["", "score", "a", "b"],
        "v": ["", None, "007", "008"],
    }
)


def test_names_come_from_a_row_and_types_are_found() -> None:
    found = RowToHeader(row=2).run(TEXTS)
    assert found.to_dict(as_series=False) == {
        "name": ["Ada", None],
        "born": [datetime.date(1815, 12, 10), datetime.date(1906, 12, 9)],
        "score": [1.0, 2.5],
        "score (2)": ["a", "b"],
        "column 5": ["007", "008"],
    }


def test_rows_above_and_types_may_stay() -> None:
    found = RowToHeader(row=2, drop_above=False, find_types=False).run(TEXTS)
    assert found["name"].to_list() == ["report of May", "Ada", None]
    assert found.schema["score"] == pl.String
    numbers = RowToHeader().run(pl.DataFrame({"a": [2020, 1], "b": [2021, 2]}))
    assert numbers.to_dict(as_series=False) == {"2020": [1], "2021": [2]}


def test_a_row_that_is_not_there_is_told() -> None:
    with pytest.raises(NodeFailed, match="has 4 rows, so there is no row 5"):
        RowToHeader(row=5).run(TEXTS)
    assert RowToHeader(row=4).run(TEXTS).height == 0


LEFT = pl.DataFrame(
    {"id": [3, 1, 1, None, 9], "x": [1.0, 2.0, None, 4.0, 5.0], "t": ["a", "b", "c", "d", "e"]}
)
RIGHT = pl.DataFrame(
    {
        "t": ["b", "C", "d", "a", "z"],
        "id": [1, 1, None, 3, 7],
        "x": [2.05, None, None, 1.0, 0.0],
        "new": [0] * 5,
    }
)


def test_rows_are_compared_by_key(apply: Any) -> None:
    differences, summary = apply(CompareTables(keys=["id"]), exported=False, left=LEFT, right=RIGHT)
    assert differences.rows() == [
        (1, "changed", "x", "2.0", "2.05"),
        (1, "changed", "t", "c", "C"),
        (None, "changed", "x", "4.0", None),
        (9, "only left", None, None, None),
        (7, "only right", None, None, None),
    ]
    assert summary.row(0) == (False, 5, 5, 1, 3, 1, 1, "", "new")


def test_numbers_may_be_a_little_apart(apply: Any) -> None:
    node = CompareTables(keys=["id"], columns=["x"], tolerance=0.1)
    differences, _ = apply(node, exported=False, left=LEFT, right=RIGHT)
    assert differences["left"].to_list() == ["4.0", None, None]


def test_without_keys_the_number_of_the_row_counts(apply: Any) -> None:
    differences, summary = apply(
        CompareTables(),
        exported=False,
        left=LEFT,
        right=LEFT.head(3).with_columns(pl.col("x").cast(pl.Int64)),
    )
    assert differences.rows() == [(4, "only left", None, None, None), (5, "only left", None, None, None)]
    assert summary["equal_rows"].item() == 3
    _, same = apply(CompareTables(), exported=False, left=LEFT, right=LEFT)
    assert same["equal"].item() is True


def test_keys_that_do_not_fit_are_told(faults: Any) -> None:
    texts = LEFT.with_columns(pl.col("id").cast(pl.String))
    assert (
        "integer on the left and text on the right"
        in faults(CompareTables(keys=["id"]), left=LEFT, right=texts)[0]
    )
    assert "no column" in faults(CompareTables(keys=["id"]), left=LEFT, right=LEFT.drop("id"))[0]
    ends = LEFT.rename({"id": "left"})
    assert "cannot be called" in faults(CompareTables(keys=["left"]), left=ends, right=ends)[0]


CELLS = st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, "a", "b"])), max_size=6)


@settings(max_examples=60, deadline=None)
@given(CELLS, CELLS)
def test_tables_are_equal_exactly_when_polars_says_so(one: Any, other: Any) -> None:
    schema = {"k": pl.Int64, "v": pl.String}
    left, right = (pl.DataFrame(rows, schema=schema, orient="row") for rows in (one, other))
    differences, summary = CompareTables().run(left.lazy(), right.lazy())
    assert summary.collect()["equal"].item() == left.equals(right)
    assert (differences.collect().height == 0) == left.equals(right)
    counts = summary.collect().row(0, named=True)
    assert counts["equal_rows"] + counts["changed_rows"] + counts["only_left"] == len(one)
    assert counts["equal_rows"] + counts["changed_rows"] + counts["only_right"] == len(other)
