"""Rule Engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import FormulaError
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.manipulation._formulas import FormulaNode, taken
from nodeflow_nodes.manipulation._rules import as_formula, check_rules, read_rules

if TYPE_CHECKING:
    import polars as pl


class RuleEngine(FormulaNode):
    """Fill a column by rules: the first rule that fits a row gives its value.

    A rule is a line `condition => value`. Conditions and values are formulas, so texts stand in
    quotation marks:

        // lines like this one are notes
        age < 18 => "child"
        age >= 65 and not working => "retired"
        true => "adult"

    Rows that no rule fits get a missing value; end with `true => ...` for a default. A condition that
    is missing does not fit. All values are of one type.

    Inputs:
        table: The table to which the rules are applied.
    Outputs:
        table: The table with the column.
    """

    category = "Manipulation / Column"
    keywords = (
        "rules",
        "if else",
        "case when",
        "np.select",
        "conditional column",
        "categorise",
        "switch",
    )

    rules: str = parameter(help="The rules, a line each: condition => value.", min_length=1)
    column: str = parameter(default="prediction", min_length=1, help="The name of the column.")
    existing: Literal["fail", "replace"] = parameter(
        default="fail", help="What happens if the table has a column of this name already."
    )

    def check_parameters(self) -> list[Fault]:
        try:
            if not read_rules(self.rules):
                return [Fault("rules", "there is no rule; write: condition => value")]
        except FormulaError as error:
            return [Fault("rules", str(error), error.position)]
        return []

    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        return {self.column: as_formula(read_rules(self.rules))}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        fault = check_rules(self.rules, schema)
        faults = [Fault("rules", str(fault), fault.position)] if fault is not None else []
        return faults + (taken([self.column], schema, "column") if self.existing == "fail" else [])

    def summary(self) -> str:
        count = len(read_rules(self.rules))
        return f"{self.column} by {count} rule{'s' if count != 1 else ''}"[:80]
