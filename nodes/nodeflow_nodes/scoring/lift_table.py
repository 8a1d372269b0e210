"""Lift Table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from nodeflow.parameters import parameter
from nodeflow_nodes.scoring._binary import BINARY, BinaryScores, hits_of, scored_rows
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, WHOLE, Schema

if TYPE_CHECKING:
    from nodeflow.node import Context


class LiftTable(BinaryScores):
    """Show how many rows of the positive class one reaches by taking those with the highest scores first.

    The rows, sorted by score, are cut into parts of equal size, ten by default. Lift is how many times more often the
    positive class comes in a part than in all rows; gain is the share of all its rows that is reached so far. Taking
    rows by chance has lift 1, the baseline, and a gain equal to the share of rows taken. Rows of equal score
    count as their mean, so that their order does not matter. Rows with a missing class or score are left out.

    Inputs:
        table: A table with the true classes and one or more columns of scores.
    Outputs:
        table: One row for each part of each score column.
    """

    category = "Mining / Scoring"
    keywords = ("lift chart", "gain chart", "cumulative gains", "deciles", "campaign", "targeting")
    headline = "table"

    parts: int = parameter(default=10, minimum=2, maximum=1000, help="How many parts the rows are cut into.")

    results: ClassVar[Mapping[str, Schema | None]] = {
        "table": {
            "column": TEXT, "part": WHOLE, "rows": WHOLE, "lowest_score": NUMBER, "positives": NUMBER, "rate": NUMBER,
            "lift": NUMBER, "cumulated_rows": NUMBER, "gain": NUMBER, "cumulated_lift": NUMBER,
        }
    }  # fmt: skip

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        return self.calculated(table, context)["table"]

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (lift_rows, *BINARY)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return super().arguments(schema) | {"parts": self.parts}


def lift_rows(
    table: pl.DataFrame, actual: str, positive: str, columns: Sequence[str], parts: int
) -> dict[str, list[Any]]:
    """The parts of the rows by falling score."""
    hits, _ = hits_of(table, actual, positive)
    found = []
    for column in columns:
        rows = scored_rows(table, hits, column)
        n, many = rows.height, int(rows["hit"].sum())
        if n < parts:
            raise ValueError(
                f'{n} rows have a score in "{column[:80]}", too few for {parts} parts; ask for fewer'
            )
        in_order = rows.with_columns(pl.col("hit").cast(pl.Float64).mean().over("score")).sort(
            "score", descending=True
        )
        each = in_order.group_by(
            (pl.int_range(pl.len()) * parts // n).alias("part"), maintain_order=True
        ).agg(pl.len().alias("rows"), pl.col("score").min(), pl.col("hit").sum())
        so_far, reached = 0, 0.0
        for part, count, lowest, positives in each.iter_rows():
            so_far, reached = so_far + count, reached + positives
            rate, gain = positives / count, reached / many
            lifts = (rate / (many / n), so_far / n, gain, gain / (so_far / n))
            found.append((column, part + 1, count, lowest, positives, rate, *lifts))
    return {"table": found}
