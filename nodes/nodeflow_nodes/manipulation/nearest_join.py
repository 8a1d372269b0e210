"""Nearest Join."""

from __future__ import annotations

import inspect
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
        here, there = schema_of(left), schema_of(right)
        return join_nearest(left, right, **self._how(here, there))

    def _how(self, left: Mapping[str, pl.DataType], right: Mapping[str, pl.DataType]) -> dict[str, Any]:
        """The arguments of `join_nearest`."""
        same = self.same.resolve(left)
        common = self._type(left, right)
        assert common is not None
        return {
            "left_on": str(self.left_on),
            "right_on": str(self.right_on),
            "dtype": common,
            "direction": self.direction,
            "same": same,
            "tolerance": self._tolerance(common),
            "new_names": ops.joined_names(list(left), list(right), same, self.suffix, keep_right_keys=False),
        }

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
        left, right = script.schema("left"), script.schema("right")
        if left is None or right is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("join_nearest", inspect.getsource(join_nearest))
        how = {name: repr(value) for name, value in self._how(left, right).items()}
        how["dtype"] = f"pl.{how['dtype']}"
        arguments = [f"    {name}={value}," for name, value in how.items()]
        script.add(
            f"{script.output('table')} = join_nearest(",
            f"    {script.input('left')},",
            f"    {script.input('right')},",
            *arguments,
            ")",
        )


def join_nearest(
    left: pl.LazyFrame,
    right: pl.LazyFrame,
    left_on: str,
    right_on: str,
    dtype: pl.DataType,
    direction: Any,
    same: list[str],
    tolerance: Any,
    new_names: dict[str, str],
) -> pl.LazyFrame:
    """The left rows in their order, with the columns `new_names` of the right row nearest by `left_on` and `right_on`."""
    here = {name: f"l{i}" for i, name in enumerate(left.collect_schema())}
    there = {name: f"r{i}" for i, name in enumerate(right.collect_schema())}
    keys = {f"k{i}": cs.by_name(name).as_expr() for i, name in enumerate(same)}
    first = left.select(
        *(cs.by_name(name).as_expr().alias(new) for name, new in here.items()),
        *(value.alias(key) for key, value in keys.items()),
        cs.by_name(left_on).as_expr().cast(dtype).alias("on"),
    ).with_row_index("row")
    second = right.select(
        *(cs.by_name(name).as_expr().alias(new) for name, new in there.items()),
        *(value.alias(key) for key, value in keys.items()),
        cs.by_name(right_on).as_expr().cast(dtype).alias("on"),
    )
    # missing values are near to nothing
    known = first.filter(pl.col("on").is_not_null()).sort("on", maintain_order=True)
    found = known.join_asof(
        second.filter(pl.col("on").is_not_null()).sort("on", maintain_order=True),
        on="on",
        by=list(keys) or None,
        strategy=direction,
        tolerance=tolerance,
        check_sortedness=False,
    )
    rest = first.filter(pl.col("on").is_null())
    joined = pl.concat([found, rest], how="diagonal").sort("row")
    chosen = [pl.col(short).alias(name) for name, short in here.items()]
    return joined.select(*chosen, *(pl.col(there[name]).alias(title) for name, title in new_names.items()))
