"""Writing a table to any kind of database, all of it or nothing."""

from __future__ import annotations

import contextlib
import copy
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, did_you_mean, listing, shorten
from nodeflow_nodes.io import _duckdb
from nodeflow_nodes.io._connection import EMBEDDED, Place, check_driver, duckdb_file, engine, title_of, told
from nodeflow_nodes.io._database_read import full_name, quoted
from nodeflow_nodes.io._query import percent_escaped
from nodeflow_nodes.io._sql_columns import same_name, type_name

if TYPE_CHECKING:
    from nodeflow.node import Context

Existing = Literal["fail", "append", "replace", "upsert"]

_PIECE = 20_000
"""Rows on their way to the database at a time."""

_STAGED = "nodeflow_rows"


class Writing(Place, Protocol):
    """A node that says where to write and what to do with what is there."""

    table_name: str
    schema: str
    existing: Existing

    @property
    def keys(self) -> Sequence[str]:
        """The columns that tell one row from all others."""


def write(writing: Writing, table: pl.LazyFrame, context: Context) -> str:
    """Write the table in one transaction; gives a sentence on what was done. Raises `NodeFailed`."""
    check_driver(writing)
    # computed before the database is touched: it may be the one that is read
    path = context.temporary_folder / "rows.arrow"
    table.sink_ipc(path)
    rows = pl.scan_ipc(path, glob=False)
    if writing.existing == "upsert":
        _check_keys(writing, rows)
    if writing.kind not in EMBEDDED:
        with _session(writing) as session:
            return _write(session, writing, rows, context)
    with _lock_of(str(writing.file)):
        if os.path.exists(writing.file):
            with _session(writing) as session:
                return _write(session, writing, rows, context)
        with context.write(str(writing.file)) as target:
            new = copy.copy(writing)
            new.file = str(target)
            with _session(new) as session:
                return _write(session, writing, rows, context)


_locks: dict[str, threading.Lock] = {}


def _lock_of(file: str) -> threading.Lock:
    """What keeps two nodes of a run from making the same file."""
    return _locks.setdefault(os.path.realpath(file), threading.Lock())


def _check_keys(writing: Writing, rows: pl.LazyFrame) -> None:
    keys = [cs.by_name(key).as_expr() for key in writing.keys]
    missing = rows.filter(pl.any_horizontal(key.is_null() for key in keys)).select(pl.len()).collect().item()
    if missing:
        raise NodeFailed(
            f"{missing:,} rows have no value in the key {listing(list(writing.keys))}; fill it in, or take them out"
        )
    count = "\0count"
    twice = rows.group_by(keys).agg(pl.len().alias(count)).filter(pl.col(count) > 1).head(1).collect()
    if twice.height:
        shown = ", ".join(shorten(str(value), 40) for value in twice.drop(count).row(0))
        raise NodeFailed(
            f"the key {listing(list(writing.keys))} is not the same for one row only: {shown} comes "
            f"{twice[count][0]:,} times; take the duplicates out first"
        )


class _Session(Protocol):
    """A transaction on a database."""

    kind: str

    def columns(self, table: str, schema: str) -> list[str] | None:
        """The names of a table's columns; None if there is no such table. Raises `NodeFailed` for a view."""

    def execute(self, statement: str) -> int:
        """Run a statement; gives the number of rows that it changed, or the one number that it gives."""

    def insert(self, target: str, columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> None:
        """Add rows to a table, which stands as it does in a statement."""


def _write(session: _Session, writing: Writing, rows: pl.LazyFrame, context: Context) -> str:
    schema = dict(rows.collect_schema())
    count = int(rows.select(pl.len()).collect().item())
    name = f'table "{shorten(writing.table_name)}"'
    target = full_name(writing.kind, writing.table_name, writing.schema)
    old = session.columns(writing.table_name, writing.schema)
    if old is None or writing.existing == "replace":
        before = 0 if old is None else session.execute(f"SELECT count(*) FROM {target}")
        _fill_new(session, writing, schema, _pieces(rows, count, context), replaces=old is not None)
        if old is None:
            return f"made {name} with {_rows(count)}"
        return f"replaced {name}, which had {_rows(before)}, by {_rows(count)}"
    if writing.existing == "fail":
        raise NodeFailed(
            f"{title_of(writing)} has a {name} already; choose another name, or let rows be appended or replaced"
        )
    own = _matched(writing, list(schema), old)
    if writing.existing == "append":
        session.insert(target, own, _pieces(rows, count, context))
        return f"added {_rows(count)} to {name}"
    updated, added = _upsert(session, writing, own, _pieces(rows, count, context))
    return f"updated {_rows(updated)} of {name} and added {added:,}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _pieces(rows: pl.LazyFrame, count: int, context: Context) -> Iterator[pl.DataFrame]:
    done = 0
    for frame in rows.collect_batches(chunk_size=_PIECE, maintain_order=True):
        context.progress(done / max(count, 1))
        yield frame
        done += frame.height


def _fill_new(
    session: _Session,
    writing: Writing,
    schema: dict[str, pl.DataType],
    frames: Iterable[pl.DataFrame],
    *,
    replaces: bool,
) -> None:
    """Make a table and fill it, in place of one of its name if that is there."""
    kind = writing.kind
    target = full_name(kind, writing.table_name, writing.schema)
    parts = [
        f"{quoted(kind, name)} {type_name(kind, dtype, is_key=name in writing.keys)}"
        for name, dtype in schema.items()
    ]
    if writing.keys:
        parts.append(f"PRIMARY KEY ({', '.join(quoted(kind, key) for key in writing.keys)})")
    body = f"({', '.join(parts)})"
    if kind != "mysql":
        if replaces:
            session.execute(f"DROP TABLE {target}")
        session.execute(f"CREATE TABLE {target} {body}")
        session.insert(target, list(schema), frames)
        return
    # MySQL takes no table back: fill one of another name, then give it the name in one step
    new, old = (full_name(kind, f"nodeflow_{secrets.token_hex(8)}", writing.schema) for _ in range(2))
    session.execute(f"CREATE TABLE {new} {body}")
    try:
        session.insert(new, list(schema), frames)
        session.execute("COMMIT")
        session.execute(
            f"RENAME TABLE {target} TO {old}, {new} TO {target}"
            if replaces
            else f"RENAME TABLE {new} TO {target}"
        )
    except BaseException:
        with contextlib.suppress(Exception):  # the first error is the one to tell
            session.execute(f"DROP TABLE {new}")
        raise
    if replaces:
        session.execute(f"DROP TABLE {old}")


def _matched(writing: Writing, names: Sequence[str], old: Sequence[str]) -> list[str]:
    """The table's own names of the columns that come; raises `NodeFailed` for one that it lacks."""
    found = []
    for name in names:
        own = same_name(writing.kind, old, name)
        if own is None:
            raise NodeFailed(
                f'the table "{shorten(writing.table_name)}" has no column "{shorten(name)}"; '
                f"{did_you_mean(name, old)} Rename it, take it out, or replace the table"
            )
        found.append(own)
    return found


def _upsert(
    session: _Session, writing: Writing, own: Sequence[str], frames: Iterable[pl.DataFrame]
) -> tuple[int, int]:
    """Update the rows whose keys are there and add the others; gives how many of each."""
    kind = writing.kind
    target, staged = full_name(kind, writing.table_name, writing.schema), quoted(kind, _STAGED)
    columns = ", ".join(quoted(kind, name) for name in own)
    session.execute(f"CREATE TEMPORARY TABLE {staged} AS SELECT {columns} FROM {target} WHERE 1 = 0")
    session.insert(staged, own, frames)
    keys = [quoted(kind, str(same_name(kind, own, key))) for key in writing.keys]
    others = [name for name in (quoted(kind, name) for name in own) if name not in keys]
    same = " AND ".join(f"t.{key} = s.{key}" for key in keys)
    updated = session.execute(
        f"SELECT count(*) FROM {target} AS t WHERE EXISTS (SELECT 1 FROM {staged} AS s WHERE {same})"
    )
    if others and kind == "mysql":
        changes = ", ".join(f"t.{name} = s.{name}" for name in others)
        session.execute(f"UPDATE {target} AS t JOIN {staged} AS s ON {same} SET {changes}")
    elif others:
        changes = ", ".join(f"{name} = s.{name}" for name in others)
        session.execute(f"UPDATE {target} AS t SET {changes} FROM {staged} AS s WHERE {same}")
    # MySQL cannot open a temporary table twice in a statement, so it is asked for once
    added = session.execute(
        f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {staged} AS s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {same})"
    )
    session.execute(f"DROP TABLE {staged}" if kind != "mysql" else f"DROP TEMPORARY TABLE {staged}")
    return updated, added


@contextlib.contextmanager
def _session(writing: Writing) -> Iterator[_Session]:
    """A transaction, which is undone unless the block ends well."""
    if writing.kind == "duckdb":
        with duckdb_file(writing, read_only=False, patient=True) as connection:
            connection.begin()
            yield _DuckdbSession(connection)  # closing undoes what is open
            with told(writing):
                connection.commit()
        return
    with engine(writing, read_only=False) as made, made.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if writing.kind == "sqlite":  # the other drivers begin by themselves
            driver.execute("BEGIN IMMEDIATE")
        yield _RowSession(writing.kind, connection, driver)
        connection.commit()


@dataclass
class _DuckdbSession:
    connection: Any
    kind: str = "duckdb"

    def columns(self, table: str, schema: str) -> list[str] | None:
        values = {"table": table, "schema": schema or "main"}
        which = "table_name = $table AND table_schema = $schema AND table_catalog = current_database()"
        found = self.connection.execute(
            f"SELECT table_type FROM information_schema.tables WHERE {which}", values
        ).fetchall()
        if not found:
            return None
        _refuse_view(table, "VIEW" in found[0][0])
        names = self.connection.execute(
            f"SELECT column_name FROM information_schema.columns WHERE {which} ORDER BY ordinal_position",
            values,
        ).fetchall()
        return [row[0] for row in names]

    def execute(self, statement: str) -> int:
        with _duckdb.explained("", lead=None):
            row = self.connection.execute(statement).fetchone()
        return int(row[0]) if row and isinstance(row[0], int) else 0

    def insert(self, target: str, columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> None:
        names = ", ".join(quoted("duckdb", name) for name in columns)
        for frame in frames:
            plain = frame.with_columns((cs.categorical() | cs.enum()).cast(pl.String))
            self.connection.register(
                _STAGED + "_piece", plain.rename(dict(zip(plain.columns, columns, strict=True))).to_arrow()
            )
            self.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM {_STAGED}_piece")
            self.connection.unregister(_STAGED + "_piece")


@dataclass
class _RowSession:
    """SQLite, PostgreSQL or MySQL."""

    kind: str
    connection: Any
    driver: Any

    def columns(self, table: str, schema: str) -> list[str] | None:
        import sqlalchemy

        inspector = sqlalchemy.inspect(self.connection)
        place = schema or None
        _refuse_view(table, table in inspector.get_view_names(place))
        if not inspector.has_table(table, place):
            return None
        statement = f"SELECT * FROM {full_name(self.kind, table, schema)} WHERE 1 = 0"
        with contextlib.closing(self.driver.cursor()) as cursor:
            cursor.execute(statement)
            return [str(one[0]) for one in cursor.description]

    def execute(self, statement: str) -> int:
        with contextlib.closing(self.driver.cursor()) as cursor:
            cursor.execute(percent_escaped(statement), ()) if self.kind != "sqlite" else cursor.execute(
                statement
            )
            if cursor.description is not None:
                row = cursor.fetchone()
                return int(row[0]) if row else 0
            return max(int(cursor.rowcount), 0)

    def insert(self, target: str, columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> None:
        names = ", ".join(quoted(self.kind, name) for name in columns)
        with contextlib.closing(self.driver.cursor()) as cursor:
            if self.kind == "postgresql":
                statement = f"COPY {target} ({names}) FROM STDIN (FORMAT csv)"
                with cursor.copy(statement) as copying:
                    for frame in frames:
                        copying.write(_as_csv(frame))
                return
            sign = "?" if self.kind == "sqlite" else "%s"
            statement = f"INSERT INTO {target} ({names})"
            if self.kind == "mysql":
                statement = percent_escaped(statement)
            statement += f" VALUES ({', '.join([sign] * len(columns))})"
            for frame in frames:
                rows = _for_sqlite(frame) if self.kind == "sqlite" else _for_mysql(frame)
                cursor.executemany(statement, rows.rows())


def _refuse_view(table: str, is_view: bool) -> None:
    if is_view:
        raise NodeFailed(f'"{shorten(table)}" is a view; rows are written to tables')


def _as_csv(frame: pl.DataFrame) -> str:
    """Rows as PostgreSQL's COPY reads them: every text in quotes, so that only what is missing is empty."""
    changes = []
    for name, dtype in frame.schema.items():
        column = cs.by_name(name).as_expr()
        if isinstance(dtype, pl.Binary):
            changes.append(pl.concat_str(pl.lit("\\x"), column.bin.encode("hex")).alias(name))
        elif isinstance(dtype, pl.Duration):
            changes.append(pl.format("{} microseconds", column.dt.total_microseconds()).alias(name))
        elif isinstance(dtype, pl.Datetime):
            changes.append(column.cast(pl.Datetime("us", dtype.time_zone)))
    return frame.with_columns(changes).write_csv(include_header=False, quote_style="non_numeric")


def _for_sqlite(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows as SQLite keeps them: dates and times as texts that sort and that it calculates with."""
    changes = []
    for name, dtype in frame.schema.items():
        column = cs.by_name(name).as_expr()
        if isinstance(dtype, pl.Date):
            changes.append(column.dt.to_string("%Y-%m-%d"))
        elif isinstance(dtype, pl.Time):
            changes.append(column.dt.to_string("%H:%M:%S%.f"))
        elif isinstance(dtype, pl.Datetime):
            zoned = dtype.time_zone is not None
            moment = column.dt.convert_time_zone("UTC") if zoned else column
            exact = moment.dt.cast_time_unit("us")
            changes.append(exact.dt.to_string(f"%Y-%m-%d %H:%M:%S%.f{'%:z' if zoned else ''}"))
        elif isinstance(dtype, pl.Decimal | pl.UInt64 | pl.Int128):
            changes.append(column.cast(pl.String))
    return frame.with_columns(changes)


def _for_mysql(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows as the driver takes them: moments in universal time, which is that of the session."""
    changes = [
        cs.by_name(name).as_expr().dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    ]
    return frame.with_columns(changes)
