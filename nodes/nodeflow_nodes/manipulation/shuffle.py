"""Shuffle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Seed, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class Shuffle(Node):
    """Put the rows into a random order.

    The same seed gives the same order on every machine.

    Inputs:
        table: The table to shuffle.
    Outputs:
        table: The same rows in another order.
    """

    category = "Manipulation / Row"
    keywords = ("random order", "permute", "randomize", "mix", "sample")

    seed: Seed | None = parameter(default=None, help="Another seed gives another order.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        names = ops.names_of(table)
        row, key = ops.fresh_names(names, "row", "key")
        keyed = ops.add_order_key(ops.number_rows(table, row), row, key, self.seed or 0)
        return ops.select(ops.sort(keyed, [(key, False)]), names)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        found: Spec = inputs["table"]
        return found

    def summary(self) -> str:
        return "" if self.seed is None else f"seed {self.seed}"

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.partition import export_order

        export_order(script, script.input("table"), script.output("table"), self.seed)
