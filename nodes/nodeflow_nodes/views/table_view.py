"""Table View."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.values import Report


class TableView(Node):
    """Show the first rows of a table in the report, in chosen columns and order.

    In the report the table can be sorted, searched and turned page by page. At most 500 rows are shown, fewer of wide
    tables, and how many there are is told. Sorted by a column, missing values come last.

    Inputs:
        table: The table to show.
    Outputs:
        report: The table under its title, for a Report.
    """

    category = "Views / Tables"
    keywords = ("interactive table", "show", "look", "data viewer", "grid", "head")
    views_first = True

    columns: Columns = parameter(default=Columns.all(), help="The columns to show, in this order.")
    sort_by: Column | None = parameter(
        default=None, help="The column to sort by; empty for the order of the rows."
    )
    descending: bool = parameter(default=False, help="Whether the largest come first.")
    rows: int = parameter(
        default=100, minimum=1, maximum=500, unit="rows", help="How many rows are shown at most."
    )
    title: str = parameter(default="", help="The heading above the table; empty for none.")

    def run(self, table: pl.LazyFrame) -> Report:
        import polars as pl
        import polars.selectors as cs

        from nodeflow.values import Report, Table
        from nodeflow.values.report import Excerpt

        chosen = self.columns.resolve(dict(table.collect_schema()))
        height = int(table.select(pl.len()).collect(engine="streaming").item())
        if self.sort_by is not None:
            by = cs.by_name(self.sort_by)
            table = (
                table.top_k(self.rows, by=by)
                if self.descending
                else table.sort(by, nulls_last=True, maintain_order=True)
            )
        shown = Excerpt.of(
            Table(table.select(cs.by_name(*chosen, require_all=True)).head(self.rows).collect().lazy())
        )
        return Report((Excerpt(shown.columns, shown.rows, height, len(chosen)),), self.title)

    def summary(self) -> str:
        return f"first {self.rows} rows" if self.sort_by is None else f"by {self.sort_by}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reports are not exported")
