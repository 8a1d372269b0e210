"""Math Formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.errors import FormulaError
from nodeflow.expressions import parse
from nodeflow.parameters import Expression, Fault, parameter
from nodeflow_nodes.manipulation._each import EachColumn
from nodeflow_nodes.manipulation._formulas import with_column


class MathFormula(EachColumn):
    """Compute with the numbers of one or many columns.

    In the formula `value` stands for the number of each chosen column in turn, other columns are called
    by their names: `value / total`, or `(value - column_mean(value)) / column_std(value)`. A calculation
    with a missing value gives a missing value, and so does dividing by zero. For a new column from
    several others use Formula.

    Inputs:
        table: The table with the numbers.
    Outputs:
        table: The table with the computed numbers.
    """

    category = "Manipulation / Column"
    keywords = (
        "math formula (multi column)",
        "calculate",
        "arithmetic",
        "scale",
        "apply",
        "transform columns",
    )
    families = ("number",)

    expression: Expression = parameter(
        help="A formula of `value` and other columns. For example: value * 1.19", deferred=True
    )
    whole: bool = parameter(
        default=False,
        label="Whole numbers",
        help="Round the results to whole numbers, a half to the even one.",
    )

    def formula(self, name: str) -> str:
        written = with_column(self.expression.text, "value", name)
        return f"to_integer(round({written}))" if self.whole else written

    def place(self, column: str) -> str:
        return "expression"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs:
            schema = inputs["table"].columns
            for name in self.chosen(schema)[:1]:
                try:
                    parse(self.expression.text).check({**schema, "value": schema[name]})
                except FormulaError as error:
                    return [Fault("expression", str(error), error.position)]
        return super().check(inputs)

    def summary(self) -> str:
        return f"{self.expression.text} for {self.columns}"[:80]
