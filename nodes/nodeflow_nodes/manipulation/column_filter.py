"""Column Filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript


class ColumnFilter(Node):
    """Keep some columns of a table, or take some out.

    Columns are chosen by name, by type ("every number column") or by a pattern that the whole name
    must match, so that the choice still holds when the table gains columns. Rows, values and their
    order stay as they are, missing values too.

    Kept columns stand in the order of the table; only when columns to keep are chosen by name
    alone do they stand in the order of those names, which so also rearranges a table.

    Inputs:
        table: The table to choose from.
    Outputs:
        table: The table with the columns that are left.
    """

    category = "Manipulation / Column"
    keywords = ("select", "drop", "project", "remove columns", "exclude", "subset", "hide column")

    columns: Columns = parameter(default=Columns.all(), help="The columns to keep or to remove.")
    mode: Literal["keep", "remove"] = parameter(
        default="keep", help='Whether the chosen columns are kept ("keep") or taken out ("remove").'
    )

    def kept(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """The names of the columns that are left."""
        chosen = self.columns.resolve(schema)
        if self.mode == "keep":
            return chosen
        out = set(chosen)
        return [name for name in schema if name not in out]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return ops.select(table, self.kept(schema_of(table)))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = inputs["table"].columns if "table" in inputs else {}
        if schema and not self.kept(schema):
            return [Fault("columns", f"no column would be left ({self.mode} {self.columns}); choose others")]
        return ()

    def summary(self) -> str:
        return f"{self.mode} {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        chosen = self.columns
        exact = chosen.only_named and chosen.missing == "error"
        if self.mode == "keep" and exact:
            selection = f"cs.by_name(*{list(chosen.names)!r})" if chosen.names else "cs.empty()"
        else:
            selection = selector_source(chosen)
            if self.mode == "remove":
                selection = f"cs.all() - ({selection})"
        script.require("import polars.selectors as cs")
        source = script.input("table")
        script.add(f"{script.output('table')} = {source}.select({selection})")


_SELECTORS = {
    "number": "cs.numeric()",
    "integer": "cs.integer()",
    "float": "cs.float() | cs.decimal()",
    "text": "cs.string()",
    "boolean": "cs.boolean()",
    "date": "cs.date()",
    "datetime": "cs.datetime()",
    "time": "cs.time()",
    "duration": "cs.duration()",
    "category": "cs.categorical() | cs.enum()",
    "list": "cs.list() | cs.array()",
    "other": "cs.struct() | cs.binary() | cs.object()",
}


def selector_source(columns: Columns) -> str:
    """A choice of columns as the source of a Polars selector, in the order of the table."""
    parts = [_SELECTORS[family] for family in columns.types]
    if columns.names:
        parts.append(f"cs.by_name(*{list(columns.names)!r}, require_all=False)")
    if columns.pattern:
        parts.append(f"cs.matches({columns.pattern!r})")
    if not parts:
        parts.append("cs.empty()" if columns.only_named else "cs.all()")
    source = " | ".join(parts)
    if columns.exclude:
        source = f"({source}) - cs.by_name(*{list(columns.exclude)!r}, require_all=False)"
    return source
