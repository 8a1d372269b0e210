"""Tests of number columns between groups of rows: what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import GROUPING, Calculation, Schema, chosen_numbers


class GroupTest(Calculation):
    """Compares the values of some columns between the groups that another column names."""

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns to test, each by itself."
    )
    group: Column = parameter(types=GROUPING, help="The column that names the groups.")
    confidence: float = parameter(
        default=0.95, above=0.5, below=1.0, help="Of the intervals; 1 minus it is the level of significance."
    )

    def tested(self, schema: Schema) -> list[str]:
        """The columns to test."""
        return chosen_numbers(self.columns, schema, self.group)

    def reads(self, schema: Schema) -> list[str]:
        return [*self.tested(schema), self.group]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {"columns": self.tested(schema), "group": str(self.group), "confidence": self.confidence}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self.tested(inputs["table"].columns):
            return ()
        return [
            Fault("columns", f"no number column besides the groups is chosen ({self.columns}); choose one")
        ]

    def summary(self) -> str:
        return f"{self.columns} by {self.group}"[:80]
