"""DuckDB behind bars: one reading query that reaches no other file, no network and no extension."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from nodeflow.errors import NodeFailed, listing, shorten

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

BATCH_ROWS = 50_000

MISSING_DRIVER = "DuckDB is not installed: pip install nodeflow[sql]"

MEMORY = ":memory:"

_EXPLAIN = "EXPLAIN "

# DuckDB types that Arrow and Polars take as they are
_PLAIN = frozenset(
    {
        *(
            "boolean",
            "tinyint",
            "smallint",
            "integer",
            "bigint",
            "utinyint",
            "usmallint",
            "uinteger",
            "ubigint",
        ),
        *("float", "double", "decimal", "varchar", "uuid", "blob", "null", "date", "time", "time_ns"),
        *("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"),
    }
)


class QueryFault(NodeFailed):
    """A query is wrong; `position` counts the characters before the place, where it is known.

    `parameter` is the one at fault.
    """

    def __init__(self, sentence: str, position: int | None = None, parameter: str = "query") -> None:
        super().__init__(sentence)
        self.position = position
        self.parameter = parameter


def module() -> Any:
    """The module duckdb; raises `NodeFailed` where it is missing."""
    try:
        import duckdb
    except ImportError:
        raise NodeFailed(MISSING_DRIVER) from None
    return duckdb


@contextlib.contextmanager
def connection(
    file: str = MEMORY,
    *,
    read_only: bool = False,
    folder: Path | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection without extensions; one to a file is locked, one in memory waits for that.

    `folder` is where it may spill, and the only one it may read after `lock`.
    """
    config: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    if folder is not None:
        config["temp_directory"] = str(folder)
    if memory_limit is not None:
        config["memory_limit"] = f"{max(memory_limit // 1_000_000, 64)}MB"
    if threads is not None:
        config["threads"] = threads
    with _opening:  # the connections of a process to one file share its settings
        opened = module().connect(file, read_only=read_only, config=config)
        is_locked = opened.execute("SELECT current_setting('lock_configuration')").fetchone()
        if is_locked == (False,):
            opened.execute("SET GLOBAL TimeZone = 'UTC'")
            opened.execute("SET GLOBAL errors_as_json = true")
            if folder is not None:
                opened.execute(f"SET allowed_directories = [{text(str(folder))}]")
            if file != MEMORY:
                lock(opened)
    try:
        yield opened
    finally:
        opened.close()


_opening = threading.Lock()


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut the door: from here on queries reach what is in the database, and change no setting."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def identifier(name: str) -> str:
    """A name as standard SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as standard SQL quotes it."""
    return "'" + value.replace("'", "''") + "'"


def check_query(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Check that the text is one reading statement; raises `QueryFault`."""
    with explained(query):
        statements = connection.extract_statements(query)
    if len(statements) != 1:
        told = f"there are {len(statements)} statements" if statements else "there is no statement"
        raise QueryFault(f"{told}; write one SELECT")
    kind = statements[0].type.name
    if kind == "MULTI":
        raise QueryFault(
            "PIVOT by itself is several statements; write SELECT * FROM (PIVOT ... ON ... IN (...))"
        )
    if kind != "SELECT":
        raise QueryFault(
            f"it is {'an' if kind[0] in 'AEIOU' else 'a'} {kind} statement; write one SELECT, which only reads"
        )


def selected(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | None = None
) -> tuple[duckdb.DuckDBPyRelation, dict[str, pl.DataType]]:
    """The relation of a query with types that Polars has, and its schema; raises `QueryFault`."""
    check_query(connection, query)
    with explained(query, lead=_EXPLAIN):  # a relation would not tell the places of faults
        connection.execute(_EXPLAIN + query, dict(parameters or {}))
    with explained(query, lead=None):
        relation = connection.from_query(query, params=dict(parameters or {}))
        assert relation is not None
        check_unique(relation.columns)
        casts, durations = [], []
        for name, dtype in zip(relation.columns, relation.types, strict=True):
            cast_to = _cast(dtype)
            if cast_to == "INTERVAL":
                durations.append(name)
                casts.append(f"epoch_us({identifier(name)}) AS {identifier(name)}")
            elif cast_to:
                casts.append(f"CAST({identifier(name)} AS {cast_to}) AS {identifier(name)}")
            else:
                casts.append(identifier(name))
        if any(" AS " in one for one in casts):
            relation = relation.project(", ".join(casts))
        empty = cast(pl.DataFrame, pl.from_arrow(relation.limit(0).to_arrow_table()))
    schema = dict(empty.schema)
    return relation, {n: pl.Duration("us") if n in durations else t for n, t in schema.items()}


def check_unique(names: list[str]) -> None:
    """Check the names of a result; raises `QueryFault`."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise QueryFault(
            f"the result has several columns {listing(twice)}; give each a name of its own by AS"
        )


def batches(
    relation: duckdb.DuckDBPyRelation, schema: Mapping[str, pl.DataType], rows: int | None = None
) -> Iterator[pl.DataFrame]:
    """The rows of a relation from `selected`, piece by piece; raises `QueryFault`."""
    with explained("", lead=None):
        for batch in relation.to_arrow_reader(rows or BATCH_ROWS):
            frame = cast(pl.DataFrame, pl.from_arrow(batch))
            other = {name: schema[name] for name, dtype in frame.schema.items() if schema[name] != dtype}
            yield frame.with_columns(pl.selectors.by_name(n).cast(t) for n, t in other.items())


def _cast(dtype: Any) -> str:
    """The DuckDB type in which a column is read, empty to take it as it is."""
    if dtype.id == "interval":
        return "INTERVAL"
    if dtype.id == "hugeint":
        return "BIGINT"
    if dtype.id == "uhugeint":
        return "UBIGINT"
    if dtype.id == "array":
        inner = dtype.children[0][1]
        return f"{inner}[]" if _is_plain(inner) else "VARCHAR"
    return "" if _is_plain(dtype) and str(dtype) != "JSON" else "VARCHAR"


def _is_plain(dtype: Any) -> bool:
    if dtype.id == "list":
        return _is_plain(dtype.children[0][1])
    if dtype.id == "struct":
        return all(_is_plain(one) for _, one in dtype.children)
    return dtype.id in _PLAIN


@contextlib.contextmanager
def explained(query: str, lead: str | None = "") -> Iterator[None]:
    """Within the block errors of DuckDB become `QueryFault`s that point into the query.

    `lead` is what stands before the query in the statement; None where the places are those of another text.
    """
    duckdb = module()
    try:
        yield
    except duckdb.Error as error:
        raise _fault(error, query, lead) from None


def _fault(error: Exception, query: str, lead: str | None) -> QueryFault:
    _, _, data = str(error).partition(": ")
    try:
        told = json.loads(data)
        sentence, place = str(told["exception_message"]), told.get("position")
    except (ValueError, KeyError, TypeError):
        sentence, place = str(error), None
    if type(error).__name__ == "OutOfMemoryException":
        return QueryFault("the memory limit is not enough for this query; raise it")
    if "is disabled" in sentence or "disabled by configuration" in sentence or "Extension" in sentence:
        sentence = f"a query reads its tables alone, no file, address or extension ({shorten(sentence, 200)})"
    sentence = shorten(" ".join(sentence.replace("\n", "; ").split()), 400)
    position = _character(query, lead, place)
    if position is None:
        return QueryFault(sentence)
    return QueryFault(f"{sentence}{place_in(query, position)}", position)


def _character(query: str, lead: str | None, place: Any) -> int | None:
    """The character of a place, which DuckDB counts in bytes."""
    if lead is None:
        return None
    try:
        start = int(place) - len(lead)
    except (TypeError, ValueError):
        return None
    return len(query.encode()[:start].decode(errors="ignore")) if start >= 0 else None


def place_in(query: str, position: int) -> str:
    """Line and column, with a few words from there."""
    line = query.count("\n", 0, position) + 1
    column = position - (query.rfind("\n", 0, position) + 1) + 1
    here = query[position : position + 30].split("\n")[0]
    where = f"line {line}, character {column}" if "\n" in query else f"character {column}"
    return f" ({where}{f': {shorten(here)}' if here.strip() else ', at the end'})"
