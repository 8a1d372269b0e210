"""Moving Aggregation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

Function = Literal["mean", "sum", "minimum", "maximum", "median", "std"]

_METHODS = {
    "mean": "rolling_mean",
    "sum": "rolling_sum",
    "minimum": "rolling_min",
    "maximum": "rolling_max",
    "median": "rolling_median",
    "std": "rolling_std",
}


class MovingAggregation(Node):
    """Summarise a window of rows around each row: moving averages, sums, extremes.

    The window holds so many rows, the row itself included: it ends at the row, has it in the middle, or
    starts at it. At the ends of the table, and where values are missing, fewer values are in the window;
    the result is missing where there are fewer than the minimum. With groups the window never
    reaches into another group. The order of the rows counts: sort before.

    Inputs:
        table: The table in its order.
    Outputs:
        table: The table with a further column for each column.
    """

    category = "Manipulation / Row"
    keywords = (
        "rolling",
        "moving average",
        "window",
        "smoothing",
        "running mean",
        "sliding window",
        "time series",
    )

    columns: Columns = parameter(default=Columns.typed("number"), help="The number columns.")
    function: Function = parameter(default="mean", help="What is computed of the window.")
    window: int = parameter(
        default=3, minimum=1, maximum=10_000_000, unit="rows", help="The rows in the window."
    )
    place: Literal["backward", "centred", "forward"] = parameter(
        default="backward", help="Whether the window ends at the row, has it in the middle, or starts at it."
    )
    least: int = parameter(
        default=1,
        minimum=1,
        label="At least",
        unit="values",
        help="How many values a window needs for a result.",
    )
    groups: Columns = parameter(
        default=Columns.of(), label="For each", help="Compute within each combination of these columns."
    )

    def check_parameters(self) -> list[Fault]:
        if self.least > self.window:
            return [Fault("least", f"a window of {self.window} rows never has {self.least} values; lower it")]
        return []

    def _named(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        groups = set(self.groups.resolve(schema))
        return {
            name: f"{name} (moving {self.function})"
            for name in self.columns.resolve(schema)
            if name not in groups and is_family(schema[name], ("number",))
        }

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        schema = schema_of(table)
        groups = self.groups.resolve(schema)
        computed = []
        for name, new in self._named(schema).items():
            value = cs.by_name(name).as_expr().cast(pl.Float64)
            value = value.reverse() if self.place == "forward" else value
            found: pl.Expr = getattr(value, _METHODS[self.function])(
                self.window, min_samples=self.least, center=self.place == "centred"
            )
            found = found.reverse() if self.place == "forward" else found
            computed.append((found.over(cs.by_name(*groups)) if groups else found).alias(new))
        return table.with_columns(computed)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        named = self._named(schema)
        if not named:
            return [Fault("columns", f"no number column is chosen ({self.columns}); choose one")]
        return taken(list(named.values()), schema, "columns")

    def summary(self) -> str:
        return f"{self.function} of {self.window} rows, {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col, cols

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        turn = ".reverse()" if self.place == "forward" else ""
        groups = self.groups.resolve(schema)
        over = f".over({cols(script, groups)})" if groups else ""
        method, centre = _METHODS[self.function], self.place == "centred"
        lines = [
            f"    {col(script, name)}.cast(pl.Float64){turn}"
            f".{method}({self.window}, min_samples={self.least}, center={centre}){turn}{over}.alias({new!r}),"
            for name, new in self._named(schema).items()
        ]
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.with_columns(", *lines, ")")
