"""Rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript

_METHODS = {
    "smallest": "min",
    "largest": "max",
    "dense": "dense",
    "average": "average",
    "by order": "ordinal",
}


class Rank(Node):
    """Tell the place of each row in the order of a column.

    The best value has rank 1. Rows with equal values get the smallest or the largest of their ranks
    (1, 2, 2, 4 or 1, 3, 3, 4), dense ranks without gaps (1, 2, 2, 3), the average (1, 2.5, 2.5, 4), or
    ranks in the order of the rows (1, 2, 3, 4). Missing values have no rank. The rows keep their order.

    Inputs:
        table: The table to rank.
    Outputs:
        table: The table with the ranks.
    """

    category = "Manipulation / Row"
    keywords = ("ranking", "place", "position", "order", "percentile", "row_number", "dense_rank")

    by: Column = parameter(
        help="The column whose values count.",
        types=("number", "text", "boolean", "date", "datetime", "time", "duration"),
    )
    best: Literal["largest", "smallest"] = parameter(default="largest", help="Which value has rank 1.")
    ties: Literal["smallest", "largest", "dense", "average", "by order"] = parameter(
        default="smallest", help="The rank of rows with equal values."
    )
    groups: Columns = parameter(
        default=Columns.of(), label="For each", help="Rank anew for each combination of these columns."
    )
    column: str = parameter(default="rank", min_length=1, help="The name of the new column.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        rank = ops.Window(_METHODS[self.ties], self.by, self.column, descending=self.best == "largest")
        return ops.window(table, [rank], self.groups.resolve(schema_of(table)))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return taken([self.column], inputs["table"].columns, "column") if "table" in inputs else ()

    def summary(self) -> str:
        return f"{self.best} {self.by} first"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col
        from nodeflow_nodes.manipulation.column_filter import selector_source

        method = _METHODS[self.ties]
        rank = f"{col(script, self.by)}.rank({method!r}, descending={self.best == 'largest'})"
        rank += "" if method == "average" else ".cast(pl.Int64)"
        if not self.groups.only_named or self.groups.names:
            script.require("import polars.selectors as cs")
            rank += f".over({selector_source(self.groups)})"
        script.require("import polars as pl")
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.with_columns({rank}.alias({self.column!r}))")
