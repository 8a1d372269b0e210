"""Date/Time Shift."""

from __future__ import annotations

from typing import Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.manipulation._each import EachColumn
from nodeflow_nodes.manipulation._formulas import quoted


class DateTimeShift(EachColumn):
    """Move dates by so many days, weeks, months or years.

    Where a month has no such day its last day is taken: a month after 31 January is 28 or 29 February.
    Missing dates stay missing. Columns that are chosen by type or pattern and hold no dates stay.

    Inputs:
        table: The table with the dates.
    Outputs:
        table: The table with the moved dates.
    """

    name = "Date/Time Shift"
    category = "Manipulation / Column"
    keywords = ("date&time shift", "add days", "add months", "dateadd", "offset", "interval", "deadline")
    families = ("date", "datetime")

    amount: int = parameter(
        default=1, minimum=-100_000, maximum=100_000, help="How many; negative moves back."
    )
    unit: Literal["days", "weeks", "months", "years"] = parameter(default="days", help="What is counted.")

    @classmethod
    def is_portable(cls) -> bool:
        return False  # Dask moves no dates

    def formula(self, name: str) -> str:
        factor = {"days": 1, "weeks": 7, "months": 1, "years": 12}[self.unit]
        function = "add_days" if self.unit in ("days", "weeks") else "add_months"
        return f"{function}({quoted(name)}, {self.amount * factor})"

    def summary(self) -> str:
        return f"{self.columns} by {self.amount} {self.unit}"[:80]
