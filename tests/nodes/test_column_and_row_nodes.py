"""Column Filter, Row Filter, Sorter, Formula and Concatenate."""

from __future__ import annotations

import polars as pl
import pytest
from nodeflow_nodes.manipulation.column_filter import ColumnFilter
from nodeflow_nodes.manipulation.concatenate import Concatenate
from nodeflow_nodes.manipulation.formula import Formula
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.sorter import Sorter

from nodeflow.errors import NodeflowError, ParameterError
from nodeflow.parameters import Columns

PEOPLE = pl.DataFrame(
    {
        "name": ["Ann", "Bob", None, "Dee"],
        "age": [31, 17, 45, None],
        "height": [1.7, None, 1.8, 1.6],
        "member": [True, False, None, True],
    }
)


@pytest.mark.parametrize(
    ("columns", "mode", "expected"),
    [
        (Columns.all(), "keep", ["name", "age", "height", "member"]),
        (Columns.of("height", "name"), "keep", ["height", "name"]),
        (Columns.of("height", "name"), "remove", ["age", "member"]),
        (Columns.typed("number"), "keep", ["age", "height"]),
        (Columns.typed("number", exclude=["age"]), "keep", ["height"]),
        (Columns.typed("text", "boolean"), "remove", ["age", "height"]),
        (Columns(pattern="^.*e$"), "keep", ["name", "age"]),
        (Columns(pattern="^h", names=("age",)), "keep", ["age", "height"]),
        (Columns(names=("gone", "age"), missing="ignore", exclude=("name",)), "keep", ["age"]),
    ],
)
def test_columns_are_kept_or_removed(apply, columns, mode, expected) -> None:
    assert apply(ColumnFilter(columns=columns, mode=mode), table=PEOPLE).columns == expected


def test_a_column_that_is_not_there_is_reported_with_the_nearest_name(faults) -> None:
    assert "did you mean" in faults(ColumnFilter(columns=["agee"]), table=PEOPLE)[0]


def test_a_choice_that_leaves_no_column_is_reported(faults) -> None:
    assert "no column would be left" in faults(ColumnFilter(mode="remove"), table=PEOPLE)[0]


@pytest.mark.parametrize(
    ("condition", "keep", "expected"),
    [
        ("age >= 18", "matching", ["Ann", None]),
        ("age >= 18", "others", ["Bob"]),
        ("age > 100", "matching", []),
    ],
)
def test_rows_with_a_missing_condition_are_dropped_either_way(apply, condition, keep, expected) -> None:
    assert apply(RowFilter(condition=condition, keep=keep), table=PEOPLE)["name"].to_list() == expected


def test_sorting_is_stable_and_puts_missing_values_last(apply) -> None:
    table = pl.DataFrame({"k": ["b", None, "a", "b", "a"], "n": [1, 2, 3, 4, 5]})

    def order(missing: str, *by: tuple[str, bool]) -> list[int]:
        keys = [{"column": name, "descending": down} for name, down in by]
        return list(apply(Sorter(by=keys, missing=missing), table=table)["n"])

    assert order("last", ("k", False)) == [3, 5, 1, 4, 2]
    assert order("last", ("k", True)) == [1, 4, 3, 5, 2]
    assert order("first", ("k", False)) == [2, 3, 5, 1, 4]
    assert order("first", ("k", True)) == [2, 1, 4, 3, 5]
    assert order("last", ("k", False), ("n", True)) == [5, 3, 4, 1, 2]
    assert order("last") == [1, 2, 3, 4, 5]


def test_sorting_twice_by_a_column_is_refused() -> None:
    with pytest.raises(ParameterError, match="twice"):
        Sorter(by=[{"column": "a"}, {"column": "a"}])


def test_later_formulas_see_what_earlier_ones_made(apply) -> None:
    steps = [
        {"name": "double", "expression": "age * 2"},
        {"name": "age", "expression": "age + 1"},
        {"name": "both", "expression": "double + age"},
    ]
    result = apply(Formula(formulas=steps), table=PEOPLE)
    assert result.columns == ["name", "age", "height", "member", "double", "both"]
    assert result["age"].to_list() == [32, 18, 46, None]
    assert result["double"].to_list() == [62, 34, 90, None]
    assert result["both"].to_list() == [94, 52, 136, None]


FIRST = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
SECOND = pl.DataFrame({"c": [True], "a": [0.5]})


def test_concatenating_keeps_the_order_of_tables_and_promotes_numbers(apply) -> None:
    result = apply(Concatenate(source="from"), tables=[FIRST, SECOND, FIRST.clear()])
    assert result.to_dict(as_series=False) == {
        "a": [1.0, 2.0, 0.5],
        "b": ["x", None, None],
        "c": [None, None, True],
        "from": [1, 1, 2],
    }


def test_concatenating_only_common_columns(apply) -> None:
    result = apply(Concatenate(columns="intersection"), tables=[FIRST, SECOND])
    assert result.to_dict(as_series=False) == {"a": [1.0, 2.0, 0.5]}


def test_one_table_alone_comes_out_as_it_is(apply) -> None:
    assert apply(Concatenate(), tables=[FIRST]).equals(FIRST)


def test_a_column_without_values_and_a_category_fit_text(apply) -> None:
    tables = [
        pl.DataFrame({"a": [None]}),
        pl.DataFrame({"a": ["x"]}),
        pl.DataFrame({"a": ["y"]}, schema={"a": pl.Categorical}),
    ]
    assert apply(Concatenate(), tables=tables)["a"].to_list() == [None, "x", "y"]


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (
            [FIRST, pl.DataFrame({"b": [1]})],
            '"b" is text in table 1 but integer in table 2; convert the text',
        ),
        ([FIRST, FIRST, pl.DataFrame({"a": [True]})], '"a" is integer in table 1 but boolean in table 3'),
    ],
)
def test_types_that_do_not_fit_are_reported_before_running(faults, tables, words) -> None:
    assert words in faults(Concatenate(), tables=tables)[0]


def test_a_taken_source_name_and_nothing_in_common_are_reported(faults) -> None:
    assert "already" in faults(Concatenate(source="a"), tables=[FIRST])[0]
    nothing = faults(Concatenate(columns="intersection"), tables=[FIRST, pl.DataFrame({"z": [1]})])
    assert "no column in common" in nothing[0]


def test_concatenating_no_table_says_so() -> None:
    with pytest.raises(NodeflowError, match="connect at least one"):
        Concatenate().run([])
