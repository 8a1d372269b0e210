"""Database Writer: all rows or none, in SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nodeflow_nodes.io.database_writer import DatabaseWriter
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow.export.python import PythonScript

pytest.importorskip("duckdb")
pytest.importorskip("sqlalchemy")

from databases import PASSWORD, Database

ROWS = pl.DataFrame({"k": [1, 2, 3], "v": ["x", None, ""]})


def written(context: Any, database: Database, table: pl.DataFrame = ROWS, **parameters: Any) -> str:
    """Write and give what the node tells."""
    node = DatabaseWriter.from_json(database.place(**{"table_name": "t", **parameters}))
    assert list(node.check({"table": nf.TableSpec(table.schema)})) == []
    context.warnings.clear()
    assert node.run(table.lazy(), context) is None
    (told,) = context.warnings
    return told


def test_a_new_table_is_made(context, database: Database) -> None:
    assert written(context, database) == 'made table "t" with 3 rows'
    assert_frame_equal(database.read(table_name="t"), ROWS)
    assert [path.name for path in database.file.parent.iterdir() if path.is_file()] in (
        [],
        [database.file.name],
    )


def test_every_type_comes_back(context, database: Database) -> None:
    moment = datetime.datetime(2024, 2, 29, 10, 0, 0, 5)
    table = pl.DataFrame(
        {
            "b": [True, None, False],
            "i": [2**63 - 1, None, -(2**63)],
            "f": [0.1, None, -1e300],
            "t": ["é 'x' \"y\" \\ \\N \\. 🦆\n,\t", None, ""],
            "c": pl.Series(["p", None, "q"], dtype=pl.Categorical),
            "d": [datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)],
            "m": [moment, None, datetime.datetime(9999, 12, 31)],
            "z": pl.Series([moment, None, moment]).dt.replace_time_zone("Europe/Berlin"),
            "h": [datetime.time(23, 59, 59, 999999), None, datetime.time(0)],
            "n": pl.Series([Decimal("12345678901234567890.12"), None, Decimal("-0.01")], dtype=pl.Decimal(30, 2)),
            "s": pl.Series([Decimal("12.34"), None, Decimal("-0.01")], dtype=pl.Decimal(9, 2)),
            "x": [b"\x00\xff", None, b""],
        }
    )  # fmt: skip
    written(context, database, table)
    expected = table.with_columns(
        pl.col("c").cast(pl.String), pl.col("z").dt.convert_time_zone("UTC"), pl.col("x").bin.encode("hex")
    )
    assert_frame_equal(database.read(table_name="t"), expected)


def test_small_and_unsigned_numbers_are_kept(context, database: Database) -> None:
    table = pl.DataFrame(
        {
            str(dtype): pl.Series([0, dtype.max().pipe(pl.select).item(), None], dtype=dtype)
            for dtype in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
        }
    )
    written(context, database, table)
    found = database.read(table_name="t")
    assert [[None if v is None else int(v) for v in row] for row in found.rows()] == [
        list(row) for row in table.rows()
    ]


def test_durations_and_nested_columns_go_where_they_can(
    context, tmp_path: Path, postgresql: Database
) -> None:
    duck = Database("duckdb", tmp_path)
    table = pl.DataFrame(
        {
            "d": [datetime.timedelta(days=-1, microseconds=5), None],
            "l": [[1, 2], None],
            "s": [{"a": 1}, {"a": None}],
        }
    )
    written(context, duck, table)
    assert_frame_equal(duck.read(table_name="t"), table)
    written(context, postgresql, table.select("d"))
    assert postgresql.execute("SELECT extract(epoch FROM d)::text FROM t") == [("-86399.999995",), (None,)]


@pytest.mark.parametrize(
    ("kind", "table", "words"),
    [
        ("sqlite", pl.DataFrame({"d": [datetime.timedelta(1)]}), "SQLite has no type for column"),
        ("postgresql", pl.DataFrame({"l": [[1]]}), "make it a text"),
        ("sqlite", pl.DataFrame({"a": [1], "A": [1]}), "apart"),
        ("duckdb", pl.DataFrame({"": [1]}), "rename"),
        ("sqlite", pl.DataFrame({"a\0": [1]}), "rename"),
        ("postgresql", pl.DataFrame({"ü" * 32: [1]}), "63 bytes"),
        ("sqlite", pl.DataFrame(), "without columns"),
    ],
)
def test_what_cannot_be_written_is_told_before_running(kind: str, table: pl.DataFrame, words: str) -> None:
    place = {"host": "db", "database": "d"} if kind == "postgresql" else {"file": "x.db"}
    node = DatabaseWriter.from_json({"kind": kind, "table_name": "t", **place})
    (fault,) = node.check({"table": nf.TableSpec(table.schema)})
    assert words in fault.sentence


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"existing": "upsert"}, "name the key columns"),
        ({"existing": "append", "keys": ["k"]}, "take the keys away"),
        ({"existing": "upsert", "keys": ["k", "k"]}, "comes twice"),
        ({"table_name": ""}, "at least 1"),
        ({"table_name": "a\0"}, "no database takes"),
        ({"existing": "overwrite"}, "replace"),
        ({"file": None}, "name the file"),
    ],
)
def test_impossible_settings_are_told_at_once(parameters: dict[str, Any], words: str) -> None:
    _, faults = DatabaseWriter.decode({"file": "x.db", "table_name": "t", **parameters})
    assert words in " | ".join(fault.sentence for fault in faults)


def test_a_key_that_is_no_column_is_told(faults) -> None:
    node = DatabaseWriter.from_json({"file": "x.db", "table_name": "t", "existing": "upsert", "keys": ["kk"]})
    (told,) = faults(node, table=ROWS)
    assert 'no column "kk"' in told


def test_an_existing_table_is_left_alone_by_default(context, database: Database) -> None:
    database.execute("CREATE TABLE t (k bigint)", "INSERT INTO t VALUES (7)")
    with pytest.raises(nf.NodeFailed, match='has a table "t" already'):
        written(context, database)
    assert database.execute("SELECT * FROM t") == [(7,)]


def test_rows_are_appended_by_the_names_of_columns(context, database: Database) -> None:
    database.execute(
        "CREATE TABLE t (v text, k bigint, d bigint DEFAULT 5)", "INSERT INTO t VALUES ('old', 0, 1)"
    )
    assert written(context, database, existing="append") == 'added 3 rows to table "t"'
    assert database.execute("SELECT k, v, d FROM t") == [(0, "old", 1), (1, "x", 5), (2, None, 5), (3, "", 5)]
    with pytest.raises(nf.NodeFailed, match='no column "kk"; did you mean "k"'):
        written(context, database, ROWS.rename({"k": "kk"}), existing="append")
    assert written(context, database, table_name="new", existing="append") == 'made table "new" with 3 rows'


def test_a_table_is_replaced_and_told(context, database: Database) -> None:
    database.execute("CREATE TABLE t (other text)", "INSERT INTO t VALUES ('a'), ('b')")
    assert written(context, database, existing="replace") == 'replaced table "t", which had 2 rows, by 3 rows'
    assert_frame_equal(database.read(table_name="t"), ROWS)


def test_rows_are_updated_or_added_by_their_keys(context, database: Database) -> None:
    database.execute(
        "CREATE TABLE t (k bigint PRIMARY KEY, v text, kept bigint)", "INSERT INTO t VALUES (1, 'old', 10), (9, 'nine', 90)",
    )  # fmt: skip
    told = written(context, database, existing="upsert", keys=["k"])
    assert told == 'updated 1 row of table "t" and added 2'
    assert sorted(database.execute("SELECT k, v, kept FROM t")) == [
        (1, "x", 10), (2, None, None), (3, "", None), (9, "nine", 90),
    ]  # fmt: skip
    assert (
        written(context, database, existing="upsert", keys=["k"]) == 'updated 3 rows of table "t" and added 0'
    )
    keys_only = written(context, database, ROWS.select("k"), table_name="t", existing="upsert", keys=["k"])
    assert keys_only == 'updated 3 rows of table "t" and added 0'


def test_several_keys_need_no_primary_key(context, database: Database) -> None:
    table = pl.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"], "v": [1.5, 2.5, 3.5]})
    written(context, database, table.head(2))
    changed = table.with_columns(pl.col("v") * 10)
    assert written(context, database, changed, existing="upsert", keys=["b", "a"]).startswith(
        "updated 2 rows"
    )
    assert_frame_equal(database.read(table_name="t").sort("a", "b"), changed)


def test_keys_become_the_primary_key_of_a_new_table(context, database: Database) -> None:
    written(context, database, existing="upsert", keys=["k"])
    with pytest.raises(nf.NodeFailed):
        written(context, database, existing="append")
    assert len(database.execute("SELECT * FROM t")) == 3


def test_keys_must_tell_rows_apart(context, database: Database) -> None:
    database.execute("CREATE TABLE t (k bigint, v text)")
    double = pl.concat([ROWS, ROWS.head(1)])
    with pytest.raises(nf.NodeFailed, match="1 comes 2 times"):
        written(context, database, double, existing="upsert", keys=["k"])
    missing = ROWS.with_columns(k=pl.Series([1, None, None], dtype=pl.Int64))
    with pytest.raises(nf.NodeFailed, match='2 rows have no value in the key "k"'):
        written(context, database, missing, existing="upsert", keys=["k"])
    assert database.execute("SELECT * FROM t") == []


@pytest.mark.parametrize("existing", ["append", "upsert"])
def test_a_row_that_fails_in_the_middle_undoes_everything(context, database: Database, existing: str) -> None:
    database.execute("CREATE TABLE t (k bigint, v bigint CHECK (v < 60000))", "INSERT INTO t VALUES (0, 0)")
    table = pl.select(k=pl.int_range(70_000)).with_columns(v=pl.col("k"))
    with pytest.raises(nf.NodeFailed, match=r"(?i)check"):
        written(context, database, table, existing=existing, keys=["k"] if existing == "upsert" else [])
    assert database.execute("SELECT k, v FROM t") == [(0, 0)]


def test_a_replacement_that_fails_leaves_the_old_table(context, database: Database) -> None:
    database.execute("CREATE TABLE t (k bigint)", "INSERT INTO t VALUES (7)")
    table = pl.select(k=pl.int_range(30_000)).with_columns(pl.col("k").replace(29_999, 5))
    with pytest.raises(nf.NodeFailed):
        written(context, database, table, existing="replace", keys=["k"])
    assert database.execute("SELECT * FROM t") == [(7,)]


def test_a_query_that_fails_on_its_way_touches_nothing(context, database: Database) -> None:
    node = DatabaseWriter.from_json(database.place(table_name="t"))
    failing = ROWS.lazy().with_columns(pl.col("v").cast(pl.Int64, strict=True))
    with pytest.raises(pl.exceptions.PolarsError):
        node.run(failing, context)
    assert not database.file.exists()
    assert database.server is None or database.execute("SELECT to_regclass('t') IS NULL") == [(True,)]


def test_a_new_file_that_fails_is_not_there(context, tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        database = Database(kind, tmp_path)
        double = pl.concat([ROWS, ROWS])
        with pytest.raises(nf.NodeFailed):
            written(context, database, double, keys=["k"])
        assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_an_empty_table_one_row_and_many(context, database: Database) -> None:
    assert written(context, database, ROWS.clear()) == 'made table "t" with 0 rows'
    assert written(context, database, ROWS.head(1), existing="append") == 'added 1 row to table "t"'
    many = pl.select(k=pl.int_range(200_000)).with_columns(v=pl.format("text number {}", "k"))
    assert (
        written(context, database, many, existing="replace")
        == 'replaced table "t", which had 1 row, by 200,000 rows'
    )
    assert database.execute("SELECT count(*), sum(k), max(length(v)) FROM t") == [
        (200_000, 19_999_900_000, 18)
    ]


def test_hostile_names_are_only_names(context, database: Database, hostile_names: list[str]) -> None:
    names = [name for name in hostile_names if name and "\0" not in name and len(name) < 60]
    table = pl.DataFrame({name: [number, None] for number, name in enumerate(names)})
    database.execute("CREATE TABLE kept (a bigint)")
    evil = '"; DROP TABLE kept; --'
    for existing in ("fail", "append", "upsert", "replace"):
        keys = names[:2] if existing == "upsert" else []
        rows = table.head(1) if existing == "upsert" else table
        written(context, database, rows, table_name=evil, existing=existing, keys=keys)
    assert_frame_equal(database.read(table_name=evil), table)
    assert database.execute("SELECT count(*) FROM kept") == [(0,)]


def test_values_are_only_values(context, database: Database) -> None:
    evil = pl.DataFrame({"v": ["'); DROP TABLE kept; --", "%s %(v)s :v $1 ?", "\\'; --", "{}", '"']})
    database.execute("CREATE TABLE kept (a bigint)")
    written(context, database, evil)
    assert_frame_equal(database.read(table_name="t"), evil)
    assert database.execute("SELECT count(*) FROM kept") == [(0,)]


def test_a_view_is_not_written_to(context, database: Database) -> None:
    database.execute("CREATE TABLE a (k bigint)", "CREATE VIEW t AS SELECT k FROM a")
    for existing in ("append", "replace"):
        with pytest.raises(nf.NodeFailed, match="is a view"):
            written(context, database, ROWS.select("k"), existing=existing)


def test_a_schema_is_written_to(context, postgresql: Database) -> None:
    postgresql.execute("DROP SCHEMA IF EXISTS other CASCADE", "CREATE SCHEMA other")
    written(context, postgresql, schema="other")
    assert postgresql.execute("SELECT count(*) FROM other.t") == [(3,)]
    with pytest.raises(nf.NodeFailed, match="nowhere"):
        written(context, postgresql, schema="nowhere")


def test_what_is_wrong_with_a_server_is_told_without_the_password(
    context, postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "wr0ng-canary")
    for change, words in [
        ({"password": {"environment": "WRONG"}}, "does not take the password"),
        ({"port": 1}, "no PostgreSQL server answers"),
    ]:
        with pytest.raises(nf.NodeFailed, match=words) as caught:
            written(context, postgresql, **change)
        assert "canary" not in str(caught.value)


def test_two_nodes_may_make_the_same_file(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        workflow = nf.Workflow("w", folder=tmp_path)
        table = workflow.add("table_creator", columns=[{"name": "a", "type": "integer", "cells": ["1"]}])
        for number in range(4):
            workflow.add("database_writer", table, kind=kind, file=f"two.{kind}", table_name=f"t{number}")
        result = workflow.run(cache=False, output=tmp_path)
        assert {one.state for one in result.reports.values()} == {"done"}
        database = Database(kind, tmp_path)
        database.file = tmp_path / f"two.{kind}"
        assert all(database.execute(f"SELECT * FROM t{number}") == [(1,)] for number in range(4))


def test_a_file_that_is_read_may_be_written_to(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        database = Database(kind, tmp_path)
        database.execute("CREATE TABLE t (k bigint)", "INSERT INTO t VALUES (1), (2)")
        workflow = nf.Workflow("w", folder=tmp_path)
        read = workflow.add("database_reader", **database.place(table_name="t"))
        more = workflow.add("formula", read, formulas=[{"name": "k", "expression": "k + 10"}])
        workflow.add("database_writer", more, **database.place(table_name="t", existing="append"))
        workflow.run(cache_folder=tmp_path / "cache", output=tmp_path)
        workflow.run(cache_folder=tmp_path / "cache", output=tmp_path)
        assert sorted(database.execute("SELECT k FROM t")) == [
            (1,),
            (2,),
            (11,),
            (11,),
            (12,),
            (12,),
            (21,),
            (22,),
        ]


def test_a_file_in_use_is_told(context, sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    sqlite.execute("CREATE TABLE t (k bigint, v text)")
    monkeypatch.setattr("nodeflow_nodes.io._connection._LOCK_PATIENCE", 0.1)
    other = sqlite3.connect(sqlite.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(nf.NodeFailed, match="in use by another program"):
            written(context, sqlite, existing="append")
    finally:
        other.close()


def test_a_workflow_file_writes_only_where_it_may(tmp_path: Path) -> None:
    workflow = nf.Workflow("w")
    table = workflow.add("table_creator", columns=[{"name": "a", "cells": ["1"]}])
    workflow.add("database_writer", table, file="../elsewhere.db", table_name="t")
    workflow.save(tmp_path / "w.json")
    with pytest.raises(nf.WorkflowError, match="--allow-write"):
        nf.load(tmp_path / "w.json").run(cache=False, output=tmp_path / "out")


def test_another_file_is_not_taken_for_a_database(context, tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        database = Database(kind, tmp_path)
        database.file.write_text("a,b\n1,2\n" * 9)
        with pytest.raises(nf.NodeFailed, match="it is no database"):
            written(context, database)
        assert database.file.read_text().startswith("a,b")


@pytest.mark.parametrize("existing", ["fail", "append", "replace"])
def test_the_exported_script_writes_the_same(context, database: Database, existing: str) -> None:
    node = DatabaseWriter.from_json(database.place(table_name="t", existing=existing))
    script = PythonScript()
    script.begin("rows", "rows", {}, 0)
    name = script.output("table")
    script.begin("result", node.name, {"table": [("rows", "table")]}, 0)
    node.export_python(script)
    assert PASSWORD not in script.text()
    exec(compile(script.text(), "exported.py", "exec"), {name: ROWS.lazy()})  # noqa: S102 - the test is about running it
    assert_frame_equal(database.read(table_name="t"), ROWS)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            st.one_of(st.none(), st.dates()),
            st.one_of(st.none(), st.datetimes()),
            st.one_of(st.none(), st.booleans()),
        ),
        max_size=8,
    )
)
def test_what_is_written_is_read_back(context, database: Database, rows: list[tuple[Any, ...]]) -> None:
    types = {
        "i": pl.Int64,
        "t": pl.String,
        "f": pl.Float64,
        "d": pl.Date,
        "m": pl.Datetime("us"),
        "b": pl.Boolean,
    }
    table = pl.DataFrame(rows, schema=types, orient="row")
    written(context, database, table, existing="replace")
    assert_frame_equal(database.read(table_name="t"), table)
