"""Many to One."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

_FAMILIES = ("number", "boolean")


class ManyToOne(Node):
    """Join several columns into one that tells which of them holds a 1, or the largest number.

    It undoes One to Many, or turns a column of shares for each class into the name of the likeliest one.
    The new column holds the name of the first column of which the condition is true: its value is 1 (or
    true), or the largest or smallest of the row. It is missing in a row where that is true of none, or
    where all values are missing; missing values are passed over. The new column comes last.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table with one column for them all.
    """

    name = "Many to One"
    category = "Manipulation / Column"
    keywords = (
        "from_dummies",
        "reverse one-hot",
        "undummify",
        "idxmax",
        "argmax",
        "which column",
        "idxmin",
    )

    columns: Columns = parameter(types=_FAMILIES, help="The columns to join, numbers or true and false.")
    condition: Literal["is 1", "is largest", "is smallest"] = parameter(
        default="is 1", help="What is true of the column whose name is taken."
    )
    name_of_result: str = parameter(
        default="value", min_length=1, label="New column", help="The name of the new column."
    )
    prefix: str = parameter(
        default="",
        label="Prefix to leave out",
        help="What is left out at the start of names: with colour_ the value is red, not colour_red.",
    )
    keep: bool = parameter(
        default=False, label="Keep the columns", help="Whether the columns stay beside the new one."
    )

    def chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        """The columns to join: of those that are not named, the ones of a type that fits."""
        return [name for name in self.columns.resolve(schema) if is_family(schema[name], _FAMILIES)]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        names, chosen = list(schema), self.chosen(schema)
        numbers = {name: ops.column(name, names).cast(nw.Float64) for name in chosen}
        wanted: Any = 1.0
        if self.condition != "is 1":
            best = nw.max_horizontal if self.condition == "is largest" else nw.min_horizontal
            # a column of its own: Dask compares only columns of one table
            (helper,) = ops.fresh_names([*names, self.name_of_result], "best")
            table, wanted = table.with_columns(best(*numbers.values()).alias(helper)), nw.col(helper)
        found = [
            nw.when(number == wanted).then(nw.lit(name.removeprefix(self.prefix)))
            for name, number in numbers.items()
        ]
        table = table.with_columns(nw.coalesce(*found).alias(self.name_of_result))
        kept = names if self.keep else [name for name in names if name not in chosen]
        return ops.select(table, [*kept, self.name_of_result])

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        chosen = self.chosen(schema)
        if not chosen:
            return [Fault("columns", f"no number or boolean column is chosen ({self.columns}); choose some")]
        return taken([self.name_of_result], schema, "name_of_result")

    def summary(self) -> str:
        return f"which of {self.columns} {self.condition}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        chosen = self.chosen(schema)
        numbers = [f"{col(script, name)}.cast(pl.Float64)" for name in chosen]
        wanted = "1.0"
        if self.condition != "is 1":
            function = "max_horizontal" if self.condition == "is largest" else "min_horizontal"
            wanted = f"pl.{function}({', '.join(numbers)})"
        source, result = script.input("table"), script.output("table")
        lines = [
            f"    pl.when({number} == {wanted}).then(pl.lit({name.removeprefix(self.prefix)!r})),"
            for name, number in zip(chosen, numbers, strict=True)
        ]
        dropped = "" if self.keep else f".drop(cs.by_name(*{chosen!r}))"
        script.add(
            f"{result} = {source}.with_columns(pl.coalesce(",
            *lines,
            f").alias({self.name_of_result!r})){dropped}",
        )
