"""Row Splitter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Expression, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class SplitRows(NamedTuple):
    """The two tables."""

    matching: nw.LazyFrame
    others: nw.LazyFrame


class RowSplitter(Node):
    """Divide the rows of a table by a condition.

    Every row goes to one of the outputs: rows where the condition is missing go to the others. The
    order of the rows stays.

    Inputs:
        table: The table to divide.
    Outputs:
        matching: The rows for which the condition is true.
        others: All other rows.
    """

    category = "Manipulation / Row"
    keywords = ("split rows", "filter", "divide", "branch", "row filter with two outputs")

    condition: Expression = parameter(
        help="A formula that is true or false for each row. For example: age >= 18 and country == 'DE'",
        types=("boolean",),
    )

    def run(self, table: nw.LazyFrame) -> SplitRows:
        (held,) = ops.fresh_names(ops.names_of(table), "condition")
        marked = table.with_columns(self.condition.compile(table).fill_null(value=False).alias(held))
        return SplitRows(
            marked.filter(nw.col(held)).drop(held),
            marked.filter(nw.col(held) == nw.lit(value=False)).drop(held),
        )

    def summary(self) -> str:
        return self.condition.text[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        test = self.condition.formula.source(script.schema("table"))
        source = script.input("table")
        script.add(
            f"{script.output('matching')} = {source}.filter({test})",
            f"{script.output('others')} = {source}.filter(~({test}).fill_null(False))",
        )
