"""Row Filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Expression, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RowFilter(Node):
    """Keep the rows for which a condition holds.

    Rows where the condition is missing are dropped, as in SQL: `age >= 18` is neither true nor
    false where the age is missing. That holds for both settings of Keep, so "matching" and
    "others" together may be fewer rows than the table; say `age >= 18 or is_missing(age)` to keep
    such rows. The order of the rows stays.

    Inputs:
        table: The table to filter.
    Outputs:
        table: The rows that are kept, with all columns.
    """

    category = "Manipulation / Row"
    keywords = ("where", "subset", "query", "rule-based row filter", "select rows", "condition", "having")

    condition: Expression = parameter(
        help="A formula that is true or false for each row. For example: age >= 18 and country == 'DE'",
        types=("boolean",),
    )
    keep: Literal["matching", "others"] = parameter(
        default="matching",
        help="Whether rows where the condition is true are kept, or those where it is false.",
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        test = self.condition.compile(table)
        if self.keep == "others":
            test = ~test
        if not self.condition.formula.is_single:
            return table.filter(test)
        # one value for all rows has to become a column first
        (held,) = ops.fresh_names(ops.names_of(table), "condition")
        return table.with_columns(test.alias(held)).filter(nw.col(held)).drop(held)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        # the columns stay; a query on an empty table would find out the same, more slowly
        found: Spec = inputs["table"]
        return found

    def summary(self) -> str:
        text = self.condition.text
        return text[:80] if self.keep == "matching" else f"not ({text[:73]})"

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        test = self.condition.formula.source(script.schema("table"))
        source = script.input("table")
        test = test if self.keep == "matching" else f"~({test})"
        script.add(f"{script.output('table')} = {source}.filter({test})")
