"""Scores of probabilities that a row belongs to one class: what the nodes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.statistics._calculation import GROUPING, Calculation, Schema, chosen_numbers


class BinaryScores(Calculation):
    """Looks at score columns that say how sure a row belongs to one class."""

    actual: Column = parameter(types=GROUPING, help="The column with the true classes.")
    positive: str = parameter(
        default="",
        label="Positive class",
        help="The class that the scores speak of; empty with two classes for the last of them in order.",
    )
    scores: Columns = parameter(
        default=Columns.typed("float"),
        types=("number",),
        help="The columns with scores or probabilities: the higher, the surer of the positive class.",
    )

    def scored(self, schema: Schema) -> list[str]:
        """The score columns."""
        return chosen_numbers(self.scores, schema, self.actual)

    def reads(self, schema: Schema) -> list[str]:
        return [self.actual, *self.scored(schema)]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        return {"actual": str(self.actual), "positive": self.positive, "columns": self.scored(schema)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self.scored(inputs["table"].columns):
            return ()
        return [Fault("scores", f"no column of scores is chosen ({self.scores}); choose at least one")]

    def summary(self) -> str:
        return f"{self.scores} for {self.positive or self.actual}"[:80]


def hits_of(table: pl.DataFrame, actual: str, positive: str) -> tuple[pl.Series, str]:
    """Whether each row is of the positive class, missing where that is not known; and its name."""
    values = table.get_column(actual).alias("actual")  # the name may be a pattern to Polars
    classes = values.drop_nulls().unique().sort().cast(pl.String).to_list()
    if len(classes) < 2:
        what = f'one class only, "{classes[0][:80]}"' if classes else "no values"
        raise ValueError(f'column "{actual[:80]}" has {what}; there is nothing to tell apart')
    if positive and positive not in classes:
        raise ValueError(
            f'column "{actual[:80]}" has no class "{positive[:80]}"; it has {", ".join(one[:40] for one in classes[:6])}'
        )
    if not positive and len(classes) > 2:
        raise ValueError(f'column "{actual[:80]}" has {len(classes)} classes; say which is the positive one')
    wanted = positive or classes[-1]
    return values.cast(pl.String) == wanted, wanted


def scored_rows(table: pl.DataFrame, hits: pl.Series, column: str) -> pl.DataFrame:
    """Columns `hit` and `score` of the rows that have both."""
    score = table.get_column(column).alias("score").cast(pl.Float64)
    rows = pl.DataFrame([hits.alias("hit"), score]).drop_nulls()
    if not rows["score"].is_finite().all():
        raise ValueError(
            f'column "{column[:80]}" holds infinite values or NaN; turn them into missing values first'
        )
    if rows["hit"].all() or not rows["hit"].any():
        raise ValueError(
            f'the rows with a score in "{column[:80]}" are all of one kind; there is nothing to tell apart'
        )
    return rows


def steps_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows at or above each score: `threshold`, `positives` and `negatives`, the highest score first."""
    each = (
        rows.group_by("score")
        .agg(pl.col("hit").sum().alias("positives"), pl.len().alias("rows"))
        .sort("score", descending=True)
    )
    return each.select(
        pl.col("score").alias("threshold"),
        pl.col("positives").cast(pl.Int64).cum_sum(),
        (pl.col("rows").cast(pl.Int64) - pl.col("positives").cast(pl.Int64)).cum_sum().alias("negatives"),
    )


def thinned(steps: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many steps, evenly over the rows, with the first and the last."""
    if steps.height <= most:
        return steps
    place = (
        (pl.col("positives") + pl.col("negatives"))
        * (most - 2)
        // (pl.col("positives").last() + pl.col("negatives").last())
    )
    ends = steps.with_row_index("step").group_by(place.alias("part"), maintain_order=True).last()
    kept = pl.concat(
        [ends["step"], pl.Series([0], dtype=pl.UInt32), pl.Series([steps.height - 1], dtype=pl.UInt32)]
    )
    return steps[kept.unique().sort()]


BINARY = (hits_of, scored_rows, steps_of, thinned)
"""Functions that a script needs if a calculating function calls them."""
