"""Reference Row Filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Record, parameter
from nodeflow.values.specs import Spec
from nodeflow_nodes.manipulation.joiner import JOIN_TABLES, Joiner, JoinKey

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class ReferenceKey(Record):
    """A column of the table and the column of the reference in which its values must occur."""

    column: Column = parameter(help="The column of the table.", port="table")
    reference: Column = parameter(help="The column of the reference table.", port="reference")


class ReferenceRowFilter(Node):
    """Keep the rows whose keys occur in another table, or those whose keys do not.

    No row is repeated, whatever the reference table has. A missing key occurs nowhere. The order of the
    rows stays.

    Inputs:
        table: The table to filter.
        reference: The table with the keys.
    Outputs:
        table: The rows that are kept.
    """

    category = "Manipulation / Row"
    keywords = (
        "semi join",
        "anti join",
        "in list",
        "isin",
        "exists",
        "whitelist",
        "blacklist",
        "row filter by list",
    )

    keys: list[ReferenceKey] = parameter(
        default=[], help="The columns that must be equal. Without any, the columns of the same name."
    )
    keep: Literal["found", "not found"] = parameter(
        default="found", help="Whether rows are kept whose keys are found in the reference, or the others."
    )

    def _joiner(self) -> Joiner:
        keys = [JoinKey(left=one.column, right=one.reference) for one in self.keys]
        return Joiner(kind="semi" if self.keep == "found" else "anti", keys=keys)

    def run(self, table: nw.LazyFrame, reference: nw.LazyFrame) -> nw.LazyFrame:
        return self._joiner().run(table, reference)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or "reference" not in inputs:
            return ()
        return self._joiner().check({"left": inputs["table"], "right": inputs["reference"]})

    def summary(self) -> str:
        names = [one.column for one in self.keys]
        return f"{', '.join(names) or 'columns of the same name'} {self.keep}"[:80]

    def export_python(self, script: PythonScript) -> None:
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("join_tables", JOIN_TABLES)
        joiner = self._joiner()
        keys = repr(joiner.pairs({}, {})) if self.keys else "None"
        source, reference = script.input("table"), script.input("reference")
        script.add(
            f"{script.output('table')} = join_tables({source}, {reference}, {keys}, how={joiner.kind!r})"
        )
