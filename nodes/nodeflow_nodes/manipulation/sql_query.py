"""SQL Query."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs
from polars.io.plugins import register_io_source

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.memory import memory_limit
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.temporaries import scratch_folder
from nodeflow.values.table import schema_of
from nodeflow_nodes.io import _duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nodeflow.export.python import PythonScript

    Schemas = Sequence[Mapping[str, pl.DataType]]

_SHARE = 0.9
"""Of the memory limit, what DuckDB may take; the rest is for what streams in and out."""


class SqlQuery(Node):
    """Compute a table from one or more tables by a query in SQL.

    The query is one SELECT in DuckDB's SQL, which is much like PostgreSQL's: joins, windows, common
    table expressions (WITH), `SELECT * EXCLUDE (a)`, `GROUP BY ALL`. The tables are called t1, t2 and so
    on in the order in which they are connected, or as the names say. The query sees these tables and
    nothing else: no file, no address, no other database. It is checked on empty tables before anything
    runs.

    **Names.** SQL does not tell a from A: two columns of one table whose names differ by nothing else are
    refused. Names with blanks or signs stand in double quotes: `SELECT "unit price" FROM t1`.

    **Order.** Rows come in the order of ORDER BY; without one, a plain selection keeps the order of its
    table, and groups and joins come in an order that is the same in every run. With all processors at
    work (`parallel`) that holds no more for what ORDER BY leaves open, and sums of decimal numbers may
    differ in their last digits.

    **Types.** Whole-number sums are whole numbers of 64 bits; a larger one stops the run. Categories come
    back as texts, times with a zone in universal time, kinds that a table lacks (maps, bits) as texts.
    Missing values are NULL. The result is kept like any other: random() and now() are not computed anew
    in each run.

    Large tables are no problem: the query streams, and spills to disk under a memory limit.

    Inputs:
        tables: The tables that the query speaks of, in the order in which they are connected.
    Outputs:
        table: The rows of the query.
    """

    name = "SQL Query"
    category = "Manipulation / Table"
    keywords = (
        "select",
        "duckdb",
        "sqldf",
        "database query",
        "join",
        "statement",
        "where",
        "window function",
    )

    query: str = parameter(default="SELECT * FROM t1", help="One SELECT over the tables.", min_length=1)
    names: list[str] = parameter(
        default=[],
        label="Table names",
        help="What the tables are called in the query, in their order; t1, t2 and so on where nothing is given.",
    )
    parallel: bool = parameter(
        default=False,
        help="Use all processors: faster on large tables, but rows that ORDER BY leaves open may change places.",
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        faults = [
            Fault(f"names[{index}]", "a table needs a name; take the empty entry away")
            for index, name in enumerate(self.names)
            if not name or "\0" in name
        ]
        twice = _alike(self.names)
        if twice:
            faults.append(
                Fault("names", f"several tables are called {listing(twice)}; SQL tells no case apart")
            )
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        try:
            if "tables" in inputs:
                self.result_schema([spec.columns for spec in inputs["tables"]])
            else:  # its grammar can be checked without tables
                with _duckdb.connection() as connection:
                    _duckdb.check_query(connection, self.query)
        except _duckdb.QueryFault as fault:
            return [Fault(fault.parameter, str(fault), fault.position)]
        except NodeFailed as fault:
            return [Fault("query", str(fault))]
        return ()

    def table_names(self, count: int) -> list[str]:
        """What the tables are called."""
        return [*self.names, *(f"t{number}" for number in range(len(self.names) + 1, count + 1))]

    def result_schema(self, schemas: Schemas) -> dict[str, pl.DataType]:
        """Names and types of the result, from a query over empty tables; raises `NodeFailed`."""
        names = self.table_names(len(schemas))
        if len(names) > len(schemas):
            count = f"{len(schemas)} table{'s' if len(schemas) > 1 else ''}"
            raise _duckdb.QueryFault(
                f"there are {len(names)} names for {count}; take some away", None, "names"
            )
        twice = _alike(names)
        if twice:
            sentence = f"several tables are called {listing(twice)}; give each a name of its own"
            raise _duckdb.QueryFault(sentence, None, "names")
        for name, schema in zip(names, schemas, strict=True):
            sentence = _unfit(schema)
            if sentence:
                raise _duckdb.QueryFault(f'table "{shorten(name)}": {sentence}')
        with scratch_folder() as folder, _duckdb.connection(folder=folder, threads=1) as connection:
            self._make_views(connection, [pl.LazyFrame(schema=schema) for schema in schemas], folder)
            return _duckdb.selected(connection, self.query)[1]

    def run(self, tables: list[pl.LazyFrame]) -> pl.LazyFrame:
        result, limit = self.result_schema([schema_of(table) for table in tables]), memory_limit()

        def read(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            with (
                scratch_folder() as folder,
                _duckdb.connection(
                    folder=folder,
                    memory_limit=None if limit is None else int(limit * _SHARE),
                    threads=None if self.parallel else 1,
                ) as connection,
            ):
                self._make_views(connection, tables, folder)
                relation, schema = _duckdb.selected(connection, self.query)
                if n_rows is not None:
                    relation = relation.limit(n_rows)
                if with_columns:
                    relation = relation.project(", ".join(map(_duckdb.identifier, with_columns)))
                for frame in _duckdb.batches(relation, schema, batch_size):
                    chosen = frame if with_columns is None else frame.select(cs.by_name(*with_columns))
                    yield chosen if predicate is None else chosen.filter(predicate)

        return register_io_source(read, schema=pl.Schema(result))

    def _make_views(self, connection: Any, tables: Sequence[pl.LazyFrame], folder: Path) -> None:
        """Put the tables into files of the folder, show them under their names, and lock the rest away."""
        for number, (name, table) in enumerate(zip(self.table_names(len(tables)), tables, strict=True)):
            path = folder / f"{number}.parquet"
            schema = table.collect_schema()
            table.select(_stored(one, dtype) for one, dtype in schema.items()).sink_parquet(
                path, compression="lz4"
            )
            shown = ", ".join(_shown(one, dtype) for one, dtype in schema.items())
            connection.execute(
                f"CREATE VIEW {_duckdb.identifier(name)} AS "
                f"SELECT {shown} FROM read_parquet({_duckdb.text(str(path))})"
            )
        _duckdb.lock(connection)

    def summary(self) -> str:
        return " ".join(self.query.split())[:80]

    def export_python(self, script: PythonScript) -> None:
        for line in ("import duckdb", "import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("sql_query", _FUNCTION)
        frames = script.input_list("tables")
        given = ", ".join(
            f"{name!r}: {frame}" for name, frame in zip(self.table_names(len(frames)), frames, strict=True)
        )
        script.add(f"{script.output('table')} = sql_query({self.query!r}, {{{given}}})")


_FUNCTION = '''
def sql_query(query, tables):
    """The rows of a query over frames, in the order of one thread; sums of whole numbers have 64 bits."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for name, frame in tables.items():
        connection.register(name, frame.with_columns(cs.categorical().cast(pl.String)).collect().to_arrow())
    result = connection.sql(query)
    for name, dtype in zip(result.columns, result.types):
        if dtype.id == "hugeint":
            quoted = '"' + name.replace('"', '""') + '"'
            result = result.project(f"* REPLACE (CAST({quoted} AS BIGINT) AS {quoted})")
    return pl.from_arrow(result.to_arrow_table()).lazy()
'''


def _alike(names: Sequence[str]) -> list[str]:
    """The names that SQL does not tell apart from others."""
    count = Counter(name.casefold() for name in names)
    return [name for name in names if count[name.casefold()] > 1]


def _unfit(schema: Mapping[str, pl.DataType]) -> str:
    """Why a table cannot be asked by SQL, empty if it can."""
    if not schema:
        return "it has no columns"
    for name, dtype in schema.items():
        if not name or "\0" in name:
            return f'SQL takes no column called "{shorten(name)}"; rename it first'
        if isinstance(dtype, pl.Object):
            return f'column "{shorten(name)}" holds values that no query can read; take it out first'
    twice = _alike(list(schema))
    if twice:
        return f"SQL does not tell the columns {listing(twice)} apart; rename one first"
    return ""


def _stored(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column in a type that Parquet and DuckDB have."""
    column = cs.by_name(name).as_expr()
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Duration):
        return column.dt.total_microseconds()
    if isinstance(dtype, pl.Null):
        return column.cast(pl.Int32)
    if isinstance(dtype, pl.Int128):
        return column.cast(pl.Decimal(38, 0))
    return column


def _shown(name: str, dtype: pl.DataType) -> str:
    """A column of a file as a view shows it."""
    quoted = _duckdb.identifier(name)
    if isinstance(dtype, pl.Null):
        return f"NULL AS {quoted}"
    return f"to_microseconds({quoted}) AS {quoted}" if isinstance(dtype, pl.Duration) else quoted
