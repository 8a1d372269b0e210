"""The texts of queries and the types of results, kind by kind, without a database."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_nodes.io._query import Query, percent_escaped
from nodeflow_nodes.io._sql_types import frame_of, mysql_column

from nodeflow.errors import NodeFailed


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        ("sqlite", "SELECT :a, ':b', \":c\", `:d`, [:e], a::int -- :f\n/* :g */ + :h", ["a", "h"]),
        ("duckdb", "SELECT x[1:2], $$ :a $$, $t$ :b $t$, e'\\':c', :d::int", ["d"]),
        ("postgresql", "SELECT E'it\\'s :a', 'it''s :b', :ü, :c_1, a:=1, 10:00", ["ü", "c_1"]),
        ("mysql", "SELECT 'it\\'s :a', \"\\\" :b\", `:c`, :d # :e\n+ :d", ["d", "d"]),
    ],
)
def test_placeholders_are_found_outside_of_texts_names_and_comments(
    kind: str, text: str, names: list[str]
) -> None:
    assert [one.name for one in Query.of(text, kind).placeholders] == names


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgresql", "mysql"])
def test_a_statement_is_written_for_its_driver(kind: str) -> None:
    query = Query.of("SELECT '100%' FROM t WHERE a = :a AND b LIKE :b; -- done", kind)
    assert query.second is None
    assert query.written(lambda name: f"${name}") == "SELECT '100%' FROM t WHERE a = $a AND b LIKE $b"
    written = query.written(lambda name: f"%({name})s", percent_escaped)
    assert written % {"a": "1", "b": "2"} == "SELECT '100%' FROM t WHERE a = 1 AND b LIKE 2"


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        ("", "empty", None),
        (" ( select 1) ; drop table t", "second statement", 15),
        ("/* SELECT */ UPDATE t SET a = 1", '"UPDATE"', 13),
        ("SELECT :a + :c", 'no value for ":c"', 12),
    ],
)
def test_faults_of_a_query_have_a_place(text: str, words: str, position: int | None) -> None:
    fault = Query.of(text, "postgresql").faults("postgresql", {"a": 1, "cc": 2})[0]
    assert words in fault.sentence
    assert fault.position == position


@given(
    st.text(alphabet="a:;'\"`$-/*[]\\\n %#(", max_size=40),
    st.sampled_from(["sqlite", "duckdb", "postgresql", "mysql"]),
)
def test_any_text_is_taken_apart_and_put_together_again(text: str, kind: str) -> None:
    query = Query.of(text, kind)
    assert query.written(lambda name: f":{name}") == text[: query.end]
    query.faults(kind, {})


def test_the_types_of_mysql() -> None:
    moment = datetime.datetime(2024, 2, 29, 10)
    columns: list[tuple[tuple[int, int, int], Any, pl.DataType]] = [
        ((1, 1, 0), 1, pl.Boolean()),
        ((1, 4, 0), 200, pl.Int16()),
        ((3, 11, 0), 2**32 - 1, pl.Int64()),
        ((5, 22, 31), 1.5, pl.Float64()),
        ((246, 12, 2), Decimal("1234567.25"), pl.Decimal(38, 2)),
        ((10, 10, 0), moment.date(), pl.Date()),
        ((12, 19, 0), moment, pl.Datetime("us")),
        ((7, 19, 0), moment, pl.Datetime("us", "UTC")),
        ((11, 10, 0), datetime.timedelta(hours=30), pl.Duration("us")),
        ((13, 4, 0), 2024, pl.Int16()),
        ((253, 40, 0), "é", pl.String()),
        ((245, 99, 0), '{"a": 1}', pl.String()),
        ((252, 99, 0), b"\x00\xff", pl.String()),
    ]
    described = [
        mysql_column(str(n), code, size, scale) for n, ((code, size, scale), _, _) in enumerate(columns)
    ]
    values = [value for _, value, _ in columns]
    frame = frame_of([values, [None] * len(values)], described, 1)
    assert list(frame.dtypes) == [dtype for _, _, dtype in columns]
    expected = list(values)
    expected[0], expected[7], expected[-1] = True, moment.replace(tzinfo=datetime.UTC), "00ff"
    assert list(frame.row(0)) == expected


def test_a_value_that_is_none_of_its_type_is_told_with_its_row() -> None:
    for code, size, value in (
        (1, 1, 2),
        (8, 20, 2**64 - 1),
        (10, 10, "0000-00-00"),
        (246, 5, Decimal("NaN")),
    ):
        with pytest.raises(NodeFailed, match='column "c", row 42:'):
            frame_of([(None,), (value,)], [mysql_column("c", code, size, 0)], 41)
