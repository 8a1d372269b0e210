"""Duplicate Row Filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class DuplicateRowFilter(Node):
    """Remove rows that occur more than once.

    Rows are duplicates when they are equal in all chosen columns. Of each set of duplicates the first
    row is kept, or the last, or none of them. Missing values count as equal to each other. To keep
    the row with the largest or smallest value of a column, sort by it before. The order of the rows stays.

    Inputs:
        table: The table with duplicates.
    Outputs:
        table: The rows that are left, with all columns.
    """

    category = "Manipulation / Row"
    keywords = ("distinct", "unique", "drop_duplicates", "deduplicate", "remove duplicates")

    columns: Columns = parameter(default=Columns.all(), help="The columns in which duplicates are equal.")
    keep: Literal["first", "last", "none"] = parameter(
        default="first",
        help='Which row of each set of duplicates is kept; "none" keeps only rows without a twin.',
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return ops.distinct(table, self.columns.resolve(schema_of(table)), self.keep)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs and not self.columns.resolve(inputs["table"].columns):
            return [Fault("columns", f"no column is chosen ({self.columns}); choose at least one")]
        return ()

    def summary(self) -> str:
        return f"by {self.columns}, keep {self.keep}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars.selectors as cs")
        source = script.input("table")
        script.add(
            f"{script.output('table')} = {source}.unique(",
            f"    {selector_source(self.columns)}, keep={self.keep!r}, maintain_order=True",
            ")",
        )
