"""Row Splitter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from nodeflow_nodes.manipulation._conditions import ConditionNode

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class SplitRows(NamedTuple):
    """The two tables."""

    matching: nw.LazyFrame
    others: nw.LazyFrame


class RowSplitter(ConditionNode):
    """Divide the rows of a table by a condition.

    The condition is a formula, or tests of single columns that are picked from lists, or both.

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

    def run(self, table: nw.LazyFrame) -> SplitRows:
        marked, held = self.mark(table)
        marked = marked.with_columns(nw.col(held).fill_null(value=False))
        return SplitRows(
            marked.filter(nw.col(held)).drop(held),
            marked.filter(nw.col(held) == nw.lit(value=False)).drop(held),
        )

    def summary(self) -> str:
        return self.in_words()[:80]

    def export_python(self, script: PythonScript) -> None:
        test = self.source(script)
        if test is None:
            return
        source = script.input("table")
        script.add(
            f"{script.output('matching')} = {source}.filter({test})",
            f"{script.output('others')} = {source}.filter(~({test}).fill_null(False))",
        )
