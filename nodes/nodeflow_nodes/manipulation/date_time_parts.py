"""Date/Time Parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow_nodes.manipulation._formulas import FormulaNode, quoted, taken

if TYPE_CHECKING:
    import polars as pl

Part = Literal[
    "year", "quarter", "month", "day", "weekday", "day of year", "hour", "minute", "second", "date", "month name",
    "weekday name",
]  # fmt: skip

_FORMULAS: dict[str, str] = {
    "year": "year({})",
    "quarter": "quarter({})",
    "month": "month({})",
    "day": "day({})",
    "weekday": "weekday({})",
    "day of year": "day_of_year({})",
    "hour": "hour({})",
    "minute": "minute({})",
    "second": "second({})",
    "date": "date_of({})",
    "month name": 'format_date({}, "%B")',
    "weekday name": 'format_date({}, "%A")',
}
_OF_TIMES = ("hour", "minute", "second", "date")


class DateTimeParts(FormulaNode):
    """Take dates and times apart: a column for the year, the month, the weekday and so on.

    Weekdays count from Monday as 1 to Sunday as 7; names are English. The parts of a missing date are
    missing. Hours, minutes and seconds are there for dates with a time only.

    Inputs:
        table: The table with the dates.
    Outputs:
        table: The table with a further column for each part.
    """

    name = "Date/Time Parts"
    category = "Manipulation / Column"
    keywords = (
        "extract date&time fields",
        "date part",
        "year",
        "month",
        "weekday",
        "dt accessor",
        "calendar",
        "datepart",
    )

    column: Column = parameter(help="The column with the dates.", types=("date", "datetime"))
    parts: list[Part] = parameter(
        default=["year", "month", "day"], min_length=1, help="The parts to take out."
    )

    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        return {f"{self.column} {part}": _FORMULAS[part].format(quoted(self.column)) for part in self.parts}

    def place(self, column: str) -> str:
        return "parts"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        for index, part in enumerate(self.parts):
            if part in _OF_TIMES and family(schema[self.column]) == "date":
                return [
                    Fault(f"parts[{index}]", f'"{self.column}" is a date without a time, which has no {part}')
                ]
        return [*taken(list(self.formulas(schema)), schema, "parts"), *super().check(inputs)]

    def check_parameters(self) -> list[Fault]:
        for index, part in enumerate(self.parts):
            if part in self.parts[:index]:
                return [Fault(f"parts[{index}]", f'"{part}" is there twice; take one out')]
        return []

    def summary(self) -> str:
        return f"{', '.join(self.parts)} of {self.column}"[:80]
