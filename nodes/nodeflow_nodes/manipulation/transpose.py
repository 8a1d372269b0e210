"""Transpose."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.manipulation._types import common_type

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

MOST_ROWS = 20_000


class Transpose(Node):
    """Turn rows into columns and columns into rows.

    The former column names stand in the first column. The new columns are called by the values of a
    column, or "row 1", "row 2" and so on. Columns of different types become texts. The table is held in
    memory and may have at most 20,000 rows, each of which becomes a column.

    Inputs:
        table: The table to turn.
    Outputs:
        table: The turned table.
    """

    category = "Manipulation / Table"
    keywords = ("flip", "rotate", "swap rows and columns", "T", "matrix")

    header: Column | None = parameter(
        default=None,
        label="Names from",
        help="The column whose values name the new columns; it must have no value twice.",
    )
    name_column: str = parameter(
        default="column", min_length=1, help="The name of the column with the former column names."
    )

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        if table.height > MOST_ROWS:
            raise NodeFailed(
                f"the table has {table.height:,} rows, which would be as many columns; at most {MOST_ROWS:,} are "
                "possible: filter, sample or group it first"
            )
        try:
            return transposed(table, self.header, self.name_column, _type_of(self._body(table.schema)))
        except ValueError as error:
            raise NodeFailed(f"{error}; choose another column for the names") from None

    def _body(self, schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
        return {name: dtype for name, dtype in schema.items() if name != self.header}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs and set(inputs["table"].columns) <= {self.header}:
            return [
                Fault(
                    "header", "there is no other column to turn; choose another column for the names, or none"
                )
            ]
        return ()

    def summary(self) -> str:
        return f"named by {self.header}"[:80] if self.header is not None else ""

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        script.define("transposed", inspect.getsource(transposed))
        dtype = f"pl.{_type_of(self._body(schema))!r}"
        header = None if self.header is None else str(self.header)
        call = f"transposed({script.input('table')}.collect(), {header!r}, {self.name_column!r}, {dtype})"
        script.add(f"{script.output('table')} = {call}.lazy()")


def _type_of(schema: Mapping[str, pl.DataType]) -> pl.DataType:
    """The type that holds the values of all columns; text where they have none in common."""
    types = list(schema.values())
    common: pl.DataType | None = types[0] if types else pl.String()
    for one in types[1:]:
        common = None if common is None else common_type(common, one, mix_numbers=True)
    return common if common is not None else pl.String()


def transposed(table: pl.DataFrame, header: str | None, name_column: str, dtype: pl.DataType) -> pl.DataFrame:
    """Rows as columns of this type, named by the values of the column `header`."""
    names = [f"row {number}" for number in range(1, table.height + 1)]
    body = pl.DataFrame([one for one in table.get_columns() if one.name != header])
    if header is not None:
        names = table[header].cast(pl.String).fill_null("(missing)").to_list()
    seen = {name_column}
    for name in names:
        if name in seen:
            raise ValueError(f'two columns would be called "{name[:80]}"')
        seen.add(name)
    former = pl.Series(name_column, body.columns, dtype=pl.String)
    rows = body.select(pl.all().cast(dtype)).iter_rows()
    turned = [pl.Series(name, list(row), dtype=dtype) for name, row in zip(names, rows, strict=True)]
    return pl.DataFrame([former, *turned])
