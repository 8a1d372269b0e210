"""Value Mapping."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.transform import Transform
from nodeflow_nodes.manipulation.value_mapping import ValueMapping

import nodeflow as nf

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, scripted, transformed, undone

TABLE = pl.DataFrame(
    {
        "t": ["m", "f", None, "?"],
        "n": [1, 2, None, 9],
        "x": [0.5, 2.0, None, 1.0],
        "f": [True, False, None, True],
        "d": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None, None],
        "*": ["m", "m", "m", "m"],
    }
)


def pairs(*given: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"old": old, "new": new} for old, new in given]


@pytest.mark.parametrize(
    ("column", "given", "more", "expected"),
    [
        ("t", [("m", "male"), ("?", None)], {}, ["male", "f", None, None]),
        ("t", [("m", 1), ("f", 2)], {"unmapped": "missing"}, [1, 2, None, None]),
        ("t", [("m", 1), ("f", 2.5)], {"unmapped": "default", "default": 0}, [1.0, 2.5, None, 0.0]),
        ("t", [("m", True)], {"unmapped": "default", "default": False}, [True, False, None, False]),
        ("t", [(None, "none")], {}, ["m", "f", "none", "?"]),
        ("t", [("", None)], {"unmapped": "missing"}, [None] * 4),
        ("n", [(9, None), (1.0, 7)], {}, [7, 2, None, None]),
        ("n", [(9, 0.5)], {}, [1.0, 2.0, None, 0.5]),
        ("n", [(1, "one")], {"unmapped": "default", "default": "many"}, ["one", "many", None, "many"]),
        ("x", [(2, -1)], {}, [0.5, -1.0, None, 1.0]),
        ("f", [(True, "yes"), (False, "no")], {"unmapped": "missing"}, ["yes", "no", None, "yes"]),
        ("*", [("m", "f"), ("f", "m")], {}, ["f"] * 4),
    ],
)
def test_pairs_replace_values(column: str, given: Any, more: dict[str, Any], expected: list[Any]) -> None:
    table, _ = learn(ValueMapping(columns=[column], pairs=pairs(*given), **more), table=TABLE)
    assert table[column].to_list() == expected
    assert [type(one) for one in table[column]] == [type(one) for one in expected]
    assert table.drop(column).equals(TABLE.drop(column))
    assert table.columns == TABLE.columns


def test_several_columns_at_once_and_new_columns() -> None:
    node = ValueMapping(columns=["t", "*"], pairs=pairs(("m", "M")), mode="append", suffix=" new")
    table, _ = learn(node, table=TABLE)
    assert table.columns == [*TABLE.columns, "t new", "* new"]
    assert table["t new"].to_list() == ["M", "f", None, "?"]
    assert table["* new"].to_list() == ["M"] * 4


def test_dates_are_written_as_texts() -> None:
    node = ValueMapping(columns=["d"], pairs=pairs(("2024-01-01", "2020-02-29"), (None, "1999-12-31")))
    table, _ = learn(node, table=TABLE, exported=False)
    last = datetime.date(1999, 12, 31)
    assert table["d"].to_list() == [datetime.date(2020, 2, 29), datetime.date(2024, 1, 2), last, last]


def test_categories_become_texts() -> None:
    table = TABLE.with_columns(t=pl.col("t").cast(pl.Categorical))
    result, _ = learn(ValueMapping(columns=["t"], pairs=pairs(("m", "male"))), table=table)
    assert result["t"].to_list() == ["male", "f", None, "?"]


MAPPING = pl.DataFrame({"code": ["m", "f", "f"], "name": ["man", "woman", "woman"], "no": [1, 2, 2]})


def test_pairs_from_a_table_after_those_of_the_dialog() -> None:
    node = ValueMapping(columns=["t"], pairs=pairs(("m", "Mister")))
    table, model = learn(node, table=TABLE, mapping=MAPPING, exported=False)
    assert table["t"].to_list() == ["Mister", "woman", None, "?"]
    assert transformed(model, pl.DataFrame({"t": ["f"]}))["t"].to_list() == ["woman"]
    node = ValueMapping(columns=["n"], old_column="no", new_column="code", unmapped="missing")
    table, _ = learn(node, table=TABLE, mapping=MAPPING, exported=False)
    assert table["n"].to_list() == ["m", "f", None, None]
    node = ValueMapping(columns=["x"], old_column="no", new_column="x")
    mapping = pl.DataFrame({"no": [2, None], "x": [7, 8]})
    assert learn(node, table=TABLE, mapping=mapping, exported=False)[0]["x"].to_list() == [0.5, 7.0, 8.0, 1.0]


def test_a_mapping_that_can_be_undone_is() -> None:
    node = ValueMapping(columns=["t"], pairs=pairs(("m", 1), ("f", 2), ("?", 3)), unmapped="missing")
    table, model = learn(node, table=TABLE)
    assert undone(model, table).equals(TABLE)
    _, function = scripted(node, {"table": TABLE})
    more = table.with_columns(p=pl.Series([3, 2, 1, 0]))
    others = [{"column": "p", "like": "t"}]
    again = undone(model, more, others=others)
    assert again["p"].to_list() == ["?", "f", "m", None]
    assert function.inverse(more.lazy(), {"p": "t"}).collect().equals(again)


def test_values_in_no_pair_may_be_an_error() -> None:
    node = ValueMapping(columns=["t"], pairs=pairs(("m", 1), ("f", 2)), unmapped="fail")
    with pytest.raises(nf.NodeFailed, match=r'column "t" has values that are in no pair: "\?"'):
        node.run(TABLE.lazy(), None, fake_context())
    _, model = learn(node, table=TABLE.head(3), exported=False)
    with pytest.raises(nf.NodeFailed, match='"q"'):
        Transform().run(model, pl.LazyFrame({"t": ["q"]}), fake_context())


def test_tables_with_few_rows() -> None:
    node = ValueMapping(columns=["t"], pairs=pairs(("m", "male")))
    assert learn(node, table=TABLE.clear())[0].height == 0
    assert learn(node, table=TABLE.head(1))[0]["t"].to_list() == ["male"]
    nothing, _ = learn(ValueMapping(columns=["t"]), table=TABLE, mapping=MAPPING.clear(), exported=False)
    assert nothing.equals(TABLE)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"columns": ["n"], "pairs": pairs(("a", 1))}, 'column "n" is integer; to be found, a value must be a whole number'),
        ({"columns": ["n"], "pairs": pairs((1.5, 1))}, "a whole number"),
        ({"columns": ["n"], "pairs": pairs((1, "one"))}, "a new value must be a whole number"),
        ({"columns": ["n"], "pairs": pairs((10**30, 1))}, "range"),
        ({"columns": ["t"], "pairs": pairs(("a", 1), ("b", "x")), "unmapped": "missing"}, "different types"),
        ({"columns": ["d"], "pairs": pairs(("soon", None))}, "a date such as 2024-12-31"),
        ({"columns": ["q"], "pairs": pairs(("a", "b"))}, 'no column "q"'),
        ({"columns": ["t"], "pairs": pairs(("a", "b")), "mode": "append", "suffix": "2"}, 'a column "t2" already'),
        ({"columns": {"types": ["time"]}, "pairs": pairs(("a", "b"))}, "chooses no column"),
    ],
)  # fmt: skip
def test_pairs_that_do_not_fit_are_told_before_running(
    faults, parameters: dict[str, Any], words: str
) -> None:
    assert words in faults(ValueMapping(**parameters), table=TABLE.with_columns(t2=1))[0]


def test_mapping_tables_that_do_not_fit_are_told(faults) -> None:
    node = ValueMapping(columns=["n"])
    (told,) = faults(node, table=TABLE, mapping=MAPPING)
    assert told.startswith('column "n" is integer, but the old values of the mapping table are text; convert')
    (told,) = faults(ValueMapping(columns=["t"], new_column="no"), table=TABLE, mapping=MAPPING)
    assert "the new values of the mapping table are integer" in told
    (told,) = faults(node, table=TABLE, mapping=MAPPING.select("code"))
    assert "needs two columns" in told
    (told,) = faults(
        ValueMapping(columns=["t"], old_column="no", new_column="no"), table=TABLE, mapping=MAPPING
    )
    assert "needs two columns" in told
    (told,) = faults(ValueMapping(columns=["t"], old_column="cod"), table=TABLE, mapping=MAPPING)
    assert 'did you mean "code"?' in told
    twice = pl.LazyFrame({"a": ["m", "m"], "b": ["x", "y"]})
    with pytest.raises(nf.NodeFailed, match='"m" stands in the mapping table with different new values'):
        ValueMapping(columns=["t"]).run(TABLE.lazy(), twice, fake_context())
    with pytest.raises(nf.NodeFailed, match="nothing to map"):
        node.run(TABLE.lazy(), None, fake_context())


def test_pairs_and_defaults_that_cannot_be_are_refused() -> None:
    with pytest.raises(nf.ParameterError, match="a becomes two things"):
        ValueMapping(columns=["t"], pairs=pairs(("a", "b"), ("a", "c")))
    with pytest.raises(nf.ParameterError, match="need a default"):
        ValueMapping(columns=["t"], pairs=pairs(("a", "b")), unmapped="default")


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.none() | st.sampled_from("abcd"), max_size=10),
    given=st.dictionaries(st.sampled_from("abcd"), st.none() | st.sampled_from("xyz"), min_size=1),
    unmapped=st.sampled_from(["keep", "missing", "default"]),
)
def test_it_does_what_a_dictionary_does(values, given, unmapped) -> None:
    table = pl.LazyFrame({"x": pl.Series(values, dtype=pl.String)})
    node = ValueMapping(columns=["x"], pairs=pairs(*given.items()), unmapped=unmapped, default="!")
    result = node.run(table, None, fake_context()).table.collect()["x"].to_list()
    others = {"keep": lambda one: one, "missing": lambda one: None, "default": lambda one: "!"}[unmapped]
    assert result == [None if one is None else given[one] if one in given else others(one) for one in values]
