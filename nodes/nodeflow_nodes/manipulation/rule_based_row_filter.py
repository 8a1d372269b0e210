"""Rule-based Row Filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.errors import FormulaError
from nodeflow.expressions import parse
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._rules import as_formula, check_rules, read_rules

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RuleBasedRowFilter(Node):
    """Keep or drop rows by rules: the first rule that fits a row decides.

    A rule is a line `condition => true` or `condition => false`; lines that start with // are notes.
    Rows for which the outcome is true are kept, or dropped, as chosen; rows that no rule fits count as
    false. The order of the rows stays.

        is_missing(score) => false
        score > 50 or country == "CH" => true

    Inputs:
        table: The table to filter.
    Outputs:
        table: The rows that are kept, with all columns.
    """

    name = "Rule-based Row Filter"
    category = "Manipulation / Row"
    keywords = ("rules", "filter", "where", "conditions", "select rows")

    rules: str = parameter(help="The rules, a line each: condition => true or false.", min_length=1)
    keep: Literal["matching", "others"] = parameter(
        default="matching", help="Whether rows with the outcome true are kept, or the others."
    )

    def check_parameters(self) -> list[Fault]:
        try:
            if not read_rules(self.rules):
                return [Fault("rules", "there is no rule; write: condition => true")]
        except FormulaError as error:
            return [Fault("rules", str(error), error.position)]
        return []

    def _formula(self) -> str:
        test = f"coalesce({as_formula(read_rules(self.rules))}, false)"
        return test if self.keep == "matching" else f"{test} == false"

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        (held,) = ops.fresh_names(ops.names_of(table), "outcome")
        test = parse(self._formula()).compile(schema_of(table)).alias(held)
        return table.with_columns(test).filter(nw.col(held)).drop(held)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        rules, schema = read_rules(self.rules), inputs["table"].columns
        fault = check_rules(self.rules, schema)
        if fault is not None:
            return [Fault("rules", str(fault), fault.position)]
        try:
            parse(self._formula()).check(schema)
        except FormulaError:
            return [Fault("rules", "a rule here ends in true or false", rules[0].outcome_at)]
        return ()

    def summary(self) -> str:
        return self.rules.strip().split("\n")[0][:80]

    def export_python(self, script: PythonScript) -> None:
        self.export_filter(script, script.input("table"), script.output("table"))

    def export_filter(self, script: PythonScript, table: str, result: str) -> None:
        """Add the line that filters the rows of one variable into another."""
        script.require("import polars as pl")
        test = parse(self._formula()).source(script.schema("table"))
        script.add(f"{result} = {table}.filter({test})")
