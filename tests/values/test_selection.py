"""A selection is the same rows as a predicate, as a formula and as a Row Filter."""

from __future__ import annotations

import datetime
import math
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.row_filter import RowFilter

from nodeflow.errors import NodeflowError
from nodeflow.values.selection import Selection

NAMES = ["*", "^a$", "", "a b", "`x`", "true", "<b>", "line\nbreak"]
numbers = st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False, width=32)
days = st.dates(datetime.date(1950, 1, 1), datetime.date(2050, 1, 1))
seconds = st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2050, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "integer": (pl.Int64, st.integers(-5, 5)),
    "float": (pl.Float64, st.floats(width=32)),
    "text": (pl.String, st.sampled_from(["", "a", "B", '"', "\\", "`", "\u2028", "ä", "a\nb"])),
    "boolean": (pl.Boolean, st.booleans()),
    "date": (pl.Date, days),
    "datetime": (pl.Datetime("us"), seconds),
}
RANGES: dict[str, st.SearchStrategy[Any]] = {
    "integer": numbers, "float": numbers, "date": days, "datetime": seconds
}  # fmt: skip


@st.composite
def tables_and_selections(draw: st.DrawFn) -> tuple[pl.DataFrame, Selection]:
    kinds = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=3))
    names = draw(st.permutations(NAMES))[: len(kinds)]
    height = draw(st.integers(0, 8))
    table, intervals, sets = {}, {}, {}
    for name, kind in zip(names, kinds, strict=True):
        dtype, values = COLUMNS[kind]
        cells = draw(st.lists(st.none() | values, min_size=height, max_size=height))
        table[name] = pl.Series("plain", cells, dtype=dtype).alias(name)
        if kind in RANGES and draw(st.booleans()):
            intervals[name] = tuple(sorted((draw(RANGES[kind]), draw(RANGES[kind]))))
        if draw(st.booleans()):
            finite = values.filter(lambda value: not isinstance(value, float) or math.isfinite(value))
            known = [cell for cell in cells if not isinstance(cell, float) or math.isfinite(cell)]
            picked = st.none() | finite | (st.sampled_from(known) if known else st.nothing())
            sets[name] = draw(st.lists(picked, max_size=4))
    return pl.DataFrame(table), Selection(intervals, sets)


def held(selection: Selection, row: dict[str, Any]) -> bool:
    """What a selection means, said plainly."""
    return all(
        row[name] is not None and low <= row[name] <= high
        for name, (low, high) in selection.intervals.items()
    ) and all(row[name] in values for name, values in selection.sets.items())


def filtered(table: pl.DataFrame, **parameters: Any) -> pl.DataFrame:
    node, faults = RowFilter.decode(parameters)
    assert not faults
    assert not node.check_parameters()
    kept = node.run(nw.from_native(table.lazy())).to_native().collect()
    assert isinstance(kept, pl.DataFrame)
    return kept


@given(tables_and_selections())
@settings(max_examples=150, deadline=None)
def test_predicate_formula_and_row_filter_keep_the_same_rows(given: tuple[pl.DataFrame, Selection]) -> None:
    table, selection = given
    expected = [row for row, cells in enumerate(table.to_dicts()) if held(selection, cells)]
    numbered = table.with_row_index("row number")
    for kept in (
        numbered.filter(selection.expression()),
        filtered(numbered, condition=selection.as_formula()),
        filtered(numbered, **selection.as_filter()),
    ):
        assert kept["row number"].to_list() == expected


@given(tables_and_selections(), st.data())
@settings(max_examples=60, deadline=None)
def test_both_selections_keep_the_rows_that_each_keeps(
    given: tuple[pl.DataFrame, Selection], data: st.DataObject
) -> None:
    table, whole = given
    names = data.draw(st.sets(st.sampled_from(table.columns)))
    one = Selection({n: b for n, b in whole.intervals.items() if n in names}, whole.sets)
    both = one & whole
    assert (
        table.filter(both.expression()).rows()
        == table.filter(one.expression()).filter(whole.expression()).rows()
    )


def test_a_selection_reads_as_a_person_would_write_it() -> None:
    selection = Selection({"GRE Score": (310, 325.5)}, {"Research": [1], "town": ["Bern", "Rome", None]})
    assert selection.as_formula() == (
        "between(`GRE Score`, 310, 325.5) and `Research` == 1 "
        'and (`town` in ["Bern", "Rome"] or is_missing(`town`))'
    )
    assert selection.as_filter() == {
        "condition": '(`town` in ["Bern", "Rome"] or is_missing(`town`))',
        "conditions": [
            {"column": "GRE Score", "test": "is between", "value": "310", "upper": "325.5"},
            {"column": "Research", "test": "is one of", "listed": ["1"]},
        ],
    }


def test_nothing_selected_is_all_rows_and_no_value_is_no_row() -> None:
    table = pl.DataFrame({"a": [1, None]})
    assert not Selection()
    assert table.filter(Selection().expression()).height == 2
    assert filtered(table, **Selection().as_filter()).height == 2
    assert filtered(table, **Selection(sets={"a": []}).as_filter()).height == 0


def test_a_range_of_moments_is_widened_to_whole_seconds() -> None:
    low, high = datetime.datetime(2024, 1, 1, 0, 0, 0, 900), datetime.datetime(2024, 1, 1, 0, 0, 1, 1)
    selection = Selection({"at": (low, high)})
    assert selection.intervals["at"] == (
        datetime.datetime(2024, 1, 1),
        datetime.datetime(2024, 1, 1, 0, 0, 2),
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"intervals": {"a": (0, math.inf)}},
        {"intervals": {"a": ("a", "b")}},
        {"sets": {"a": [math.nan]}},
        {"sets": {"a": [[1]]}},
        {"sets": {"a": [datetime.datetime(2024, 1, 1, 0, 0, 0, 1)]}},
    ],
)
def test_what_no_formula_can_say_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(NodeflowError, match='"a"'):
        Selection(**bad)
