"""Cross Joiner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import parameter
from nodeflow_nodes.manipulation.joiner import JOIN_TABLES, Joiner

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class CrossJoiner(Node):
    """Pair each row of one table with each row of another.

    The result has as many rows as the numbers of rows multiplied, so a small table belongs on one of the
    sides. Rows come in the order of the left table, for each of them in the order of the right one.

    Inputs:
        left: The table whose rows come first.
        right: The table whose rows are paired with each of them.
    Outputs:
        table: All pairs.
    """

    category = "Manipulation / Table"
    keywords = ("cross join", "cartesian product", "all combinations", "expand grid", "pairs")

    suffix: str = parameter(
        default="_right",
        min_length=1,
        label="Ending",
        help="Put behind the name of a right column when the name is taken.",
    )

    def run(self, left: nw.LazyFrame, right: nw.LazyFrame) -> nw.LazyFrame:
        return Joiner(kind="cross", suffix=self.suffix).run(left, right)

    def export_python(self, script: PythonScript) -> None:
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("join_tables", JOIN_TABLES)
        left, right, result = script.input("left"), script.input("right"), script.output("table")
        script.add(f"{result} = join_tables({left}, {right}, [], how='cross', suffix={self.suffix!r})")
