"""Binner."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.binner import Binner
from nodeflow_nodes.manipulation.transform import Transform

import nodeflow as nf

sys.path.append(str(Path(__file__).parent))
from fitting import fake_context, learn, transformed

TABLE = pl.DataFrame(
    {"x": [0.0, 10.0, 4.9, 5.0, None, 2.5], "n": [1, 1, 1, 9, None, 5], "t": list("abcdef"), "*": [7] * 6}
)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"bins": 2}, ["[0, 5)", "[5, 10]", "[0, 5)", "[5, 10]", None, "[0, 5)"]),
        ({"bins": 2, "closed": "right"}, ["[0, 5]", "(5, 10]", "[0, 5]", "[0, 5]", None, "[0, 5]"]),
        ({"bins": 4, "labels": "numbers"}, [1, 4, 2, 3, None, 2]),
        ({"bins": 3, "labels": "names", "names": ["s", "m", "l"]}, ["s", "l", "m", "m", None, "s"]),
        (
            {"method": "custom", "limits": [2.5, 5]},
            ["< 2.5", "≥ 5", "[2.5, 5)", "≥ 5", None, "[2.5, 5)"],
        ),
        (
            {"method": "custom", "limits": [5], "closed": "right"},
            ["≤ 5", "> 5", "≤ 5", "≤ 5", None, "≤ 5"],
        ),
        (
            {"method": "custom", "limits": [5], "lowest": 1, "highest": 8, "outside": "missing"},
            [None, None, "[1, 5)", "[5, 8]", None, "[1, 5)"],
        ),
        (
            {"method": "custom", "limits": [5], "lowest": 1, "highest": 8},
            ["[1, 5)", "[5, 8]", "[1, 5)", "[5, 8]", None, "[1, 5)"],
        ),
        ({"method": "quantiles", "bins": 2, "labels": "numbers"}, [1, 2, 2, 2, None, 1]),
    ],
)
def test_numbers_are_put_into_classes(parameters: dict[str, Any], expected: list[Any]) -> None:
    table, _ = learn(Binner(columns=["x"], **parameters), table=TABLE)
    assert table["x"].to_list() == expected
    assert table.drop("x").equals(TABLE.drop("x"))


def test_new_columns_and_all_numbers_by_default() -> None:
    table, _ = learn(Binner(mode="append", suffix="?", bins=2, labels="numbers"), table=TABLE)
    assert table.columns == [*TABLE.columns, "x?", "n?", "*?"]
    assert table["n?"].to_list() == [1, 1, 1, 2, None, 2]
    assert table["*?"].to_list() == [1] * 6


def test_quantiles_that_coincide_give_fewer_classes_and_are_told() -> None:
    context = fake_context()
    node = Binner(columns=["n", "*"], method="quantiles", bins=4)
    result = node.run(TABLE.lazy(), context).table.collect()
    assert result["n"].to_list() == ["[1, 5)", "[1, 5)", "[1, 5)", "[5, 9]", None, "[5, 9]"]
    assert result["*"].to_list() == ["[7, 7]"] * 6
    assert context.warnings == [
        'column "n" has values for 2 of 4 classes only',
        'column "*" has values for 1 of 4 classes only',
    ]
    with pytest.raises(nf.NodeFailed, match="so the names do not fit"):
        Binner(columns=["n"], method="quantiles", bins=4, labels="names", names=list("abcd")).run(
            TABLE.lazy(), fake_context()
        )


def test_numbers_beyond_the_range_of_the_model() -> None:
    new = pl.DataFrame({"x": [-1.0, 3.0, 11.0]})
    near, missing, strict = (
        learn(Binner(columns=["x"], bins=2, labels="numbers", outside=way), table=TABLE, exported=way != "fail")[1]
        for way in ("nearest", "missing", "fail")
    )  # fmt: skip
    assert transformed(near, new)["x"].to_list() == [1, 1, 2]
    assert transformed(missing, new)["x"].to_list() == [None, 1, None]
    assert transformed(strict, new[1:2])["x"].to_list() == [1]
    with pytest.raises(nf.NodeFailed, match=r'column "x" has values .*"-1.0", "11.0"'):
        Transform().run(strict, new.lazy(), fake_context())
    custom = Binner(columns=["x"], method="custom", limits=[5], highest=8, outside="fail")
    with pytest.raises(nf.NodeFailed, match=r'values that lie outside the classes: "10.0"'):
        custom.run(TABLE.lazy(), fake_context())


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 1], ["[0, 0.333)", "[0.333, 0.667)", "[0.667, 1]"]),
        ([0, 3], ["[0, 1)", "[1, 2)", "[2, 3]"]),
        ([-1000, 1000], ["[-1000, -333)", "[-333, 333)", "[333, 1000]"]),
        ([1e-9, 4e-9], ["[1e-09, 2e-09)", "[2e-09, 3e-09)", "[3e-09, 4e-09]"]),
        ([1e-30, 4e-30], ["[1e-30, 2e-30)", "[2e-30, 3e-30)", "[3e-30, 4e-30]"]),
        ([1e20, 4e20], ["[1e+20, 2e+20)", "[2e+20, 3e+20)", "[3e+20, 4e+20]"]),
    ],
)
def test_intervals_have_the_digits_they_need(values: list[float], labels: list[str]) -> None:
    table = pl.DataFrame({"x": [*map(float, values), values[0] + 0.5 * (values[1] - values[0])]})
    result = learn(Binner(bins=3), table=table)[0]["x"].to_list()
    assert [result[0], result[2], result[1]] == labels


def test_tables_with_few_rows_or_values() -> None:
    assert learn(Binner(), table=TABLE.clear())[0].height == 0
    assert learn(Binner(labels="numbers"), table=TABLE.head(1))[0].rows() == [(1, 1, "a", 1)]
    empty = pl.DataFrame({"x": [None]}, schema={"x": pl.Float64})
    table, model = learn(Binner(), table=empty)
    assert table["x"].to_list() == [None]
    assert transformed(model, pl.DataFrame({"x": [1]}))["x"].to_list() == ["all"]


def test_settings_that_cannot_be_are_refused(faults) -> None:
    for words, parameters in {
        "at least one limit": {"method": "custom"},
        "limits must rise, but 1 comes after 2": {"method": "custom", "limits": [2, 1]},
        "limits must rise, but 0 comes after 1": {"method": "custom", "limits": [1], "highest": 0},
        "there are 5 classes, so give 5 names, not 1": {"labels": "names", "names": ["a"]},
    }.items():
        with pytest.raises(nf.ParameterError, match=words):
            Binner(**parameters)
    assert 'column "t" is text, not number' in faults(Binner(columns=["t"]), table=TABLE)[0]
    with pytest.raises(nf.NodeFailed, match="infinite"):
        Binner().run(pl.LazyFrame({"x": [float("nan"), 1.0]}), fake_context())


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=20),
    bins=st.integers(2, 12),
    method=st.sampled_from(["equal width", "quantiles"]),
    closed=st.sampled_from(["left", "right"]),
)
def test_classes_rise_with_their_numbers(values, bins, method, closed) -> None:
    table = pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)})
    node = Binner(bins=bins, method=method, closed=closed, labels="numbers")
    result = node.run(table.lazy(), fake_context()).table.collect()["x"]
    assert result.is_null().equals(table["x"].is_null())
    pairs = sorted(zip(table["x"].drop_nulls(), result.drop_nulls(), strict=True))
    numbers = [number for _, number in pairs]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= bins for number in numbers)
    if numbers:
        assert numbers[0] == 1
    intervals = Binner(bins=bins, method=method, closed=closed).run(table.lazy(), fake_context())
    assert intervals.table.collect()["x"].n_unique() == result.n_unique()
