"""Pivot."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw

from nodeflow import ops
from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, Record, family, is_family, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

Function = Literal["sum", "mean", "median", "min", "max", "std", "count", "n_distinct", "first", "last"]

MOST_COLUMNS = 2_000
"""New columns at most: a column with more different values is rarely meant to become columns."""

MISSING = "(missing)"


class PivotValue(Record):
    """A column to summarise in each cell."""

    column: Column = parameter(help="The column to summarise.")
    function: Function = parameter(default="sum", help="How the values of a cell are summarised.")


class Pivot(Node):
    """Spread the values of a column over new columns: a cross table.

    The result has a row for each combination of the row columns, in the order of their first
    appearance, and a column for each value of the pivot column. A cell holds the summary of the rows
    that belong to it, or their number where nothing is chosen to summarise. Cells without a row are
    missing, counts are 0.

    The values that become columns are found in the data, in the order of their first appearance or
    sorted, at most 2,000. List them to choose and arrange them yourself: the columns are then known
    before anything runs, whatever the data hold.

    Inputs:
        table: The long table.
    Outputs:
        table: The cross table.
    """

    category = "Manipulation / Table"
    keywords = (
        "pivoting",
        "crosstab",
        "cross table",
        "long to wide",
        "pivot_table",
        "spread",
        "pivot_wider",
        "contingency",
    )

    rows: Columns = parameter(default=Columns.of(), help="The columns whose values make the rows.")
    column: Column = parameter(
        label="Pivot column",
        help="The column whose values become columns.",
        types=("text", "category", "integer", "boolean", "date"),
    )
    cells: list[PivotValue] = parameter(
        default=[], help="What stands in the cells. Without any, the number of rows."
    )
    listed: list[str] = parameter(
        default=[],
        label="Values",
        help="The values that become columns, in this order. Without any, those in the data.",
    )
    order: Literal["appearance", "sorted"] = parameter(
        default="sorted", help="The order of the new columns when they are found in the data."
    )
    missing: Literal["column", "leave out"] = parameter(
        default="leave out",
        label="Missing pivot values",
        help='Whether rows without a value in the pivot column get a column called "(missing)" or are left out.',
    )
    totals: bool = parameter(default=False, help='Add a column "total" with the summary of the whole row.')

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        schema = schema_of(table)
        wanted = self._values(table, schema)
        names = list(schema)
        keys = self.rows.resolve(schema)
        pivot = ops.column(self.column, names)
        plain = [f"k{i}" for i in range(len(keys))]
        chosen = [ops.column(name, names).alias(new) for name, new in zip(keys, plain, strict=True)]
        plan: list[ops.Aggregation] = []
        titles = list(keys)
        # each cell is a column of its own that holds the value in the rows that belong to it
        for number, (label, value) in enumerate(wanted):
            test = pivot.is_null() if value is None else pivot == nw.lit(value)
            for place, cell in enumerate(self._cells()):
                name = f"v{number}_{place}"
                held = nw.lit(1) if cell is None else ops.column(cell.column, names)
                chosen.append(nw.when(test).then(held).alias(name))
                plan.append(
                    ops.Aggregation(name, "count" if cell is None else cell.function, f"o{len(plan)}")
                )
                titles.append(self._title(label, cell))
        if self.totals:
            tests = [pivot.is_null() if value is None else pivot == nw.lit(value) for _, value in wanted]
            inside = nw.any_horizontal(*tests, ignore_nulls=True) if tests else nw.lit(value=False)
            for place, cell in enumerate(self._cells()):
                name = f"t{place}"
                held = nw.lit(1) if cell is None else ops.column(cell.column, names)
                chosen.append(nw.when(inside).then(held).alias(name))
                plan.append(
                    ops.Aggregation(name, "count" if cell is None else cell.function, f"o{len(plan)}")
                )
                titles.append(self._title("total", cell))
        grouped = ops.group(table.select(*chosen), plain, plan)
        held_names = [*plain, *(one.name for one in plan)]
        return grouped.select(*(nw.col(old).alias(new) for old, new in zip(held_names, titles, strict=True)))

    def _cells(self) -> list[PivotValue | None]:
        """What stands in each cell; None is the number of rows."""
        return [*self.cells] if self.cells else [None]

    def _title(self, label: str, cell: PivotValue | None) -> str:
        return label if cell is None or len(self.cells) == 1 else f"{label} {cell.function}({cell.column})"

    def _values(self, table: nw.LazyFrame, schema: Mapping[str, pl.DataType]) -> list[tuple[str, Any]]:
        """The label and value of each new column; raises `NodeFailed` where there are too many."""
        if self.listed:
            found = [(text, read_value(text, schema[self.column])) for text in self.listed]
        else:
            names = list(schema)
            one = table.select(ops.column(self.column, names).alias("value"))
            several = ops.distinct(one, ["value"])
            # Dask fails on the head of what is sorted
            several = several.head(MOST_COLUMNS + 2) if ops.is_polars(table) else several
            rows = several.collect("polars").to_native()
            held = [value for value in rows["value"].to_list() if value is not None]
            if len(held) > MOST_COLUMNS:
                raise NodeFailed(
                    f'"{shorten(self.column)}" has more than {MOST_COLUMNS:,} different values, too many for '
                    "columns; list those that are wanted, or group them first"
                )
            held = sorted(held) if self.order == "sorted" else held
            found = [(label_of(value), value) for value in held]
        return [*found, (MISSING, None)] if self.missing == "column" else found

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        if not self.listed:
            return None  # the data decide
        import polars as pl

        empty = nw.from_native(pl.LazyFrame(schema=inputs["table"].columns))
        return TableSpec(schema_of(self.run(empty)))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema = inputs["table"].columns
        faults = []
        keys = self.rows.resolve(schema)
        if self.column in keys:
            faults.append(
                Fault("column", f'"{shorten(self.column)}" makes the rows already; choose another column')
            )
        for index, cell in enumerate(self.cells):
            families = ops.FUNCTIONS[cell.function].families
            if families and not is_family(schema[cell.column], families):
                told = f'"{cell.function}" of "{shorten(cell.column)}" is not possible: it is {family(schema[cell.column])}'
                faults.append(Fault(f"cells[{index}].function", f"{told}; choose another function"))
        for index, text in enumerate(self.listed):
            try:
                read_value(text, schema[self.column])
            except ValueError:
                told = f'"{shorten(text)}" is no {family(schema[self.column])}, which the pivot column is'
                faults.append(Fault(f"listed[{index}]", told))
        titles = [
            *keys,
            *(self._title(text, cell) for text in self.listed for cell in self._cells()),
        ]
        for index, name in enumerate(titles):
            if name in titles[:index]:
                faults.append(Fault("listed", f'two columns would be called "{shorten(name)}"; take one out'))
                break
        return faults

    def summary(self) -> str:
        cells = ", ".join(f"{one.function}({one.column})" for one in self.cells) or "rows"
        return f"{cells} by {self.column}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation._source import col, cols

        schema = script.schema("table")
        if schema is None or not self.listed:
            script.cannot_express("the columns are found in the data; list the pivot values")
            return
        script.require("import polars as pl")
        pivot = col(script, self.column)
        wanted = [(text, read_value(text, schema[self.column])) for text in self.listed]
        wanted += [(MISSING, None)] if self.missing == "column" else []
        if any(isinstance(value, datetime.date) for _, value in wanted):
            script.require("import datetime")
        tests = [f"{pivot}.is_null()" if value is None else f"({pivot} == {value!r})" for _, value in wanted]
        cells = [(label, test) for (label, _), test in zip(wanted, tests, strict=True)]
        cells += [("total", f"pl.any_horizontal({', '.join(tests)})")] if self.totals else []
        lines = []
        for label, test in cells:
            for cell in self._cells():
                held = "pl.lit(1)" if cell is None else col(script, cell.column)
                source = ops.FUNCTIONS["count" if cell is None else cell.function].source
                lines.append(f"    pl.when({test}).then({held}){source}.alias({self._title(label, cell)!r}),")
        keys = self.rows.resolve(schema)
        source, result = script.input("table"), script.output("table")
        if keys:
            script.add(
                f"{result} = {source}.group_by({cols(script, keys)}, maintain_order=True).agg(", *lines, ")"
            )
        else:
            script.add(f"{result} = {source}.select(", *lines, ")")


def read_value(text: str, dtype: pl.DataType) -> Any:
    """A listed value in the type of the pivot column; raises `ValueError`."""
    kind = family(dtype)
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        if text.casefold() not in ("true", "false"):
            raise ValueError(text)
        return text.casefold() == "true"
    return datetime.date.fromisoformat(text) if kind == "date" else text


def label_of(value: Any) -> str:
    """The name of the column of a value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


assert set(get_args(Function)) <= ops.FUNCTIONS.keys()
