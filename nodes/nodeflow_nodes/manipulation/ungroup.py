"""Ungroup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class Ungroup(Node):
    """Give each element of lists a row of its own; the other columns are repeated.

    Several list columns are taken apart side by side; the lists of a row must then be equally long. A row
    with an empty or missing list stays as one row with a missing value, or is left out. GroupBy with the
    function "list" does the opposite.

    Inputs:
        table: The table with lists.
    Outputs:
        table: The table with a row for each element.
    """

    category = "Manipulation / Table"
    keywords = ("explode", "unnest", "flatten", "collection to rows", "split collection")

    columns: Columns = parameter(default=Columns.typed("list"), help="The list columns to take apart.")
    keep_empty: bool = parameter(
        default=True,
        label="Keep empty lists",
        help="Keep rows with an empty or missing list, with a missing value.",
    )

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        chosen = self._chosen(schema_of(table))
        if not chosen:
            return table
        if not self.keep_empty:
            table = table.filter(cs.by_name(chosen[0]).as_expr().list.len() > 0)
        return table.explode(cs.by_name(*chosen), empty_as_null=True, keep_nulls=True)

    def _chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return [name for name in self.columns.resolve(schema) if is_family(schema[name], ("list",))]

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs and not self._chosen(inputs["table"].columns):
            return [
                Fault(
                    "columns",
                    f"no list column is chosen ({self.columns}); GroupBy and Cell Splitter make lists",
                )
            ]
        return ()

    def explain(self, error: Exception) -> str | None:
        if "same element counts" in str(error) or "matching element counts" in str(error):
            return "the lists of a row are not equally long; take the columns apart one after the other"
        return None

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars.selectors as cs")
        chosen = self._chosen(schema)
        source, result = script.input("table"), script.output("table")
        kept = "" if self.keep_empty else f".filter(cs.by_name({chosen[0]!r}).as_expr().list.len() > 0)"
        script.add(f"{result} = {source}{kept}.explode(cs.by_name(*{chosen!r}), empty_as_null=True)")
