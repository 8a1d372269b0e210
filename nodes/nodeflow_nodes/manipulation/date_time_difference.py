"""Date/Time Difference."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Column, Fault, family, parameter
from nodeflow_nodes.manipulation._formulas import FormulaNode, quoted, taken

if TYPE_CHECKING:
    import polars as pl

_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


class DateTimeDifference(FormulaNode):
    """Compute the time between two dates: of two columns, or from a column to a fixed date.

    The difference is positive when the end is later than the start. Whole units are counted downwards:
    36 hours are one day. A difference with a missing date is missing.

    Inputs:
        table: The table with the dates.
    Outputs:
        table: The table with the difference.
    """

    name = "Date/Time Difference"
    category = "Manipulation / Column"
    keywords = (
        "date&time difference",
        "duration",
        "age",
        "days between",
        "datediff",
        "timedelta",
        "elapsed time",
    )

    start: Column = parameter(help="The column with the earlier date.", types=("date", "datetime"))
    end: Column | None = parameter(
        default=None,
        help="The column with the later date. Without one, the fixed date counts.",
        types=("date", "datetime"),
    )
    until: datetime.date | None = parameter(
        default=None, label="Fixed date", help="The date to which it is counted if no column is given."
    )
    unit: Literal["weeks", "days", "hours", "minutes", "seconds"] = parameter(
        default="days", help="In what the difference is told."
    )
    whole: bool = parameter(default=True, help="Whole units only, rounded downwards.")
    column: str = parameter(default="difference", min_length=1, help="The name of the new column.")

    def check_parameters(self) -> list[Fault]:
        if (self.end is None) == (self.until is None):
            return [Fault("end", "give either a column or a fixed date as the end")]
        return []

    def formulas(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        start = quoted(self.start)
        end = quoted(self.end) if self.end is not None else f'date("{self.until}")'
        has_time = family(schema[self.start]) == "datetime" and (
            self.end is not None and family(schema[self.end]) == "datetime"
        )
        if has_time:
            value = f"seconds_between({start}, {end}) / {_SECONDS[self.unit]}"
        else:
            value = f"days_between({start}, {end}) * {86_400} / {_SECONDS[self.unit]}"
        return {self.column: f"to_integer(floor({value}))" if self.whole else value}

    def place(self, column: str) -> str:
        return "end"

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        return [*taken([self.column], inputs["table"].columns, "column"), *super().check(inputs)]

    def summary(self) -> str:
        return f"{self.unit} from {self.start} to {self.end or self.until}"[:80]
