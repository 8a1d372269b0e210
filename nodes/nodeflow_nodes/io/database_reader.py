"""Database Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.patterns import is_pattern
from nodeflow.values.specs import TableSpec
from nodeflow_nodes.io._connection import EMBEDDED, Server, SourceFile, driver_faults, place_faults
from nodeflow_nodes.io._query import Query
from nodeflow_nodes.io._sql_types import WideNumbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow_nodes.io._sql_types import Column


class DatabaseReader(Server, SourceFile, Node):
    """Read a table, or the rows of a query, from an SQLite, DuckDB, PostgreSQL or MySQL database.

    Name a table, or write one SELECT in the language of the database. The rows stream: a table larger
    than the memory can be read, and only the columns that the following nodes use are asked for. Nothing
    in the database can be changed.

    **Values in a query** are not written into it but stand as `:name`, with the value beside it:
    `SELECT * FROM orders WHERE day >= :start`, and "start" under values. So no value can change what the
    query does.

    **Passwords** are never in the workflow: it names an environment variable or an entry of the system's
    keyring. A server that a workflow file names is reached only if you allow it (`--allow-host`).

    **When it runs.** A file counts by its content, like any other: it is read again when it changed, and
    its columns are known before running. A server is asked in every run, and its columns are known when
    the node has run.

    **Order.** Rows come in the order of ORDER BY in the query, or of `order_by`. Without, a table comes by
    its primary key, if it has one, from a server, and as it is stored from a file; everything else as the
    database gives it.

    **Types.** Whole numbers, decimals with declared digits, texts, booleans, dates, times and timestamps
    keep their type; timestamps with a zone come in universal time. SQLite, which lets every value have its
    own type, goes by the declared types and the first 10,000 rows; a value further down that does not fit
    stops the run. Binary values become texts of hexadecimal digits. JSON, UUIDs, intervals, arrays and other
    kinds that a table lacks become texts as the database writes them. Missing values are NULL, and so is
    NaN.

    Outputs:
        table: The rows.
    """

    category = "Input / Output"
    keywords = (
        "sql", "select", "query", "db", "sqlite", "duckdb", "postgres", "postgresql", "mysql", "mariadb",
        "read_sql", "read_database", "db table selector", "import", "connector",
    )  # fmt: skip

    table_name: str = parameter(
        default="", label="Table", help="The table or view to read. Empty for a query."
    )
    schema: str = parameter(
        default="", help="The schema the table lies in; empty for the usual one.", advanced=True
    )
    query: str = parameter(default="", help="One SELECT, instead of a table.")
    query_values: dict[str, Any] = parameter(
        default={}, label="Values", help="The values that the query names, such as start for :start."
    )
    columns: Columns = parameter(default=Columns.all(), help="The columns to read.")
    order_by: list[str] = parameter(
        default=[], help="Columns of the table by which the database sorts the rows.", advanced=True
    )
    max_rows: int | None = parameter(
        default=None, minimum=0, unit="rows", help="Read no more rows than this.", advanced=True
    )
    wide_numbers: WideNumbers = parameter(
        default="number",
        label="Numerics without digits",
        help="What a PostgreSQL numeric without a declared number of digits, or with more than 38, becomes: "
        "a number (exact to about 16 digits) or a text with all of them.",
        advanced=True,
    )

    @property
    def reads_outside(self) -> bool:  # type: ignore[override]
        """Whether the content of the file does not tell what is read: changes may wait in a log beside it."""
        from nodeflow_nodes.io._database_read import logs_of

        return self.kind not in EMBEDDED or (self.file is not None and bool(logs_of(self.file)))

    def check_parameters(self) -> list[Fault]:
        faults = place_faults(self)
        if self.file and is_pattern(self.file):
            faults.append(Fault("file", "name one file, without * and ?; read several by a node each"))
        if bool(self.table_name) == bool(self.query.strip()):
            both = (
                "name a table or write a query, not both" if self.query else "name a table, or write a query"
            )
            faults.append(Fault("table_name", both))
        elif self.query:
            faults += Query.of(self.query, self.kind).faults(self.kind, self.query_values)
            faults += [
                Fault(name, f"a query has its own {words}; leave it empty")
                for name, words in (("order_by", "ORDER BY"), ("schema", "names of schemas"))
                if getattr(self, name)
            ]
        else:
            faults += [
                Fault(name, "is for a query; a table has none")
                for name in ("query_values",)
                if getattr(self, name)
            ]
            faults += [
                Fault(name, "holds a character that no name can have")
                for name in ("table_name", "schema")
                if "\0" in getattr(self, name)
            ]
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        faults = driver_faults(self)
        if faults or self.kind not in EMBEDDED:
            return faults
        try:
            columns = self._columns()
        except NodeFailed as fault:
            place = "query" if self.query else "table_name"
            return [Fault(place, str(fault), getattr(fault, "position", None))]
        schema = {column.name: column.dtype for column in columns}
        return [Fault("columns", sentence) for sentence in self.columns.faults(schema)]

    def spec(self, inputs: Mapping[str, Any]) -> TableSpec | None:
        if self.kind not in EMBEDDED:
            return None  # nobody's server is asked before the run
        return TableSpec(self._chosen(self._columns()))

    def _columns(self) -> list[Column]:
        from nodeflow_nodes.io._database_read import described

        return described(self)

    def _chosen(self, columns: Sequence[Column]) -> dict[str, pl.DataType]:
        schema = {column.name: column.dtype for column in columns}
        for sentence in self.columns.faults(schema):
            raise NodeFailed(f"columns: {sentence}")
        return {name: schema[name] for name in self.columns.resolve(schema)}

    def run(self) -> pl.LazyFrame:
        import polars as pl
        from polars.io.plugins import register_io_source

        from nodeflow_nodes.io._database_read import frames

        columns = self._columns()
        schema = self._chosen(columns)

        def read(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            limits = [limit for limit in (n_rows, self.max_rows) if limit is not None]
            wanted = list(schema) if with_columns is None else with_columns
            for frame in frames(self, columns, wanted, min(limits, default=None)):
                yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=pl.Schema(schema))

    def summary(self) -> str:
        what = " ".join(self.query.split()) or self.table_name
        where = os.path.basename(self.file) if self.file else self.database
        return f"{where}: {what}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._database_export import export_reader

        export_reader(self, script)
