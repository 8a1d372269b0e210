"""Lag / Lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript


class Lag(Node):
    """Add the values of earlier or later rows as columns.

    An offset of 1 gives the value of the row before, 2 that of the row before it, -1 that of the row
    after. Where there is no such row the value is missing. With groups, rows of other groups are passed
    over. The order of the rows counts: sort before.

    Inputs:
        table: The table in its order.
    Outputs:
        table: The table with a further column for each column and offset.
    """

    name = "Lag / Lead"
    category = "Manipulation / Row"
    keywords = ("shift", "lag column", "lead", "previous row", "next row", "time series", "window")

    columns: Columns = parameter(help="The columns whose values are taken from other rows.")
    offsets: list[int] = parameter(
        default=[1],
        min_length=1,
        minimum=-100_000,
        maximum=100_000,
        unit="rows",
        help="How many rows back; negative: forward.",
    )
    groups: Columns = parameter(
        default=Columns.of(),
        label="For each",
        help="Look only at rows with the same values in these columns.",
    )

    def windows(self, schema: Mapping[str, pl.DataType]) -> list[ops.Window]:
        """One new column for each column and offset."""
        return [
            ops.Window("shift", name, f"{name} ({'-' if offset > 0 else '+'}{abs(offset)})", offset)
            for name in self.columns.resolve(schema)
            for offset in self.offsets
        ]

    def check_parameters(self) -> list[Fault]:
        if 0 in self.offsets:
            return [Fault("offsets", "an offset of 0 is the row itself; take it out")]
        return []

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        windows = self.windows(schema)
        return ops.window(table, windows, self.groups.resolve(schema)) if windows else table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        return taken([one.name for one in self.windows(schema)], schema, "columns")

    def summary(self) -> str:
        return f"{self.columns} by {', '.join(map(str, self.offsets))}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        groups = self.groups.resolve(schema)
        over = f".over({', '.join(col(script, name) for name in groups)})" if groups else ""
        source, result = script.input("table"), script.output("table")
        lines = [
            f"    {col(script, one.column)}.shift({one.offset}){over}.alias({one.name!r}),"
            for one in self.windows(schema)
        ]
        script.add(f"{result} = {source}.with_columns(", *lines, ")")
