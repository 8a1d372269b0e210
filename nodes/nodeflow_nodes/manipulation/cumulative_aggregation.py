"""Cumulative Aggregation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript

_FUNCTIONS = {
    "sum": "cum_sum",
    "minimum": "cum_min",
    "maximum": "cum_max",
    "product": "cum_prod",
    "count": "cum_count",
}


class CumulativeAggregation(Node):
    """Add running totals: the sum, minimum, maximum, product or count of all rows up to each row.

    With groups the total starts anew in each group. Missing values are passed over: they stay missing in
    the result, and the total goes on behind them. The order of the rows counts: sort before.

    Inputs:
        table: The table in its order.
    Outputs:
        table: The table with a further column for each column.
    """

    category = "Manipulation / Row"
    keywords = ("running total", "cumsum", "cumulative sum", "moving total", "window", "accumulate")

    columns: Columns = parameter(default=Columns.typed("number"), help="The number columns to add up.")
    function: Literal["sum", "minimum", "maximum", "product", "count"] = parameter(
        default="sum", help="What is computed of the rows so far."
    )
    groups: Columns = parameter(
        default=Columns.of(), label="For each", help="Start anew for each combination of these columns."
    )

    def windows(self, schema: Mapping[str, pl.DataType]) -> list[ops.Window]:
        """One new column for each number column that is chosen."""
        groups = set(self.groups.resolve(schema))
        return [
            ops.Window(_FUNCTIONS[self.function], name, f"{name} (running {self.function})")
            for name in self.columns.resolve(schema)
            if name not in groups and is_family(schema[name], ("number",))
        ]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        windows = self.windows(schema)
        return ops.window(table, windows, self.groups.resolve(schema)) if windows else table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        windows = self.windows(schema)
        if not windows:
            return [Fault("columns", f"no number column is chosen ({self.columns}); choose one")]
        return taken([one.name for one in windows], schema, "columns")

    def summary(self) -> str:
        return f"running {self.function} of {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        groups = self.groups.resolve(schema)
        over = f".over({', '.join(col(script, name) for name in groups)})" if groups else ""
        cast = ".cast(pl.Int64)" if self.function == "count" else ""
        source, result = script.input("table"), script.output("table")
        lines = [
            f"    {col(script, one.column)}.{one.function}(){cast}{over}.alias({one.name!r}),"
            for one in self.windows(schema)
        ]
        script.add(f"{result} = {source}.with_columns(", *lines, ")")
