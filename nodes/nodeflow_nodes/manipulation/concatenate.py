"""Concatenate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import narwhals as nw
import polars as pl

from nodeflow import ops
from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._types import common_type, in_words, way_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nodeflow.export.python import PythonScript


class Concatenate(Node):
    """Put the rows of several tables below each other.

    Columns are matched by name, wherever they stand. Rows keep their order: first all rows of the
    first table, then those of the second, and so on. No row is taken out, even if it comes twice.

    With "union" the result has every column of any table, those of the first table first; where a
    table lacks a column its values are missing. With "intersection" it has only the columns that
    all tables have. A column must be of the same type everywhere, but whole numbers and decimal
    numbers become decimal numbers, categories and text become text, and a column without any value
    fits every type.

    Inputs:
        tables: The tables, in the order in which they are connected.
    Outputs:
        table: All rows.
    """

    category = "Manipulation / Row"
    keywords = ("union", "append", "rbind", "concat", "stack", "merge rows", "union all", "bind rows")

    columns: Literal["union", "intersection"] = parameter(
        default="union", help="Whether all columns are kept, or only those that every table has."
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a column that tells the table a row is from: 1 for the first, 2 for the second. "
        "Empty for none.",
    )

    def result_schema(self, schemas: Sequence[Mapping[str, pl.DataType]]) -> dict[str, pl.DataType]:
        """Names and types of the result; raises `NodeFailed` where types do not fit."""
        if not schemas:
            raise NodeFailed("no table is connected; connect at least one")
        result: dict[str, pl.DataType] = {}
        origin: dict[str, int] = {}
        for number, schema in enumerate(schemas, 1):
            for name, dtype in schema.items():
                held = result.setdefault(name, dtype)
                common = common_type(held, dtype, mix_numbers=True)
                if common is None:
                    raise NodeFailed(
                        f'column "{shorten(name)}" is {in_words(held)} in table {origin[name]} but '
                        f"{in_words(dtype)} in table {number}; {way_out(held, dtype)}"
                    )
                result[name] = common
                origin.setdefault(name, number)
        if self.columns == "intersection":
            result = {name: t for name, t in result.items() if all(name in schema for schema in schemas)}
            if not result:
                raise NodeFailed('the tables have no column in common; set columns to "union"')
        if self.source:
            if self.source in result:
                raise NodeFailed(
                    f'the tables have a column "{shorten(self.source)}" already; name the source column '
                    "otherwise"
                )
            result[self.source] = pl.Int64()
        return result

    def run(self, tables: list[nw.LazyFrame]) -> nw.LazyFrame:
        result = self.result_schema([schema_of(table) for table in tables])
        wanted = nw.from_native(pl.LazyFrame(schema=result)).collect_schema()
        parts = []
        for number, table in enumerate(tables, 1):
            schema = table.collect_schema()
            names = list(schema)
            chosen = []
            for name in names:
                if name in wanted:
                    expr = ops.column(name, names)
                    chosen.append(expr if schema[name] == wanted[name] else expr.cast(wanted[name]))
            if self.source:
                chosen.append(nw.lit(number).cast(nw.Int64).alias(self.source))
            parts.append(table.select(*chosen))
        return ops.select(nw.concat(parts, how="diagonal"), list(wanted))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "tables" not in inputs:
            return ()
        try:
            self.result_schema([spec.columns for spec in inputs["tables"]])
        except NodeFailed as error:
            place = "source" if "source column" in str(error) else "columns"
            return [Fault(place, str(error))]
        return ()

    def summary(self) -> str:
        return self.columns

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        if self.columns == "intersection":
            script.require("import polars.selectors as cs")
            script.define("common_columns", _COMMON)
        frames = script.input_list("tables")
        if self.source:
            frames = [
                f"{frame}.with_columns(pl.lit({number}, pl.Int64).alias({self.source!r}))"
                for number, frame in enumerate(frames, 1)
            ]
        listed = f"[{', '.join(frames)}]"
        if self.columns == "intersection":
            listed = f"common_columns({listed})"
        result = script.output("table")
        script.add(f'{result} = pl.concat({listed}, how="diagonal_relaxed")')
        if self.source:
            name = self.source
            script.require("import polars.selectors as cs")
            script.add(f"{result} = {result}.select(cs.all() - cs.by_name({name!r}), cs.by_name({name!r}))")


_COMMON = '''
def common_columns(frames):
    """The frames with only the columns that all of them have, in the order of the first."""
    kept = [n for n in frames[0].collect_schema() if all(n in f.collect_schema() for f in frames)]
    return [frame.select(cs.by_name(*kept)) for frame in frames]
'''
