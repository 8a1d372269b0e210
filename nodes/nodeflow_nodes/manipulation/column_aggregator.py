"""Column Aggregator."""

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

Function = Literal["sum", "mean", "minimum", "maximum", "first", "count", "missing", "all", "any"]

_FAMILIES: dict[str, tuple[str, ...]] = {
    "sum": ("number",),
    "mean": ("number",),
    "minimum": ("number",),
    "maximum": ("number",),
    "all": ("boolean",),
    "any": ("boolean",),
}


class ColumnAggregator(Node):
    """Summarise several columns within each row.

    The sum, mean, minimum and maximum of numbers leave missing values out; where all are missing the
    result is missing, and the sum too. "first" is the first value that is not missing, "count" and
    "missing" are numbers of values, "all" and "any" tell whether all or any of true and false are true.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table with the new column.
    """

    category = "Manipulation / Column"
    keywords = ("row sum", "row-wise", "horizontal", "row mean", "coalesce", "axis=1", "column merger")

    columns: Columns = parameter(default=Columns.typed("number"), help="The columns to summarise.")
    function: Function = parameter(default="sum", help="What is computed in each row.")
    column: str = parameter(default="total", min_length=1, help="The name of the new column.")

    def _chosen(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        families = _FAMILIES.get(self.function, ())
        named = set(self.columns.names)
        return [
            name
            for name in self.columns.resolve(schema)
            if name in named or not families or is_family(schema[name], families)
        ]

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        names = list(schema)
        columns = [ops.column(name, names) for name in self._chosen(schema)]
        if self.function not in ("sum", "mean"):
            return table.with_columns(self._computed(columns).alias(self.column))
        # not mean_horizontal: it gives NaN for a row without values on some engines
        total, present = ops.fresh_names([*names, self.column], "total", "present")
        table = table.with_columns(nw.sum_horizontal(*columns).alias(total), _present(columns).alias(present))
        value = nw.col(total) if self.function == "sum" else nw.col(total) / nw.col(present)
        found = table.with_columns(nw.when(nw.col(present) > 0).then(value).alias(self.column))
        return ops.select(found, [*names, self.column])

    def _computed(self, columns: list[nw.Expr]) -> nw.Expr:
        if self.function == "first":
            return nw.coalesce(*columns)
        if self.function in ("minimum", "maximum"):
            extreme = nw.min_horizontal if self.function == "minimum" else nw.max_horizontal
            return extreme(*columns)
        if self.function in ("all", "any"):
            tested = nw.all_horizontal if self.function == "all" else nw.any_horizontal
            return tested(*columns, ignore_nulls=True)
        present = _present(columns)
        return (present if self.function == "count" else nw.lit(len(columns)) - present).cast(nw.Int64())

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        chosen = self._chosen(schema)
        families = _FAMILIES.get(self.function, ())
        for name in chosen:
            if families and not is_family(schema[name], families):
                return [
                    Fault(
                        "columns", f'"{name[:60]}" is no {families[0]} column, which "{self.function}" needs'
                    )
                ]
        if not chosen:
            return [Fault("columns", f"no column is chosen that fits ({self.columns}); choose at least one")]
        if self.function == "first" and len({type(schema[name]) for name in chosen}) > 1:
            return [Fault("columns", "the columns are of different types; choose columns of one type")]
        return taken([self.column], schema, "column")

    def summary(self) -> str:
        return f"{self.column} = {self.function} of {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import cols

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        names = cols(script, self._chosen(schema))
        each = f"[pl.col(n) for n in {names}]" if "by_name" not in names else names
        some = f"pl.any_horizontal([c.is_not_null() for c in {each}])"
        computed = {
            "sum": f"pl.when({some}).then(pl.sum_horizontal({names}))",
            "mean": f"pl.mean_horizontal({names})",
            "minimum": f"pl.min_horizontal({names})",
            "maximum": f"pl.max_horizontal({names})",
            "first": f"pl.coalesce({names})",
            "count": f"pl.sum_horizontal([c.is_not_null().cast(pl.Int64) for c in {each}])",
            "missing": f"pl.sum_horizontal([c.is_null().cast(pl.Int64) for c in {each}])",
            "all": f"pl.all_horizontal([c.fill_null(True) for c in {each}])",
            "any": f"pl.any_horizontal([c.fill_null(False) for c in {each}])",
        }[self.function]
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.with_columns({computed}.alias({self.column!r}))")


def _present(columns: list[nw.Expr]) -> nw.Expr:
    """The number of values in each row."""
    return nw.sum_horizontal(*((~column.is_null()).cast(nw.Int64()) for column in columns))
