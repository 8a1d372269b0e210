"""One to Many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Columns, parameter
from nodeflow.values.specs import Change
from nodeflow.values.transformation import OneHot, Transformation
from nodeflow_nodes.manipulation._fitting import (
    DISTINCT,
    FittingNode,
    Order,
    Schema,
    distinct,
    values_of,
)

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

_FAMILIES = ("text", "category", "boolean", "integer", "date", "datetime", "time")


class OneToMany(FittingNode):
    """Make a column of 0 and 1 for each value of a column (one-hot encoding, dummy variables).

    In each new column 1 says that the row has the value, 0 that it has not. The new columns come last:
    those of the first chosen column, one for each value in the order asked for, then one for other and
    one for missing values if wanted, and so on.

    The model holds the values. A Transform node makes the same columns of other rows; a value that was
    not there while learning has 0 everywhere, or 1 in a column of its own, or is an error.

    A missing value has 0 everywhere, or 1 in a column of its own. The first value may go without a column,
    so that none follows from the others, as a linear regression needs; its rows have 0 everywhere.

    Inputs:
        table: The table with the values.
    Outputs:
        table: The table with the new columns.
        model: The values, for a Transform node.
    """

    name = "One to Many"
    category = "Manipulation / Column"
    keywords = (
        "one-hot",
        "one hot encoding",
        "OneHotEncoder",
        "dummy variables",
        "dummies",
        "get_dummies",
        "to_dummies",
        "binarize",
        "indicator columns",
    )
    families = _FAMILIES

    columns: Columns = parameter(
        default=Columns.typed("text", "category"),
        types=_FAMILIES,
        help="The columns whose values become columns.",
    )
    naming: Literal["column_value", "column=value", "value"] = parameter(
        default="column_value", help="The names of new columns: colour_red, colour=red or just red."
    )
    order: Order = parameter(
        default="alphabet",
        help="The order of new columns: as the values come first in the table, by alphabet, or the most "
        "frequent first.",
    )
    drop_first: bool = parameter(
        default=False, label="Without the first value", help="Whether the first value gets no column."
    )
    missing: Literal["zeros", "column"] = parameter(
        default="zeros",
        label="Missing values",
        help="Whether a missing value has 0 everywhere, or 1 in a column of its own.",
    )
    unseen: Literal["zeros", "column", "fail"] = parameter(
        default="zeros",
        label="Unknown values",
        help="What a value is in a Transform node that was not there while learning: 0 everywhere, 1 in a "
        "column of its own, or an error.",
    )
    most: int = parameter(
        default=100,
        minimum=1,
        maximum=10_000,
        label="Most new columns",
        help="With more new columns than this for one column it is an error, as it may be one with names "
        "or numbers of a thing.",
    )
    keep: bool = parameter(
        default=False, label="Keep the columns", help="Whether the columns stay beside the new ones."
    )

    def changes(self, schema: Schema) -> tuple[Change, ...]:
        return tuple(Change((name,), None) for name in self.chosen(schema))

    def removes(self, schema: Schema) -> tuple[str, ...]:
        return () if self.keep else tuple(self.chosen(schema))

    def learn(self, table: pl.LazyFrame, schema: Schema, context: Context) -> Transformation:
        steps, taken = [], set(schema)
        for name, values in distinct(table, self.chosen(schema), self.order).items():
            shown = values[1:] if self.drop_first else values
            if len(shown) > self.most:
                raise NodeFailed(
                    f'column "{shorten(name)}" has {len(values):,} different values, which would be more than '
                    f"{self.most:,} new columns; leave it out, or allow more"
                )
            names = [self._named(name, value) for value in shown.cast(pl.String)]
            missing = self._named(name, "missing") if self.missing == "column" else None
            other = self._named(name, "other") if self.unseen == "column" else None
            for new in (*names, *(one for one in (missing, other) if one is not None)):
                if new in taken:
                    raise NodeFailed(
                        f'two columns would be called "{shorten(new)}"; rename column "{shorten(name)}" first '
                        "or choose another naming"
                    )
                taken.add(new)
            refuse = self.unseen == "fail"
            kept, known = values_of(shown, name), values_of(values, name)
            steps.append(OneHot(name, kept, names, known, missing, other, refuse))
        return Transformation(steps, list(self.removes(schema)))

    def _named(self, column: str, value: str) -> str:
        if self.naming == "value":
            return value
        return f"{column}{'_' if self.naming == 'column_value' else '='}{value}"

    def summary(self) -> str:
        return f"{self.columns}{' without the first' if self.drop_first else ''}"[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.unseen == "fail":
            script.cannot_express("an error for unknown values")
        script.define("distinct_values", DISTINCT)
        script.define("one_to_many", ONE_TO_MANY)
        between = {"column_value": "_", "column=value": "=", "value": None}[self.naming]
        more = (self.missing == "column", self.unseen == "column", self.keep)
        self.export_fit(script, "one_to_many", self.order, between, self.drop_first, *more)


ONE_TO_MANY = '''
def one_to_many(table, names, order, between, drop_first, missing, other, keep):
    """Learns the values of columns; gives a function that makes a column of 0 and 1 for each."""
    known = distinct_values(table, names, order)

    def called(name, value):
        return value if between is None else f"{name}{between}{value}"

    def encode(table):
        columns = []
        for name, values in known.items():
            column = cs.by_name(name).as_expr().cast(values.dtype)
            shown = values[1:] if drop_first else values
            tests = {called(name, word): column == value for word, value in zip(shown.cast(pl.String), shown)}
            if missing:
                tests[called(name, "missing")] = column.is_null()
            if other:
                tests[called(name, "other")] = ~column.is_in(values.to_list())
            columns += [test.fill_null(False).cast(pl.Int64).alias(new) for new, test in tests.items()]
        table = table.with_columns(columns)
        return table if keep else table.drop(cs.by_name(*known))

    return encode
'''
