"""Row Filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow.parameters import parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._conditions import ConditionNode

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RowFilter(ConditionNode):
    """Keep the rows for which a condition holds.

    The condition is a formula, or tests of single columns that are picked from lists, or both.

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

    keep: Literal["matching", "others"] = parameter(
        default="matching",
        help="Whether rows where the condition is true are kept, or those where it is false.",
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        formula = self.test(schema)
        formula.check(schema)
        if formula.is_single:
            # one value for all rows has to become a column first
            marked, held = self.mark(table)
            test = nw.col(held) if self.keep == "matching" else ~nw.col(held)
            return marked.filter(test).drop(held)
        test = formula.compile(schema)
        return table.filter(test if self.keep == "matching" else ~test)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        # the columns stay; a query on an empty table would find out the same, more slowly
        found: Spec = inputs["table"]
        return found

    def summary(self) -> str:
        text = self.in_words()
        return text[:80] if self.keep == "matching" else f"not ({text[:73]})"

    def export_python(self, script: PythonScript) -> None:
        test = self.source(script)
        if test is None:
            return
        test = test if self.keep == "matching" else f"~({test})"
        script.add(f"{script.output('table')} = {script.input('table')}.filter({test})")
