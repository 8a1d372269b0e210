"""Database Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, listing
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.io._connection import Server, TargetFile, driver_faults, place_faults
from nodeflow_nodes.io._sql_columns import name_fault, schema_fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class DatabaseWriter(Server, TargetFile, Node):
    """Write a table to an SQLite, DuckDB, PostgreSQL or MySQL database.

    All rows are written or none: whatever goes wrong on the way, the database is as it was before. The
    table is computed first and then streams, so that one larger than the memory can be written.

    | if the table exists | what is done |
    |---|---|
    | fail | nothing; the run stops |
    | append | the rows are added; columns go by name, and one that is not given gets its default |
    | replace | the table is dropped with its indexes and rights, and made anew |
    | upsert | a row whose key is there replaces the values of that row; the others are added |

    A table that does not exist is made, with the key columns as its primary key if there are any. Nothing
    is kept from run to run: the node writes whenever the workflow runs, so "append" adds the rows again.

    **Types.** Every type has its like in the database. SQLite keeps dates and times as texts in ISO form,
    and decimals of more than 15 digits as texts. Durations can be written to DuckDB and PostgreSQL,
    lists and nested columns to DuckDB; the others tell it before anything runs. Missing values become
    NULL. Times with a zone are kept as moments in universal time.

    **Passwords** are never in the workflow: it names an environment variable or an entry of the system's
    keyring. A server that a workflow file names is reached only if you allow it (`--allow-host`); a file
    lies in the output folder.

    Inputs:
        table: The rows to write.
    """

    category = "Input / Output"
    keywords = (
        "sql", "insert", "update", "merge", "db", "sqlite", "duckdb", "postgres", "postgresql", "mysql", "mariadb",
        "to_sql", "write_database", "export", "save", "db insert", "db merge",
    )  # fmt: skip
    reads_outside = True  # what it does depends on what is in the database

    table_name: str = parameter(label="Table", help="The table to write to.", min_length=1)
    schema: str = parameter(
        default="", help="The schema the table lies in; empty for the usual one.", advanced=True
    )
    existing: Literal["fail", "append", "replace", "upsert"] = parameter(
        default="fail",
        label="If the table exists",
        help="Stop the run, add the rows, make the table anew, or update the rows whose keys are there.",
    )
    keys: list[Column] = parameter(
        default=[],
        help='The columns that tell one row from all others: for "upsert", and the primary key of a new table.',
    )

    def check_parameters(self) -> list[Fault]:
        faults = place_faults(self)
        if self.existing == "upsert" and not self.keys:
            faults.append(Fault("keys", 'name the key columns, by which "upsert" finds the rows to update'))
        if self.existing == "append" and self.keys:
            faults.append(
                Fault("keys", 'rows are appended whatever their key; take the keys away, or choose "upsert"')
            )
        twice = [key for index, key in enumerate(self.keys) if key in self.keys[:index]]
        if twice:
            faults.append(Fault("keys", f"{listing(twice)} comes twice; name each column once"))
        for name in ("table_name", "schema"):
            value = getattr(self, name)
            fault = name_fault(self.kind, value) if value or name == "table_name" else ""
            if fault:
                faults.append(Fault(name, fault))
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        faults = driver_faults(self)
        if not faults and "table" in inputs:
            fault = schema_fault(self.kind, inputs["table"].columns)
            faults = [Fault("kind", fault)] if fault else []
        return faults

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        from nodeflow_nodes.io._database_write import write

        fault = schema_fault(self.kind, schema_of(table))
        if fault:
            raise NodeFailed(fault)
        context.check_cancelled()
        context.warn(write(self, table, context))

    def summary(self) -> str:
        where = os.path.basename(self.file) if self.file else self.database
        return f"{where}: {self.existing} {self.table_name}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._database_export import export_writer

        export_writer(self, script)
