"""Missing Value."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, Record, family, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.manipulation._values import value_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nodeflow.export.python import PythonScript

Treatment = Literal[
    "none",
    "drop",
    "constant",
    "mean",
    "median",
    "mode",
    "min",
    "max",
    "previous",
    "next",
    "interpolate",
]

_ORDERED = ("number", "text", "boolean", "date", "datetime", "time", "duration", "category")
_FAMILIES: dict[str, tuple[str, ...]] = {
    "constant": ("number", "text", "boolean", "date", "datetime", "time", "category"),
    "mean": ("number",),
    "median": ("number",),
    "min": _ORDERED,
    "max": _ORDERED,
    "interpolate": ("number",),
}
STATISTICS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "mean": lambda x: x.mean(),
    "median": lambda x: x.median(),
    "mode": lambda x: x.drop_nulls().mode(maintain_order=True).first(),
    "min": lambda x: x.min(),
    "max": lambda x: x.max(),
}
"""What is filled in, of the whole column."""
_NEIGHBOURS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "previous": lambda x: x.forward_fill(),
    "next": lambda x: x.backward_fill(),
    "interpolate": lambda x: x.interpolate("linear"),
}
_SOURCES = {
    "mean": ".pipe(lambda x: x.fill_null(x.mean()))",
    "median": ".pipe(lambda x: x.fill_null(x.median()))",
    "mode": ".pipe(lambda x: x.fill_null(x.drop_nulls().mode(maintain_order=True).first()))",
    "min": ".pipe(lambda x: x.fill_null(x.min()))",
    "max": ".pipe(lambda x: x.fill_null(x.max()))",
    "previous": ".forward_fill()",
    "next": ".backward_fill()",
    "interpolate": '.interpolate("linear")',
}


class MissingRule(Record):
    """What happens to missing values of some columns."""

    columns: Columns = parameter(help="The columns, by name, type or pattern.")
    treatment: Treatment = parameter(help="What happens to their missing values.")
    value: Any = parameter(
        default=None,
        help='What "constant" fills in: a number, a text, true or false; a date as 2024-12-31.',
        when={"treatment": "constant"},
    )


class MissingValue(Node):
    """Fill missing values, or drop the rows that have them.

    What happens is said for each type of column, and by rules for some columns, which go before what
    is said for their type; of several rules for a column the last one counts.

    | treatment | what happens to a missing value |
    |---|---|
    | none | it stays |
    | drop | its row is left out |
    | constant | becomes a given value |
    | mean, median | becomes that of the column; whole numbers become decimal numbers |
    | mode | becomes the most frequent value; of several, the one that comes first in the table |
    | min, max | becomes the smallest or largest value |
    | previous, next | becomes the nearest value above or below; stays if there is none |
    | interpolate | lies on the line between the values above and below, by row; stays at the ends |

    Means and the like are those of the whole table as it comes in, before rows are dropped. A column
    without any value stays missing, except for "constant". Rows keep their order. A value such as 0 or
    "?" that stands for "unknown" is turned into a missing one by a Formula before. To fill other rows, such
    as those of a test, by the means of these, take Missing Value Learner.

    Inputs:
        table: The table with missing values.
    Outputs:
        table: The table with them filled, or with fewer rows.
    """

    category = "Manipulation / Column"
    keywords: ClassVar[tuple[str, ...]] = (
        "fillna",
        "dropna",
        "impute",
        "imputation",
        "coalesce",
        "null",
        "nan",
        "ifnull",
        "blank",
        "na",
    )

    numbers: Treatment = parameter(default="none", help="What happens in columns of numbers.")
    number: float = parameter(
        default=0, help="What is filled in where numbers get a constant.", when={"numbers": "constant"}
    )
    texts: Literal["none", "drop", "constant", "mode", "min", "max", "previous", "next"] = parameter(
        default="none", help="What happens in columns of text and in categories."
    )
    text: str = parameter(
        default="", help="What is filled in where texts get a constant.", when={"texts": "constant"}
    )
    booleans: Literal["none", "drop", "mode", "previous", "next"] = parameter(
        default="none", help="What happens in columns of true and false.", label="True or false"
    )
    dates: Literal["none", "drop", "mode", "min", "max", "previous", "next"] = parameter(
        default="none", help="What happens in columns of dates, times and durations.", label="Dates and times"
    )
    rules: list[MissingRule] = parameter(default=[], help="What happens in certain columns.")

    def plan(self, schema: Mapping[str, pl.DataType]) -> dict[str, tuple[str, Any]]:
        """Treatment and constant of each column that has one; raises `NodeFailed` where it does not fit."""
        result: dict[str, tuple[str, Any]] = {}
        for name, dtype in schema.items():
            if is_family(dtype, ("number",)):
                result[name] = (self.numbers, self.number)
            elif is_family(dtype, ("text", "category")):
                result[name] = (self.texts, self.text)
            elif is_family(dtype, ("boolean",)):
                result[name] = (self.booleans, None)
            elif is_family(dtype, ("date", "datetime", "time", "duration")):
                result[name] = (self.dates, None)
        for rule in self.rules:
            families = _FAMILIES.get(rule.treatment, ())
            for name in rule.columns.resolve(schema):
                if families and not is_family(schema[name], families):
                    if name not in rule.columns.names:
                        continue  # chosen by type or pattern: what does not fit is left out
                    raise NodeFailed(
                        f'"{rule.treatment}" does not fit the column "{shorten(name)}", which is '
                        f"{family(schema[name])}; choose another treatment"
                    )
                result[name] = (rule.treatment, rule.value)
        return {
            name: (treatment, _constant(value, name, schema[name]) if treatment == "constant" else None)
            for name, (treatment, value) in result.items()
            if treatment != "none"
        }

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        plan = self.plan(schema_of(table))
        filled = []
        for name, (treatment, constant) in plan.items():
            column = cs.by_name(name).as_expr()
            if treatment == "constant":
                filled.append(column.fill_null(constant))
            elif treatment in STATISTICS:
                filled.append(column.fill_null(STATISTICS[treatment](column)))
            elif treatment != "drop":
                filled.append(_NEIGHBOURS[treatment](column))
        dropped = [name for name, (treatment, _) in plan.items() if treatment == "drop"]
        table = table.with_columns(filled) if filled else table
        return table.drop_nulls(cs.by_name(*dropped)) if dropped else table

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" in inputs:
            try:
                self.plan(inputs["table"].columns)
            except NodeFailed as error:
                return [Fault("rules", str(error))]
        return ()

    def summary(self) -> str:
        by_type = {
            "numbers": self.numbers,
            "texts": self.texts,
            "booleans": self.booleans,
            "dates": self.dates,
        }
        parts = [f"{name}: {treatment}" for name, treatment in by_type.items() if treatment != "none"]
        parts += [f"{rule.columns}: {rule.treatment}" for rule in self.rules]
        return ", ".join(parts)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        rules = [
            (Columns.typed("number"), self.numbers, self.number),
            (Columns.typed("text", "category"), self.texts, self.text),
            (Columns.typed("boolean"), self.booleans, None),
            (Columns.typed("date", "datetime", "time", "duration"), self.dates, None),
            *((rule.columns, rule.treatment, rule.value) for rule in self.rules),
        ]
        fills, drops, later = [], [], ""
        # a column goes to the last rule that names it: each selection leaves out those that follow
        for columns, treatment, value in reversed(rules):
            chosen = f"({selector_source(columns)})"
            if _FAMILIES.get(treatment):
                chosen = f"({chosen} & ({selector_source(Columns.typed(*_FAMILIES[treatment]))}))"
            own = f"({chosen}{later})"
            later += f" - {chosen}"
            if treatment == "drop":
                drops.append(own)
            elif treatment == "constant":
                if isinstance(value, str) and not isinstance(_plain(value), str):
                    script.cannot_express("a date or time as the constant")
                if isinstance(value, float) and value.is_integer():
                    value = int(value)  # so that whole numbers stay whole
                fills.append(f"{own}.fill_null({value!r})")
            elif treatment != "none":
                fills.append(f"{own}{_SOURCES[treatment]}")
        result, steps = script.output("table"), ""
        if fills:
            steps += f".with_columns({', '.join(reversed(fills))})"
        if drops:
            steps += f".drop_nulls({' | '.join(drops)})"
        script.add(f"{result} = {script.input('table')}{steps}")


def _plain(text: str) -> Any:
    """A text, or the date or time it is written as."""
    for kind in (datetime.date, datetime.datetime, datetime.time):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return text


def _constant(value: Any, name: str, dtype: pl.DataType) -> pl.Expr:
    """The constant in a type that suits the column; raises `NodeFailed` when it does not fit."""
    kind = family(dtype)
    kept: pl.DataType = dtype
    if kind in ("integer", "float"):
        kept = pl.Float64()
    elif kind == "category":
        kept = pl.String()
    try:
        found = value_in(value, kept)
    except ValueError as wanted:
        shown = f'"{shorten(str(value))}"'
        raise NodeFailed(
            f'the column "{shorten(name)}" takes {wanted} as the constant, not {shown}'
        ) from None
    if found is None:
        raise NodeFailed(f'the column "{shorten(name)}" takes a value as the constant, not nothing')
    if kind == "integer" and found.is_integer():
        return pl.lit(int(value), pl.Int64)
    return pl.lit(found).cast(kept)
