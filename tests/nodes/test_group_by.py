"""GroupBy."""

from __future__ import annotations

import datetime
import typing

import polars as pl
import pytest
from nodeflow_nodes.manipulation import group_by
from nodeflow_nodes.manipulation.group_by import GroupBy

from nodeflow import ops
from nodeflow.parameters import Columns

SALES = pl.DataFrame(
    {
        "city": ["Ulm", None, "Bonn", "Ulm", None, "Ulm"],
        "amount": [10.0, 1.0, None, 20.0, 2.0, 40.0],
        "item": ["x", "y", None, "z", "y", "x"],
        "day": [datetime.date(2024, 1, d) for d in (5, 1, 2, 3, 9, 4)],
    }
)


def grouped(apply, column: str, function: str, **options: object) -> dict[object, object]:
    aggregations = [{"column": column, "function": function, "name": "result"}]
    result = apply(GroupBy(keys=["city"], aggregations=aggregations, **options), table=SALES)
    assert result.columns == ["city", "result"]
    return dict(result.iter_rows())


@pytest.mark.parametrize(
    ("column", "function", "expected"),
    [
        ("amount", "sum", [70.0, 3.0, 0.0]),
        ("amount", "mean", [70 / 3, 1.5, None]),
        ("amount", "median", [20.0, 1.5, None]),
        ("amount", "min", [10.0, 1.0, None]),
        ("amount", "max", [40.0, 2.0, None]),
        ("amount", "range", [30.0, 1.0, None]),
        ("amount", "std", [15.275252316519467, 0.7071067811865476, None]),
        ("amount", "var", [233.33333333333334, 0.5, None]),
        ("amount", "quartile_1", [15.0, 1.25, None]),
        ("amount", "quartile_3", [30.0, 1.75, None]),
        ("amount", "count", [3, 2, 0]),
        ("amount", "missing", [0, 0, 1]),
        ("item", "n_distinct", [2, 1, 0]),
        ("item", "first", ["x", "y", None]),
        ("item", "last", ["x", "y", None]),
        ("item", "mode", ["x", "y", None]),
        ("item", "list", [["x", "z", "x"], ["y", "y"], [None]]),
        ("item", "distinct_list", [["x", "z"], ["y"], []]),
        ("item", "concat", ["x, z, x", "y, y", ""]),
        ("item", "distinct_concat", ["x, z", "y", ""]),
        ("day", "max", [datetime.date(2024, 1, 5), datetime.date(2024, 1, 9), datetime.date(2024, 1, 2)]),
    ],
)
def test_functions_by_group_in_order_of_first_appearance(apply, column, function, expected) -> None:
    result = grouped(apply, column, function)
    assert list(result) == ["Ulm", None, "Bonn"]
    assert (
        list(result.values()) == pytest.approx(expected) if function in ("mean", "std", "var") else expected
    )


def test_every_function_can_be_chosen() -> None:
    assert set(typing.get_args(group_by.Function)) == set(ops.FUNCTIONS)


def test_rows_without_a_group_can_be_dropped(apply) -> None:
    assert grouped(apply, "amount", "count", missing_keys="drop") == {"Ulm": 3, "Bonn": 0}


def test_without_keys_the_whole_table_is_one_group(apply) -> None:
    node = GroupBy(aggregations=[{"column": "amount"}], row_count="rows")
    assert apply(node, table=SALES).to_dicts() == [{"amount_sum": 73.0, "rows": 6}]
    assert apply(node, table=SALES.clear()).to_dicts() == [{"amount_sum": 0.0, "rows": 0}]


def test_without_summaries_the_result_is_the_distinct_keys(apply) -> None:
    result = apply(GroupBy(keys=["item", "city"]), table=SALES)
    assert result.rows() == [("x", "Ulm"), ("y", None), (None, "Bonn"), ("z", "Ulm")]
    assert apply(GroupBy(keys=["item"]), table=SALES.clear()).height == 0


def test_many_columns_by_type_with_names_made_of_function_and_column(apply) -> None:
    node = GroupBy(
        keys=["city"],
        column_aggregations=[
            {"columns": {}, "function": "mean"},
            {"columns": {"types": ["number", "date"]}, "function": "max"},
        ],
        naming="function_column",
    )
    assert apply(node, table=SALES).columns == ["city", "mean_amount", "max_amount", "max_day"]


def test_summaries_under_the_old_names(apply) -> None:
    node = GroupBy(keys=["city"], column_aggregations=[{"columns": {}, "function": "first"}], naming="column")
    assert apply(node, table=SALES).columns == ["city", "amount", "item", "day"]


def test_groups_by_several_typed_keys(apply) -> None:
    result = apply(GroupBy(keys=Columns.typed("text"), row_count="n"), table=SALES, exported=False)
    assert result.rows() == [("Ulm", "x", 2), (None, "y", 2), ("Bonn", None, 1), ("Ulm", "z", 1)]


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (GroupBy(aggregations=[{"column": "item", "function": "mean"}]), '"mean" of "item" is not possible'),
        (GroupBy(), "nothing to do"),
        (GroupBy(keys=["city"], row_count="city"), 'would be named "city"'),
        (GroupBy(keys=["cty"]), 'did you mean "city"?'),
        (GroupBy(aggregations=[{"column": "amount"}, {"column": "amount"}]), 'would be named "amount_sum"'),
    ],
)
def test_faults_are_found_before_running(faults, node, words) -> None:
    assert words in faults(node, table=SALES)[0]
