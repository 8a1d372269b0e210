"""Database Tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed, did_you_mean, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import TableSpec
from nodeflow_nodes.io._connection import Server, SourceFile, driver_faults, place_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA: dict[str, pl.DataType] = {
    "schema": pl.String(),
    "table": pl.String(),
    "kind": pl.String(),
    "column": pl.String(),
    "type": pl.String(),
    "nullable": pl.Boolean(),
    "key": pl.Int64(),
}


class DatabaseTables(Server, SourceFile, Node):
    """List the tables and views of a database, with their columns.

    There is a row for each column: the schema, the table, whether it is a table or a view, the column, its
    type in the words of the database, whether it may be missing (NULL), and its place in the primary key
    (1 for the first column of the key, missing for a column outside it). Rows are sorted by schema and
    table, columns come in their order.

    The schemas that the database keeps for itself are left out. A password is never in the workflow: it
    names an environment variable or an entry of the system's keyring. A server that a workflow file names
    is reached only if you allow it (`--allow-host`).

    Outputs:
        table: The columns of all tables.
    """

    category = "Input / Output"
    keywords = (
        "sql", "db", "schema", "metadata", "show tables", "describe", "information_schema", "list tables", "catalog",
        "sqlite", "duckdb", "postgresql", "mysql",
    )  # fmt: skip

    schema: str = parameter(default="", help="Only the tables of this schema. Empty for all.")
    views: bool = parameter(default=True, help="Whether views are listed, too.")

    @property
    def reads_outside(self) -> bool:  # type: ignore[override]
        """Whether the content of a file does not tell what is listed."""
        from nodeflow_nodes.io._database_read import is_outside

        return is_outside(self)

    def check_parameters(self) -> list[Fault]:
        return place_faults(self)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return driver_faults(self)

    def spec(self, inputs: Mapping[str, Any]) -> TableSpec:
        return TableSpec(SCHEMA)

    def run(self) -> pl.DataFrame:
        from nodeflow_nodes.io._database_list import columns_of

        rows = [row for row in columns_of(self) if self.views or row[2] == "table"]
        if self.schema and not any(row[0] == self.schema for row in rows):
            known = sorted({row[0] for row in rows})
            hint = did_you_mean(self.schema, known, what="there are")
            raise NodeFailed(f'there are no tables in a schema "{shorten(self.schema)}"; {hint}')
        chosen = [row for row in rows if not self.schema or row[0] == self.schema]
        return pl.DataFrame(chosen, schema=SCHEMA, orient="row")

    def summary(self) -> str:
        where = os.path.basename(self.file) if self.file else self.database
        return f"{where}{f', {self.schema}' if self.schema else ''}"[:80]
