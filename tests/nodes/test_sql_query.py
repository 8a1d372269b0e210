"""SQL Query."""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.sql_query import SqlQuery
from polars.testing import assert_frame_equal

import nodeflow as nf

SALES = pl.DataFrame(
    {"city": ["Ulm", "Bonn", None, "Ulm"], "amount": [10, 20, 30, None], "*": [1.5, 2.5, 3.5, 4.5]}
)
CITIES = pl.DataFrame({"city": ["Ulm", "Bonn"], "km": [1.0, 2.0]})


def test_tables_are_joined_and_grouped(apply) -> None:
    result = apply(
        SqlQuery(
            query="""
                SELECT s.city, sum(amount) AS total, count(*) AS n, any_value(km) AS km
                FROM sales s JOIN t2 USING (city) GROUP BY s.city ORDER BY s.city
            """,
            names=["sales"],
        ),
        tables=[SALES, CITIES],
    )
    assert result.rows() == [("Bonn", 20, 1, 2.0), ("Ulm", 10, 2, 1.0)]
    assert result.schema["total"] == pl.Int64


def test_the_default_query_gives_the_table_in_its_order(apply) -> None:
    assert_frame_equal(apply(SqlQuery(), tables=[SALES]), SALES)
    assert apply(SqlQuery(), tables=[SALES.head(1)]).height == 1
    assert apply(SqlQuery(), tables=[SALES.clear()]).height == 0


def test_types_come_back_as_they_were(apply) -> None:
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 4)
    table = pl.DataFrame(
        {
            "b": [True, None],
            "i": pl.Series([1, None], dtype=pl.UInt8),
            "f": pl.Series([1.5, None], dtype=pl.Float32),
            "d": [datetime.date(1969, 12, 31), None],
            "t": [moment, None],
            "n": pl.Series([moment, None], dtype=pl.Datetime("ns")),
            "c": [datetime.time(23, 59, 59, 5), None],
            "l": [datetime.timedelta(days=-1, microseconds=7), None],
            "k": pl.Series(["12345678901234567890.12", None]).str.to_decimal(scale=2),
            "a": [[1, 2], None],
            "x": [b"\0\xff", None],
            "z": [None, None],
        }
    )
    assert_frame_equal(apply(SqlQuery(), tables=[table], exported=False), table)


def test_what_sql_lacks_comes_back_plainly(apply) -> None:
    table = pl.DataFrame(
        {
            "c": pl.Series(["p", None], dtype=pl.Categorical),
            "t": pl.Series([datetime.datetime(2024, 6, 1, 12)] * 2).dt.replace_time_zone("Europe/Berlin"),
        }
    )
    result = apply(SqlQuery(query="SELECT *, map {'a': 1} AS m FROM t1"), tables=[table], exported=False)
    assert result.schema == {"c": pl.String, "t": pl.Datetime("us", "UTC"), "m": pl.String}
    assert result.row(0) == ("p", datetime.datetime(2024, 6, 1, 10, tzinfo=datetime.UTC), "{a=1}")


def test_rows_and_columns_that_are_not_used_are_left_out() -> None:
    query = SqlQuery(query="SELECT amount AS a, city FROM t1").run([SALES.lazy()])
    assert query.select("city").head(2).collect(engine="streaming").rows() == [("Ulm",), ("Bonn",)]
    assert query.filter(pl.col("a") > 10).select("city").collect().rows() == [("Bonn",), (None,)]
    assert query.select(pl.len()).collect().item() == 4


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "at least 1"),
        ("-- nothing", "no statement"),
        ("SELECT * FORM t1", 'near "t1"'),
        ("SELECT city,\n amont FROM t1", "amont"),
        ("SELECT * FROM t2", "t2"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DROP TABLE t1", "DROP statement"),
        ("INSERT INTO t1 VALUES (1)", "INSERT statement"),
        ("COPY t1 TO 'x.csv'", "COPY statement"),
        ("ATTACH 'x.db'", "ATTACH statement"),
        ("SET threads = 4", "SET statement"),
        ("INSTALL httpfs", "LOAD statement"),
        ("PRAGMA database_list", "PRAGMA statement"),
        ("PIVOT t1 ON city", "SELECT \\* FROM \\(PIVOT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "no file"),
        ("SELECT * FROM read_text('/etc/passwd')", "no file"),
        ("SELECT * FROM glob('/*')", "no file"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("SELECT * FROM read_csv('https://example.org/x.csv')", "no file"),
        ("SELECT * FROM sqlite_scan('x.db', 't')", "sqlite_scan"),
        ("SELECT getenv('HOME')", "getenv"),
        ("SELECT city, city FROM t1", 'several columns "city"'),
    ],
)
def test_what_is_wrong_with_a_query_is_told_before_it_runs(faults, query: str, words: str) -> None:
    if not query:
        with pytest.raises(nf.ParameterError, match=words):
            SqlQuery(query=query)
        return
    (told,) = faults(SqlQuery(query=query), tables=[SALES])
    assert re.search(words, told), told


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("SELECT é FROM t1", 7),
        ("SELECT city,\n amont FROM t1", 14),
        ("SELECT 'ü', x FROM t1", 12),
        ("SELECT * FORM t1", 14),
    ],
)
def test_a_fault_points_at_its_place(query: str, position: int) -> None:
    (fault,) = SqlQuery(query=query).check({"tables": [nf.TableSpec(SALES.schema)]})
    assert (fault.place, fault.position) == ("query", position)


def test_grammar_is_checked_before_tables_are_connected() -> None:
    (fault,) = SqlQuery(query="SELECT FROM WHERE").check({})
    assert fault.position is not None
    assert SqlQuery(query="SELECT anything FROM somewhere").check({}) == ()


@pytest.mark.parametrize(
    ("names", "tables", "words"),
    [
        (["a", "b"], [SALES], "2 names for 1 table;"),
        (["T2"], [SALES, CITIES], '"T2", "t2"'),
        ([], [SALES.rename({"amount": "CITY"})], '"city", "CITY" apart'),
        ([], [SALES.rename({"city": ""})], "rename"),
    ],
)
def test_names_that_sql_does_not_take_are_told(
    faults, names: list[str], tables: list[pl.DataFrame], words: str
) -> None:
    (told,) = faults(SqlQuery(query="SELECT 1 AS x", names=names), tables=tables)
    assert words in told


@pytest.mark.parametrize("names", [["a", "A"], [""], ["x", "\0"]])
def test_names_that_no_table_can_have_are_refused(names: list[str]) -> None:
    with pytest.raises(nf.ParameterError):
        SqlQuery(names=names)


def test_odd_names_are_only_names(apply, hostile_names: list[str]) -> None:
    kept = [name for name in hostile_names if name and "\0" not in name]
    table = pl.DataFrame({name: [number] for number, name in enumerate(kept)})
    query = 'SELECT * FROM """; DROP TABLE t; --"'
    assert_frame_equal(
        apply(SqlQuery(query=query, names=['"; DROP TABLE t; --']), tables=[table], exported=False), table
    )


def test_the_order_without_order_by_is_the_same_in_every_run() -> None:
    table = pl.DataFrame({"k": [number * 7919 % 1000 for number in range(200_000)]})
    node = SqlQuery(query="SELECT k, count(*) AS n FROM t1 GROUP BY k")
    first = node.run([table.lazy()]).collect()
    assert all(node.run([table.lazy()]).collect().equals(first) for _ in range(3))
    together = SqlQuery(query=node.query, parallel=True).run([table.lazy()]).collect()
    assert_frame_equal(together.sort("k"), first.sort("k"))


def test_a_sum_beyond_64_bits_stops_the_run() -> None:
    table = pl.LazyFrame({"n": [2**62] * 4})
    with pytest.raises(nf.NodeFailed, match="out of range"):
        SqlQuery(query="SELECT sum(n) AS s FROM t1").run([table]).collect()


def test_under_a_memory_limit_a_query_spills_to_disk() -> None:
    from nodeflow.memory import limited

    table = pl.select(n=pl.int_range(2_000_000)).lazy().with_columns(t=pl.format("text number {}", "n"))
    with limited(150_000_000):
        query = SqlQuery(query="SELECT t, n FROM t1 ORDER BY t DESC").run([table])
    assert query.select(pl.len(), pl.col("n").first().alias("first")).collect(engine="streaming").row(0) == (
        2_000_000,
        999_999,
    )


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    SqlQuery().run([SALES.lazy()]).collect()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (fault,) = SqlQuery().check({"tables": [nf.TableSpec(SALES.schema)]})
    assert "pip install nodeflow[sql]" in fault.sentence


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.one_of(st.none(), st.integers(-9, 9)))))
def test_grouping_agrees_with_polars(rows: list[tuple[str | None, int | None]]) -> None:
    table = pl.DataFrame(rows, schema={"k": pl.String, "v": pl.Int64}, orient="row")
    query = "SELECT k, sum(v) AS s, count(v) AS n FROM t1 GROUP BY k ORDER BY k NULLS LAST"
    expected = (
        table.group_by("k")
        .agg(s=pl.when(pl.col("v").count() > 0).then(pl.col("v").sum()), n=pl.col("v").count().cast(pl.Int64))
        .sort("k", nulls_last=True)
    )
    assert_frame_equal(SqlQuery(query=query).run([table.lazy()]).collect(), expected)
