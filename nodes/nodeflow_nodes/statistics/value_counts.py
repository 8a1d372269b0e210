"""Value Counts."""

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


class ValueCounts(Node):
    """Count how often each value occurs.

    With several columns the combinations of their values are counted. The most frequent come first, equal
    counts in the order of their first appearance; or the values are sorted. A missing value is a value.
    The share is of all rows that are counted.

    Inputs:
        table: The table with the values.
    Outputs:
        table: A row for each value with its count and share.
    """

    category = "Statistics"
    keywords = (
        "value counter",
        "frequency",
        "histogram",
        "distinct values",
        "value_counts",
        "tally",
        "occurrences",
    )

    columns: Columns = parameter(help="The columns whose values are counted.")
    order: Literal["most frequent", "sorted", "appearance"] = parameter(
        default="most frequent", help="The order of the values."
    )
    missing: Literal["count", "leave out"] = parameter(
        default="count", label="Missing values", help="Whether missing values are counted too."
    )
    count_column: str = parameter(
        default="count", min_length=1, help="The name of the column with the counts."
    )
    share_column: str = parameter(
        default="share", help="The name of the column with the shares. Empty for none."
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        chosen = self.columns.resolve(schema)
        if self.missing == "leave out":
            for name in chosen:
                table = table.filter(~ops.column(name, list(schema)).is_null())
        counted = ops.group(table, chosen, [], count=self.count_column)
        if self.share_column:
            count = nw.col(self.count_column)
            counted = counted.with_columns((count / count.sum()).alias(self.share_column))
        if self.order == "sorted":
            return ops.sort(counted, [(name, False) for name in chosen])
        return ops.sort(counted, [(self.count_column, True)]) if self.order == "most frequent" else counted

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        chosen = self.columns.resolve(inputs["table"].columns)
        if not chosen:
            return [Fault("columns", f"no column is chosen ({self.columns}); choose at least one")]
        held = dict.fromkeys(chosen)
        faults = taken([self.count_column], held, "count_column")
        new = [self.count_column, self.share_column] if self.share_column else []
        return faults or taken(new, held, "share_column")

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col, cols

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        chosen = self.columns.resolve(schema)
        source, result = script.input("table"), script.output("table")
        dropped = f".drop_nulls({cols(script, chosen)})" if self.missing == "leave out" else ""
        keys = f"[{', '.join(col(script, name) for name in chosen)}]"
        count = repr(self.count_column)
        lines = [f".agg(pl.len().cast(pl.Int64).alias({count}))"]
        if self.share_column:
            lines.append(
                f".with_columns((pl.col({count}) / pl.col({count}).sum()).alias({self.share_column!r}))"
            )
        if self.order == "sorted":
            lines.append(f".sort({keys}, nulls_last=True, maintain_order=True)")
        elif self.order == "most frequent":
            lines.append(f".sort({count}, descending=True, nulls_last=True, maintain_order=True)")
        script.add(f"{result} = {source}{dropped}.group_by({keys}, maintain_order=True){''.join(lines)}")
