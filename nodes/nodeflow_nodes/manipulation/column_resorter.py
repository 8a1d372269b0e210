"""Column Resorter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript


class ColumnResorter(Node):
    """Put the columns of a table in another order.

    The columns chosen as first stand at the front, those chosen as last at the end, each in the order
    of their names where they are chosen by name. The others stand between, as they are or by the
    alphabet. A column chosen as both stands at the front. No column is lost.

    Inputs:
        table: The table to rearrange.
    Outputs:
        table: The same columns in the new order.
    """

    category = "Manipulation / Column"
    keywords = ("reorder columns", "column reorder", "arrange columns", "move column", "relocate", "reindex")

    first: Columns = parameter(default=Columns.of(), help="The columns that stand at the front.")
    last: Columns = parameter(default=Columns.of(), help="The columns that stand at the end.")
    others: Literal["as they are", "a to z", "z to a"] = parameter(
        default="as they are", help="The order of the columns between."
    )

    def order(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """All names in their new order."""
        first = self.first.resolve(schema)
        last = [name for name in self.last.resolve(schema) if name not in first]
        between = [name for name in schema if name not in first and name not in last]
        if self.others != "as they are":
            between.sort(key=lambda name: (name.casefold(), name), reverse=self.others == "z to a")
        return [*first, *between, *last]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return ops.select(table, self.order(schema_of(table)))

    def summary(self) -> str:
        parts = [] if self.first.only_named and not self.first.names else [f"{self.first} first"]
        parts += [] if self.last.only_named and not self.last.names else [f"{self.last} last"]
        parts += [] if self.others == "as they are" else [f"others {self.others}"]
        return ", ".join(parts)[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars.selectors as cs")
        source = script.input("table")
        script.add(f"{script.output('table')} = {source}.select(cs.by_name(*{self.order(schema)!r}))")
