"""One to Many and Many to One."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.many_to_one import ManyToOne
from nodeflow_nodes.manipulation.one_to_many import OneToMany
from nodeflow_nodes.manipulation.transform import Transform

import nodeflow as nf

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, told_before, transformed

TABLE = pl.DataFrame({"t": ["b", "a", None, "b"], "*": ["u", "u", "v", ""], "n": [3, 1, None, 3]})


def test_each_value_becomes_a_column_of_0_and_1() -> None:
    table, model = learn(OneToMany(), table=TABLE)
    assert table.columns == ["n", "t_a", "t_b", "*_", "*_u", "*_v"]
    assert table.rows() == [
        (3, 0, 1, 0, 1, 0),
        (1, 1, 0, 0, 1, 0),
        (None, 0, 0, 0, 0, 1),
        (3, 0, 1, 1, 0, 0),
    ]
    new = pl.DataFrame({"*": ["q", None], "t": ["a", "z"]})
    assert transformed(model, new).rows() == [(1, 0, 0, 0, 0), (0, 0, 0, 0, 0)]


def test_names_order_and_columns_for_missing_and_unknown_values() -> None:
    node = OneToMany(
        columns=["t"], naming="column=value", order="frequency", missing="column", unseen="column", keep=True
    )
    table, model = learn(node, table=TABLE)
    assert table.columns == [*TABLE.columns, "t=b", "t=a", "t=missing", "t=other"]
    assert [row[3:] for row in table.rows()] == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0)]
    new = pl.DataFrame({"t": ["z", None]})
    assert [row[1:] for row in transformed(model, new).rows()] == [(0, 0, 0, 1), (0, 0, 1, 0)]


def test_without_the_first_value() -> None:
    node = OneToMany(columns=["t"], drop_first=True, naming="value", unseen="column")
    table, model = learn(node, table=TABLE)
    assert table.columns == ["*", "n", "b", "other"]
    assert table["b"].to_list() == [1, 0, 0, 1]
    assert table["other"].to_list() == [0, 0, 0, 0]
    assert transformed(model, pl.DataFrame({"t": ["a", "q"]})).rows() == [(0, 0), (0, 1)]


def test_numbers_dates_truth_and_categories() -> None:
    table = pl.DataFrame(
        {
            "n": [2, 10],
            "d": [datetime.date(2024, 2, 29), None],
            "f": [True, False],
            "c": pl.Series(["x", "y"], dtype=pl.Categorical),
        }
    )
    result, _ = learn(OneToMany(columns=["n", "d", "f", "c"]), table=table)
    names = ["n_2", "n_10", "d_2024-02-29", "f_false", "f_true", "c_x", "c_y"]
    assert result.columns == names
    assert result.rows() == [(1, 0, 1, 0, 1, 1, 0), (0, 1, 0, 1, 0, 0, 1)]


def test_unknown_values_may_be_an_error() -> None:
    _, model = learn(OneToMany(columns=["t"], unseen="fail", drop_first=True), table=TABLE, exported=False)
    assert transformed(model, TABLE)["t_b"].to_list() == [1, 0, 0, 1]
    with pytest.raises(nf.NodeFailed, match='values that were not there while learning: "z"'):
        Transform().run(model, pl.LazyFrame({"t": ["a", "z"]}), fake_context())


def test_tables_with_few_rows_or_values() -> None:
    assert learn(OneToMany(columns=["t"]), table=TABLE.clear())[0].columns == ["*", "n"]
    assert learn(OneToMany(columns=["t"]), table=TABLE.head(1))[0].rows() == [("u", 3, 1)]
    assert learn(OneToMany(columns=["t"], drop_first=True), table=TABLE.head(1))[0].rows() == [("u", 3)]


def test_too_many_columns_and_names_that_are_taken_are_refused(faults) -> None:
    with pytest.raises(nf.NodeFailed, match=r'"t" has 2 different values.*more than 1 new columns'):
        OneToMany(columns=["t"], most=1).run(TABLE.lazy(), fake_context())
    twice = pl.LazyFrame({"a": ["x"], "b": ["x"]})
    with pytest.raises(nf.NodeFailed, match='two columns would be called "x"'):
        OneToMany(naming="value").run(twice, fake_context())
    with pytest.raises(nf.NodeFailed, match='two columns would be called "a"'):
        OneToMany(naming="value").run(pl.LazyFrame({"a": ["a"]}), fake_context())
    assert "is float, not" in faults(OneToMany(columns=["x"]), table=pl.DataFrame({"x": [1.5]}))[0]
    _, model = learn(OneToMany(columns=["t"], keep=True), table=TABLE)
    (told,) = told_before(Transform(), model, TABLE.with_columns(t_a=0))
    assert 'a column "t_a" already' in told


WIDE = pl.DataFrame(
    {
        "c_red": [1, 0, 0, None],
        "c_*": [0, 1, 0, 1],
        "^c$": [0.0, 1.0, 0.5, None],
        "f": [False, False, True, None],
        "t": list("abcd"),
    }
)


def test_many_columns_become_one(apply) -> None:
    result = apply(ManyToOne(columns=["c_red", "c_*"], prefix="c_", name_of_result="colour"), table=WIDE)
    assert result.columns == ["^c$", "f", "t", "colour"]
    assert result["colour"].to_list() == ["red", "*", None, "*"]
    largest = apply(ManyToOne(columns={}, condition="is largest", keep=True), table=WIDE)
    assert largest.columns == [*WIDE.columns, "value"]
    assert largest["value"].to_list() == ["c_red", "c_*", "f", "c_*"]
    smallest = apply(ManyToOne(columns=["^c$", "f"], condition="is smallest"), table=WIDE)
    assert smallest["value"].to_list() == ["^c$", "f", "^c$", None]
    assert apply(ManyToOne(columns=["f"]), table=WIDE)["value"].to_list() == [None, None, "f", None]
    assert apply(ManyToOne(columns=["f"]), table=WIDE.clear()).height == 0


def test_many_to_one_tells_faults(faults) -> None:
    assert 'column "t" is text' in faults(ManyToOne(columns=["t"]), table=WIDE)[0]
    assert "no number or boolean column" in faults(ManyToOne(columns={"types": ["date"]}), table=WIDE)[0]
    clash = ManyToOne(columns=["f"], name_of_result="t")
    assert 'a column "t" already' in faults(clash, table=WIDE)[0]


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.none() | st.text(max_size=3), max_size=10),
    order=st.sampled_from(["appearance", "alphabet", "frequency"]),
)
def test_one_to_many_and_back(values: list[str | None], order: str) -> None:
    table = pl.DataFrame({"x": pl.Series(values, dtype=pl.String)})
    wide = OneToMany(order=order).run(table.lazy(), fake_context()).table.collect()
    assert wide.width == table["x"].drop_nulls().n_unique()
    if wide.width:
        ones = wide.select(pl.sum_horizontal(pl.all())).to_series().to_list()
        assert ones == [int(one is not None) for one in values]
        node = ManyToOne(columns={}, prefix="x_", name_of_result="x")
        assert node.run(nw.from_native(wide.lazy())).to_native().collect().equals(table)
