"""Top K."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class TopK(Node):
    """Keep the rows with the largest or smallest values of a column.

    The rows come sorted, the best first; rows that are equal keep their order, and the first of them
    are kept. With groups, so many rows of each group are kept, and the groups come in the order of
    their best rows. Missing values stand last: they are kept only where there are too few others.

    Inputs:
        table: The table to choose from.
    Outputs:
        table: The best rows, sorted.
    """

    name = "Top K"
    category = "Manipulation / Row"
    keywords = (
        "top k selector",
        "nlargest",
        "nsmallest",
        "head",
        "best rows",
        "element selector",
        "limit",
        "maximum",
    )

    by: Column = parameter(
        help="The column whose values count.",
        types=("number", "text", "boolean", "date", "datetime", "time", "duration", "category"),
    )
    count: int = parameter(default=10, minimum=1, unit="rows", help="How many rows are kept.")
    which: Literal["largest", "smallest"] = parameter(default="largest", help="Which values are best.")
    groups: Columns = parameter(
        default=Columns.of(),
        label="For each",
        help="Keep so many rows for each combination of these columns.",
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        names = ops.names_of(table)
        ordered = ops.sort(table, [(self.by, self.which == "largest")])
        groups = self.groups.resolve(schema_of(table))
        if not groups and ops.is_polars(table):
            return ordered.head(self.count)  # which Polars does without sorting all
        (place,) = ops.fresh_names(names, "place")
        if groups:
            numbered = ops.window(ordered, [ops.Window("row", self.by, place)], groups)
        else:
            numbered = ops.number_rows(ordered, place).with_columns((nw.col(place) + 1).alias(place))
        kept = numbered.filter(nw.col(place) <= self.count)
        return ops.select(kept, names)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def summary(self) -> str:
        return f"{self.count} {self.which} {self.by}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col
        from nodeflow_nodes.manipulation.column_filter import selector_source

        source, result = script.input("table"), script.output("table")
        down = self.which == "largest"
        ordered = (
            f"{source}.sort({col(script, self.by)}, descending={down}, nulls_last=True, maintain_order=True)"
        )
        if self.groups.only_named and not self.groups.names:
            script.add(f"{result} = {ordered}.head({self.count})")
            return
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        groups = selector_source(self.groups)
        script.add(f"{result} = {ordered}.filter(pl.int_range(pl.len()).over({groups}) < {self.count})")
