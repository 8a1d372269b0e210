"""Row to Header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import parameter
from nodeflow_nodes.io._text_columns import typed_texts

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class RowToHeader(Node):
    """Take the names of the columns from a row of the table.

    That row and, if wanted, those above it leave the table. A missing or empty name becomes "column 1",
    "column 2" and so on by its place; a name that comes twice gets a number: name, name (2). Texts whose
    values all are numbers, truth values or dates once the row is gone get that type, unless types are to
    stay. The table is held in memory.

    Inputs:
        table: The table with the names in a row.
    Outputs:
        table: The other rows under these names.
    """

    category = "Manipulation / Row"
    keywords = (
        "promote headers",
        "first row as header",
        "column header",
        "insert column header",
        "header row",
    )

    row: int = parameter(default=1, minimum=1, help="The row with the names, counted from 1.")
    drop_above: bool = parameter(default=True, help="Leave out the rows above it as well.")
    find_types: bool = parameter(
        default=True, help="Give text columns the type that all their values have; otherwise they stay text."
    )

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        if table.height < self.row:
            raise NodeFailed(
                f"the table has {table.height:,} rows, so there is no row {self.row:,} to take the names from"
            )
        header = [column.cast(pl.String)[self.row - 1] for column in table.get_columns()]
        body = table.slice(self.row)
        if not self.drop_above:
            body = pl.concat([table.head(self.row - 1), body])
        names = _unique([(name or "").strip() or f"column {place}" for place, name in enumerate(header, 1)])
        found = body.rename(dict(zip(body.columns, names, strict=True)))
        return _typed(found) if self.find_types else found

    def summary(self) -> str:
        return f"row {self.row:,}"

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the names come from the data")


def _unique(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        new, number = name, 1
        while new in found:
            number += 1
            new = f"{name} ({number})"
        found.append(new)
    return found


def _typed(table: pl.DataFrame) -> pl.DataFrame:
    """The text columns in the types that all their values have."""
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    plain = pl.DataFrame([table[name] for name in texts])
    found = typed_texts(plain, types={}, missing=[""], place=lambda row, name: f"row {row}")
    return table.with_columns(found.get_columns())
