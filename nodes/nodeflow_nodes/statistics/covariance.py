"""Covariance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.parameters import Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import (
    NUMBER,
    TEXT,
    Calculation,
    Schema,
    chosen_numbers,
    numbers_of,
)
from nodeflow_nodes.statistics.correlation import label_column

if TYPE_CHECKING:
    from nodeflow.node import Context


class Covariance(Calculation):
    """Calculate the covariance of each pair of number columns, with the variances on the diagonal.

    Each pair is calculated from the rows in which neither value is missing, or all from the rows in which no
    value is. It is missing where fewer than two rows are left.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The covariances, a row and a column for each chosen column.
    """

    category = "Statistics"
    keywords = ("cov", "variance", "covariance matrix")

    columns: Columns = parameter(default=Columns.typed("number"), types=("number",), help="The columns.")
    missing: Literal["by pair", "by row"] = parameter(
        default="by pair",
        label="Missing values",
        help="Which rows are left out: for each pair those without one of its values, or those without any value.",
    )
    divisor: Literal["n - 1", "n"] = parameter(
        default="n - 1", help="n - 1 for a sample, n for the whole population.", advanced=True
    )

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        return self.calculated(table, context)["table"]

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (covariances, numbers_of)

    def reads(self, schema: Schema) -> list[str]:
        return chosen_numbers(self.columns, schema)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {
            "columns": self.reads(schema),
            "by_row": self.missing == "by row",
            "less": 1 if self.divisor == "n - 1" else 0,
        }

    def outputs(self, schema: Schema) -> Mapping[str, Schema | None]:
        names = self.reads(schema)
        return {"table": {label_column(names): TEXT, **dict.fromkeys(names, NUMBER)}}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self.reads(inputs["table"].columns):
            return ()
        return [Fault("columns", f"no number column is chosen ({self.columns}); choose at least one")]

    def summary(self) -> str:
        return str(self.columns)[:80]


def covariances(table: pl.DataFrame, columns: Sequence[str], by_row: bool, less: int) -> dict[str, list[Any]]:
    """The matrix of covariances."""
    frame = pl.DataFrame([numbers_of(table, name).alias(f"c{index}") for index, name in enumerate(columns)])
    if by_row:
        frame = frame.drop_nulls()
    rows = []
    for i, name in enumerate(columns):
        line: list[Any] = [name]
        for j in range(len(columns)):
            pair = frame.select(pl.nth(i).alias("x"), pl.nth(j).alias("y")).drop_nulls()
            around = pair.select(
                ((pl.col("x") - pl.col("x").mean()) * (pl.col("y") - pl.col("y").mean())).sum()
            )
            line.append(around.item() / (pair.height - less) if pair.height > less else None)
        rows.append(tuple(line))
    return {"table": rows}
