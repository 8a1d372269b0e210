"""String Manipulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from nodeflow.errors import FormulaError
from nodeflow.expressions import parse
from nodeflow.parameters import Expression, Fault, parameter
from nodeflow_nodes.manipulation._each import EachColumn
from nodeflow_nodes.manipulation._formulas import quoted, with_column

Step = Literal[
    "trim",
    "collapse blanks",
    "lower case",
    "upper case",
    "title case",
    "remove punctuation",
    "remove digits",
    "keep digits",
    "remove blanks",
    "empty to missing",
]

_STEPS: dict[str, str] = {
    "trim": "trim({})",
    "collapse blanks": r'replace_pattern({}, "\\s+", " ")',
    "lower case": "lower({})",
    "upper case": "upper({})",
    "title case": "title({})",
    "remove punctuation": r'replace_pattern({}, "[!-/:-@\\[-`{{-~]", "")',
    "remove digits": 'replace_pattern({}, "[0-9]", "")',
    "keep digits": 'replace_pattern({}, "[^0-9]", "")',
    "remove blanks": r'replace_pattern({}, "\\s", "")',
    "empty to missing": 'null_if({}, "")',
}


class StringManipulation(EachColumn):
    """Clean or change the texts of one or many columns.

    Choose ready-made steps, which are done in the order of the list, or write a formula in which
    `value` stands for the text of each chosen column in turn: `replace(value, "-", "")`, or with other
    columns too, `concat(value, " ", city)`. With both, the formula works on what the steps give.
    Missing values stay missing. For a new column from several others use Formula.

    Inputs:
        table: The table with the texts.
    Outputs:
        table: The table with the changed texts.
    """

    category = "Manipulation / Column"
    keywords = (
        "clean text", "string manipulation (multi column)", "case converter", "strip", "trim", "upper", "lower",
        "str accessor", "normalize text",
    )  # fmt: skip
    families = ("text", "category")

    steps: list[Step] = parameter(default=[], help="What is done to each text, in this order.")
    expression: Expression | None = parameter(
        default=None,
        help="A formula of `value` and other columns. For example: left(upper(value), 3)",
        deferred=True,
    )

    def formula(self, name: str) -> str:
        text = quoted(name)
        for step in self.steps:
            text = _STEPS[step].format(text)
        if self.expression is None:
            return text
        # a column of the name stands for the steps' result, which is then written in its place
        placeholder = "\0value"
        written = with_column(self.expression.text, "value", placeholder)
        return written.replace(quoted(placeholder), f"({text})")

    def check_parameters(self) -> list[Fault]:
        if not self.steps and self.expression is None:
            return [Fault("steps", "nothing is to be done; choose steps or write a formula")]
        return []

    def place(self, column: str) -> str:
        return "expression" if self.expression is not None else "columns"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        faults = list(super().check(inputs))
        if self.expression is None or "table" not in inputs:
            return faults
        # the place of a fault in what was written, not in what was made of it
        schema = inputs["table"].columns
        for name in self.chosen(schema)[:1]:
            try:
                parse(self.expression.text).check({**schema, "value": schema[name]})
            except FormulaError as error:
                return [Fault("expression", str(error), error.position)]
        return faults

    def summary(self) -> str:
        parts = [*self.steps, *([self.expression.text] if self.expression is not None else [])]
        return f"{', '.join(parts)} in {self.columns}"[:80]
