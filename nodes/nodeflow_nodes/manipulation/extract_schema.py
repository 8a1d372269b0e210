"""Extract Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import family
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class ExtractSchema(Node):
    """Give the columns of a table as a table: their names, places and types.

    The rows of the table are not looked at.

    Inputs:
        table: The table whose columns are listed.
    Outputs:
        table: A row for each column: place (from 1), column, type (such as text or integer), and the
            exact type as Polars calls it.
    """

    category = "Manipulation / Table"
    keywords = (
        "extract table spec",
        "column names",
        "dtypes",
        "columns",
        "describe",
        "extract column header",
    )

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        schema = schema_of(table)
        return pl.LazyFrame(
            {
                "place": list(range(1, len(schema) + 1)),
                "column": list(schema),
                "type": [family(dtype) for dtype in schema.values()],
                "exact_type": [str(dtype) for dtype in schema.values()],
            },
            schema=_SCHEMA,
        )

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return TableSpec(_SCHEMA)

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        source, result = script.input("table"), script.output("table")
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        families = {name: family(dtype) for name, dtype in schema.items()}
        script.add(
            f"columns, families = {source}.collect_schema(), {families!r}",
            f"{result} = pl.LazyFrame(",
            "    {",
            '        "place": list(range(1, len(columns) + 1)),',
            '        "column": list(columns),',
            '        "type": [families[name] for name in columns],',
            '        "exact_type": [str(dtype) for dtype in columns.values()],',
            "    }",
            ")",
        )


_SCHEMA = {"place": pl.Int64(), "column": pl.String(), "type": pl.String(), "exact_type": pl.String()}
