"""Missing Value Learner."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.missing_value import MissingValue
from nodeflow_nodes.manipulation.missing_value_learner import MissingValueLearner
from polars.testing import assert_frame_equal

import nodeflow as nf

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, transformed

TABLE = pl.DataFrame(
    {
        "i": [None, 1, None, 4, None],
        "x": [None, 1.0, None, 4.0, 4.0],
        "t": ["b", None, "a", "a", None],
        "d": [datetime.date(2024, 1, 1), None, None, datetime.date(2024, 1, 3), None],
        "f": [True, None, True, False, None],
        "*": pl.Series([None] * 5, dtype=pl.String),
    }
)
NEW = pl.DataFrame(
    {"i": [None, 9], "x": [8.0, None], "t": [None, "z"], "d": [None, None], "f": [None, False], "*": ["q", None]},
    schema=TABLE.schema,
)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "treatment", "here", "there"),
    [
        ("i", "mean", [2.5, 1, 2.5, 4, 2.5], [2.5, 9]),
        ("i", "min", [1, 1, 1, 4, 1], [1, 9]),
        ("x", "median", [4.0, 1.0, 4.0, 4.0, 4.0], [8.0, 4.0]),
        ("t", "mode", ["b", "a", "a", "a", "a"], ["a", "z"]),
        ("t", "max", ["b", "b", "a", "a", "b"], ["b", "z"]),
        ("f", "mode", [True, True, True, False, True], [True, False]),
        ("*", "mode", [None] * 5, ["q", None]),
    ],
)
def test_what_is_learned_here_is_filled_in_there(column, treatment, here, there) -> None:
    table, model = learn(
        MissingValueLearner(rules=[{"columns": [column], "treatment": treatment}]), table=TABLE
    )
    assert table[column].to_list() == here
    assert table.drop(column).equals(TABLE.drop(column))
    assert transformed(model, NEW)[column].to_list() == there


def test_types_rules_and_constants_together() -> None:
    node = MissingValueLearner(
        numbers="constant",
        number=-1,
        texts="constant",
        text="-",
        booleans="mode",
        dates="max",
        rules=[{"columns": ["x"], "treatment": "none"}],
    )
    table, model = learn(node, table=TABLE)
    assert table["x"].equals(TABLE["x"])
    assert table["i"].to_list() == [-1, 1, -1, 4, -1]
    third = datetime.date(2024, 1, 3)
    assert transformed(model, NEW).rows() == [
        (-1, 8.0, "-", third, True, "q"),
        (9, None, "z", third, False, "-"),
    ]


def test_a_date_as_the_constant() -> None:
    rules = [{"columns": ["d"], "treatment": "constant", "value": "2020-02-29"}]
    table, _ = learn(MissingValueLearner(rules=rules), table=TABLE, exported=False)
    assert table["d"].to_list()[1] == datetime.date(2020, 2, 29)


def test_columns_without_values_are_told_and_stay() -> None:
    context = fake_context()
    MissingValueLearner(texts="mode").run(TABLE.lazy(), context)
    assert context.warnings == ['column "*" has no values to learn from and stays missing']
    assert learn(MissingValueLearner(numbers="mean", dates="min"), table=TABLE.clear())[0].height == 0
    assert learn(MissingValueLearner(), table=TABLE)[0].equals(TABLE)


def test_treatments_that_need_no_other_table_are_not_offered() -> None:
    with pytest.raises(nf.ParameterError, match='not the text "drop"'):
        MissingValueLearner(numbers="drop")
    with pytest.raises(nf.ParameterError, match='not the text "previous"'):
        MissingValueLearner(rules=[{"columns": ["t"], "treatment": "previous"}])


def test_rules_that_do_not_fit_are_reported(faults) -> None:
    node = MissingValueLearner(rules=[{"columns": ["t"], "treatment": "mean"}])
    assert '"mean" does not fit the column "t", which is text' in faults(node, table=TABLE)[0]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.none() | st.integers(-9, 9), st.none() | st.sampled_from("abc")), max_size=12),
    numbers=st.sampled_from(["none", "constant", "mean", "median", "mode", "min", "max"]),
    texts=st.sampled_from(["none", "constant", "mode", "min", "max"]),
)
def test_it_fills_as_missing_value_does(rows, numbers, texts) -> None:
    table = pl.LazyFrame(rows, schema={"n": pl.Int64, "t": pl.String}, orient="row")
    learned = MissingValueLearner(numbers=numbers, texts=texts).run(table, fake_context())
    plain = MissingValue(numbers=numbers, texts=texts).run(table)
    assert_frame_equal(learned.table.collect(), plain.collect())
