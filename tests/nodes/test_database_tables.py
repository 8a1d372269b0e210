"""Database Tables."""

from __future__ import annotations

import polars as pl
import pytest
from nodeflow_nodes.io.database_tables import DatabaseTables

import nodeflow as nf

pytest.importorskip("duckdb")
pytest.importorskip("sqlalchemy")

from databases import Database


def listed(database: Database, **parameters: object) -> pl.DataFrame:
    node = DatabaseTables.from_json(database.place(**parameters))
    assert list(node.check({})) == []
    found = node.run()
    assert nf.TableSpec(found.schema) == node.spec({})
    return found


def test_tables_views_columns_and_keys_are_listed(database: Database) -> None:
    database.execute(
        'CREATE TABLE "b; --" ("x""y" bigint NOT NULL, a varchar(9), PRIMARY KEY (a, "x""y"))',
        'CREATE TABLE a ("é" double precision, d date NOT NULL)',
        'CREATE VIEW v AS SELECT d FROM a',
    )  # fmt: skip
    found = listed(database)
    schema = "public" if database.kind == "postgresql" else "main"
    assert found["schema"].unique().to_list() == [schema]
    assert found.select("table", "kind", "column", "key").rows() == [
        ("a", "table", "é", None),
        ("a", "table", "d", None),
        ("b; --", "table", 'x"y', 2),
        ("b; --", "table", "a", 1),
        ("v", "view", "d", None),
    ]
    assert found["type"].str.to_lowercase().to_list()[1] == "date"
    assert found["nullable"].to_list()[:3] == [True, False, False]
    assert listed(database, views=False)["table"].unique(maintain_order=True).to_list() == ["a", "b; --"]


def test_an_empty_database_has_none(database: Database) -> None:
    database.execute("CREATE TABLE a (k bigint)", "DROP TABLE a")
    assert listed(database).height == 0


def test_the_tables_of_one_schema_are_listed(postgresql: Database) -> None:
    postgresql.execute(
        "DROP SCHEMA IF EXISTS other CASCADE", "CREATE SCHEMA other", "CREATE TABLE a (k int)", "CREATE TABLE other.b (k xid)",
    )  # fmt: skip
    assert listed(postgresql)["table"].to_list() == ["b", "a"]
    assert listed(postgresql, schema="other").select("table", "column", "type").rows() == [("b", "k", "xid")]
    with pytest.raises(nf.NodeFailed, match='did you mean "other"'):
        listed(postgresql, schema="oter")
