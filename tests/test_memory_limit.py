"""Within a memory limit the same comes out, by another engine."""

from __future__ import annotations

import datetime
import gc
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow import ops
from nodeflow.memory import limited, read_size

pytest.importorskip("duckdb")

LIMIT = 200_000_000
TEXTS = st.one_of(st.none(), st.sampled_from(["a", "b", "", "A", "\u00e9", "z\0z", "10", "9"]))
MOMENTS = st.one_of(st.none(), st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)))
COLUMNS: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "whole": (pl.Int64(), st.one_of(st.none(), st.integers(-3, 3))),
    "WHOLE": (pl.UInt64(), st.one_of(st.none(), st.sampled_from([0, 1, 2**64 - 1]))),
    "float": (pl.Float64(), st.one_of(st.none(), st.sampled_from([0.0, 1.5, -1.5, 1e300, float("inf")]))),
    "*": (pl.String(), TEXTS),
    "^a$": (pl.Boolean(), st.one_of(st.none(), st.booleans())),
    "moment": (pl.Datetime("ns", "Europe/Berlin"), MOMENTS),
    "day": (pl.Date(), st.one_of(st.none(), st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)))),
    "time": (pl.Time(), st.one_of(st.none(), st.times())),
    "span": (
        pl.Duration("ms"),
        st.one_of(st.none(), st.integers(-5, 5).map(lambda n: datetime.timedelta(days=n))),
    ),
    "category": (pl.Categorical(), st.one_of(st.none(), st.sampled_from(["x", "y"]))),
    "level": (pl.Enum(["low", "high"]), st.one_of(st.none(), st.sampled_from(["low", "high"]))),
    "money": (pl.Decimal(10, 2), st.one_of(st.none(), st.integers(-5, 5).map(Decimal))),
    "list": (pl.List(pl.Int64()), st.one_of(st.none(), st.lists(st.integers(0, 3), max_size=2))),
    "": (pl.Null(), st.none()),
}
SORTABLE = [name for name in COLUMNS if name != "list"]


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    count = draw(st.integers(0, 12))
    return pl.DataFrame(
        {
            name: pl.Series(
                draw(st.lists(values, min_size=count, max_size=count)),
                dtype=dtype,
            )
            for name, (dtype, values) in COLUMNS.items()
        }
    )


def both(frame: pl.DataFrame, *others: pl.DataFrame, operation: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    given_ = [nw.from_native(one.lazy()) for one in (frame, *others)]
    plain = operation(*given_).to_native().collect()
    with limited(LIMIT):
        query = operation(*given_).to_native()
    assert query.collect_schema() == plain.schema
    assert "PYTHON" in query.explain()
    return plain, query.collect(engine="streaming")


steady = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@steady
@given(
    frames(),
    st.lists(
        st.tuples(st.sampled_from(SORTABLE), st.booleans()), min_size=1, max_size=3, unique_by=lambda k: k[0]
    ),
    st.booleans(),
)
def test_sorting_gives_the_same(frame: pl.DataFrame, by: list[tuple[str, bool]], missing_last: bool) -> None:
    assert_frame_equal(*both(frame, operation=lambda f: ops.sort(f, by, missing_last=missing_last)))


@steady
@given(frames(), st.lists(st.sampled_from(SORTABLE), min_size=1, max_size=2, unique=True))
def test_groups_are_the_same(frame: pl.DataFrame, keys: list[str]) -> None:
    chosen = [
        ops.Aggregation("float", function, f"float {function}")
        for function in ("sum", "mean", "median", "min", "max", "std", "count", "missing", "n_distinct")
    ]
    chosen += [ops.Aggregation("^a$", "sum", "Yes"), ops.Aggregation("span", "sum", "yes")]
    chosen += [
        ops.Aggregation(name, "max", f"max {name}") for name in ("moment", "*", "level", "day", "whole")
    ]
    plain, found = both(frame, operation=lambda f: ops.group(f, keys, chosen, count="n"))
    assert_frame_equal(plain, found, rel_tol=1e-9)


@steady
@given(
    frames(),
    frames(),
    st.sampled_from(["whole", "*", "moment", "day", "level", "^a$"]),
    st.sampled_from(["inner", "left", "right", "full", "semi", "anti"]),
)
def test_joins_give_the_same(left: pl.DataFrame, right: pl.DataFrame, key: str, how: Any) -> None:
    assert_frame_equal(*both(left, right, operation=lambda f, g: ops.join(f, g, [(key, key)], how)))


def test_what_duckdb_cannot_summarise_is_left_to_polars() -> None:
    frame = nw.from_native(pl.LazyFrame({"k": [1, 1, 2], "t": ["a", "b", "c"]}))
    with limited(LIMIT):
        found = ops.group(frame, ["k"], [ops.Aggregation("t", "concat", "all")]).to_native().collect()
    assert found.rows() == [(1, "a, b"), (2, "c")]


def test_operations_on_each_other_work_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    frame = nw.from_native(pl.LazyFrame({"k": [3, 1, 2, 1], "v": [1, 2, 3, 4]}))
    with limited(LIMIT):
        ordered = ops.sort(frame, [("k", False)])
        joined = ops.join(ordered, ops.sort(frame, [("v", True)]), [("k", "k")], "left")
        query = ops.group(joined, ["k"], [ops.Aggregation("v_right", "sum", "sum")]).to_native()
    found, again = pl.collect_all([query, query.filter(pl.col("sum") > 2).select("sum").head(1)])
    assert found.rows() == [(1, 12), (2, 3), (3, 1)]
    assert again.rows() == [(12,)]
    assert list(tmp_path.iterdir()) == []


def test_a_limit_that_is_too_small_is_told_in_a_sentence(tmp_path: Path) -> None:
    workflow = nf.Workflow("small", folder=tmp_path)
    rows = 3_000_000
    pl.select(k=pl.int_range(rows) // 2, v=pl.int_range(rows)).write_csv(tmp_path / "big.csv")
    read = workflow.add("csv_reader", path="big.csv")
    workflow.add("group_by", read, keys=["k"], aggregations=[{"column": "v", "function": "median"}])
    result = workflow.run(cache=False, memory_limit="70MB", check=False)
    assert "a memory limit of 70 MB is not enough" in result.reports["group_by"].reason


@pytest.mark.parametrize("cache", [True, False])
def test_a_run_within_a_limit_gives_the_same(
    cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "system"
    system.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(system))
    (tmp_path / "people.csv").write_text("name,town\nAda,Ulm\nBo,Bonn\nCy,Ulm\n")
    (tmp_path / "towns.csv").write_text("town,size\nUlm,120\nBonn,330\n")
    workflow = nf.Workflow("limit", folder=tmp_path)
    people = workflow.add("csv_reader", id="people", path="people.csv")
    towns = workflow.add("csv_reader", id="towns", path="towns.csv")
    joined = workflow.add("joiner", people, towns, keys=[{"left": "town", "right": "town"}])
    grouped = workflow.add("group_by", joined, keys=["size"], row_count="n")
    workflow.add("sorter", grouped, by=[{"column": "n"}])
    result = workflow.run(cache=cache, cache_folder=tmp_path / "cache", memory_limit="200MB")
    assert result["sorter"].table.to_polars().rows() == [(330, 1), (120, 2)]
    del result
    gc.collect()
    assert list(system.iterdir()) == []


@pytest.mark.parametrize("text", ["", "much", "-1GB", "1 XB"])
def test_a_wrong_size_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        read_size(text)
