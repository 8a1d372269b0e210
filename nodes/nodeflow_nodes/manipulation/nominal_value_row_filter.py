"""Nominal Value Row Filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.errors import shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation.pivot import read_value

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class NominalValueRowFilter(Node):
    """Keep the rows with certain values in a column, or drop them.

    The values are listed one by one; texts must be equal letter by letter. Missing values are kept or
    dropped as chosen. The order of the rows stays.

    Inputs:
        table: The table to filter.
    Outputs:
        table: The rows that are kept.
    """

    category = "Manipulation / Row"
    keywords = ("value filter", "isin", "in list", "category filter", "select values", "exclude values")

    column: Column = parameter(
        help="The column whose values count.", types=("text", "category", "integer", "boolean", "date")
    )
    listed: list[str] = parameter(label="Values", min_length=1, help="The values, one by one.")
    keep: Literal["listed", "others"] = parameter(
        default="listed", help="Whether the rows with these values are kept, or all others."
    )
    missing: bool = parameter(
        default=False, label="Keep missing", help="Keep rows where the value is missing."
    )

    def _values(self, schema: Mapping[str, pl.DataType]) -> list[Any]:
        return [read_value(text, schema[self.column]) for text in self.listed]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        column = ops.column(self.column, list(schema))
        column = column.cast(nw.String()) if family(schema[self.column]) == "category" else column
        test = column.is_in(self._values(schema))
        present = test if self.keep == "listed" else ~test
        missing = column.is_null()
        return table.filter((present & ~missing) | missing if self.missing else present & ~missing)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        dtype = inputs["table"].columns[self.column]
        faults = []
        for index, text in enumerate(self.listed):
            try:
                read_value(text, dtype)
            except ValueError:
                told = f'"{shorten(text)}" is no {family(dtype)}, which the column is'
                faults.append(Fault(f"listed[{index}]", told))
        return faults

    def summary(self) -> str:
        word = "in" if self.keep == "listed" else "not in"
        return f"{self.column} {word} {', '.join(self.listed)}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        if family(schema[self.column]) == "date":
            script.require("import datetime")
        cast = ".cast(pl.String)" if family(schema[self.column]) == "category" else ""
        column = f"{col(script, self.column)}{cast}"
        test = f"{'' if self.keep == 'listed' else '~'}{column}.is_in({self._values(schema)!r})"
        missing = f"{column}.is_null()"
        whole = f"({test}) & ~{missing}" if not self.missing else f"(({test}) & ~{missing}) | {missing}"
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.filter({whole})")
