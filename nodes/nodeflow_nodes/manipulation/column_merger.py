"""Column Merger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.manipulation._formulas import FormulaNode, quoted, taken
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out

if TYPE_CHECKING:
    import polars as pl


class ColumnMerger(FormulaNode):
    """Fill the gaps of one column with the values of another.

    Where the first column has a value it stays; where it is missing the value of the second column takes
    its place. The result replaces the first column, or stands in a new one.

    Inputs:
        table: The table with both columns.
    Outputs:
        table: The table with the merged column.
    """

    category = "Manipulation / Column"
    keywords = ("coalesce", "combine_first", "fill from column", "nvl", "ifnull", "fallback")

    first: Column = parameter(help="The column whose values count first.")
    second: Column = parameter(help="The column that fills its gaps.")
    column: str = parameter(default="", help="The name of a new column. Empty: the first column is replaced.")

    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        return {self.column or str(self.first): f"coalesce({quoted(self.first)}, {quoted(self.second)})"}

    def place(self, column: str) -> str:
        return "second"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        one, other = schema[self.first], schema[self.second]
        if common_type(one, other, mix_numbers=True) is None:
            told = f'"{self.first}" is {in_words(one)}, but "{self.second}" is {in_words(other)}'
            return [Fault("second", f"{told}; {way_out(one, other)}")]
        faults = taken([self.column], schema, "column") if self.column else []
        return faults or super().check(inputs)

    def summary(self) -> str:
        return f"{self.first}, else {self.second}"[:80]
