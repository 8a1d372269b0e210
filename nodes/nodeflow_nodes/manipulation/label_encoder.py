"""Label Encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from nodeflow.parameters import Columns, parameter
from nodeflow.values.specs import Change, TableSpec
from nodeflow.values.transformation import Map, Transformation, Values
from nodeflow_nodes.manipulation._fitting import (
    DISTINCT,
    ORDERED,
    AppendingNode,
    Order,
    Schema,
    distinct,
    values_of,
)

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class LabelEncoder(AppendingNode):
    """Give each value of a column a whole number.

    Each column has codes of its own, from the first code upwards: in the order in which its values come
    first in the table, in that of the alphabet (by character code; numbers and dates by size), or with
    the most frequent value first, where of equally frequent values the one that comes first leads.

    The model holds the codes. A Transform node gives the values of other rows the same codes; what
    becomes of a value that was not there while learning is said here. An Inverse Transform node turns
    codes back into values.

    Missing values stay missing, or get a code of their own after all others. Codes have no meaning as
    amounts: for a learner that calculates with its numbers, One to Many is better.

    Inputs:
        table: The table with the values.
    Outputs:
        table: The table with whole numbers in their place, or in new columns.
        model: The codes, for a Transform or Inverse Transform node.
    """

    category = "Manipulation / Column"
    keywords = (
        "category to number",
        "ordinal encoder",
        "OrdinalEncoder",
        "LabelEncoder",
        "factorize",
        "encode",
        "codes",
        "integer encoding",
        "label encoding",
    )
    families = ORDERED

    columns: Columns = parameter(
        default=Columns.typed("text", "category"),
        types=ORDERED,
        help="The columns whose values get codes.",
    )
    order: Order = parameter(default="appearance", help="Which value gets which code; see above.")
    first: int = parameter(
        default=0, minimum=-1_000_000, maximum=1_000_000, label="First code", help="The code to begin with."
    )
    missing: Literal["missing", "code"] = parameter(
        default="missing",
        label="Missing values",
        help="Whether a missing value stays missing or gets a code of its own.",
    )
    unseen: Literal["missing", "code", "fail"] = parameter(
        default="missing",
        label="Unknown values",
        help="What a value becomes in a Transform node that was not there while learning: missing, a code "
        "after all others, or an error.",
    )

    def changes(self, schema: Schema) -> tuple[Change, ...]:
        found = []
        for name in self.chosen(schema):
            dtype = pl.String() if isinstance(schema[name], pl.Categorical | pl.Enum) else schema[name]
            gives = TableSpec({f"{name}{self.ending}": pl.Int64()})
            found.append(Change((name,), gives, TableSpec({name: dtype})))
        return tuple(found)

    def learn(self, table: pl.LazyFrame, schema: Schema, context: Context) -> Transformation:
        steps = []
        for name, values in distinct(table, self.chosen(schema), self.order).items():
            known = values_of(values, name)
            following = self.first + len(known.items)
            codes: list[bool | int | float | str | None] = list(range(self.first, following))
            if self.missing == "code":
                known.items.append(None)
                codes.append(following)
                following += 1
            others = "default" if self.unseen == "code" else self.unseen
            default = Values("Int64", [following]) if self.unseen == "code" else None
            steps.append(Map(name, f"{name}{self.ending}", known, Values("Int64", codes), others, default))
        return Transformation(steps)

    def summary(self) -> str:
        return f"{self.columns} by {self.order}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.define("distinct_values", DISTINCT)
        script.define("label_encoder", LABEL_ENCODER)
        self.export_fit(
            script, "label_encoder", self.order, self.first, self.missing, self.unseen, self.ending
        )


LABEL_ENCODER = '''
def label_encoder(table, names, order, first, missing, unseen, ending):
    """Learns codes for the values of columns; gives a function that encodes, with its `inverse`."""
    known = distinct_values(table, names, order)

    def encode(table):
        columns = []
        for name, values in known.items():
            column, size = cs.by_name(name).as_expr().cast(values.dtype), len(values)
            default = {"default": None}
            if unseen == "code":
                default = {"default": first + size + (missing == "code")}
            elif unseen == "fail":
                default = {}
            codes = column.replace_strict(
                pl.concat([values, pl.Series([None], dtype=values.dtype)]),
                pl.Series([*range(first, first + size), first + size if missing == "code" else None]),
                return_dtype=pl.Int64,
                **default,
            )
            columns.append(codes.alias(name + ending))
        return table.with_columns(columns)

    def inverse(table, also=()):
        there = table.collect_schema()
        plan = [(name + ending, name, name) for name in known if name + ending in there]
        plan += [(name, name, like.removesuffix(ending)) for name, like in dict(also).items()]
        return table.with_columns(
            cs.by_name(given).as_expr().replace_strict(
                pl.int_range(first, first + len(known[name]), eager=True, dtype=pl.Int64),
                known[name],
                default=None,
                return_dtype=known[name].dtype,
            ).alias(result)
            for given, result, name in plan
        )

    encode.inverse = inverse
    return encode
'''
