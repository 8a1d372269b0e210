"""Nodes that learn a transformation from a table: what they share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, is_family, parameter
from nodeflow.values.model import Model
from nodeflow.values.specs import Change, ModelSpec, Spec, TableSpec
from nodeflow.values.table import schema_of
from nodeflow.values.transformation import Transformation, Values
from nodeflow_nodes.manipulation._formulas import taken

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

Schema = Mapping[str, pl.DataType]

ORDERED = ("text", "category", "boolean", "integer", "date", "datetime", "time", "duration")
"""The families whose values can be told apart one by one and be sorted."""


class Fitted(NamedTuple):
    """What a node gives that learns a transformation."""

    table: pl.LazyFrame
    model: Model


class FittingNode(Node):
    """Learns how to change some columns, and changes them."""

    families: ClassVar[tuple[str, ...]] = ()

    columns: Columns = parameter(default=Columns.all(), help="The columns to change.")

    @abstractmethod
    def learn(self, table: pl.LazyFrame, schema: Schema, context: Context) -> Transformation:
        """The transformation for a table; runs a query."""

    @abstractmethod
    def changes(self, schema: Schema) -> tuple[Change, ...]:
        """What the transformation will do to the columns of a table, as far as that is known before."""

    def removes(self, schema: Schema) -> tuple[str, ...]:
        """The columns that the transformation will take away."""
        return ()

    def chosen(self, schema: Schema) -> list[str]:
        """The columns to change: of those that are not named, the ones of a type that fits."""
        named = set(self.columns.names)
        return [
            name
            for name in self.columns.resolve(schema)
            if name in named or is_family(schema[name], type(self).families)
        ]

    def run(self, table: pl.LazyFrame, context: Context) -> Fitted:
        schema = schema_of(table)
        return fitted(table, self.learn(table, schema, context), schema, self.name)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        schema = inputs["table"].columns
        return fitted_specs(schema, self.changes(schema), self.removes(schema), self.name)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs:
            return ()
        schema, families = inputs["table"].columns, type(self).families
        chosen, wanted = self.chosen(schema), " or ".join(families)
        if not chosen:
            return [Fault("columns", f"no {wanted} column is chosen ({self.columns}); choose one")]
        return [
            Fault("columns", f'column "{shorten(name)}" is not {wanted}; take it out or convert it')
            for name in chosen
            if not is_family(schema[name], families)
        ]

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_fit(self, script: PythonScript, call: str, *arguments: Any) -> None:
        """Lines that learn by calling a function of the script, which gives a function that transforms.

        It gets the table, the names of the chosen columns and the arguments.
        """
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        source, result, model = script.input("table"), script.output("table"), script.output("model")
        told = ", ".join(repr(one) for one in (self.chosen(schema), *arguments))
        script.add(f"{model} = {call}({source}, {told})", f"{result} = {model}({source})")


class AppendingNode(FittingNode):
    """Learns how to change some columns, in their place or in new ones."""

    mode: Literal["replace", "append"] = parameter(
        default="replace",
        help="Whether the new values take the place of the old ones or stand in new columns.",
    )
    suffix: str = parameter(
        default="_new",
        min_length=1,
        help="What is put after the names of new columns.",
        when={"mode": "append"},
    )

    @property
    def ending(self) -> str:
        """What is put after the name of a column for that of its outcome."""
        return self.suffix if self.mode == "append" else ""

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        faults = list(super().check(inputs))
        if "table" in inputs and self.mode == "append":
            schema = inputs["table"].columns
            faults += taken([f"{name}{self.suffix}" for name in self.chosen(schema)], schema, "suffix")
        return faults


def fitted(table: pl.LazyFrame, transformation: Transformation, schema: Schema, learner: str) -> Fitted:
    """The changed table and the model; raises `NodeFailed` where the transformation cannot be one."""
    try:
        transformation.check()
    except ValueError as error:
        raise NodeFailed(str(error)) from None
    any_number = {step.column for step in transformation.steps if step.takes_any_number}
    features = {name: pl.Float64() if name in any_number else schema[name] for name in transformation.reads()}
    model = Model.transforming(transformation, TableSpec(features), learner)
    return Fitted(transformation.transform(table), model)


def fitted_specs(
    schema: Schema, changes: tuple[Change, ...], removes: tuple[str, ...], learner: str
) -> dict[str, Spec | None]:
    """The specs of both outputs of a node that learns a transformation."""
    features = TableSpec({name: schema[name] for change in changes for name in change.reads})
    spec = ModelSpec("transformation", features, learner=learner, changes=changes, removes=removes)
    return {"table": spec.transformed(schema), "model": spec}


def statistics(table: pl.LazyFrame, wanted: Mapping[str, Mapping[str, pl.Expr]]) -> dict[str, dict[str, Any]]:
    """Named statistics of some columns as Python values, by one query."""
    told = [
        expr.alias(f"{index} {key}") for index, of in enumerate(wanted.values()) for key, expr in of.items()
    ]
    row = table.select(told).collect(engine="streaming").row(0, named=True) if told else {}
    return {
        name: {key: row[f"{index} {key}"] for key in of} for index, (name, of) in enumerate(wanted.items())
    }


def number_of(name: str) -> pl.Expr:
    """A column as decimal numbers."""
    return cs.by_name(name).as_expr().cast(pl.Float64)


def finite(name: str, is_finite: bool | None) -> None:
    """Raise `NodeFailed` if a column holds what no statistic can be learned from."""
    if is_finite is False:
        raise NodeFailed(
            f'column "{shorten(name)}" holds infinite values or NaN; turn them into missing values first'
        )


MOST_VALUES = 1_000_000
"""A column with more different values holds no categories."""

Order = Literal["appearance", "alphabet", "frequency"]


def distinct(table: pl.LazyFrame, names: Sequence[str], order: Order) -> dict[str, pl.Series]:
    """The different values of each column, without missing; categories come as texts."""
    queries = []
    for name in names:
        value = cs.by_name(name).as_expr()
        if table.collect_schema()[name] in (pl.Categorical, pl.Enum):
            value = value.cast(pl.String)
        values = table.select(value.alias("value")).filter(pl.col("value").is_not_null())
        queries.append(values.group_by("value", maintain_order=True).agg(pl.len().alias("count")))
    found = {}
    for name, frame in zip(names, pl.collect_all(queries, engine="streaming"), strict=True):
        if frame.height > MOST_VALUES:
            raise NodeFailed(
                f'column "{shorten(name)}" has {frame.height:,} different values, too many to be categories; '
                "leave it out"
            )
        if order == "alphabet":
            frame = frame.sort("value")
        elif order == "frequency":
            frame = frame.sort("count", descending=True, maintain_order=True)
        found[name] = frame.get_column("value")
    return found


def values_of(series: pl.Series, name: str) -> Values:
    """Values of a column as a model keeps them; raises `NodeFailed` where it cannot."""
    try:
        return Values.of(series)
    except ValueError as error:
        raise NodeFailed(f'column "{shorten(name)}": {error}') from None


DISTINCT = '''
def distinct_values(table, names, order):
    """The different values of each column: by their first appearance, alphabet or frequency."""
    found = {}
    for name in names:
        value = cs.by_name(name).as_expr()
        if table.collect_schema()[name] in (pl.Categorical, pl.Enum):
            value = value.cast(pl.String)
        rows = table.select(value.alias("value")).drop_nulls()
        rows = rows.group_by("value", maintain_order=True).agg(pl.len().alias("count")).collect()
        if order == "alphabet":
            rows = rows.sort("value")
        elif order == "frequency":
            rows = rows.sort("count", descending=True, maintain_order=True)
        found[name] = rows["value"]
    return found
'''
