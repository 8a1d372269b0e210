"""Column Combiner."""

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
    import polars as pl

    from nodeflow.export.python import PythonScript


class ColumnCombiner(Node):
    """Join the values of several columns into one text.

    Values that are no texts are written as texts. Missing values are left out together with their
    separator, or written as a text of your choice, or make the whole text missing.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table with the new column, and the combined ones if they are kept.
    """

    category = "Manipulation / Column"
    keywords = (
        "concatenate columns",
        "concat",
        "join texts",
        "paste",
        "merge columns",
        "string join",
        "unite",
    )

    columns: Columns = parameter(help="The columns to combine, in their order.")
    separator: str = parameter(default=" ", help="What stands between the values.")
    column: str = parameter(default="combined", min_length=1, help="The name of the new column.")
    missing: Literal["leave out", "write", "missing"] = parameter(
        default="leave out", label="Missing values", help="What is done with missing values."
    )
    missing_text: str = parameter(
        default="?", help="What is written for a missing value.", when={"missing": "write"}
    )
    keep: bool = parameter(default=True, label="Keep columns", help="Keep the columns that are combined.")

    def _plan(self, schema: Mapping[str, pl.DataType]) -> tuple[list[str], list[str]]:
        """The columns to combine, and those that stay."""
        chosen = self.columns.resolve(schema)
        return chosen, [name for name in schema if self.keep or name not in chosen]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        names = list(schema)
        chosen, stay = self._plan(schema)
        parts = [ops.column(name, names).cast(nw.String()) for name in chosen]
        if self.missing == "write":
            parts = [part.fill_null(self.missing_text) for part in parts]
        if len(parts) == 1:
            combined = parts[0].fill_null("") if self.missing == "leave out" else parts[0]
        else:
            combined = nw.concat_str(
                *parts, separator=self.separator, ignore_nulls=self.missing == "leave out"
            )
        return ops.select(table.with_columns(combined.alias(self.column)), [*stay, self.column])

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        chosen, stay = self._plan(inputs["table"].columns)
        if not chosen:
            return [Fault("columns", f"no column is chosen ({self.columns}); choose at least one")]
        return taken([self.column], dict.fromkeys(stay), "column")

    def summary(self) -> str:
        return f"{self.column} = {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        chosen, stay = self._plan(schema)
        fill = f".fill_null({self.missing_text!r})" if self.missing == "write" else ""
        parts = ", ".join(f"{col(script, name)}.cast(pl.String){fill}" for name in chosen)
        combined = f"pl.concat_str({parts}, separator={self.separator!r}, ignore_nulls={self.missing == 'leave out'})"
        source, result = script.input("table"), script.output("table")
        kept = f"cs.by_name(*{stay!r})" if stay else "cs.empty()"
        script.add(f"{result} = {source}.select({kept}, {combined}.alias({self.column!r}))")
