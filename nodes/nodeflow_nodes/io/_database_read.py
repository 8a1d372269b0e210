"""Reading a table or a query of any kind of database, piece by piece, as Polars frames."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, did_you_mean, shorten
from nodeflow_nodes.io import _duckdb
from nodeflow_nodes.io._connection import (
    EMBEDDED,
    Place,
    check_driver,
    duckdb_file,
    engine,
    sqlite_file,
    title_of,
    told,
)
from nodeflow_nodes.io._query import Query, percent_escaped
from nodeflow_nodes.io._sql_types import (
    POSTGRES_TYPES,
    Column,
    WideNumbers,
    frame_of,
    mysql_column,
    postgres_column,
    sqlite_column,
)

if TYPE_CHECKING:
    import duckdb

_ROWS = 10_000
"""Rows in memory at a time, and the rows of an SQLite result that tell its types."""


class Reading(Place, Protocol):
    """A node that says what to read of which database."""

    table_name: str
    schema: str
    query: str
    query_values: dict[str, Any]
    order_by: list[str]
    wide_numbers: WideNumbers


def quoted(kind: str, name: str) -> str:
    """A name in a statement, whatever is in it."""
    if "\0" in name:
        raise NodeFailed(f'"{shorten(name)}" is no name that a database can have')
    return "`" + name.replace("`", "``") + "`" if kind == "mysql" else _duckdb.identifier(name)


def full_name(kind: str, table: str, schema: str) -> str:
    """A table in a statement."""
    name = quoted(kind, table)
    return f"{quoted(kind, schema)}.{name}" if schema else name


@dataclass(frozen=True)
class _Statement:
    """What goes to the driver: the text, and the values beside it."""

    text: str
    values: Mapping[str, Any]


def _statement(
    reading: Reading, key: Sequence[str] = (), columns: Sequence[str] | None = None, rows: int | None = None
) -> _Statement:
    """The statement that reads; of a table just these columns and rows, by order of `key` if nothing else is said."""
    kind = reading.kind
    if reading.query:
        query = Query.of(reading.query, kind)
        if kind in ("postgresql", "mysql"):
            return _Statement(
                query.written(lambda name: f"%({name})s", percent_escaped), reading.query_values
            )
        sign = ":" if kind == "sqlite" else "$"
        return _Statement(query.written(lambda name: f"{sign}{name}"), reading.query_values)
    chosen = ", ".join(quoted(kind, name) for name in columns) if columns else "*"
    text = f"SELECT {chosen} FROM {full_name(kind, reading.table_name, reading.schema)}"
    order = reading.order_by or key
    if order:
        text += f" ORDER BY {', '.join(quoted(kind, name) for name in order)}"
    if rows is not None:
        text += f" LIMIT {int(rows)}"
    return _Statement(percent_escaped(text) if kind in ("postgresql", "mysql") else text, {})


def described(reading: Reading) -> list[Column]:
    """The columns of what is read; raises `NodeFailed`. For files that did not change this is remembered."""
    check_driver(reading)
    if reading.kind not in EMBEDDED:
        with _server(reading) as server:
            return server.columns
    stamp = _stamp(str(reading.file))
    key = (repr(reading.to_json()), stamp)  # type: ignore[attr-defined]
    if key not in _DESCRIBED:
        found = _sqlite_columns(reading) if reading.kind == "sqlite" else _duckdb_columns(reading)
        while len(_DESCRIBED) >= _MOST_DESCRIBED:
            _DESCRIBED.pop(next(iter(_DESCRIBED)), None)
        _DESCRIBED[key] = found
    return _DESCRIBED[key]


_DESCRIBED: dict[Any, list[Column]] = {}
_MOST_DESCRIBED = 16


def _stamp(file: str) -> tuple[Any, ...]:
    """What tells one state of a database file from another: its heads count the changes."""
    found: list[Any] = []
    for path in (file, *logs_of(file)):
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(path)
            with open(path, "rb") as opened:
                head = hashlib.sha256(opened.read(1 << 14)).digest()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns, head))
    return tuple(found)


def logs_of(file: str) -> list[str]:
    """The logs beside a database file, which hold changes that are not in it yet."""
    return [path for path in (f"{file}-wal", f"{file}.wal", f"{file}-journal") if os.path.exists(path)]


def frames(
    reading: Reading, columns: Sequence[Column], wanted: Sequence[str] | None, rows: int | None
) -> Iterator[pl.DataFrame]:
    """The rows, piece by piece, with just the wanted columns; raises `NodeFailed`."""
    names = [column.name for column in columns] if wanted is None else list(wanted)
    if reading.kind == "duckdb":
        found = _duckdb_frames(reading, names, rows)
    else:
        found = _row_frames(reading, columns, names, rows)
    left = rows
    for frame in found:
        piece = frame if left is None else frame.head(left)
        yield piece
        if left is not None:
            left -= piece.height
            if left <= 0:
                return


def _row_frames(
    reading: Reading, columns: Sequence[Column], names: Sequence[str], rows: int | None
) -> Iterator[pl.DataFrame]:
    of_table = not reading.query
    own = {column.name: column for column in columns}
    given = [own[name] for name in names] if of_table and names else list(columns)
    with contextlib.ExitStack() as stack:
        if reading.kind == "sqlite":
            connection = stack.enter_context(sqlite_file(reading, read_only=True))
            connection.set_authorizer(_only_reading)
            statement = _statement(reading, (), [column.name for column in given], rows)
            cursor: Any = connection.execute(statement.text, dict(statement.values))
        else:
            server = stack.enter_context(_server(reading, [column.name for column in given], rows))
            cursor = server.cursor
        _check_same([str(one[0]) for one in cursor.description], [column.name for column in given], reading)
        first = 1
        while part := cursor.fetchmany(_ROWS):
            frame = frame_of(part, given, first)
            yield frame if list(names) == frame.columns else frame.select(cs.by_name(*names))
            first += len(part)


def _check_same(found: list[str], expected: list[str], reading: Reading) -> None:
    if found != expected:
        raise NodeFailed(f"{title_of(reading)}: the columns changed while it was read; run again")


# SQLite


def _only_reading(action: int, *_: Any) -> int:
    """SQLite asks this for each thing a statement would do: a query reads, and opens no other file."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def _sqlite_columns(reading: Reading) -> list[Column]:
    with sqlite_file(reading, read_only=True) as connection:
        try:
            # a view tells the declared types behind the columns of a query; it can have no values
            body = (
                Query.of(reading.query, "sqlite").written(lambda name: "NULL")
                if reading.query
                else _statement(reading).text
            )
            connection.execute(f"CREATE TEMP VIEW nodeflow_result AS {body}")
            declared = [
                str(row[2] or "") for row in connection.execute("PRAGMA temp.table_info(nodeflow_result)")
            ]
            connection.execute("DROP VIEW temp.nodeflow_result")
            connection.set_authorizer(_only_reading)
            statement = _statement(reading)
            cursor = connection.execute(statement.text, dict(statement.values))
            sample = cursor.fetchmany(_ROWS)
        except sqlite3.Error as error:
            raise _sqlite_fault(reading, error) from None
        names = [str(one[0]) for one in cursor.description]
    _duckdb.check_unique(names)
    parts = list(zip(*sample, strict=True)) if sample else [()] * len(names)
    return [sqlite_column(*one) for one in zip(names, declared, parts, strict=True)]


def _sqlite_fault(reading: Reading, error: sqlite3.Error) -> NodeFailed:
    text = str(error)
    missing = re.search(r"no such table: (?:main\.)?(.*)", text)
    if missing and not reading.query:
        return _no_table(reading)
    if missing:
        text = f'there is no table "{shorten(missing[1])}"; {did_you_mean(missing[1], table_names(reading))}'
    if "not authorized" in text or "prohibited" in text:
        text = f"a query reads tables and opens nothing else ({text})"
    token = re.search(r'near "(.+?)": syntax error|no such column: (.+)', text)
    word = (token[1] or token[2]) if token and reading.query else ""
    if word and reading.query.count(word) == 1:
        position = reading.query.index(word)
        return _duckdb.QueryFault(f"{text}{_duckdb.place_in(reading.query, position)}", position)
    return _duckdb.QueryFault(text)


# DuckDB


def _duckdb_relation(
    reading: Reading, connection: duckdb.DuckDBPyConnection
) -> tuple[duckdb.DuckDBPyRelation, dict[str, pl.DataType]]:
    statement = _statement(reading)
    try:
        return _duckdb.selected(connection, statement.text, statement.values)
    except _duckdb.QueryFault as fault:
        if not reading.query:
            if "does not exist" in str(fault):
                raise _no_table(reading) from None
            raise NodeFailed(str(fault)) from None
        if reading.query_values:  # the places are those of another text
            raise _duckdb.QueryFault(re.sub(r" \((?:line|character) \d.*\)$", "", str(fault))) from None
        raise


def _duckdb_columns(reading: Reading) -> list[Column]:
    with duckdb_file(reading, read_only=True) as connection:
        _, schema = _duckdb_relation(reading, connection)
    return [Column(name, pl.String() if dtype == pl.Binary else dtype) for name, dtype in schema.items()]


def _duckdb_frames(reading: Reading, names: Sequence[str], rows: int | None) -> Iterator[pl.DataFrame]:
    with duckdb_file(reading, read_only=True) as connection:
        relation, schema = _duckdb_relation(reading, connection)
        if rows is not None:
            relation = relation.limit(rows)
        if names and list(names) != list(schema):
            relation = relation.project(", ".join(map(_duckdb.identifier, names)))
        for frame in _duckdb.batches(relation, schema):
            chosen = frame if names else frame.select([])
            yield chosen.with_columns(cs.binary().bin.encode("hex"), cs.float().fill_nan(None))


# Servers


@dataclass
class _Server:
    """A running statement on a server."""

    cursor: Any
    columns: list[Column]


@contextlib.contextmanager
def _server(
    reading: Reading, columns: Sequence[str] | None = None, rows: int | None = None
) -> Iterator[_Server]:
    """Start the statement on the server, which keeps the rows until they are fetched."""
    with engine(reading, read_only=True) as made, made.connect() as connection:
        import sqlalchemy

        key: Sequence[str] = ()
        if not reading.query and not reading.order_by:
            with contextlib.suppress(sqlalchemy.exc.NoSuchTableError):
                inspector = sqlalchemy.inspect(connection)
                found = inspector.get_pk_constraint(reading.table_name, schema=reading.schema or None)
                key = found.get("constrained_columns") or ()
        statement = _statement(reading, key, columns, rows)
        driver = cast(Any, connection.connection.dbapi_connection)
        opened = _postgres_cursor(driver) if reading.kind == "postgresql" else _mysql_cursor(driver)
        with contextlib.closing(opened) as cursor:
            try:
                cursor.execute(statement.text, dict(statement.values))
            except Exception as error:
                code = getattr(error, "sqlstate", None) or (error.args[:1] or ("",))[0]
                if not reading.query and code in ("42P01", 1146):
                    raise _no_table(reading) from None
                with told(reading):
                    raise
            yield _Server(cursor, _server_columns(reading, cursor.description))


def _postgres_cursor(driver: Any) -> Any:
    from psycopg.types.string import TextLoader

    for oid in _postgres_text_types():
        driver.adapters.register_loader(oid, TextLoader)
    return driver.cursor(name="nodeflow")


@functools.cache
def _postgres_text_types() -> tuple[int, ...]:
    """The types that psycopg would make objects of, but that a table has as texts."""
    from psycopg.postgres import types

    oids = {oid for one in types for oid in (one.oid, one.array_oid) if oid}
    return tuple(sorted(oids - POSTGRES_TYPES))


def _mysql_cursor(driver: Any) -> Any:
    from pymysql.cursors import SSCursor

    return driver.cursor(SSCursor)


def _server_columns(reading: Reading, description: Sequence[Any]) -> list[Column]:
    _duckdb.check_unique([str(one[0]) for one in description])
    if reading.kind == "postgresql":
        return [
            postgres_column(one.name, one.type_code, one.precision, one.scale, reading.wide_numbers)
            for one in description
        ]
    return [mysql_column(one[0], one[1], one[3], one[5]) for one in description]


# What there is


def _no_table(reading: Reading) -> NodeFailed:
    names = table_names(reading)
    name = shorten(reading.table_name)
    return NodeFailed(
        f'{title_of(reading)} has no table "{name}"; {did_you_mean(reading.table_name, names, what="there are")}'
    )


def table_names(place: Reading) -> list[str]:
    """The names of the tables and views, in the schema that the node names."""
    if place.kind == "duckdb":
        with duckdb_file(place, read_only=True) as connection:
            sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = $schema ORDER BY 1"
            return [row[0] for row in connection.execute(sql, {"schema": place.schema or "main"}).fetchall()]
    with engine(place, read_only=True) as made:
        import sqlalchemy

        inspector = sqlalchemy.inspect(made)
        schema = place.schema or None
        return sorted([*inspector.get_table_names(schema), *inspector.get_view_names(schema)])
