"""Label Encoder."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.inverse_transform import InverseTransform
from nodeflow_nodes.manipulation.label_encoder import LabelEncoder
from nodeflow_nodes.manipulation.transform import Transform

import nodeflow as nf
from nodeflow.values.bundle import pack_model, unpack_model

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, scripted, told_before, transformed, undone

TABLE = pl.DataFrame(
    {
        "t": ["b", "a", None, "c", "a", "c"],
        "^x$": ["u", "u", "u", "u", "u", None],
        "n": [3, 1, 2, 3, None, 3],
        "d": [datetime.date(2024, 1, 2), datetime.date(2024, 1, 1), *[None] * 4],
        "f": [True, False, None, True, True, True],
    }
)


@pytest.mark.parametrize(
    ("order", "t", "n"),
    [
        ("appearance", [0, 1, None, 2, 1, 2], [0, 1, 2, 0, None, 0]),
        ("alphabet", [1, 0, None, 2, 0, 2], [2, 0, 1, 2, None, 2]),
        ("frequency", [2, 0, None, 1, 0, 1], [0, 1, 2, 0, None, 0]),
    ],
)
def test_values_get_codes_in_an_order(order: str, t: list[Any], n: list[Any]) -> None:
    table, _ = learn(LabelEncoder(order=order, columns=["t", "n"]), table=TABLE)
    assert table["t"].to_list() == t
    assert table["n"].to_list() == n
    assert table.columns == TABLE.columns


def test_text_columns_are_encoded_unless_told_otherwise() -> None:
    table, model = learn(LabelEncoder(), table=TABLE)
    assert table["^x$"].to_list() == [0, 0, 0, 0, 0, None]
    assert table.select("n", "d", "f").equals(TABLE.select("n", "d", "f"))
    assert undone(model, table).equals(TABLE)


def test_new_columns_the_first_code_and_a_code_for_missing() -> None:
    node = LabelEncoder(columns=["t"], mode="append", suffix="*", first=10, missing="code", unseen="code")
    table, model = learn(node, table=TABLE)
    assert table.columns == [*TABLE.columns, "t*"]
    assert table["t*"].to_list() == [10, 11, 13, 12, 11, 12]
    new = pl.DataFrame({"t": ["c", "z", None]})
    assert transformed(model, new)["t*"].to_list() == [12, 14, 13]
    codes = pl.DataFrame({"t*": [13, 10, 99, None], "guess": [11, 12, 13, 14]})
    again = undone(model, codes, others=[{"column": "guess", "like": "t*"}])
    assert again.rows() == [
        (13, "a", None),
        (10, "c", "b"),
        (99, None, None),
        (None, None, None),
    ]
    _, function = scripted(node, {"table": TABLE})
    assert function.inverse(codes.lazy(), {"guess": "t*"}).collect().equals(again)
    assert function(new.lazy()).collect()["t*"].to_list() == [12, 14, 13]


def test_values_that_were_not_there_become_missing_or_an_error() -> None:
    new = pl.DataFrame({"t": ["a", "y", "z", "y"]})
    _, model = learn(LabelEncoder(columns=["t"]), table=TABLE)
    assert transformed(model, new)["t"].to_list() == [1, None, None, None]
    _, model = learn(LabelEncoder(columns=["t"], unseen="fail"), table=TABLE)
    with pytest.raises(nf.NodeFailed, match=r'column "t" has values that were not there.*: "y", "z"'):
        Transform().run(model, new.lazy(), fake_context())
    assert transformed(model, new.head(1))["t"].to_list() == [1]
    assert transformed(model, pl.DataFrame({"t": [None, "b"]}))["t"].to_list() == [None, 0]


def test_categories_dates_and_truth_values_have_codes_too() -> None:
    table = TABLE.with_columns(c=pl.col("t").cast(pl.Categorical))
    result, model = learn(LabelEncoder(columns=["c", "d", "f"], order="alphabet"), table=table)
    assert result["c"].to_list() == [1, 0, None, 2, 0, 2]
    assert result["d"].to_list() == [1, 0, None, None, None, None]
    assert result["f"].to_list() == [1, 0, None, 1, 1, 1]
    assert undone(model, result)["d"].equals(TABLE["d"])


def test_tables_with_few_rows_or_values() -> None:
    assert learn(LabelEncoder(), table=TABLE.clear())[0].height == 0
    table, model = learn(
        LabelEncoder(unseen="code"), table=pl.DataFrame({"t": [None]}, schema={"t": pl.String})
    )
    assert table["t"].to_list() == [None]
    assert transformed(model, pl.DataFrame({"t": ["a"]}))["t"].to_list() == [0]
    assert learn(LabelEncoder(), table=TABLE.head(1))[0]["t"].to_list() == [0]


def test_faults_are_told_before_running(faults) -> None:
    (told,) = faults(LabelEncoder(), table=TABLE.select("n"))
    assert told.endswith("column is chosen (every text and category column); choose one")
    assert "is float, not" in faults(LabelEncoder(columns=["x"]), table=pl.DataFrame({"x": [1.5]}))[0]
    clash = LabelEncoder(columns=["t"], mode="append", suffix="2")
    assert 'a column "t2" already' in faults(clash, table=TABLE.with_columns(t2=1))[0]
    _, model = learn(LabelEncoder(columns=["n"]), table=TABLE)
    assert told_before(Transform(), model, pl.DataFrame({"n": [1.0]})) == [
        'column "n" is float, but the model learned from integer; convert it first'
    ]
    _, model = learn(clash, table=TABLE)
    (told,) = told_before(Transform(), model, TABLE.with_columns(t2=1))
    assert 'a column "t2" already, which the model would give' in told


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.none() | st.text(max_size=3), max_size=15),
    order=st.sampled_from(["appearance", "alphabet", "frequency"]),
    missing=st.sampled_from(["missing", "code"]),
)
def test_codes_turn_back_into_their_values(values: list[str | None], order: str, missing: str) -> None:
    table = pl.DataFrame({"x": pl.Series(values, dtype=pl.String)})
    result = LabelEncoder(order=order, missing=missing).run(table.lazy(), fake_context())
    codes = result.table.collect()["x"]
    assert codes.drop_nulls().n_unique() == table["x"].n_unique() - (missing == "missing" and None in values)
    back = InverseTransform().run(unpack_model(pack_model(result.model)), result.table)
    assert back.collect().equals(table)


def test_a_column_of_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow_nodes.manipulation._fitting.MOST_VALUES", 2)
    with pytest.raises(nf.NodeFailed, match='column "t" has 3 different values, too many'):
        LabelEncoder(columns=["t"]).run(TABLE.lazy(), fake_context())
