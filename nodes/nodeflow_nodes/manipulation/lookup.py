"""Lookup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Record, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation.joiner import JOIN_TABLES, Joiner, JoinKey

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript


class LookupKey(Record):
    """A column of the table and the column of the dictionary in which it is looked up."""

    column: Column = parameter(help="The column of the table.", port="table")
    entry: Column = parameter(help="The column of the dictionary.", port="dictionary")


class Lookup(Node):
    """Look up each row in another table and add what is found there.

    Every row of the table stays, once and in its place: where the dictionary has several rows with the
    same key, the first or the last of them counts. Rows that are not found get missing values. A
    missing key is never found. Columns whose names the table has already get the ending.

    Inputs:
        table: The table whose rows are looked up.
        dictionary: The table in which they are looked up.
    Outputs:
        table: The table with the columns that were found.
    """

    category = "Manipulation / Table"
    keywords = (
        "value lookup",
        "cell replacer",
        "vlookup",
        "xlookup",
        "dictionary",
        "map",
        "enrich",
        "binner dictionary",
    )

    keys: list[LookupKey] = parameter(
        default=[], help="The columns that must be equal. Without any, the columns of the same name."
    )
    columns: Columns = parameter(
        default=Columns.all(),
        help="The columns of the dictionary to add, besides its keys.",
        port="dictionary",
    )
    several: Literal["first", "last"] = parameter(
        default="first",
        label="Of several",
        help="Which row of the dictionary counts when a key occurs more than once.",
    )
    suffix: str = parameter(
        default="_found",
        min_length=1,
        label="Ending",
        help="Put behind the name of a new column when the name is taken.",
    )

    def _joiner(self) -> Joiner:
        keys = [JoinKey(left=one.column, right=one.entry) for one in self.keys]
        return Joiner(kind="left", keys=keys, suffix=self.suffix)

    def _wanted(
        self, table: Mapping[str, pl.DataType], dictionary: Mapping[str, pl.DataType]
    ) -> tuple[list[str], list[str]]:
        """The keys of the dictionary, and all its columns that are used."""
        keys = [right for _, right in self._joiner().pairs(table, dictionary)]
        chosen = set(self.columns.resolve(dictionary))
        return keys, [name for name in dictionary if name in chosen or name in keys]

    def run(self, table: nw.LazyFrame, dictionary: nw.LazyFrame) -> nw.LazyFrame:
        keys, wanted = self._wanted(schema_of(table), schema_of(dictionary))
        entries = ops.distinct(ops.select(dictionary, wanted), keys, self.several)
        return self._joiner().run(table, entries)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or "dictionary" not in inputs:
            return ()
        faults = self._joiner().check({"left": inputs["table"], "right": inputs["dictionary"]})
        if faults:
            return faults
        keys, wanted = self._wanted(inputs["table"].columns, inputs["dictionary"].columns)
        if set(wanted) == set(keys):
            return [Fault("columns", "the dictionary has no column to add besides its keys; choose one")]
        return ()

    def summary(self) -> str:
        pairs = [k.column if k.column == k.entry else f"{k.column} = {k.entry}" for k in self.keys]
        return f"by {', '.join(pairs) or 'columns of the same name'}"[:80]

    def export_python(self, script: PythonScript) -> None:
        table, dictionary = script.schema("table"), script.schema("dictionary")
        if table is None or dictionary is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("join_tables", JOIN_TABLES)
        keys, wanted = self._wanted(table, dictionary)
        pairs = self._joiner().pairs(table, dictionary)
        entries = f"{script.input('dictionary')}.select(cs.by_name(*{wanted!r}))"
        entries += f".unique(cs.by_name(*{keys!r}), keep={self.several!r}, maintain_order=True)"
        source = script.input("table")
        script.add(
            f"{script.output('table')} = join_tables(",
            f"    {source}, {entries},",
            f"    {pairs!r}, how='left', suffix={self.suffix!r},",
            ")",
        )
