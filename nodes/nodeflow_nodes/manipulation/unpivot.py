"""Unpivot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl
import polars.selectors as cs

from nodeflow import ops
from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken
from nodeflow_nodes.manipulation._types import common_type, in_words

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class Unpivot(Node):
    """Turn columns into rows: each value of the chosen columns gets a row of its own.

    A row becomes as many rows as columns are chosen, which follow each other: the columns that are kept
    are repeated, a column with the former column's name and one with the value are added. The chosen
    columns must be of types that fit together; whole numbers and numbers become numbers.

    Inputs:
        table: The wide table.
    Outputs:
        table: The long table.
    """

    category = "Manipulation / Table"
    keywords = ("melt", "unpivoting", "wide to long", "stack", "pivot_longer", "gather", "reshape")

    columns: Columns = parameter(help="The columns that become rows.")
    kept: Columns = parameter(default=Columns.all(), help="The other columns that are repeated on every row.")
    name_column: str = parameter(
        default="column", min_length=1, help="The name of the new column with the former columns' names."
    )
    value_column: str = parameter(
        default="value", min_length=1, help="The name of the new column with the values."
    )
    skip_missing: bool = parameter(default=False, help="Leave out rows whose value is missing.")

    def plan(self, schema: Mapping[str, pl.DataType]) -> tuple[list[str], list[str], pl.DataType]:
        """The columns to turn, those to repeat, and the type of the values; raises `NodeFailed`."""
        turned = self.columns.resolve(schema)
        if not turned:
            raise NodeFailed(f"no column is chosen ({self.columns}); choose at least one")
        kept = [name for name in self.kept.resolve(schema) if name not in turned]
        dtype = schema[turned[0]]
        for name in turned[1:]:
            common = common_type(dtype, schema[name], mix_numbers=True)
            if common is None:
                raise NodeFailed(
                    f'"{shorten(turned[0])}" is {in_words(schema[turned[0]])}, but "{shorten(name)}" is '
                    f"{in_words(schema[name])}; choose columns of one type, or convert them before"
                )
            dtype = common
        return turned, kept, dtype

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        turned, kept, dtype = self.plan(schema_of(table))
        if ops.is_polars(table):
            frame: pl.LazyFrame = table.to_native()
            wide = frame.select(
                cs.by_name(*kept) if kept else cs.empty(),
                pl.concat_arr([cs.by_name(name).as_expr().cast(dtype) for name in turned]).alias(
                    self.value_column
                ),
            )
            place = pl.int_range(pl.len()) % len(turned)
            former = pl.lit(pl.Series(turned, dtype=pl.String)).gather(place).alias(self.name_column)
            exploded = wide.explode(cs.by_name(self.value_column))
            long = ops.select(
                nw.from_native(exploded.with_columns(former)), [*kept, self.name_column, self.value_column]
            )
        else:
            long = self._portable(table, turned, kept, dtype)
        if self.skip_missing:
            names = ops.names_of(long)
            long = long.filter(~ops.column(self.value_column, names).is_null())
        return long

    def _portable(self, table: Any, turned: list[str], kept: list[str], dtype: pl.DataType) -> Any:
        row, place = ops.fresh_names([*kept, self.name_column, self.value_column], "row", "place")
        numbered = ops.number_rows(table, row)
        schema = table.collect_schema()
        target = nw.from_native(pl.LazyFrame(schema={"x": dtype})).collect_schema()["x"]
        parts = [
            numbered.select(
                row,
                *kept,
                nw.lit(number).alias(place),
                nw.lit(name).alias(self.name_column),
                (nw.col(name) if schema[name] == target else nw.col(name).cast(target)).alias(
                    self.value_column
                ),
            )
            for number, name in enumerate(turned)
        ]
        stacked = reduce(lambda one, other: nw.concat([one, other]), parts)
        return ops.select(stacked.sort(row, place), [*kept, self.name_column, self.value_column])

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        try:
            _, kept, _ = self.plan(inputs["table"].columns)
        except NodeFailed as error:
            return [Fault("columns", str(error))]
        held = dict.fromkeys(kept)
        if self.name_column == self.value_column:
            return [Fault("value_column", "the two new columns cannot have the same name")]
        return taken([self.name_column], held, "name_column") + taken(
            [self.value_column], held, "value_column"
        )

    def summary(self) -> str:
        return f"{self.columns} to rows"[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        turned, kept, dtype = self.plan(schema)
        source, result = script.input("table"), script.output("table")
        series = f"pl.Series([{turned!r}], dtype=pl.Array(pl.String, {len(turned)}))"
        names = f"pl.lit({series}).first().alias({self.name_column!r})"
        values = f"pl.concat_arr([cs.by_name(n).as_expr().cast(pl.{dtype!r}) for n in {turned!r}])"
        script.add(
            f"{result} = {source}.select(",
            f"    cs.by_name(*{kept!r})," if kept else "    cs.empty(),",
            f"    {names},",
            f"    {values}.alias({self.value_column!r}),",
            f").explode([cs.by_name({self.name_column!r}), cs.by_name({self.value_column!r})])",
        )
        if self.skip_missing:
            script.add(f"{result} = {result}.drop_nulls(cs.by_name({self.value_column!r}))")
