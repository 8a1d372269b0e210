"""Column Appender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import parameter

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class ColumnAppender(Node):
    """Put two tables side by side, row by row.

    The first row of one table meets the first row of the other, whatever they hold; to join by values use
    Joiner. Where one table has fewer rows its columns are missing in the rest, or the rest is left out.
    Columns of the second table whose names are taken get the ending.

    Inputs:
        left: The table whose columns come first.
        right: The table whose columns are appended.
    Outputs:
        table: The columns of both.
    """

    category = "Manipulation / Table"
    keywords = (
        "append columns",
        "cbind",
        "hstack",
        "concat axis=1",
        "side by side",
        "zip",
        "merge by position",
    )

    rows: Literal["longer", "shorter", "left"] = parameter(
        default="longer",
        help="Whether there are as many rows as in the longer table, the shorter one, or the left one.",
    )
    suffix: str = parameter(
        default="_right",
        min_length=1,
        label="Ending",
        help="Put behind the name of a right column when the name is taken.",
    )

    def run(self, left: nw.LazyFrame, right: nw.LazyFrame) -> nw.LazyFrame:
        names, others = ops.names_of(left), ops.names_of(right)
        (row,) = ops.fresh_names([*names, *others], "row")
        how: Any = {"longer": "full", "shorter": "inner", "left": "left"}[self.rows]
        joined = ops.join(
            ops.number_rows(left, row), ops.number_rows(right, row), [(row, row)], how, suffix=self.suffix
        )
        return ops.select(joined, [name for name in ops.names_of(joined) if name != row])

    def summary(self) -> str:
        return (
            f"as many rows as the {self.rows} one" if self.rows != "left" else "as many rows as the left one"
        )

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.joiner import JOIN_TABLES

        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("join_tables", JOIN_TABLES)
        how = {"longer": "full", "shorter": "inner", "left": "left"}[self.rows]
        left, right, result = script.input("left"), script.input("right"), script.output("table")
        script.add(
            f"{result} = join_tables(",
            f"    {left}.with_row_index('__row'), {right}.with_row_index('__row'),",
            f"    [('__row', '__row')], how={how!r}, suffix={self.suffix!r},",
            ").drop('__row')",
        )
