"""Joiner."""

from __future__ import annotations

import polars as pl
import pytest
from nodeflow_nodes.manipulation.joiner import Joiner

LEFT = pl.DataFrame({"id": [3, None, 1, 2, 3], "name": ["c", "n", "a", "b", "d"]})
RIGHT = pl.DataFrame({"id": [1, 3, None, 3, 9], "name": ["A", "C1", "N", "C2", "Z"]})

EXPECTED = {
    "inner": [(3, "c", "C1"), (3, "c", "C2"), (1, "a", "A"), (3, "d", "C1"), (3, "d", "C2")],
    "left": [
        (3, "c", "C1"),
        (3, "c", "C2"),
        (None, "n", None),
        (1, "a", "A"),
        (2, "b", None),
        (3, "d", "C1"),
        (3, "d", "C2"),
    ],
    "right": [
        (1, "a", "A"),
        (3, "c", "C1"),
        (3, "d", "C1"),
        (None, None, "N"),
        (3, "c", "C2"),
        (3, "d", "C2"),
        (9, None, "Z"),
    ],
    "full": [
        (3, "c", "C1"),
        (3, "c", "C2"),
        (None, "n", None),
        (1, "a", "A"),
        (2, "b", None),
        (3, "d", "C1"),
        (3, "d", "C2"),
        (None, None, "N"),
        (9, None, "Z"),
    ],
    "semi": [(3, "c"), (1, "a"), (3, "d")],
    "anti": [(None, "n"), (2, "b")],
}
KEY = [{"left": "id", "right": "id"}]


@pytest.mark.parametrize("kind", list(EXPECTED))
def test_joins_keep_the_order_of_the_left_table(apply, kind) -> None:
    result = apply(Joiner(kind=kind, keys=KEY), left=LEFT, right=RIGHT)
    assert result.columns == ["id", "name", "name_right"][: len(EXPECTED[kind][0])]
    assert result.rows() == EXPECTED[kind]


def test_cross_join_pairs_every_row(apply) -> None:
    result = apply(Joiner(kind="cross"), left=LEFT.head(2), right=RIGHT.head(2).select("name"))
    assert result.rows() == [(3, "c", "A"), (3, "c", "C1"), (None, "n", "A"), (None, "n", "C1")]


def test_without_keys_columns_of_the_same_name_are_taken(apply) -> None:
    right = pl.DataFrame({"name": ["a", "c"], "id": [1, 4], "extra": [10, 20]})
    assert apply(Joiner(), left=LEFT, right=right).rows() == [(1, "a", 10)]


def test_several_keys_with_other_names(apply) -> None:
    right = pl.DataFrame({"n": ["a", "c"], "i": [1, 3], "v": [True, False]})
    keys = [{"left": "id", "right": "i"}, {"left": "name", "right": "n"}]
    assert apply(Joiner(keys=keys, kind="left"), left=LEFT, right=right).columns == ["id", "name", "v"]
    full = apply(Joiner(keys=keys, kind="full"), left=LEFT.head(1), right=right)
    assert full.rows() == [(3, "c", False), (1, "a", True)]


def test_right_keys_can_be_kept(apply) -> None:
    node = Joiner(kind="full", keys=KEY, keep_right_keys=True, suffix="'")
    result = apply(node, left=LEFT.slice(2, 2), right=RIGHT.head(2))
    assert result.columns == ["id", "name", "id'", "name'"]
    assert result.rows() == [(1, "a", 1, "A"), (2, "b", None, None), (None, None, 3, "C1")]


def test_a_suffixed_name_that_is_taken_gets_a_further_suffix(apply) -> None:
    right = pl.DataFrame({"id": [1], "name": ["x"], "name_right": ["y"]})
    result = apply(Joiner(keys=KEY), left=LEFT, right=right)
    assert result.columns == ["id", "name", "name_right_right", "name_right"]
    assert result.rows() == [(1, "a", "x", "y")]


def test_whole_numbers_of_other_size_and_categories_can_be_compared(apply) -> None:
    small = RIGHT.cast({"id": pl.Int8})
    assert apply(Joiner(keys=KEY), left=LEFT, right=small).rows() == EXPECTED["inner"]
    assert apply(Joiner(keys=KEY, kind="full"), left=LEFT, right=small).rows() == EXPECTED["full"]
    pair = [{"left": "name", "right": "name"}]
    category = pl.DataFrame({"name": ["a"], "x": [1]}, schema_overrides={"name": pl.Categorical})
    assert apply(Joiner(keys=pair), left=LEFT, right=category).rows() == [(1, "a", 1)]


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        (pl.String, 'left "id" is integer, right "id" is text; convert the text column to integer'),
        (pl.Float64, 'left "id" is integer, right "id" is float; convert both'),
    ],
)
def test_keys_of_other_types_are_reported_before_running(faults, dtype, words) -> None:
    assert words in faults(Joiner(keys=KEY), left=LEFT, right=RIGHT.cast({"id": dtype}))[0]


def test_nothing_in_common_is_reported(faults) -> None:
    assert "keys must be chosen" in faults(Joiner(), left=LEFT, right=pl.DataFrame({"z": [1]}))[0]
    unknown = faults(Joiner(keys=[{"left": "id", "right": "nam"}]), left=LEFT, right=RIGHT)
    assert 'did you mean "name"?' in unknown[0]


@pytest.mark.parametrize("kind", list(EXPECTED))
def test_empty_tables_join(apply, kind) -> None:
    result = apply(Joiner(kind=kind, keys=KEY), left=LEFT.clear(), right=RIGHT)
    assert result.height == (len(RIGHT) if kind in ("right", "full") else 0)
    result = apply(Joiner(kind=kind, keys=KEY), left=LEFT, right=RIGHT.clear())
    assert result.height == (len(LEFT) if kind in ("left", "full", "anti") else 0)
