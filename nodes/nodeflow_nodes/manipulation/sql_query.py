"""SQL Query."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed, NodeflowError, shorten
from nodeflow.memory import memory_limit
from nodeflow.node import Context, Node
from nodeflow.parameters import Fault, parameter
from nodeflow.temporaries import scratch_folder
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    import duckdb

    from nodeflow.export.python import PythonScript

_BATCH = 100_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class SqlQuery(Node):
    """Ask a question of one or more tables in SQL.

    The tables are called t1, t2, t3 and so on in the order in which they are connected, or as you name
    them. The query is one SELECT (or WITH ... SELECT) in the dialect of DuckDB, which is close to that of
    PostgreSQL:

        SELECT city, count(*) AS people FROM t1 JOIN t2 USING (id) GROUP BY city ORDER BY people DESC

    Nothing else can be reached from it: no files, no network, no settings. The columns of the result are
    known before anything runs. SQL promises an order of the rows only where the query has an ORDER BY.
    Column names are found without regard to capitals; two columns of a table that differ only by capitals
    must be renamed before.

    Inputs:
        tables: The tables to ask.
    Outputs:
        table: What the query gives.
    """

    name = "SQL Query"
    category = "Manipulation / Table"
    keywords = ("select", "duckdb", "db query", "sql executor", "database query", "sqldf", "pandasql")

    query: str = parameter(default="SELECT * FROM t1", min_length=1, help="One SELECT statement.")
    names: list[str] = parameter(
        default=[],
        help="The names of the tables, in the order of their connections. Without any: t1, t2, ...",
    )

    def check_parameters(self) -> list[Fault]:
        faults = []
        for index, name in enumerate(self.names):
            if not _NAME.fullmatch(name):
                faults.append(
                    Fault(f"names[{index}]", f'"{shorten(name)}" is no name: use letters, digits and _')
                )
            elif name.casefold() in [one.casefold() for one in self.names[:index]]:
                faults.append(Fault(f"names[{index}]", f'two tables are called "{name}"; name one otherwise'))
        return faults

    def run(self, tables: list[pl.LazyFrame], context: Context) -> pl.DataFrame:
        with self._loaded(tables) as connection:
            context.check_cancelled()
            return self._asked(connection)

    def spec(self, inputs: Mapping[str, Any]) -> TableSpec:
        empty = [pl.LazyFrame(schema=one.columns) for one in inputs["tables"]]
        with self._loaded(empty) as connection:
            return TableSpec(dict(self._asked(connection).schema))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        tables = inputs.get("tables")
        if tables is None or any(one is None for one in tables):
            return ()
        try:
            self.spec(inputs)
        except NodeflowError as error:
            return [Fault("query", str(error))]
        return ()

    @contextlib.contextmanager
    def _loaded(self, tables: Sequence[pl.LazyFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database that holds the tables and can reach nothing else."""
        try:
            import duckdb
        except ImportError:
            raise NodeFailed("SQL needs DuckDB: pip install nodeflow[sql]") from None
        limit = memory_limit()
        with scratch_folder() as folder:
            config: dict[str, Any] = {
                "temp_directory": str(folder),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            }
            if limit is not None:
                config["memory_limit"] = f"{max(limit // 1_000_000, 64)}MB"
            with duckdb.connect(":memory:", config=config) as connection:
                for number, table in enumerate(tables):
                    self._fill(connection, self._name(number), table)
                connection.execute("SET enable_external_access = false")
                connection.execute("SET lock_configuration = true")
                yield connection

    def _name(self, number: int) -> str:
        return self.names[number] if number < len(self.names) else f"t{number + 1}"

    def _fill(self, connection: duckdb.DuckDBPyConnection, name: str, table: pl.LazyFrame) -> None:
        import pyarrow as pa

        schema = table.collect_schema()
        seen: dict[str, str] = {}
        for column in schema:
            twin = seen.setdefault(column.casefold(), column)
            if twin != column:
                raise NodeFailed(
                    f'{name}: "{shorten(twin)}" and "{shorten(column)}" differ only by capitals, which SQL does not '
                    "tell apart; rename one before"
                )
        if not schema:
            raise NodeFailed(f"{name} has no columns; connect another table")
        arrow = pl.DataFrame(schema=schema).to_arrow().schema
        frames = table.collect_batches(chunk_size=_BATCH, engine="streaming")
        batches = (batch for frame in frames for batch in frame.to_arrow().cast(arrow).to_batches())
        connection.register("nodeflow_source", pa.RecordBatchReader.from_batches(arrow, batches))
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM nodeflow_source')
        connection.unregister("nodeflow_source")

    def _asked(self, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        import duckdb

        try:
            statements = connection.extract_statements(self.query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise NodeFailed("the query must be one SELECT statement; use a node for each")
            found = connection.from_query(self.query).to_arrow_reader(_BATCH)
            names = found.schema.names
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise NodeFailed(
                        f'two columns of the result are called "{shorten(name)}"; name one by AS'
                    )
            table = pl.DataFrame(pl.from_arrow(found.read_all()))
        except duckdb.Error as error:
            raise NodeFailed(_told(str(error))) from None
        except pl.exceptions.PolarsError as error:
            reason = shorten(str(error).splitlines()[0], 120)
            raise NodeFailed(
                f"a column of the result has a type that tables do not have ({reason}); cast it"
            ) from None
        return table.with_columns(
            # the sum of whole numbers, which DuckDB computes in 128 bits
            pl.col(name).cast(pl.Int64)
            for name, dtype in table.schema.items()
            if isinstance(dtype, pl.Decimal) and (dtype.precision, dtype.scale) == (38, 0)
        )

    def summary(self) -> str:
        return " ".join(self.query.split())[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import duckdb")
        script.require("import polars as pl")
        lines = ["connection = duckdb.connect()"]
        for number, variable in enumerate(script.input_list("tables")):
            lines.append(f"connection.register({self._name(number)!r}, {variable}.collect().to_arrow())")
        result = script.output("table")
        lines.append(f"{result} = connection.execute({self.query!r}).pl()")
        lines.append(
            f"{result} = {result}.with_columns(pl.selectors.by_dtype(pl.Decimal(38, 0)).cast(pl.Int64)).lazy()"
        )
        script.add(*lines)


def _told(text: str) -> str:
    """DuckDB's message in one piece, with the place in the query."""
    head, _, place = text.partition("\n\nLINE ")
    head = re.sub(r"^\w[\w ]* Error: ", "", head).partition("Candidate functions")[0]
    parts = [" ".join(part.split()) for part in head.splitlines() if part.strip()]
    told = shorten("; ".join(parts), 400)
    found = re.match(r"(\d+): (.*)\n( *)\^", place)
    if found is None:
        return told
    start = max(0, len(found[3]) - len(f"LINE {found[1]}: "))
    near = found[2][start : start + 30]
    return f'{told} (line {found[1]}, at "{near}")' if near else f"{told} (line {found[1]}, at its end)"
