"""GroupBy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow import ops
from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Record, family, is_family, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw
    import polars as pl

    from nodeflow.export.python import PythonScript

Function = Literal[
    "sum",
    "mean",
    "median",
    "min",
    "max",
    "range",
    "std",
    "var",
    "quartile_1",
    "quartile_3",
    "count",
    "missing",
    "n_distinct",
    "first",
    "last",
    "mode",
    "list",
    "distinct_list",
    "concat",
    "distinct_concat",
]


class Aggregation(Record):
    """One column to summarise."""

    column: Column = parameter(help="The column to summarise.")
    function: Function = parameter(default="sum", help="How its values in a group become one value.")
    name: str = parameter(
        default="", help="The name of the result; by default made from column and function."
    )


class ColumnsAggregation(Record):
    """Many columns to summarise in the same way."""

    columns: Columns = parameter(help="The columns to summarise, by name, type or pattern.")
    function: Function = parameter(default="sum", help="How the values in a group become one value.")


class GroupBy(Node):
    """Summarise groups of rows: one row for all rows with the same values in the group columns.

    Groups come in the order of their first row. Without group columns the whole table is one group,
    and there is one row even if the table is empty. Without anything to summarise, the result is the
    distinct combinations of the group columns.

    Missing values are left out of a summary, except by "first", "last" and "list", which take what is
    there, and "missing", which counts them. The sum of nothing is 0; every other summary of nothing is
    missing, counts are 0. Of several most frequent values, "mode" takes the one that comes first.
    "std" and "var" are those of a sample (divided by n - 1) and missing for a single value. Quartiles
    are interpolated linearly. True counts as 1 and false as 0 in "sum", "mean" and "median". "concat"
    joins the values by a comma and a blank, "list" makes a list column.

    Inputs:
        table: The table to summarise.
    Outputs:
        table: One row a group: the group columns, then the summaries.
    """

    id = "group_by"
    name = "GroupBy"
    category = "Manipulation / Table"
    keywords = (
        "aggregate",
        "group by",
        "summarise",
        "summarize",
        "sum",
        "mean",
        "count",
        "pivot table",
        "subtotal",
        "distinct",
        "countif",
        "sumif",
    )

    keys: Columns = parameter(
        default=Columns.of(), label="Group columns", help="The columns whose equal values make a group."
    )
    aggregations: list[Aggregation] = parameter(default=[], help="Columns to summarise, one by one.")
    column_aggregations: list[ColumnsAggregation] = parameter(
        default=[],
        label="Aggregations by type or pattern",
        help="Many columns to summarise alike. Group columns, and columns of a type that the function does "
        "not take, are left out.",
    )
    row_count: str = parameter(
        default="",
        label="Column with the number of rows",
        help="Name of a column with the number of rows in each group. Empty for none.",
    )
    naming: Literal["column_function", "function_column", "column"] = parameter(
        default="column_function",
        help="The names of summaries without a name of their own: amount_sum, sum_amount or just amount.",
    )
    missing_keys: Literal["group", "drop"] = parameter(
        default="group",
        label="Missing group values",
        help="Whether rows with a missing value in a group column form groups too, or are left out.",
    )

    def planned(self, schema: Mapping[str, pl.DataType]) -> list[ops.Aggregation]:
        """Every summary of a table with this schema; raises `NodeFailed` where one cannot be."""
        keys = self.keys.resolve(schema)
        plan = []
        for one in self.aggregations:
            families = ops.FUNCTIONS[one.function].families
            if families and not is_family(schema[one.column], families):
                raise NodeFailed(
                    f'"{one.function}" of "{shorten(one.column)}" is not possible: the column is '
                    f"{family(schema[one.column])}, not {' or '.join(families)}; choose another function "
                    "or convert the column"
                )
            plan.append(
                ops.Aggregation(one.column, one.function, one.name or self._name(one.column, one.function))
            )
        for many in self.column_aggregations:
            families = ops.FUNCTIONS[many.function].families
            plan += [
                ops.Aggregation(name, many.function, self._name(name, many.function))
                for name in many.columns.resolve(schema)
                if name not in keys and (not families or is_family(schema[name], families))
            ]
        names = [*keys, *(one.name for one in plan), *([self.row_count] if self.row_count else [])]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise NodeFailed(
                    f'two columns of the result would be named "{shorten(name)}"; name one otherwise'
                )
        if not names:
            raise NodeFailed("nothing to do: choose group columns, or columns to summarise")
        return plan

    def _name(self, column: str, function: str) -> str:
        if self.naming == "column":
            return column
        return f"{column}_{function}" if self.naming == "column_function" else f"{function}_{column}"

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        keys = self.keys.resolve(schema)
        plan = self.planned(schema)
        if self.missing_keys == "drop":
            for name in keys:
                table = table.filter(~ops.column(name, list(schema)).is_null())
        return ops.group(table, keys, plan, count=self.row_count)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs:
            try:
                self.planned(inputs["table"].columns)
            except NodeFailed as error:
                return [Fault("aggregations", str(error))]
        return ()

    def summary(self) -> str:
        parts = [f"{one.function}({one.column})" for one in self.aggregations]
        parts += [f"{one.function}({one.columns})" for one in self.column_aggregations]
        parts += ["rows"] if self.row_count else []
        what = ", ".join(parts) or "distinct values"
        return f"{what} by {self.keys}"[:80] if self.keys != Columns.of() else what[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars as pl")
        source = script.input("table")
        lines = []
        for one in self.aggregations:
            name = one.name or self._name(one.column, one.function)
            lines.append(f"{col(script, one.column)}{ops.FUNCTIONS[one.function].source}.alias({name!r})")
        keys = f"[{', '.join(col(script, name) for name in self.keys.names)}]"
        if not self.keys.only_named:
            script.cannot_express("group columns chosen by type or pattern")
        for many in self.column_aggregations:
            script.require("import polars.selectors as cs")
            chosen = f"(({selector_source(many.columns)}) - cs.by_name(*{list(self.keys.names)!r}))"
            families = ops.FUNCTIONS[many.function].families
            if families:
                chosen = f"({chosen} & ({selector_source(Columns.typed(*families))}))"
            naming = {
                "column": "",
                "column_function": f'.name.suffix("_{many.function}")',
                "function_column": f'.name.prefix("{many.function}_")',
            }
            lines.append(f"{chosen}{ops.FUNCTIONS[many.function].source}{naming[self.naming]}")
        if self.row_count:
            lines.append(f"pl.len().cast(pl.Int64).alias({self.row_count!r})")
        result = script.output("table")
        if self.missing_keys == "drop" and self.keys.names:
            source = f"{source}.drop_nulls({keys})"
        if self.keys.names:
            script.add(f"{result} = {source}.group_by({keys}, maintain_order=True).agg(")
        else:
            script.add(f"{result} = {source}.select(")
        script.add(*(f"    {line}," for line in lines), ")")
