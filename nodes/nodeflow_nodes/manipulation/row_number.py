"""Row Number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RowNumber(Node):
    """Number the rows.

    The rows are numbered in their order, through the whole table or anew in each group.

    Inputs:
        table: The table to number.
    Outputs:
        table: The table with the numbers.
    """

    category = "Manipulation / Row"
    keywords = (
        "row id",
        "index",
        "counter generation",
        "counter",
        "sequence",
        "row key",
        "enumerate",
        "reset_index",
    )

    column: str = parameter(default="row", min_length=1, help="The name of the new column.")
    start: int = parameter(default=1, minimum=-(2**53), maximum=2**53, help="The first number.")
    step: int = parameter(default=1, minimum=-(2**31), maximum=2**31, help="What is added from row to row.")
    groups: Columns = parameter(
        default=Columns.of(), label="For each", help="Number anew for each combination of these columns."
    )
    place: Literal["first", "last"] = parameter(default="last", help="Where the new column stands.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        names = list(schema)
        groups = self.groups.resolve(schema)
        if groups:
            numbered = ops.window(table, [ops.Window("row", names[0], self.column)], groups)
            zero = nw.col(self.column) - 1
        else:
            (row,) = ops.fresh_names([*names, self.column], "row")
            numbered = ops.number_rows(table, row)
            zero = nw.col(row)
        numbered = numbered.with_columns((zero * self.step + self.start).cast(nw.Int64).alias(self.column))
        return ops.select(numbered, [self.column, *names] if self.place == "first" else [*names, self.column])

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return taken([self.column], inputs["table"].columns, "column") if "table" in inputs else ()

    def summary(self) -> str:
        return f"{self.column} from {self.start}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        over = ""
        if not self.groups.only_named or self.groups.names:
            over = f".over({selector_source(self.groups)})"
        number = f"(pl.int_range(pl.len(), dtype=pl.Int64){over} * {self.step} + {self.start}).alias({self.column!r})"
        source, result = script.input("table"), script.output("table")
        if self.place == "first":
            script.add(f"{result} = {source}.select({number}, cs.all())")
        else:
            script.add(f"{result} = {source}.with_columns({number})")
