"""Multiple Testing Correction."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class MultipleTestingCorrection(Node):
    """Correct p-values for having made many tests, so that chance finds are not taken for effects.

    | method | what it keeps small |
    |---|---|
    | Holm | the chance of even one false find; never weaker than Bonferroni |
    | Bonferroni | the same, each p times the number of tests |
    | Hochberg | the same for independent tests, sharper than Holm |
    | Benjamini-Hochberg | the share of false ones among the finds (false discovery rate), for independent tests |
    | Benjamini-Yekutieli | the same for tests that depend on each other |

    Missing p-values stay missing and do not count as tests. Rows keep their order.

    Inputs:
        table: The table with p-values, such as the tests of one or more test nodes, one below the other.
    Outputs:
        table: The same with the corrected p-values, and whether each is significant.
    """

    category = "Statistics / Tests"
    keywords = (
        "bonferroni", "holm", "fdr", "false discovery rate", "benjamini-hochberg", "p.adjust", "multipletests", "q-value",
        "family-wise error",
    )  # fmt: skip

    p: Column = parameter(
        default=Column("p"), types=("number",), label="p-values", help="The column with the p-values."
    )
    method: Literal["Holm", "Bonferroni", "Hochberg", "Benjamini-Hochberg", "Benjamini-Yekutieli"] = (
        parameter(default="Holm", help="How they are corrected; see above.")
    )
    significance: float = parameter(
        default=0.05, above=0.0, below=1.0, help="Below which a corrected p counts as significant."
    )
    corrected_column: str = parameter(
        default="corrected_p", min_length=1, help="The name of the new column of p-values."
    )
    significant_column: str = parameter(
        default="significant", help="The name of the new column of true and false; empty for none."
    )

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        p = cs.by_name(self.p).as_expr().cast(pl.Float64)
        is_usable = p.is_between(0, 1)  # anything else is no p-value: its correction is missing
        p = pl.when(is_usable).then(p)
        corrected = _corrected(p, self.method)
        table = table.with_columns(corrected.alias(self.corrected_column))
        if self.significant_column:
            found = cs.by_name(self.corrected_column).as_expr() < self.significance
            table = table.with_columns(found.alias(self.significant_column))
        return table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        faults = taken([self.corrected_column], inputs["table"].columns, "corrected_column")
        new = [self.corrected_column, *([self.significant_column] if self.significant_column else [])]
        return faults or taken(new, inputs["table"].columns, "significant_column")

    def summary(self) -> str:
        return f"{self.method} of {self.p}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col

        script.require("import polars as pl")
        script.define("corrected", inspect.getsource(_corrected).replace("def _corrected", "def corrected"))
        source, result = script.input("table"), script.output("table")
        p = f"{col(script, self.p)}.cast(pl.Float64)"
        script.add(
            f"p = pl.when({p}.is_between(0, 1)).then({p})",
            f"{result} = {source}.with_columns(corrected(p, {self.method!r}).alias({self.corrected_column!r}))",
        )
        if self.significant_column:
            test = f"{col(script, self.corrected_column)} < {self.significance!r}"
            script.add(f"{result} = {result}.with_columns(({test}).alias({self.significant_column!r}))")


def _corrected(p: pl.Expr, method: str) -> pl.Expr:
    """The corrected p-values as an expression over the whole column."""
    tests, rank = p.count().cast(pl.Float64), p.rank("ordinal")
    if method == "Bonferroni":
        return (p * tests).clip(0, 1)
    # the others go through the p-values in order and never let a smaller one end up above a larger one
    factor = tests / rank if method.startswith("Benjamini") else tests - rank + 1
    if method == "Benjamini-Yekutieli":
        factor = factor * (1 / pl.int_range(1, p.count() + 1).cast(pl.Float64)).sum()
    in_order = (p * factor).sort_by(rank, nulls_last=True)
    monotone = in_order.cum_max() if method == "Holm" else in_order.cum_min(reverse=True)
    return monotone.clip(0, 1).gather(rank - 1)
