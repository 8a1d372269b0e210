"""Constant Column."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


class ConstantColumn(Node):
    """Add a column with the same value in every row.

    An empty value gives a column of missing values of the chosen type. The rows stay as they are; the
    column comes last, or takes the place of one of the same name.

    Inputs:
        table: The table to which the column is added.
    Outputs:
        table: The table with the column.
    """

    category = "Manipulation / Column"
    keywords = ("constant value column", "add column", "literal", "lit", "assign", "fill column", "tag")

    column: str = parameter(default="constant", min_length=1, help="The name of the column.")
    value: str = parameter(default="", help="The value; a date is written 2024-12-31.")
    type: Literal["text", "integer", "number", "boolean", "date", "datetime"] = parameter(
        default="text", help="What the value is."
    )
    existing: Literal["fail", "replace"] = parameter(
        default="fail", help="What happens if the table has a column of this name already."
    )

    def constant(self) -> Any:
        """The value in its type, None for an empty one; raises `ValueError`."""
        text = self.value.strip()
        if self.type == "text":
            return self.value or None
        if not text:
            return None
        if self.type == "boolean":
            if text.casefold() not in (*_YES, *_NO):
                raise ValueError(text)
            return text.casefold() in _YES
        parse: dict[str, Any] = {
            "integer": int,
            "number": float,
            "date": datetime.date.fromisoformat,
            "datetime": datetime.datetime.fromisoformat,
        }
        found = parse[self.type](text)
        if self.type == "integer" and not -(2**63) <= found < 2**63:
            raise ValueError(text)
        if self.type == "datetime" and found.tzinfo is not None:
            raise ValueError(text)
        return found

    def check_parameters(self) -> list[Fault]:
        try:
            self.constant()
        except ValueError:
            wanted = {
                "integer": "a whole number of at most 64 bits",
                "number": "a number such as 2.5",
                "boolean": "true or false",
                "date": "a date such as 2024-12-31",
                "datetime": "a date and time such as 2024-12-31T08:30:00, without a zone",
            }[self.type]
            return [Fault("value", f'must be {wanted}, not "{self.value[:60]}"')]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if self.existing == "fail" and "table" in inputs:
            return taken([self.column], inputs["table"].columns, "column")
        return ()

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        types: dict[str, Any] = {
            "text": nw.String(),
            "integer": nw.Int64(),
            "number": nw.Float64(),
            "boolean": nw.Boolean(),
            "date": nw.Date(),
            "datetime": nw.Datetime("us"),
        }
        return table.with_columns(nw.lit(self.constant(), types[self.type]).alias(self.column))

    def summary(self) -> str:
        return f"{self.column} = {self.value or 'missing'}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        types = {
            "text": "pl.String",
            "integer": "pl.Int64",
            "number": "pl.Float64",
            "boolean": "pl.Boolean",
            "date": "pl.Date",
            "datetime": 'pl.Datetime("us")',
        }
        value = self.constant()
        if self.type in ("date", "datetime") and value is not None:
            script.require("import datetime")
        source = script.input("table")
        lit = f"pl.lit({value!r}, dtype={types[self.type]}).alias({self.column!r})"
        script.add(f"{script.output('table')} = {source}.with_columns({lit})")
