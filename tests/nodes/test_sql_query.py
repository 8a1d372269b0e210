"""SQL Query: what it gives, and what it cannot reach."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.values.specs import TableSpec

pytest.importorskip("duckdb")
from nodeflow_nodes.manipulation.sql_query import SqlQuery

PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Ann", None, "Cy"],
        "born": [datetime.date(1990, 1, 1), None, datetime.date(2000, 5, 5)],
    }
)
TOWNS = pl.DataFrame({"id": [1, 3, 3], "Town": ["Ulm", "Bonn", "Rom"]})


class Quiet:
    def check_cancelled(self) -> None: ...


def ask(query: str, *tables: pl.DataFrame, **options: Any) -> pl.DataFrame:
    node = SqlQuery(query=query, **options)
    specs = {"tables": [TableSpec(table.schema) for table in tables]}
    assert node.check(specs) == ()
    found = node.run([table.lazy() for table in tables], Quiet())
    assert dict(found.schema) == node.spec(specs).columns
    return found


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT * FROM t1", PEOPLE.rows()),
        ("SELECT count(*) AS n, sum(id) AS total FROM t1", [(3, 6)]),
        (
            "SELECT name, town FROM t1 JOIN t2 USING (id) ORDER BY town",
            [("Cy", "Bonn"), ("Cy", "Rom"), ("Ann", "Ulm")],
        ),
        ("WITH x AS (SELECT max(born) AS b FROM t1) SELECT b FROM x", [(datetime.date(2000, 5, 5),)]),
        ("SELECT id FROM t1 WHERE name = 'A''nn; DROP TABLE t1; --'", []),
        ("SELECT a.id FROM t1 a JOIN t1 b ON a.id = b.id + 1 ORDER BY 1", [(2,), (3,)]),
    ],
)
def test_questions_are_answered(query: str, rows: list[Any]) -> None:
    assert ask(query, PEOPLE, TOWNS).rows() == rows


def test_tables_have_the_names_they_are_given() -> None:
    assert ask("SELECT count(*) AS n FROM people, t2", PEOPLE, TOWNS, names=["people"]).rows() == [(9,)]
    assert ask('SELECT "^a$", "*" AS b FROM t1', pl.DataFrame({"^a$": [1], "*": ["x"]})).rows() == [(1, "x")]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT agee FROM t1", '"agee" not found'),
        ("SELECT sum(id FROM t1", 'line 1, at "FROM t1"'),
        ("SELECT * FROM t3", 'Did you mean "t1"'),
        ("SELECT 1 AS a, 2 AS a", 'two columns of the result are called "a"'),
        ("SELECT 1; SELECT 2", "one SELECT statement"),
        ("DELETE FROM t1", "one SELECT statement"),
        ("SELECT id + name FROM t1", "explicit type casts"),
        ("SELECT interval 1 day AS i", "type that tables do not have"),
    ],
)
def test_a_query_that_cannot_be_is_told_before_anything_runs(query: str, words: str) -> None:
    specs = {"tables": [TableSpec(PEOPLE.schema), TableSpec(TOWNS.schema)]}
    (fault,) = SqlQuery(query=query).check(specs)
    assert words in fault.sentence
    assert "\n" not in fault.sentence


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "COPY t1 TO '{folder}/out.csv'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SELECT getenv('HOME')",
        "SELECT * FROM PEOPLE",
        "EXPORT DATABASE '{folder}/all'",
        "PRAGMA database_list",
        "CALL pragma_version()",
    ],
)
def test_nothing_else_can_be_reached(query: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    written = query.format(file=file, folder=tmp_path)
    specs = {"tables": [TableSpec(PEOPLE.schema)]}
    assert SqlQuery(query=written).check(specs) != ()
    with pytest.raises(nf.NodeflowError):
        SqlQuery(query=written).run([PEOPLE.lazy()], Quiet())
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_names_that_sql_takes_for_one_are_told() -> None:
    table = pl.DataFrame({"a": [1], "A": [2]})
    (fault,) = SqlQuery().check({"tables": [TableSpec(table.schema)]})
    assert "differ only by capitals" in fault.sentence


@pytest.mark.parametrize("names", [["a b"], ["t", "T"], ['x"; --']])
def test_names_of_tables_are_plain(names: list[str]) -> None:
    with pytest.raises(nf.NodeflowError):
        SqlQuery(names=names)


def test_a_query_runs_in_a_workflow_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    (tmp_path / "system").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "system"))
    PEOPLE.write_csv(tmp_path / "people.csv")
    workflow = nf.Workflow("sql", folder=tmp_path)
    read = workflow.add("csv_reader", path="people.csv")
    asked = workflow.add("sql_query", read, query="SELECT id, id * 2 AS twice FROM t1 WHERE id > 1")
    workflow.add("column_filter", asked, columns=["twicee"])
    assert 'did you mean "twice"' in str(nf.validate(workflow)[0])
    workflow["column_filter"].set(columns=["twice"])
    result = workflow.run(cache_folder=tmp_path / "cache", memory_limit="200MB")
    assert result["column_filter"].table.to_polars().rows() == [(4,), (6,)]
    assert list((tmp_path / "system").iterdir()) == []


def test_a_large_table_passes_within_the_limit(tmp_path: Path) -> None:
    table = pl.select(a=pl.int_range(1_000_000), b=pl.int_range(1_000_000) % 7)
    found = ask("SELECT b, count(*) AS n, sum(a) AS s FROM t1 GROUP BY b ORDER BY b", table)
    expected = table.group_by("b").agg(pl.len().alias("n"), pl.col("a").sum().alias("s")).sort("b")
    assert found.rows() == expected.rows()
