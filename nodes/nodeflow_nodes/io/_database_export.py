"""Reading a database in an exported script: SQLAlchemy or DuckDB, and Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nodeflow.parameters import Columns
from nodeflow_nodes.io._connection import EMBEDDED
from nodeflow_nodes.io._database_read import described, full_name, quoted
from nodeflow_nodes.io._query import Query

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow_nodes.io._sql_types import Column
    from nodeflow_nodes.io.database_reader import DatabaseReader


def export_reader(node: DatabaseReader, script: PythonScript) -> None:
    """Add the lines that read what the node reads."""
    if node.columns != Columns.all():
        script.cannot_express("a choice of columns")
    script.require("import polars as pl")
    result = script.output("table")
    if node.kind == "duckdb":
        script.require("import duckdb")
        script.define("read_duckdb", _READ_DUCKDB)
        script.add(
            f"{result} = read_duckdb({str(node.file)!r}, {_statement(node, '$')!r}, {dict(node.query_values)!r})"
        )
        return
    script.require("import sqlalchemy")
    script.define("read_sql", _READ_SQL)
    types = _types(described(node)) if node.kind in EMBEDDED else "{}"
    values = dict(node.query_values)
    script.add(f"{result} = read_sql({_url(node, script)}, {_statement(node, ':')!r}, {values!r}, {types})")


def _statement(node: DatabaseReader, sign: str) -> str:
    def escaped(text: str) -> str:
        return text.replace(":", "\\:") if sign == ":" else text

    if node.query:
        text = Query.of(node.query, node.kind).written(lambda name: f"{sign}{name}", escaped)
    else:
        text = escaped(f"SELECT * FROM {full_name(node.kind, node.table_name, node.schema)}")
        if node.order_by:
            text += escaped(f" ORDER BY {', '.join(quoted(node.kind, name) for name in node.order_by)}")
    return text if node.max_rows is None else f"SELECT * FROM ({text}) AS result LIMIT {node.max_rows}"


def _url(node: DatabaseReader, script: PythonScript) -> str:
    if node.kind == "sqlite":
        return f'sqlalchemy.URL.create("sqlite", database={str(node.file)!r})'
    parts = [repr({"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[node.kind])]
    parts += [
        f"{name}={value!r}"
        for name, value in (
            ("username", node.user),
            ("host", str(node.host)),
            ("port", node.port),
            ("database", node.database),
        )
        if value
    ]
    if node.password is not None and node.password.keyring:
        script.require("import keyring")
        parts.append(f"password=keyring.get_password({node.password.keyring!r}, {node.password.user!r})")
    elif node.password is not None:
        script.require("import os")
        parts.append(f"password=os.environ[{node.password.environment!r}]")
    return f"sqlalchemy.URL.create({', '.join(parts)})"


def _types(columns: list[Column]) -> str:
    """The types that the driver does not give by itself, as source."""
    sources = []
    for column in columns:
        dtype = column.dtype
        if isinstance(dtype, pl.Datetime):
            source = f"pl.Datetime({dtype.time_unit!r}, {dtype.time_zone!r})"
        elif isinstance(dtype, pl.Decimal):
            source = f"pl.Decimal({dtype.precision}, {dtype.scale})"
        else:
            source = f"pl.{type(dtype).__name__}"
        sources.append(f"{column.name!r}: {source}")
    return f"{{{', '.join(sources)}}}"


_READ_SQL = '''
def read_sql(url, statement, values, types):
    """The rows of a statement; `types` are those that the driver does not give."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        result = connection.execute(sqlalchemy.text(statement), values)
        names, rows = list(result.keys()), [tuple(row) for row in result]
    table = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    table = table.with_columns(pl.col(pl.Binary).bin.encode("hex"))
    for name, dtype in types.items():
        if dtype.is_temporal() and table.schema[name] == pl.String:
            table = table.with_columns(pl.col(name).str.strptime(dtype))
    return table.cast(types).lazy()
'''

_READ_DUCKDB = '''
def read_duckdb(file, statement, values):
    """The rows of a statement."""
    with duckdb.connect(file, read_only=True) as connection:
        rows = connection.sql(statement, params=values)
        return pl.from_arrow(rows.to_arrow_table()).lazy()
'''
