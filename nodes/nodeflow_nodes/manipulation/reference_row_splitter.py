"""Reference Row Splitter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec
from nodeflow_nodes.manipulation.joiner import JOIN_TABLES
from nodeflow_nodes.manipulation.reference_row_filter import ReferenceKey, ReferenceRowFilter

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class SplitByReference(NamedTuple):
    """The two tables."""

    found: nw.LazyFrame
    not_found: nw.LazyFrame


class ReferenceRowSplitter(Node):
    """Divide the rows by whether their keys occur in another table.

    Every row goes to one of the outputs, once, whatever the reference table has. A missing key occurs
    nowhere. The order of the rows stays.

    Inputs:
        table: The table to divide.
        reference: The table with the keys.
    Outputs:
        found: The rows whose keys are in the reference.
        not_found: All other rows.
    """

    category = "Manipulation / Row"
    keywords = ("unmatched rows", "semi join", "anti join", "isin", "split by list", "known and unknown")

    keys: list[ReferenceKey] = parameter(
        default=[], help="The columns that must be equal. Without any, the columns of the same name."
    )

    def _filters(self) -> tuple[ReferenceRowFilter, ReferenceRowFilter]:
        return ReferenceRowFilter(keys=self.keys), ReferenceRowFilter(keys=self.keys, keep="not found")

    def run(self, table: nw.LazyFrame, reference: nw.LazyFrame) -> SplitByReference:
        return SplitByReference(*(one.run(table, reference) for one in self._filters()))

    def spec(self, inputs: Mapping[str, Any]) -> dict[str, Spec | None]:
        return {"found": inputs["table"], "not_found": inputs["table"]}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return self._filters()[0].check(inputs)

    def summary(self) -> str:
        names = [one.column for one in self.keys]
        return (", ".join(names) or "columns of the same name")[:80]

    def export_python(self, script: PythonScript) -> None:
        for line in ("import polars as pl", "import polars.selectors as cs"):
            script.require(line)
        script.define("join_tables", JOIN_TABLES)
        keys = repr([(str(one.column), str(one.reference)) for one in self.keys]) if self.keys else "None"
        source, reference = script.input("table"), script.input("reference")
        for port, how in (("found", "semi"), ("not_found", "anti")):
            script.add(f"{script.output(port)} = join_tables({source}, {reference}, {keys}, how={how!r})")
