"""Database Reader: the same table from SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime
import os
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.io.database_reader import DatabaseReader
from polars.testing import assert_frame_equal

import nodeflow as nf
from nodeflow.export.python import PythonScript

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlalchemy")

sys.path.append(str(Path(__file__).parent))
from databases import PASSWORD, NoServer, Postgres, postgres  # noqa: E402

KINDS = ["sqlite", "duckdb", "postgresql"]

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    try:
        context = postgres()
        running = context.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    os.environ["NODEFLOW_TEST_PASSWORD"] = PASSWORD
    try:
        yield running
    finally:
        del os.environ["NODEFLOW_TEST_PASSWORD"]
        context.__exit__(None, None, None)


class Database:
    """An empty database of one kind: where it is, and a way to run statements on it."""

    def __init__(self, kind: str, folder: Path, server: Postgres | None) -> None:
        self.kind = kind
        self.server = server
        self.file = folder / f"test.{kind}"
        if server is not None:
            server.execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    def place(self, **others: Any) -> dict[str, Any]:
        if self.server is not None:
            return self.server.place(**others)
        return {"kind": self.kind, "file": str(self.file), **others}

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        if self.server is not None:
            return self.server.execute(*statements)
        opened = sqlite3.connect(self.file) if self.kind == "sqlite" else duckdb.connect(str(self.file))
        try:
            for statement in statements:
                rows = opened.execute(statement).fetchall()
            opened.commit()
            return rows
        finally:
            opened.close()

    def reader(self, **others: Any) -> DatabaseReader:
        return DatabaseReader.from_json(self.place(**others))

    def read(self, **others: Any) -> pl.DataFrame:
        """What a reader gives, checked against what it says before it runs."""
        node = self.reader(**others)
        assert list(node.check({})) == []
        found = node.run().collect(engine="streaming")
        told = node.spec({})
        if self.server is None:
            assert told is not None
            assert told.columns == dict(found.schema)
        else:
            assert told is None
        return found


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    is_server = request.param == "postgresql"
    return Database(request.param, tmp_path, request.getfixturevalue("server") if is_server else None)


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    return Database("sqlite", tmp_path, None)


@pytest.fixture
def postgresql(server: Postgres, tmp_path: Path) -> Database:
    return Database("postgresql", tmp_path, server)


MOMENT = datetime.datetime(2024, 2, 29, 10, 0, 0, 5)


def test_every_kind_gives_the_same_table(database: Database) -> None:
    zoned = "timestamptz" if database.kind != "sqlite" else "timestamp"
    database.execute(
        f"CREATE TABLE t (i bigint, t text, f double precision, b boolean, d date, m timestamp, z {zoned}, "
        "c time, n decimal(12, 2), x text)",
        "INSERT INTO t VALUES (1, 'é ''quoted'' 🦆', 1.5, true, '2024-02-29', '2024-02-29 10:00:00.000005', "
        "'2024-02-29 10:00:00+02:00', '10:00:01', 1234567.25, ''), "
        "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "
        "(-9007199254740993, '', -0.1, false, '1969-12-31', '1969-12-31 00:00:00', '1969-12-31 00:00:00+00:00', "
        "'00:00:00', -0.01, 'x')",
    )
    expected = pl.DataFrame(
        {
            "i": [1, None, -9007199254740993],
            "t": ["é 'quoted' 🦆", None, ""],
            "f": [1.5, None, -0.1],
            "b": [True, None, False],
            "d": [datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31)],
            "m": [MOMENT, None, datetime.datetime(1969, 12, 31)],
            "z": pl.Series([datetime.datetime(2024, 2, 29, 8), None, datetime.datetime(1969, 12, 31)]).dt.replace_time_zone("UTC"),
            "c": [datetime.time(10, 0, 1), None, datetime.time(0)],
            "n": pl.Series([Decimal("1234567.25"), None, Decimal("-0.01")], dtype=pl.Decimal(12, 2)),
            "x": ["", None, "x"],
        }
    )  # fmt: skip
    assert_frame_equal(database.read(table_name="t"), expected)
    assert_frame_equal(database.read(query="SELECT * FROM t"), expected)


def test_an_empty_table_and_one_row(database: Database) -> None:
    database.execute("CREATE TABLE t (i bigint, d date, s text)")
    empty = database.read(table_name="t")
    assert empty.height == 0
    database.execute("INSERT INTO t VALUES (7, '2024-02-29', 'x')")
    one = database.read(table_name="t")
    assert one.rows() == [(7, datetime.date(2024, 2, 29), "x")]
    assert empty.schema == one.schema == {"i": pl.Int64, "d": pl.Date, "s": pl.String}


def test_views_schemas_and_columns_are_chosen(database: Database) -> None:
    database.execute(
        "CREATE TABLE t (a bigint, b bigint, c text)", "INSERT INTO t VALUES (3, 1, 'x'), (1, 2, 'y'), (2, 3, 'z')",
        "CREATE VIEW v AS SELECT a, a * 10 AS ten, c FROM t",
    )  # fmt: skip
    assert database.read(table_name="v", columns=["ten", "a"]).rows() == [(30, 3), (10, 1), (20, 2)]
    found = database.read(table_name="t", order_by=["a"], max_rows=2, columns={"exclude": ["b"]})
    assert found.rows() == [(1, "y"), (2, "z")]
    assert database.reader(table_name="t", max_rows=0).run().collect().height == 0
    schema = {"sqlite": "main", "duckdb": "main", "postgresql": "public"}[database.kind]
    assert database.read(table_name="t", schema=schema).height == 3


def test_only_what_is_used_is_asked_for(database: Database) -> None:
    database.execute("CREATE TABLE t (a bigint, b text)", "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'x')")
    query = database.reader(table_name="t").run()
    assert query.select("b").head(2).collect(engine="streaming").rows() == [("x",), ("y",)]
    assert query.filter(pl.col("b") == "x").select("a").collect(engine="streaming").rows() == [(1,), (3,)]
    assert query.filter(pl.col("b") == "x").head(1).collect().rows() == [(1, "x")]
    assert query.select(pl.len()).collect().item() == 3
    asked = database.reader(query="SELECT b, a FROM t ORDER BY a DESC").run()
    assert asked.select("a").head(2).collect().rows() == [(3,), (2,)]


def test_values_go_beside_the_query(database: Database) -> None:
    database.execute(
        "CREATE TABLE t (a bigint, b text, d date)",
        "INSERT INTO t VALUES (1, 'x', '2024-01-01'), (2, 'o''x', NULL)",
    )
    evil = "x'; DROP TABLE t; --"
    node = {"query": "SELECT a FROM t WHERE b = :b", "query_values": {"b": evil}}
    assert database.read(**node).height == 0
    assert database.read(**(node | {"query_values": {"b": "o'x"}})).rows() == [(2,)]
    both = database.read(
        query="SELECT a, ':b' AS p, '50%' AS q FROM t WHERE a > :n /* :c */ AND b LIKE '%' AND :n < 9 -- :d",
        query_values={"n": 1},
    )
    assert both.rows() == [(2, ":b", "50%")]
    found = database.read(query="SELECT a FROM t WHERE d = :day", query_values={"day": "2024-01-01"})
    assert found.rows() == [(1,)]
    assert len(database.execute("SELECT * FROM t")) == 2


def test_hostile_names_are_only_names(database: Database, hostile_names: list[str]) -> None:
    names = [name for name in hostile_names if name and "\0" not in name and len(name) < 60]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    table = '"; DROP TABLE kept; --'
    database.execute(
        "CREATE TABLE kept (a bigint)",
        f'CREATE TABLE """; DROP TABLE kept; --" ({", ".join(f"{name} bigint" for name in quoted)})',
        f'INSERT INTO """; DROP TABLE kept; --" VALUES ({", ".join(map(str, range(len(names))))})',
    )
    assert database.read(table_name=table, order_by=names[:2]).to_dicts() == [
        {n: i for i, n in enumerate(names)}
    ]
    assert database.read(table_name=table, columns=["*"]).columns == ["*"]
    for evil in ('kept"; DROP TABLE kept; --', "kept; DROP TABLE kept", "kept' --"):
        with pytest.raises(nf.NodeFailed, match="no table"):
            database.reader(table_name=evil).run()
    assert database.execute("SELECT count(*) FROM kept") == [(0,)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("DROP TABLE t", "not with \"DROP\""),
        ("DELETE FROM t", "SELECT or WITH"),
        ("SELECT 1; DROP TABLE t", "second statement"),
        ("", "name a table"),
        ("-- nothing", "empty"),
        ("SELECT :a", 'no value for ":a"'),
    ],
)  # fmt: skip
def test_what_does_not_read_is_told_before_running(query: str, words: str, database: Database) -> None:
    with pytest.raises(nf.ParameterError, match=words):
        database.reader(query=query)


@pytest.mark.parametrize(
    "query",
    [
        "WITH x AS (SELECT 1) DELETE FROM t",
        "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT readfile('/etc/passwd')",
        "SELECT load_extension('x')",
        "VALUES (1); VACUUM INTO '/tmp/x'",
    ],
)
def test_nothing_is_changed_and_no_file_is_read(query: str, database: Database) -> None:
    database.execute("CREATE TABLE t (a bigint)", "INSERT INTO t VALUES (1)")
    with pytest.raises(nf.NodeflowError):
        database.reader(query=query).run().collect()
    assert database.execute("SELECT * FROM t") == [(1,)]


def test_a_duckdb_file_reaches_nothing_through_its_views(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    database = Database("duckdb", tmp_path, None)
    database.execute(f"CREATE VIEW v AS SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
    (fault,) = database.reader(table_name="v").check({})
    assert "no file" in fault.sentence


def test_sqlite_can_attach_nothing(sqlite: Database, tmp_path: Path) -> None:
    sqlite.execute("CREATE TABLE t (a bigint)")
    for statement in (
        f"ATTACH '{tmp_path / 'other.db'}' AS o",
        f"VACUUM INTO '{tmp_path / 'copy.db'}'",
        "PRAGMA user_version = 7",
    ):
        with pytest.raises(nf.ParameterError, match="SELECT or WITH"):
            sqlite.reader(query=statement)
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("SELECT * FORM t", 9),
        ("SELECT b FROM t", 7),
        ("SELECT 'ü', b FROM t", 12),
        ("SELECT a FROM t WHERE a = :x", 26),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_fault_of_a_query_points_at_its_place(kind: str, query: str, position: int, tmp_path: Path) -> None:
    database = Database(kind, tmp_path, None)
    database.execute("CREATE TABLE t (a bigint)")
    node, faults = DatabaseReader.decode(database.place(query=query))
    (fault,) = faults or node.check({})
    assert fault.place == "query"
    assert fault.position == (position if kind == "sqlite" or "FORM" not in query else 14)


def test_what_is_not_there_is_told_with_the_nearest(database: Database) -> None:
    database.execute("CREATE TABLE orders (a bigint)")
    with pytest.raises(nf.NodeFailed, match='no table "order"; did you mean "orders"'):
        database.reader(table_name="order").run()
    with pytest.raises(nf.NodeFailed, match='no column "b"'):
        database.reader(table_name="orders", columns=["b"]).run()
    with pytest.raises(nf.NodeFailed, match='several columns "a"'):
        database.reader(query="SELECT a, a FROM orders").run()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"table_name": "t"}, "name the file of the SQLite"),
        ({"kind": "duckdb", "file": "x", "host": "db", "table_name": "t"}, "a DuckDB database is a file"),
        ({"kind": "postgresql", "table_name": "t"}, "name the server of the PostgreSQL"),
        ({"kind": "mysql", "host": "db", "table_name": "t"}, "name the name of the MySQL"),
        ({"kind": "mysql", "host": "db", "database": "d", "file": "x", "table_name": "t"}, "take the file away"),
        ({"kind": "postgresql", "host": "postgresql://ann:hunter2@db/sales", "table_name": "t"}, "environment variable"),
        ({"kind": "postgresql", "host": "db", "database": "postgresql://ann:hunter2@db/sales", "table_name": "t"}, "not a URL"),
        ({"kind": "postgresql", "host": "db", "database": "d", "password": "hunter2", "table_name": "t"}, "never kept"),
        ({"file": "x.db"}, "name a table, or write a query"),
        ({"file": "x.db", "table_name": "t", "query": "SELECT 1"}, "not both"),
        ({"file": "*.db", "table_name": "t"}, "one file"),
        ({"file": "x.db", "query": "SELECT 1", "order_by": ["a"]}, "ORDER BY"),
        ({"file": "x.db", "query": "SELECT 1", "query_values": {"a": 1}}, "write :a"),
        ({"file": "x.db", "query": "SELECT :start", "query_values": {"strat": 1}}, 'did you mean "strat"'),
        ({"file": "x.db", "table_name": "t", "query_values": {"a": 1}}, "for a query"),
        ({"file": "x.db", "table_name": "t\0"}, "no name can have"),
        ({"file": "x.db", "table_name": "t", "port": 0}, "from 1 to 65"),
    ],
)  # fmt: skip
def test_impossible_settings_are_told_at_once(parameters: dict[str, Any], words: str) -> None:
    _, faults = DatabaseReader.decode(parameters)
    told = " | ".join(fault.sentence for fault in faults)
    assert words in told
    assert "hunter2" not in told


def test_sqlite_types_follow_the_values_where_they_must(sqlite: Database) -> None:
    sqlite.execute(
        "CREATE TABLE t (n NUMERIC, i INTEGER, d DATE, b BOOLEAN, a, x BLOB, m TEXT DECIMAL(30, 20), u DATETIME)",
        "INSERT INTO t VALUES (1.5, 1, 20240229, 2, 'x', x'00ff', '1.23456789012345678901', '2024-01-01'), "
        "(2, 2, 20240301, 0, 1, NULL, '1', '2024-01-01T10:00:00')",
    )
    found = sqlite.read(table_name="t")
    assert found.schema == {
        "n": pl.Float64, "i": pl.Int64, "d": pl.Int64, "b": pl.Int64, "a": pl.String, "x": pl.String,
        "m": pl.Decimal(30, 20), "u": pl.Datetime("us"),
    }  # fmt: skip
    assert found.row(0) == (
        1.5, 1, 20240229, 2, "x", "00ff", Decimal("1.23456789012345678901"), datetime.datetime(2024, 1, 1),
    )  # fmt: skip
    assert found["a"].to_list() == ["x", "1"]


def test_a_value_further_down_that_does_not_fit_stops_the_run_with_its_row(sqlite: Database) -> None:
    sqlite.execute(
        "CREATE TABLE t (i INTEGER)",
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345) SELECT i FROM n",
        "INSERT INTO t VALUES ('twelve')",
    )
    with pytest.raises(nf.NodeFailed, match=r"""column "i", row 12,346: 'twelve'.*CAST"""):
        sqlite.reader(table_name="t").run().collect(engine="streaming")
    assert sqlite.read(query="SELECT CAST(i AS TEXT) AS i FROM t")["i"][-1] == "twelve"


def test_postgresql_keeps_what_it_has(postgresql: Database) -> None:
    postgresql.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE t (s smallint, i int, r real, w numeric, v varchar(9), c char(3), j jsonb, u uuid, x bytea, "
        "a int[], p interval, e mood, g cidr, o oid)",
        "INSERT INTO t VALUES (1, 2, 1.5, 12345678901234567890.5, 'v', 'c', '{\"b\": [1, null]}', "
        "'00000000-0000-0000-0000-000000000001', '\\x00ff', '{1,NULL}', '1 mon 2 days', 'ok', '10.0.0.0/8', 7)",
    )
    found = postgresql.read(table_name="t")
    assert found.schema == {
        "s": pl.Int16, "i": pl.Int32, "r": pl.Float32, "w": pl.Float64, "v": pl.String, "c": pl.String, "j": pl.String,
        "u": pl.String, "x": pl.String, "a": pl.String, "p": pl.String, "e": pl.String, "g": pl.String, "o": pl.UInt32,
    }  # fmt: skip
    assert found.row(0) == (
        1, 2, 1.5, 12345678901234567890.5, "v", "c  ", '{"b": [1, null]}', "00000000-0000-0000-0000-000000000001",
        "00ff", "{1,NULL}", "1 mon 2 days", "ok", "10.0.0.0/8", 7,
    )  # fmt: skip
    assert (
        postgresql.read(table_name="t", wide_numbers="text", columns=["w"]).item() == "12345678901234567890.5"
    )


def test_a_table_on_a_server_comes_by_its_key(postgresql: Database) -> None:
    postgresql.execute(
        "CREATE TABLE t (b int, a int, PRIMARY KEY (a, b))", "INSERT INTO t VALUES (1, 2), (2, 1), (1, 1)",
        "UPDATE t SET b = 3 WHERE a = 1 AND b = 1",
    )  # fmt: skip
    assert postgresql.read(table_name="t").rows() == [(2, 1), (3, 1), (1, 2)]


def test_many_rows_are_read_in_bounded_memory(database: Database) -> None:
    rows = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i, 'text number ' || i FROM n",
        "duckdb": "SELECT i, 'text number ' || i FROM range(1, 200001) n(i)",
        "postgresql": "SELECT i, 'text number ' || i FROM generate_series(1, 200000) n(i)",
    }[database.kind]
    database.execute("CREATE TABLE t (i bigint, s text)", f"INSERT INTO t {rows}")
    query = database.reader(table_name="t").run()
    tracemalloc.start()
    try:
        found = query.select(pl.col("i").sum().alias("i"), pl.col("s").str.len_chars().max()).collect(
            engine="streaming"
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.row(0) == (20_000_100_000, 18)
    assert peak < 12_000_000  # all rows as Python objects would take 35 MB


def test_what_is_wrong_with_a_server_is_told_without_the_password(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "wr0ng-canary")
    for change, words in [
        ({"password": {"environment": "WRONG"}}, "does not take the password of user \"ann\"; check the environment variable WRONG"),
        ({"password": None}, "wants a password"),
        ({"password": {"environment": "NOT_THERE"}}, "NOT_THERE is not set"),
        ({"user": "bob"}, 'user "bob"'),
        ({"port": 1}, "no PostgreSQL server answers at 127.0.0.1, port 1"),
        ({"host": "no-such-server.invalid"}, "no PostgreSQL server answers"),
        ({"database": "other"}, '"other" does not exist'),
        ({"encryption": "required"}, "SSL"),
    ]:  # fmt: skip
        with pytest.raises(nf.NodeFailed) as caught:
            postgresql.reader(table_name="t", **change).run()
        told = str(caught.value)
        assert words in told
        assert "canary" not in told
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_a_file_that_is_no_database_is_told(tmp_path: Path, sqlite: Database) -> None:
    (tmp_path / "x.db").write_text("a,b\n1,2\n" * 9)
    for kind in ("sqlite", "duckdb"):
        (fault,) = DatabaseReader(kind=kind, file=str(tmp_path / "x.db"), table_name="t").check({})
        assert "it is no database" in fault.sentence
    sqlite.execute("CREATE TABLE t (a)")
    (fault,) = DatabaseReader(kind="duckdb", file=str(sqlite.file), table_name="t").check({})
    assert 'set kind to "sqlite"' in fault.sentence
    damaged = bytearray(sqlite.file.read_bytes())
    damaged[100:] = b"\xff" * (len(damaged) - 100)
    sqlite.file.write_bytes(damaged)
    assert sqlite.reader(table_name="t").check({})


@pytest.mark.parametrize(("kind", "module", "extra"), [
    ("sqlite", "sqlalchemy", "sql"), ("duckdb", "duckdb", "sql"), ("postgresql", "psycopg", "postgres"), ("mysql", "pymysql", "mysql"),
])  # fmt: skip
def test_a_missing_driver_is_told_with_the_extra(
    kind: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    place = {"file": "x"} if kind in ("sqlite", "duckdb") else {"host": "db", "database": "d"}
    node = DatabaseReader.from_json({"kind": kind, "table_name": "t", **place})
    (fault,) = node.check({})
    assert f"pip install nodeflow[{extra}]" in fault.sentence
    with pytest.raises(nf.NodeFailed, match="pip install"):
        node.run()


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    database = Database("sqlite", tmp_path, None)
    database.execute("CREATE TABLE t (a bigint)", "INSERT INTO t VALUES (1)")
    workflow = nf.Workflow("w", folder=tmp_path)
    read = workflow.add("database_reader", file=str(database.file), table_name="t")
    run = lambda: workflow.run(cache_folder=tmp_path / "cache", output=tmp_path)  # noqa: E731
    assert run()[read.id].table.to_polars().rows() == [(1,)]
    assert run().reports[read.id].state == "cached"
    database.execute("UPDATE t SET a = 2")
    assert run()[read.id].table.to_polars().rows() == [(2,)]
    writer = sqlite3.connect(database.file)
    writer.execute("PRAGMA journal_mode = wal")
    writer.execute("UPDATE t SET a = 3")
    writer.commit()  # the change is in the log, the file is as before
    try:
        again = run()
        assert again[read.id].table.to_polars().rows() == [(3,)]
        assert run().reports[read.id].state == "done"
    finally:
        writer.close()


def test_a_server_is_asked_in_every_run(postgresql: Database, tmp_path: Path) -> None:
    postgresql.execute("CREATE TABLE t (a bigint)", "INSERT INTO t VALUES (1)")
    workflow = nf.Workflow("w", folder=tmp_path)
    read = workflow.add("database_reader", **postgresql.place(table_name="t"))
    assert workflow.run(cache_folder=tmp_path / "cache")[read.id].table.to_polars().rows() == [(1,)]
    postgresql.execute("UPDATE t SET a = 2")
    assert workflow.run(cache_folder=tmp_path / "cache")[read.id].table.to_polars().rows() == [(2,)]


def test_a_workflow_file_reaches_no_server_unasked(postgresql: Database, tmp_path: Path) -> None:
    postgresql.execute("CREATE TABLE t (a bigint)")
    workflow = nf.Workflow("w")
    workflow.add("database_reader", **postgresql.place(table_name="t"))
    workflow.save(tmp_path / "w.json")
    assert PASSWORD not in (tmp_path / "w.json").read_text()
    loaded = nf.load(tmp_path / "w.json")
    with pytest.raises(nf.WorkflowError, match=r"--allow-host 127\.0\.0\.1"):
        loaded.run(cache=False)
    assert loaded.run(cache=False, allow_host=["127.0.0.1"], output=tmp_path / "out").reports


@pytest.mark.parametrize("kind", KINDS)
def test_the_exported_script_reads_the_same(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server") if kind == "postgresql" else None
    database = Database(kind, tmp_path, server)
    database.execute(
        "CREATE TABLE t (i bigint, t text, d date, n decimal(12, 2), b boolean, m timestamp)",
        "INSERT INTO t VALUES (1, ':x', '2024-02-29', 1.25, true, '2024-02-29 10:00:00'), (2, NULL, NULL, NULL, NULL, NULL)",
    )
    for parameters in (
        {"table_name": "t"},
        {"query": "SELECT * FROM t WHERE i < :n AND t = ':x'", "query_values": {"n": 9}, "max_rows": 1},
    ):
        node = database.reader(**parameters)
        script = PythonScript()
        script.begin("result", node.name, {}, 0)
        node.export_python(script)
        assert PASSWORD not in script.text()
        names: dict[str, Any] = {}
        exec(compile(script.text(), "exported.py", "exec"), names)  # noqa: S102 - the test is about running it
        found, expected = names["result"].collect(), node.run().collect()
        if kind == "postgresql":  # there the driver's types are taken as they come
            found = found.cast(expected.schema)
        assert_frame_equal(found, expected)
