"""One expectation, every engine: Polars, DuckDB and Dask give the same rows in the same order."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl
import pytest
from nodeflow_nodes.manipulation.column_filter import ColumnFilter
from nodeflow_nodes.manipulation.concatenate import Concatenate
from nodeflow_nodes.manipulation.formula import Formula
from nodeflow_nodes.manipulation.group_by import GroupBy
from nodeflow_nodes.manipulation.joiner import Joiner
from nodeflow_nodes.manipulation.partition import Partition
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.sorter import Sorter

from nodeflow import ops

if TYPE_CHECKING:
    from collections.abc import Callable

    from nodeflow.node import Node

pytestmark = pytest.mark.filterwarnings("ignore")

ORDERS = pl.DataFrame(
    {
        "no": [1, 2, 3, 4, 5, 6, 7, 8],
        "city": ["Ulm", None, "Bonn", "Ulm", None, "Köln", "Bonn", "Ulm"],
        "amount": [10.0, 1.0, None, 20.0, 2.0, None, 8.0, 40.0],
        "count": [1, 2, 3, 4, 5, 6, 7, 8],
    }
)
CITIES = pl.DataFrame({"city": ["Bonn", "Ulm", None, "Bonn", "Rom"], "km": [1, 2, 3, 4, 5]})


def on_polars(frame: pl.DataFrame) -> Any:
    return nw.from_native(frame.lazy())


def on_duckdb(frame: pl.DataFrame) -> Any:
    duckdb = pytest.importorskip("duckdb")
    return nw.from_native(duckdb.from_arrow(frame.to_arrow()))


def on_dask(frame: pl.DataFrame) -> Any:
    dask = pytest.importorskip("dask.dataframe")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nw.from_native(
            dask.from_pandas(frame.to_pandas(use_pyarrow_extension_array=True), npartitions=3)
        )


ENGINES = {"polars": on_polars, "duckdb": on_duckdb, "dask": on_dask}


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect("polars").to_native().rows()]


def keys(*names: str) -> list[dict[str, str]]:
    return [{"left": name, "right": name} for name in names]


CASES: dict[str, tuple[Node, tuple[str, ...], list[tuple[Any, ...]]]] = {
    "column filter": (
        ColumnFilter(columns={"types": ["number"], "exclude": ["count"]}),
        ("orders",),
        [(1, 10.0), (2, 1.0), (3, None), (4, 20.0), (5, 2.0), (6, None), (7, 8.0), (8, 40.0)],
    ),
    "row filter": (
        RowFilter(condition="amount > 5 and no < 8"),
        ("orders",),
        [(1, "Ulm", 10.0, 1), (4, "Ulm", 20.0, 4), (7, "Bonn", 8.0, 7)],
    ),
    "formula": (
        Formula(
            formulas=[
                {"name": "twice", "expression": "amount * 2"},
                {"name": "amount", "expression": "twice + no"},
            ]
        ),
        ("few",),
        [(1, "Ulm", 21.0, 1, 20.0), (2, None, 4.0, 2, 2.0), (3, "Bonn", None, 3, None)],
    ),
    "sorter": (
        Sorter(by=[{"column": "city"}, {"column": "amount", "descending": True}]),
        ("orders",),
        [
            (7, "Bonn", 8.0, 7),
            (3, "Bonn", None, 3),
            (6, "Köln", None, 6),
            (8, "Ulm", 40.0, 8),
            (4, "Ulm", 20.0, 4),
            (1, "Ulm", 10.0, 1),
            (5, None, 2.0, 5),
            (2, None, 1.0, 2),
        ],
    ),
    "sorter, missing first, ties in order": (
        Sorter(by=[{"column": "city", "descending": True}], missing="first"),
        ("orders",),
        [ORDERS.row(i) for i in (1, 4, 0, 3, 7, 5, 2, 6)],
    ),
    "group by": (
        GroupBy(
            keys=["city"],
            aggregations=[
                {"column": "amount", "function": function}
                for function in ("sum", "mean", "min", "max", "count", "missing", "n_distinct", "std")
            ],
            row_count="rows",
        ),
        ("orders",),
        [
            ("Ulm", 70.0, 70 / 3, 10.0, 40.0, 3, 0, 3, 15.275252316519467, 3),
            (None, 3.0, 1.5, 1.0, 2.0, 2, 0, 2, 0.5**0.5, 2),
            ("Bonn", 8.0, 8.0, 8.0, 8.0, 1, 1, 1, None, 2),
            ("Köln", 0.0, None, None, None, 0, 1, 0, None, 1),
        ],
    ),
    "group by, whole table, missing keys dropped": (
        GroupBy(keys=["city"], missing_keys="drop", row_count="n"),
        ("orders",),
        [("Ulm", 3), ("Bonn", 2), ("Köln", 1)],
    ),
    "one group": (
        GroupBy(aggregations=[{"column": "count", "function": "sum"}], row_count="n"),
        ("orders",),
        [(36, 8)],
    ),
    "inner join": (
        Joiner(keys=keys("city")),
        ("few", "cities"),
        [(1, "Ulm", 10.0, 1, 2), (3, "Bonn", None, 3, 1), (3, "Bonn", None, 3, 4)],
    ),
    "left join": (
        Joiner(keys=keys("city"), kind="left"),
        ("few", "cities"),
        [(1, "Ulm", 10.0, 1, 2), (2, None, 1.0, 2, None), (3, "Bonn", None, 3, 1), (3, "Bonn", None, 3, 4)],
    ),
    "right join": (
        Joiner(keys=keys("city"), kind="right"),
        ("few", "cities"),
        [
            (3, "Bonn", None, 3, 1),
            (1, "Ulm", 10.0, 1, 2),
            (None, None, None, None, 3),
            (3, "Bonn", None, 3, 4),
            (None, "Rom", None, None, 5),
        ],
    ),
    "full join": (
        Joiner(keys=keys("city"), kind="full"),
        ("few", "cities"),
        [
            (1, "Ulm", 10.0, 1, 2),
            (2, None, 1.0, 2, None),
            (3, "Bonn", None, 3, 1),
            (3, "Bonn", None, 3, 4),
            (None, None, None, None, 3),
            (None, "Rom", None, None, 5),
        ],
    ),
    "semi join": (
        Joiner(keys=keys("city"), kind="semi"),
        ("few", "cities"),
        [(1, "Ulm", 10.0, 1), (3, "Bonn", None, 3)],
    ),
    "anti join": (Joiner(keys=keys("city"), kind="anti"), ("few", "cities"), [(2, None, 1.0, 2)]),
    "cross join": (
        Joiner(kind="cross"),
        ("pair", "pair"),
        [(1, "Ulm", 1, "Ulm"), (1, "Ulm", 2, None), (2, None, 1, "Ulm"), (2, None, 2, None)],
    ),
    "concatenate": (
        Concatenate(source="from"),
        ("pair", "cities"),
        [
            (1, "Ulm", None, 1),
            (2, None, None, 1),
            (None, "Bonn", 1, 2),
            (None, "Ulm", 2, 2),
            (None, None, 3, 2),
            (None, "Bonn", 4, 2),
            (None, "Rom", 5, 2),
        ],
    ),
    "concatenate, common columns": (
        Concatenate(columns="intersection"),
        ("pair", "cities"),
        [(one,) for one in ("Ulm", None, "Bonn", "Ulm", None, "Bonn", "Rom")],
    ),
}


def tables(engine: Callable[[pl.DataFrame], Any]) -> dict[str, Any]:
    frames = {
        "orders": ORDERS,
        "few": ORDERS.head(3),
        "cities": CITIES,
        "pair": ORDERS.head(2).select("no", "city"),
    }
    return {name: engine(frame) for name, frame in frames.items()}


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("case", list(CASES))
def test_portable_nodes_give_the_same_on_every_engine(case: str, engine: str) -> None:
    node, names, expected = CASES[case]
    given = tables(ENGINES[engine])
    inputs = [given[name] for name in names]
    result = node.run(inputs) if isinstance(node, Concatenate) else node.run(*inputs)
    found = rows(result)
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert [
            one if not isinstance(one, float) else pytest.approx(one, rel=1e-9) for one in wanted
        ] == list(row)


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
        Joiner(keys=keys("k")).run(on_polars(left), on_polars(right)).to_native().collect(engine="streaming")
    )
    assert joined["i"].is_sorted()
    assert joined.group_by("i", maintain_order=True).agg(pl.col("r").diff().min()).get_column("r").min() > 0
    grouped = GroupBy(keys=["k"], row_count="n").run(on_polars(left)).to_native().collect(engine="streaming")
    assert grouped["k"].to_list() == list(dict.fromkeys(left["k"]))
