"""Sorter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class SortKey(Record):
    """One column to sort by."""

    column: Column = parameter(
        help="The column to sort by.",
        types=("number", "text", "boolean", "date", "datetime", "time", "duration", "category"),
    )
    descending: bool = parameter(default=False, help="Largest, latest or last in the alphabet first.")


class Sorter(Node):
    """Sort the rows by one or more columns.

    Rows are sorted by the first column; those with equal values there by the second, and so on.
    Rows that are equal in all of them keep their order (the sort is stable). Missing values stand
    at the end, or at the start, whichever way the column is sorted. Text is sorted by its
    characters' code points: capital letters before small ones, accented letters after z.
    False comes before true. Without columns the table stays as it is.

    Inputs:
        table: The table to sort.
    Outputs:
        table: The same rows in the new order.
    """

    category = "Manipulation / Row"
    keywords = ("order by", "sort", "sort_values", "arrange", "ascending", "descending", "ranking")

    by: list[SortKey] = parameter(default=[], label="Sort by", help="The columns, most important first.")
    missing: Literal["last", "first"] = parameter(
        default="last", label="Missing values", help="Where rows with a missing value stand."
    )

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        keys = [(key.column, key.descending) for key in self.by]
        return ops.sort(table, keys, missing_last=self.missing == "last")

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        # the columns stay; a query on an empty table would find out the same, more slowly
        found: Spec = inputs["table"]
        return found

    def check_parameters(self) -> list[Fault]:
        names = [key.column for key in self.by]
        return [
            Fault(f"by[{i}].column", f'"{name}" is sorted by twice; take one out')
            for i, name in enumerate(names)
            if name in names[:i]
        ]

    def summary(self) -> str:
        return ", ".join(f"{key.column}{' ↓' if key.descending else ''}" for key in self.by)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import cols

        source = script.input("table")
        names = cols(script, [key.column for key in self.by])
        descending = [key.descending for key in self.by]
        last = self.missing == "last"
        result = script.output("table")
        if not self.by:
            script.add(f"{result} = {source}")
            return
        script.add(
            f"{result} = {source}.sort(",
            f"    {names}, descending={descending}, nulls_last={last}, maintain_order=True",
            ")",
        )
