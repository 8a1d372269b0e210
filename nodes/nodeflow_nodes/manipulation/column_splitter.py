"""Column Splitter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class SplitColumns(NamedTuple):
    """The two tables."""

    chosen: nw.LazyFrame
    others: nw.LazyFrame


class ColumnSplitter(Node):
    """Divide the columns of a table into two tables with the same rows.

    Inputs:
        table: The table to divide.
    Outputs:
        chosen: The chosen columns, all rows.
        others: The other columns, all rows.
    """

    category = "Manipulation / Column"
    keywords = ("split columns", "select", "divide columns")

    columns: Columns = parameter(default=Columns.all(), help="The columns of the first output.")

    def run(self, table: nw.LazyFrame) -> SplitColumns:
        schema = schema_of(table)
        chosen = self.columns.resolve(schema)
        others = [name for name in schema if name not in set(chosen)]
        return SplitColumns(ops.select(table, chosen), ops.select(table, others))

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars.selectors as cs")
        chosen = self.columns.resolve(schema)
        others = [name for name in schema if name not in set(chosen)]
        source = script.input("table")
        for port, names in (("chosen", chosen), ("others", others)):
            script.add(f"{script.output(port)} = {source}.select(cs.by_name(*{names!r}))")
