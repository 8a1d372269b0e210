"""Round."""

from __future__ import annotations

from typing import Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.manipulation._each import EachColumn
from nodeflow_nodes.manipulation._formulas import quoted


class Round(EachColumn):
    """Round the numbers of some columns.

    "nearest" rounds to the nearest number with so many digits behind the point, a half to the even
    neighbour; with negative digits to tens, hundreds and so on. "up" and "down" round to the next
    number above or below, "towards zero" cuts the digits off. Missing values stay missing. Columns
    that are chosen by type or pattern and hold no numbers stay as they are.

    Inputs:
        table: The table with the numbers.
    Outputs:
        table: The table with the rounded numbers.
    """

    category = "Manipulation / Column"
    keywords = ("round double", "floor", "ceil", "ceiling", "truncate", "digits", "precision", "decimals")
    families = ("number",)

    digits: int = parameter(
        default=0, minimum=-15, maximum=15, help="Digits behind the point; -2 rounds to hundreds."
    )
    method: Literal["nearest", "up", "down", "towards zero"] = parameter(
        default="nearest", help="Which way it is rounded."
    )

    def formula(self, name: str) -> str:
        value, scale = quoted(name), 10 ** abs(self.digits)
        scaled = (
            f"{value} * {scale}" if self.digits > 0 else f"{value} / {scale}" if self.digits < 0 else value
        )
        rounded = {
            "nearest": f"round({scaled})",
            "up": f"ceil({scaled})",
            "down": f"floor({scaled})",
            "towards zero": f"choose({value} < 0, ceil({scaled}), floor({scaled}))",
        }[self.method]
        if self.method == "nearest" and self.digits >= 0:
            return f"round({value}, {self.digits})"
        if self.digits > 0:
            return f"{rounded} / {scale}"
        return f"{rounded} * {scale}" if self.digits < 0 else rounded

    def summary(self) -> str:
        return f"{self.columns} {self.method}, {self.digits} digits"[:80]
