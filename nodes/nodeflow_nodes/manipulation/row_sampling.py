"""Row Sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Seed, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RowSampling(Node):
    """Keep a sample of the rows.

    The sample is drawn at random; stratified, so that each value of a column has its share; from the
    top; or evenly, every so many rows. The rows keep their order. The same seed draws the same
    rows on every machine. A share is of the rows there are; a count larger than the table keeps all.

    Inputs:
        table: The table to draw from.
    Outputs:
        table: The rows of the sample.
    """

    category = "Manipulation / Row"
    keywords = (
        "sample",
        "random sample",
        "head",
        "first rows",
        "limit",
        "subset",
        "stratified",
        "every nth row",
    )

    size: Literal["fraction", "count"] = parameter(
        default="fraction", help="Whether the sample is given as a share or as a number of rows."
    )
    fraction: float = parameter(
        default=0.1, minimum=0, maximum=1, help="The share of the rows.", when={"size": "fraction"}
    )
    count: int = parameter(
        default=100, minimum=0, unit="rows", help="The number of rows.", when={"size": "count"}
    )
    method: Literal["random", "stratified", "first", "every nth"] = parameter(
        default="random", help='How the rows are chosen; "every nth" takes them at even distances.'
    )
    by: Column | None = parameter(
        default=None, label="By column", help="The column of the strata.", when={"method": "stratified"}
    )
    seed: Seed | None = parameter(default=None, help="Another seed draws other rows.")

    def check_parameters(self) -> list[Fault]:
        if self.method == "stratified" and self.by is None:
            return [Fault("by", 'the method "stratified" needs a column in "by"')]
        return []

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        if self.method != "every nth":
            return ops.partition(
                table,
                method=self.method,
                fraction=self.fraction,
                count=self.count if self.size == "count" else None,
                by=self.by if self.method == "stratified" else None,
                seed=self.seed or 0,
            ).first
        names = ops.names_of(table)
        row, total = ops.fresh_names(names, "row", "total")
        marked = ops.number_rows(table, row).with_columns(nw.len().cast(nw.Int64).alias(total))
        place, rows = nw.col(row), nw.col(total)
        # row i is taken where the number of rows due up to it grows
        if self.size == "count":
            due, before = ((place + 1) * self.count) // rows, (place * self.count) // rows
        else:
            due = ((place + 1) * self.fraction + 1e-9).floor()
            before = (place * self.fraction + 1e-9).floor()
        kept = marked.filter(due > before)
        kept = kept if ops.is_polars(table) else kept.sort(row)
        return ops.select(kept, names)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def summary(self) -> str:
        share = f"{self.fraction:.0%}" if self.size == "fraction" else f"{self.count} rows"
        by = f" by {self.by}" if self.method == "stratified" and self.by is not None else ""
        return f"{share}, {self.method}{by}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        source, result = script.input("table"), script.output("table")
        if self.method != "every nth":
            from nodeflow_nodes.manipulation.partition import Partition

            part = Partition(
                method=self.method,
                size=self.size,
                fraction=self.fraction,
                count=self.count,
                by=self.by,
                seed=self.seed,
            )
            part.export_rows(script, source, result, f"{result}_rest")
            return
        if self.size == "count":
            due = f"(row + 1) * {self.count} // pl.len() > row * {self.count} // pl.len()"
        else:
            due = f"((row + 1) * {self.fraction} + 1e-9).floor() > (row * {self.fraction} + 1e-9).floor()"
        script.add("row = pl.int_range(pl.len())", f"{result} = {source}.filter({due})")
