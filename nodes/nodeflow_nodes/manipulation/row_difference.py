"""Row Difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from nodeflow import ops
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class RowDifference(Node):
    """Tell how much a number has changed since the row before.

    As a difference, or as a share of the earlier value: 0.1 is ten percent more. The first row has none,
    nor has a row with a missing value or after one; a share of zero is missing. With groups, rows of other
    groups are passed over. The order of the rows counts: sort before.

    Inputs:
        table: The table in its order.
    Outputs:
        table: The table with a further column for each column.
    """

    category = "Manipulation / Row"
    keywords = (
        "difference",
        "diff",
        "pct_change",
        "change",
        "growth rate",
        "delta",
        "previous row",
        "time series",
    )

    columns: Columns = parameter(default=Columns.typed("number"), help="The number columns.")
    told_as: Literal["difference", "share"] = parameter(
        default="difference", label="As", help="The difference itself, or its share of the earlier value."
    )
    back: int = parameter(default=1, minimum=1, maximum=100_000, unit="rows", help="How many rows before.")
    groups: Columns = parameter(
        default=Columns.of(),
        label="For each",
        help="Look only at rows with the same values in these columns.",
    )

    def _named(self, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
        groups = set(self.groups.resolve(schema))
        return {
            name: f"{name} (change)"
            for name in self.columns.resolve(schema)
            if name not in groups and is_family(schema[name], ("number",))
        }

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        named = self._named(schema)
        names = list(schema)
        helpers = ops.fresh_names([*names, *named.values()], *(f"before_{i}" for i in range(len(named))))
        windows = [
            ops.Window("shift", name, helper, self.back) for name, helper in zip(named, helpers, strict=True)
        ]
        shifted = ops.window(table, windows, self.groups.resolve(schema)) if windows else table
        inner = ops.names_of(shifted)
        computed = []
        for (name, new), helper in zip(named.items(), helpers, strict=True):
            before = nw.col(helper)
            change = ops.column(name, inner) - before
            if self.told_as == "share":
                change = nw.when(before != 0).then(change / before)
            computed.append(change.alias(new))
        found = shifted.with_columns(*computed) if computed else shifted
        return ops.select(found, [*names, *named.values()])

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        named = self._named(schema)
        if not named:
            return [Fault("columns", f"no number column is chosen ({self.columns}); choose one")]
        unsigned = [name for name in named if type(schema[name]).__name__.startswith("UInt")]
        if unsigned:
            return [
                Fault(
                    "columns", f'"{unsigned[0][:60]}" holds no negative numbers; convert it to integer first'
                )
            ]
        return taken(list(named.values()), schema, "columns")

    def summary(self) -> str:
        return f"{self.told_as} of {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col, cols

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        groups = self.groups.resolve(schema)
        over = f".over({cols(script, groups)})" if groups else ""
        lines = []
        for name, new in self._named(schema).items():
            value = col(script, name)
            before = f"{value}.shift({self.back}){over}"
            change = f"({value} - {before})"
            if self.told_as == "share":
                change = f"pl.when({before} != 0).then({change} / {before})"
            lines.append(f"    {change}.alias({new!r}),")
        source, result = script.input("table"), script.output("table")
        script.add(f"{result} = {source}.with_columns(", *lines, ")")
