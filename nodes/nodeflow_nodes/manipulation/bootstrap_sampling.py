"""Bootstrap Sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Seed, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class BootstrapParts(NamedTuple):
    """The sample and the rest."""

    sample: nw.LazyFrame
    left_out: nw.LazyFrame


class BootstrapSampling(Node):
    """Draw as many rows as there are, with replacement.

    Some rows are drawn several times, about a third not at all: those are the second output, on which a
    model learned from the sample can be tried. The sample stands in the order of the table, the repeats
    of a row behind each other. The same seed draws the same rows on every machine.

    Inputs:
        table: The table to draw from.
    Outputs:
        sample: The drawn rows.
        left_out: The rows that were never drawn.
    """

    category = "Manipulation / Row"
    keywords = ("bootstrap", "resample", "with replacement", "out of bag", "bagging", "sample")

    seed: Seed | None = parameter(default=None, help="Another seed draws other rows.")

    def run(self, table: nw.LazyFrame) -> BootstrapParts:
        names = ops.names_of(table)
        row, key, total, drawn = ops.fresh_names(names, "row", "key", "total", "drawn")
        numbered = ops.number_rows(table, row)
        keyed = ops.add_order_key(numbered.select(row), row, key, self.seed or 0)
        # the key is spread evenly over 31 bits, so its share of the rows is a fair draw
        draws = keyed.with_columns(nw.len().cast(nw.Int64()).alias(total))
        number = (nw.col(key) * nw.col(total)) // (2**31 - 1)
        draws = draws.select(number.cast(nw.Int64()).alias(drawn))
        sample = ops.join(numbered, draws, [(row, drawn)], "inner")
        left_out = ops.join(numbered, draws, [(row, drawn)], "anti")
        return BootstrapParts(ops.select(sample, names), ops.select(left_out, names))

    def summary(self) -> str:
        return "" if self.seed is None else f"seed {self.seed}"

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("drawing with replacement is not exported")
