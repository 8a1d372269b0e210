"""Operations that need care: what no node shows by itself, on every engine."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import polars as pl
import pytest
from nodeflow_nodes.manipulation.group_by import GroupBy
from nodeflow_nodes.manipulation.joiner import Joiner
from nodeflow_nodes.manipulation.partition import Partition

from nodeflow import ops

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent / "nodes")]
from cases_basic import ORDERS
from engines import ENGINES, on_dask, on_duckdb, on_polars, rows

pytestmark = pytest.mark.filterwarnings("ignore")

PARTS = {
    ("random", None): [2, 3, 4, 7],
    ("stratified", "city"): [1, 2, 4, 7],
    ("first", None): [1, 2, 3, 4],
    ("time", "amount"): [1, 2, 5, 7],
    ("group", "city"): [2, 3, 5, 7],
}


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize(("method", "by"), list(PARTS))
def test_partition_chooses_the_same_rows_on_every_engine(method: str, by: str | None, engine: str) -> None:
    node = Partition(method=method, by=by, fraction=0.5, seed=11)
    first, second = node.run(ENGINES[engine](ORDERS))
    chosen = [row[0] for row in rows(first)]
    assert chosen == PARTS[method, by]
    assert [row[0] for row in rows(second)] == [n for n in range(1, 9) if n not in chosen]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_row_numbers_follow_the_order_of_the_rows(engine: str) -> None:
    numbered = ops.number_rows(ops.sort(ENGINES[engine](ORDERS), [("no", True)]), "row")
    assert rows(ops.select(numbered, ["row", "no"])) == [(i, 8 - i) for i in range(8)]


def test_a_function_that_only_polars_has_is_refused_elsewhere() -> None:
    from nodeflow.errors import NodeFailed

    node = GroupBy(aggregations=[{"column": "city", "function": "concat"}])
    with pytest.raises(NodeFailed, match='"concat" of "city" cannot be computed on duckdb'):
        node.run(on_duckdb(ORDERS))
    median = GroupBy(aggregations=[{"column": "count", "function": "median"}])
    assert rows(median.run(on_duckdb(ORDERS))) == [(4.5,)]
    with pytest.raises(NodeFailed, match="run with Polars"):
        median.run(on_dask(ORDERS))


FIRST_KEYS = [1795029448, 982690211, 1665140115]


def test_the_order_key_is_a_permutation_that_never_changes() -> None:
    frame = on_polars(pl.DataFrame({"row": range(100_000)}))
    keyed = rows(ops.add_order_key(frame, "row", "key", 42))
    values = [key for _, key in keyed]
    assert len(set(values)) == 100_000
    assert values[:3] == FIRST_KEYS
    # in no order that shows: neighbours rise and fall evenly, and the halves are mixed
    rising = sum(a < b for a, b in itertools.pairwise(values))
    assert abs(rising - 50_000) < 1_000
    assert abs(sum(value < 2**30 for value in values[:50_000]) - 25_000) < 600


def test_joins_and_groups_keep_their_order_with_many_rows() -> None:
    size = 200_000
    left = pl.DataFrame({"k": [(i * 7919) % 1000 for i in range(size)], "i": range(size)})
    right = pl.DataFrame({"k": [i % 1500 for i in range(3000)], "r": range(3000)})
    joined = (
        Joiner(keys=[{"left": "k", "right": "k"}])
        .run(on_polars(left), on_polars(right))
        .to_native()
        .collect(engine="streaming")
    )
    assert joined["i"].is_sorted()
    assert joined.group_by("i", maintain_order=True).agg(pl.col("r").diff().min()).get_column("r").min() > 0
    grouped = GroupBy(keys=["k"], row_count="n").run(on_polars(left)).to_native().collect(engine="streaming")
    assert grouped["k"].to_list() == list(dict.fromkeys(left["k"]))
