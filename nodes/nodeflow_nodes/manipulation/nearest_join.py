"""Nearest Join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class NearestJoin(Node):
    """Give each row the nearest row of another table, by a date or a number.

    Prices at the time of a trade, weather at the time of a flight: each row of the left table stays, once
    and in its place, and gets the columns of the right row with the latest earlier value, the earliest
    later one, or the nearest of both; an equal value is the nearest. Rows without a match, or further away
    than the distance, get missing values. Neither table needs to be sorted; of right rows with equal
    values the last one counts, or the first when looking forward.

    Inputs:
        left: The table whose rows stay.
        right: The table in which the nearest row is looked for.
    Outputs:
        table: The left table with the columns of the right one.
    """

    category = "Manipulation / Table"
    keywords = ("as-of join", "asof", "merge_asof", "join by time", "closest", "rolling join", "tolerance")

    left_on: Column = parameter(
        help="The date or number of the left table.", port="left", types=("number", "date", "datetime")
    )
    right_on: Column = parameter(
        help="The date or number of the right table.", port="right", types=("number", "date", "datetime")
    )
    direction: Literal["backward", "forward", "nearest"] = parameter(
        default="backward", help="Whether to look for earlier values, later ones, or both."
    )
    same: Columns = parameter(
        default=Columns.of(),
        label="Within equal",
        help="Columns of both tables that must be equal.",
        port="left",
    )
    distance: float | None = parameter(
        default=None, minimum=0, help="How far away the nearest value may be: in numbers, or in days."
    )
    suffix: str = parameter(
        default="_right", min_length=1, help="Put behind the name of a right column when the name is taken."
    )

    def run(self, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.LazyFrame:
        names, others = list(schema_of(left)), list(schema_of(right))
        same = self.same.resolve(schema_of(left))
        here = {name: f"l{i}" for i, name in enumerate(names)}
        there = {name: f"r{i}" for i, name in enumerate(others)}
        keys = [f"k{i}" for i in range(len(same))]
        common = self._type(schema_of(left), schema_of(right))
        assert common is not None
        first = left.select(
            *(cs.by_name(name).as_expr().alias(new) for name, new in here.items()),
            *(cs.by_name(name).as_expr().alias(key) for name, key in zip(same, keys, strict=True)),
            cs.by_name(self.left_on).as_expr().cast(common).alias("on"),
        ).with_row_index("row")
        second = right.select(
            *(cs.by_name(name).as_expr().alias(new) for name, new in there.items()),
            *(cs.by_name(name).as_expr().alias(key) for name, key in zip(same, keys, strict=True)),
            cs.by_name(self.right_on).as_expr().cast(common).alias("on"),
        )
        # missing values are near to nothing
        known = first.filter(pl.col("on").is_not_null()).sort("on", maintain_order=True)
        found = known.join_asof(
            second.filter(pl.col("on").is_not_null()).sort("on", maintain_order=True),
            on="on",
            by=keys or None,
            strategy=self.direction,
            tolerance=self._tolerance(common),
            check_sortedness=False,
        )
        rest = first.filter(pl.col("on").is_null())
        joined = pl.concat([found, rest], how="diagonal").sort("row")
        new = ops.joined_names(names, others, [*same], self.suffix, keep_right_keys=False)
        chosen = [pl.col(short).alias(name) for name, short in here.items()]
        return joined.select(*chosen, *(pl.col(there[name]).alias(title) for name, title in new.items()))

    def _type(self, left: Mapping[str, pl.DataType], right: Mapping[str, pl.DataType]) -> pl.DataType | None:
        one, other = left[self.left_on], right[self.right_on]
        if {family(one), family(other)} == {"date", "datetime"}:
            return one if family(one) == "datetime" else other
        return common_type(one, other, mix_numbers=True)

    def _tolerance(self, dtype: pl.DataType) -> Any:
        if self.distance is None:
            return None
        if family(dtype) == "date":
            return f"{int(self.distance)}d"
        if family(dtype) == "datetime":
            return f"{round(self.distance * 86_400_000_000)}us"
        return int(self.distance) if family(dtype) == "integer" else self.distance

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "left" not in inputs or "right" not in inputs:
            return ()
        left, right = inputs["left"].columns, inputs["right"].columns
        if self._type(left, right) is None:
            one, other = left[self.left_on], right[self.right_on]
            told = f'"{self.left_on}" is {in_words(one)}, but "{self.right_on}" is {in_words(other)}'
            return [Fault("right_on", f"{told}; {way_out(one, other)}")]
        for name in self.same.resolve(left):
            if name not in right:
                return [Fault("same", f'the right table has no column "{name[:60]}"; rename it there')]
            if left[name] != right[name]:
                told = f'"{name[:60]}" is {in_words(left[name])} on the left and {in_words(right[name])} on the right'
                return [Fault("same", f"{told}; {way_out(left[name], right[name])}")]
        return ()

    def summary(self) -> str:
        return f"{self.direction} by {self.left_on}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("joining by the nearest value is not exported")
