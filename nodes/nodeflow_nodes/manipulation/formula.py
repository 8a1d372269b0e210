"""Formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeflow.errors import FormulaError
from nodeflow.node import Node
from nodeflow.parameters import Expression, Fault, Record, parameter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import narwhals as nw

    from nodeflow.export.python import PythonScript


class NewColumn(Record):
    """One column to compute."""

    name: str = parameter(
        help="The name of the column; one that the table has already is replaced.", min_length=1
    )
    expression: Expression = parameter(
        help="The formula of its values. For example: price * (1 + tax)", deferred=True
    )


class Formula(Node):
    """Compute new columns, or replace columns, by formulas.

    The formulas are worked through from the first to the last, so a later one may use a column that
    an earlier one made or replaced. A replaced column keeps its place, a new one comes last. The
    rows and their order stay as they are.

    A missing value in a calculation gives a missing value, unless the formula says otherwise with a
    function made for it, such as `coalesce(weight, 0)`. To turn a value that stands for "unknown"
    into a missing one, write for example ``null_if(`GRE Score`, 0)``. Column names with blanks or
    signs stand in backticks.

    Inputs:
        table: The table whose columns the formulas use.
    Outputs:
        table: The table with the computed columns.
    """

    category = "Manipulation / Column"
    keywords = (
        "math formula",
        "string manipulation",
        "column expressions",
        "rule engine",
        "mutate",
        "assign",
        "with_columns",
        "calculated field",
        "computed column",
        "derive",
        "select as",
    )

    formulas: list[NewColumn] = parameter(help="The columns to compute, in this order.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        for one in self.formulas:
            table = table.with_columns(one.expression.compile(table).alias(one.name))
        return table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        import narwhals as nw
        import polars as pl

        from nodeflow.values.table import schema_of

        frame: nw.LazyFrame[Any] = nw.from_native(pl.LazyFrame(schema=inputs["table"].columns))
        for index, one in enumerate(self.formulas):
            try:
                one.expression.formula.check(schema_of(frame))
            except FormulaError as error:
                return [Fault(f"formulas[{index}].expression", str(error), error.position)]
            frame = frame.with_columns(one.expression.compile(frame).alias(one.name))
        return ()

    def summary(self) -> str:
        return "; ".join(f"{one.name} = {one.expression.text}" for one in self.formulas)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        source = script.input("table")
        result = script.output("table")
        import polars as pl

        known = script.schema("table")
        schema = dict(known) if known is not None else None
        steps = []
        for one in self.formulas:
            formula = one.expression.formula
            steps.append(f"    .with_columns(({formula.source(schema)}).alias({one.name!r}))")
            if schema is not None:
                schema[one.name] = formula.check(schema) or pl.Object()
        script.add(f"{result} = (", f"    {source}", *steps, ")")
