"""Missing Value Learner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.errors import shorten
from nodeflow.parameters import parameter
from nodeflow.values.dtypes import encode_dtype
from nodeflow.values.specs import Change, Spec, TableSpec
from nodeflow.values.table import schema_of
from nodeflow.values.transformation import Fill, Transformation
from nodeflow_nodes.manipulation._fitting import Fitted, Schema, fitted, fitted_specs, values_of
from nodeflow_nodes.manipulation.missing_value import STATISTICS, MissingRule, MissingValue

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

Learned = Literal["none", "constant", "mean", "median", "mode", "min", "max"]


class LearnedRule(MissingRule):
    """What is filled into some columns."""

    treatment: Learned = parameter(help="What is filled in for their missing values.")


class MissingValueLearner(MissingValue):
    """Fill missing values, and give a model that fills those of other rows by the same values.

    It fills as a Missing Value node does. The means, medians and so on are learned from this table, and a
    Transform node fills them into another one: so the rows to predict for, or to test with, are filled
    by what is known of the rows trained with, not by what they give away of themselves.

    What to fill in is said for each type of column, and by rules for some columns, which go before what
    is said for their type; of several rules for a column the last one counts.

    | treatment | what a missing value becomes |
    |---|---|
    | none | it stays |
    | constant | a given value |
    | mean, median | that of the column; whole numbers become decimal numbers |
    | mode | the most frequent value; of several, the one that comes first in the table |
    | min, max | the smallest or largest value |

    A column without any value stays missing, except for "constant". Dropping rows, and filling in the
    value above, below or between, need nothing of another table: for those take Missing Value, there too.

    Inputs:
        table: The table with missing values.
    Outputs:
        table: The table with them filled.
        model: The values that are filled in, for a Transform node.
    """

    keywords = (
        "missing value",
        "impute",
        "imputer",
        "SimpleImputer",
        "fillna",
        "null",
    )

    numbers: Learned = parameter(default="none", help="What is filled into columns of numbers.")
    texts: Literal["none", "constant", "mode", "min", "max"] = parameter(
        default="none", help="What is filled into columns of text and of categories."
    )
    booleans: Literal["none", "mode"] = parameter(
        default="none", help="What is filled into columns of true and false.", label="True or false"
    )
    dates: Literal["none", "mode", "min", "max"] = parameter(
        default="none",
        help="What is filled into columns of dates, times and durations.",
        label="Dates and times",
    )
    rules: list[LearnedRule] = parameter(  # type: ignore[assignment] # a list of narrower rules
        default=[], help="What is filled into certain columns."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Fitted:  # type: ignore[override]
        schema = schema_of(table)
        plan, types = self.plan(schema), self._types(schema)
        wanted = [
            (
                constant if treatment == "constant" else STATISTICS[treatment](cs.by_name(name).as_expr())
            ).alias(str(index))
            for index, (name, (treatment, constant)) in enumerate(plan.items())
        ]
        told = table.select(wanted).collect(engine="streaming")
        steps = []
        for name, value in zip(plan, told.iter_columns(), strict=True):
            if value.is_null().all():
                context.warn(f'column "{shorten(name)}" has no values to learn from and stays missing')
            steps.append(Fill(name, values_of(value.head(1), name), encode_dtype(types[name])))
        return fitted(table, Transformation(steps), schema, self.name)

    def _types(self, schema: Schema) -> dict[str, pl.DataType]:
        """The types of the columns once they are filled."""
        return schema_of(super().run(pl.LazyFrame(schema=dict(schema))))

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        schema = inputs["table"].columns
        types = self._types(schema)
        changes = tuple(Change((name,), TableSpec({name: types[name]})) for name in self.plan(schema))
        return fitted_specs(schema, changes, (), self.name)

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("missing_value_learner", MISSING_VALUE_LEARNER)
        plan = {}
        for name, (treatment, constant) in self.plan(schema).items():
            value = None if constant is None else pl.select(constant).item()
            if not isinstance(value, str | int | float | None):
                script.cannot_express("a date or time as the constant")
            plan[name] = (treatment, value)
        source, result, model = script.input("table"), script.output("table"), script.output("model")
        script.add(
            f"{model} = missing_value_learner({source}, {plan!r})",
            f"{result} = {model}({source})",
        )


MISSING_VALUE_LEARNER = '''
def missing_value_learner(table, plan):
    """Learns what to fill in for missing values; gives a function that fills them in."""
    statistics = {
        "mean": lambda x: x.mean(),
        "median": lambda x: x.median(),
        "mode": lambda x: x.drop_nulls().mode(maintain_order=True).first(),
        "min": lambda x: x.min(),
        "max": lambda x: x.max(),
    }
    known = table.select(
        pl.lit(value).alias(name) if treatment == "constant" else statistics[treatment](cs.by_name(name).as_expr())
        for name, (treatment, value) in plan.items()
    ).collect()

    def fill(table):
        return table.with_columns(
            cs.by_name(value.name).as_expr().fill_null(pl.lit(value.first(), value.dtype))
            for value in known.iter_columns()
        )

    return fill
'''
