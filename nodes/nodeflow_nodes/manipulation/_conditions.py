"""Conditions on rows: a formula, tests picked column by column, or both."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.errors import FormulaError, NodeFailed, shorten
from nodeflow.expressions import Formula, parse
from nodeflow.expressions.kinds import NUMBERS, WORDS, kind_of
from nodeflow.node import Node
from nodeflow.parameters import Column, Expression, Fault, Record, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import literal, quoted

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

_ORDERED = (*NUMBERS, "text", "date", "datetime")
_OF_TEXTS = ("contains", "does not contain", "starts with", "ends with", "matches pattern")
_OPERATORS = {
    "is": "==",
    "is not": "!=",
    "is less than": "<",
    "is at most": "<=",
    "is greater than": ">",
    "is at least": ">=",
}


class Condition(Record):
    """A test of one column."""

    column: Column = parameter(help="The column to test.")
    test: Literal[
        "is",
        "is not",
        "is one of",
        "is none of",
        "is less than",
        "is at most",
        "is greater than",
        "is at least",
        "is between",
        "contains",
        "does not contain",
        "starts with",
        "ends with",
        "matches pattern",
        "is missing",
        "is present",
    ] = parameter(default="is", help="What is asked of its value.")
    value: str = parameter(
        default="",
        help="What it is compared with, written as text: 12.5, Bern, true, 2024-12-31 or 2024-12-31 23:59:00. "
        "The lower bound of a range; a regular expression for a pattern.",
        when={"test": [*_OPERATORS, "is between", *_OF_TEXTS]},
    )
    upper: str = parameter(
        default="",
        label="Upper bound",
        help="The end of the range; both ends belong to it.",
        when={"test": "is between"},
    )
    listed: list[str] = parameter(
        default=[], label="Values", help="The values of the list.", when={"test": ["is one of", "is none of"]}
    )
    ignore_case: bool = parameter(
        default=False,
        label="Small letters as capitals",
        help="Whether capital and small letters of a text count as the same.",
        when={"test": ["is", "is not", "is one of", "is none of", *_OF_TEXTS]},
    )

    def formula(self, dtype: pl.DataType) -> str:
        """The test of a column of this type as a formula; raises `NodeFailed`."""
        kind = kind_of(dtype)
        x = quoted(self.column)
        if self.test == "is missing":
            return f"is_missing({x})"
        if self.test == "is present":
            return f"is_present({x})"
        if self.test in _OF_TEXTS:
            if kind != "text":
                raise NodeFailed(
                    f'"{self.test}" asks for text, but "{shorten(self.column)}" is {WORDS[kind]}'
                )
            return self._of_text(x)
        if kind not in (*_ORDERED, "boolean"):
            raise NodeFailed(
                f'"{shorten(self.column)}" is {WORDS[kind]}, of which only "is missing" and "is present" can be asked'
            )
        if kind == "boolean" and self.test not in ("is", "is not", "is one of", "is none of"):
            raise NodeFailed(f'"{self.test}" has no meaning for true and false; use "is"')
        if kind == "text" and self.ignore_case:
            x = f"lower({x})"
        if self.test == "is between":
            return f"between({x}, {self._written(kind, self.value)}, {self._written(kind, self.upper)})"
        if self.test in _OPERATORS:
            return f"{x} {_OPERATORS[self.test]} {self._written(kind, self.value)}"
        if not self.listed:
            raise NodeFailed(f'"{self.test}" needs at least one value')
        equal = " or ".join(f"{x} == {self._written(kind, one)}" for one in self.listed)
        return f"({equal})" if self.test == "is one of" else f"not ({equal})"

    def _of_text(self, x: str) -> str:
        if not self.value:
            raise NodeFailed(f'"{self.test}" needs a value')
        if self.test == "matches pattern":
            return f"matches({x}, {literal(('(?i)' if self.ignore_case else '') + self.value)})"
        if self.ignore_case:
            x = f"lower({x})"
        part = literal(self._cased(self.value))
        if self.test == "does not contain":
            return f"not contains({x}, {part})"
        return f"{self.test.replace(' ', '_')}({x}, {part})"

    def _cased(self, text: str) -> str:
        return text.lower() if self.ignore_case else text

    def _written(self, kind: str, text: str) -> str:
        """A value as formulas write it."""
        if kind == "text":
            return literal(self._cased(text))
        try:
            if kind in NUMBERS:
                number = float(text)
                if number != number or number in (float("inf"), float("-inf")):
                    raise ValueError
                return repr(int(text)) if text.strip().lstrip("+-").isdigit() else repr(number)
            if kind == "boolean":
                return {"true": "true", "false": "false"}[text.strip().lower()]
            moment = datetime.datetime.fromisoformat(text.strip())
        except (ValueError, KeyError):
            raise NodeFailed(
                f'"{shorten(self.column)}" is {WORDS[kind]}, which "{shorten(text)}" is not; write {_EXAMPLES[kind]}'
            ) from None
        if kind == "date" and len(text.strip()) == 10:
            return f'date("{moment:%Y-%m-%d}")'
        return f'datetime("{moment:%Y-%m-%d %H:%M:%S}")'

    def __str__(self) -> str:
        if self.test in ("is missing", "is present"):
            return f"{self.column} {self.test}"
        if self.test in ("is one of", "is none of"):
            return f"{self.column} {self.test} {', '.join(self.listed)}"
        upper = f" and {self.upper}" if self.test == "is between" else ""
        return f"{self.column} {self.test} {self.value}{upper}"


_EXAMPLES = {
    "integer": "a number such as 12",
    "float": "a number such as 12.5",
    "boolean": "true or false",
    "date": "a day such as 2024-12-31",
    "datetime": "a moment such as 2024-12-31 23:59:00",
}


class ConditionNode(Node):
    """A node that tests each row of its table."""

    condition: Expression | None = parameter(
        default=None,
        help="A formula that is true or false for each row. For example: age >= 18 and country == 'DE'",
        types=("boolean",),
    )
    conditions: list[Condition] = parameter(
        default=[], help="Tests of single columns, to be picked without writing a formula."
    )
    combine: Literal["all", "any"] = parameter(
        default="all",
        help="Whether a row has to pass all tests, or any of them. The formula counts as one of them.",
    )

    def check_parameters(self) -> list[Fault]:
        if self.condition is None and not self.conditions:
            return [Fault("condition", "is not set; write a formula or add a test of a column")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        faults, schema = [], inputs["table"].columns
        for index, one in enumerate(self.conditions):
            try:
                parse(one.formula(schema[one.column])).check(schema)
            except NodeFailed as error:
                faults.append(Fault(f"conditions[{index}]", f"entry {index + 1}: {error}"))
            except FormulaError as error:
                faults.append(Fault(f"conditions[{index}].value", f"entry {index + 1}: {error.message}"))
        return faults

    def test(self, schema: Mapping[str, pl.DataType]) -> Formula:
        """The whole condition over a table with this schema."""
        parts = [one.formula(schema[one.column]) for one in self.conditions]
        if self.condition is not None:
            parts.insert(0, self.condition.text)
        if len(parts) == 1:
            return parse(parts[0])
        return parse((" and " if self.combine == "all" else " or ").join(f"({part})" for part in parts))

    def source(self, script: PythonScript) -> str | None:
        """The whole condition as Polars source; None, with a remark in the script, where that needs the columns."""
        schema = script.schema("table")
        if schema is None and self.conditions:
            script.cannot_express("its input columns are not known before running")
            return None
        script.require("import polars as pl")
        return self.test(schema or {}).source(schema)

    def mark(self, table: nw.LazyFrame) -> tuple[nw.LazyFrame, str]:
        """The table with a column that is true, false or missing by the condition, and its name."""
        (held,) = ops.fresh_names(ops.names_of(table), "condition")
        schema = schema_of(table)
        test = self.test(schema)
        test.check(schema)
        return table.with_columns(test.compile(schema).alias(held)), held

    def in_words(self) -> str:
        """The condition in a line."""
        parts = [str(one) for one in self.conditions]
        if self.condition is not None:
            parts.insert(0, self.condition.text)
        return (" and " if self.combine == "all" else " or ").join(parts)
