"""Compare Tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.errors import listing, shorten
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

_ENDS = ("difference", "column", "left", "right")
_SUMMARY = {
    "equal": pl.Boolean(),
    "rows_left": pl.Int64(),
    "rows_right": pl.Int64(),
    "equal_rows": pl.Int64(),
    "changed_rows": pl.Int64(),
    "only_left": pl.Int64(),
    "only_right": pl.Int64(),
    "columns_only_left": pl.String(),
    "columns_only_right": pl.String(),
}


class Comparison(NamedTuple):
    """The two tables."""

    differences: pl.LazyFrame
    summary: pl.LazyFrame


class CompareTables(Node):
    """Tell in what two tables differ.

    Rows are put side by side by the values of the key columns, the first of several with the same key with
    the first of the other table and so on; without keys, by their number. Columns that both tables have
    by the same name are compared. Missing equals missing, and a missing value differs from any other.
    Numbers that differ by no more than the tolerance are equal; so are numbers of different types with
    the same value. Columns whose types have nothing in common are compared as texts.

    The differences come in the order of the left table, rows that only the right table has last; within a
    row in the order of the columns.

    Inputs:
        left: The table to compare.
        right: The table it is compared with.
    Outputs:
        differences: A row for each value that differs, and for each row that only one table has: the key (or
            the number of the row), difference ("changed", "only left" or "only right"), column, and both
            values as texts.
        summary: One row: whether the tables are equal, the numbers of rows that are equal, changed or in one
            table only, and the columns that only one table has. Tables with other columns are not equal.
    """

    category = "Manipulation / Table"
    keywords = ("table difference checker", "diff", "table difference finder", "equals", "assert_frame_equal")

    keys: Columns = parameter(
        default=Columns.of(),
        port="left",
        help="The columns that say which rows belong together. Without any, rows are compared by their number.",
    )
    columns: Columns = parameter(
        default=Columns.all(), port="left", help="The columns to compare, of those that both tables have."
    )
    tolerance: float = parameter(
        default=0.0, minimum=0.0, help="How far two numbers may be apart and still count as equal."
    )

    def run(self, left: pl.LazyFrame, right: pl.LazyFrame) -> Comparison:
        here, there = schema_of(left), schema_of(right)
        keys = self.keys.resolve(here)
        compared = self._compared(here, there)
        on = [f"k{place}" for place in range(len(keys))] or ["k0"]
        types = {name: common_type(here[name], there[name], mix_numbers=False) or here[name] for name in keys}
        joined = _prepared(left, types, compared, "l").join(
            _prepared(right, types, compared, "r"),
            on=[*on, "nth"],
            how="full",
            coalesce=True,
            nulls_equal=True,
            maintain_order="left_right",
        )
        first, second = pl.col("lrow").is_not_null(), pl.col("rrow").is_not_null()
        differs = {
            name: first & second & self._differs(place, here[name], there[name])
            for place, name in enumerate(compared)
        }
        joined = joined.with_columns(
            *(test.alias(f"d{place}") for place, test in enumerate(differs.values())),
            pl.int_range(pl.len()).alias("order"),
        )
        key_names = keys or ["row"]
        shown = [pl.col(key).alias(name) for key, name in zip(on, key_names, strict=True)]

        def told(
            test: pl.Expr, word: str, column: str | None, place: int, values: Sequence[pl.Expr]
        ) -> pl.LazyFrame:
            ends = [pl.lit(word), pl.lit(column, dtype=pl.String), *values]
            named = [value.alias(name) for value, name in zip(ends, _ENDS, strict=True)]
            return joined.filter(test).select(
                *shown, *named, pl.col("order").alias("_order"), pl.lit(place).alias("_place")
            )

        nothing = [pl.lit(None, dtype=pl.String)] * 2
        parts = [
            told(
                pl.col(f"d{place}"),
                "changed",
                name,
                place,
                [_text(f"l{place}", here[name]), _text(f"r{place}", there[name])],
            )
            for place, name in enumerate(compared)
        ]
        parts += [told(~second, "only left", None, 0, nothing), told(~first, "only right", None, 0, nothing)]
        differences = pl.concat(parts).sort("_order", "_place", maintain_order=True).drop("_order", "_place")
        changed = pl.any_horizontal(
            [pl.col(f"d{place}") for place in range(len(compared))] or [pl.lit(value=False)]
        )
        counts = joined.select(
            first.sum().alias("rows_left"),
            second.sum().alias("rows_right"),
            (first & second & ~changed).sum().alias("equal_rows"),
            changed.sum().alias("changed_rows"),
            (~second).sum().alias("only_left"),
            (~first).sum().alias("only_right"),
        )
        lacking, further = ([n for n in a if n not in b] for a, b in ((here, there), (there, here)))
        same = pl.sum_horizontal("changed_rows", "only_left", "only_right") == 0
        summary = counts.with_columns(
            (same if not lacking and not further else pl.lit(value=False)).alias("equal"),
            pl.lit(", ".join(lacking)).alias("columns_only_left"),
            pl.lit(", ".join(further)).alias("columns_only_right"),
        ).select(pl.col(name).cast(dtype) for name, dtype in _SUMMARY.items())
        return Comparison(differences, summary)

    def _compared(self, here: Mapping[str, pl.DataType], there: Mapping[str, pl.DataType]) -> list[str]:
        keys = set(self.keys.resolve(here))
        return [name for name in self.columns.resolve(here) if name in there and name not in keys]

    def _differs(self, place: int, one: pl.DataType, other: pl.DataType) -> pl.Expr:
        first, second = pl.col(f"l{place}"), pl.col(f"r{place}")
        common = common_type(one, other, mix_numbers=True)
        if common is None:
            return _text(f"l{place}", one).ne_missing(_text(f"r{place}", other))
        differs = first.cast(common).ne_missing(second.cast(common))
        if self.tolerance and is_family(common, ("number",)):
            near = (first.cast(pl.Float64) - second.cast(pl.Float64)).abs() <= self.tolerance
            differs = differs & ~near.fill_null(value=False)
        return differs

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "left" not in inputs or "right" not in inputs:
            return ()
        here, there = inputs["left"].columns, inputs["right"].columns
        for name in self.keys.resolve(here):
            if name not in there:
                told = f'the right table has no column "{shorten(name)}"; it has {listing(list(there))}'
                return [Fault("keys", told)]
            if common_type(here[name], there[name], mix_numbers=False) is None:
                told = (
                    f'the key "{shorten(name)}" is {in_words(here[name])} on the left and {in_words(there[name])} '
                    f"on the right; {way_out(here[name], there[name])}"
                )
                return [Fault("keys", told)]
            if name in _ENDS:
                told = (
                    f'a key column cannot be called "{name}", as a column of the result is; rename it before'
                )
                return [Fault("keys", told)]
        return ()

    def summary(self) -> str:
        return f"by {self.keys}"[:80] if self.keys.names or self.keys.types else "by row"

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the comparison of tables is not exported")


def _prepared(
    table: pl.LazyFrame, keys: Mapping[str, pl.DataType], compared: Sequence[str], side: str
) -> pl.LazyFrame:
    """The keys as k0, k1, ..., how often a key came before, and the values as l0 or r0, ... ."""
    columns = [
        cs.by_name(name).as_expr().cast(dtype).alias(f"k{place}")
        for place, (name, dtype) in enumerate(keys.items())
    ]
    if not keys:
        columns = [(pl.int_range(pl.len(), dtype=pl.Int64) + 1).alias("k0")]
    values = [cs.by_name(name).as_expr().alias(f"{side}{place}") for place, name in enumerate(compared)]
    made = table.select(*columns, *values, pl.int_range(pl.len(), dtype=pl.Int64).alias(f"{side}row"))
    nth = pl.int_range(pl.len(), dtype=pl.Int64).over([f"k{place}" for place in range(len(columns))])
    return made.with_columns(nth.alias("nth"))


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_nested():
        return pl.col(name).map_elements(str, return_dtype=pl.String)
    return pl.col(name).cast(pl.String)
