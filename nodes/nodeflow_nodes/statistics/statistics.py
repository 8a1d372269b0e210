"""Statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Columns, family, is_family, parameter
from nodeflow.values.table import schema_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript

_SCHEMA: dict[str, pl.DataType] = {
    "column": pl.String(),
    "type": pl.String(),
    "count": pl.Int64(),
    "missing": pl.Int64(),
    "distinct": pl.Int64(),
    "minimum": pl.Float64(),
    "maximum": pl.Float64(),
    "mean": pl.Float64(),
    "std": pl.Float64(),
    "median": pl.Float64(),
    "quartile_1": pl.Float64(),
    "quartile_3": pl.Float64(),
    "sum": pl.Float64(),
    "skewness": pl.Float64(),
    "kurtosis": pl.Float64(),
    "smallest": pl.String(),
    "largest": pl.String(),
    "most_frequent": pl.String(),
    "frequency": pl.Int64(),
}


class Statistics(Node):
    """Describe each column in one row: how many values, which range, mean, spread and shape.

    | column of the result | meaning |
    |---|---|
    | column, type | name and type of the described column |
    | count, missing, distinct | values that are there, that are missing, and different ones |
    | minimum, maximum, mean, std, median, quartile_1, quartile_3, sum | for numbers; true counts as 1, false as 0 |
    | skewness, kurtosis | shape of the distribution of numbers; kurtosis is 0 for a normal one (Fisher) |
    | smallest, largest | first and last value in order, as text; for dates, times and texts too |
    | most_frequent, frequency | the value that comes most often, the first of several, and how often |

    Missing values are counted and otherwise left out. `std` is that of a sample (divided by n - 1) and
    missing for fewer than two values; skewness and kurtosis are not corrected for bias, as in SciPy.
    Quartiles are interpolated linearly. Lists and nested columns are only counted. The rows are in
    the order of the columns.

    Inputs:
        table: The table to describe.
    Outputs:
        table: One row for each column.
    """

    category = "Statistics"
    keywords = ("describe", "summary", "data explorer", "mean", "variance", "quantile", "profile", "info")

    columns: Columns = parameter(default=Columns.all(), help="The columns to describe.")

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        schema = schema_of(table)
        names = self.columns.resolve(schema)
        if not names:
            return pl.LazyFrame(schema=_SCHEMA)
        # one row of structs, turned into one row a column: a single query over the table
        described = [pl.struct(_described(name, schema[name])).alias("described") for name in names]
        return table.select(pl.concat_list(described)).explode(pl.first()).unnest(pl.first())

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("describe_columns", _DESCRIBE)
        source = script.input("table")
        script.add(
            f"{script.output('table')} = describe_columns({source}.select({selector_source(self.columns)}))"
        )


def _described(name: str, dtype: pl.DataType) -> list[pl.Expr]:
    column = cs.by_name(name).as_expr()
    numeric = is_family(dtype, ("number", "boolean"))
    ordered = numeric or family(dtype) in ("text", "date", "datetime", "time", "duration", "category")
    number = column.cast(pl.Float64)
    text = column.cast(pl.String) if family(dtype) in ("category", "duration") else column
    mode = column.drop_nulls().mode(maintain_order=True).first()
    computed: dict[str, pl.Expr] = {
        "column": pl.lit(name),
        "type": pl.lit(family(dtype)),
        "count": column.count(),
        "missing": column.null_count(),
    }
    if ordered:
        computed |= {
            "distinct": column.drop_nulls().n_unique(),
            "smallest": text.min().cast(pl.String),
            "largest": text.max().cast(pl.String),
            "most_frequent": mode.cast(pl.String),
            "frequency": pl.when(column.count() > 0).then((column == mode).sum()),
        }
    if numeric:
        computed |= {
            "minimum": number.min(),
            "maximum": number.max(),
            "mean": number.mean(),
            "std": number.std(),
            "median": number.median(),
            "quartile_1": number.quantile(0.25, "linear"),
            "quartile_3": number.quantile(0.75, "linear"),
            "sum": number.sum(),
            "skewness": number.skew(),
            "kurtosis": number.kurtosis(),
        }
    return [computed.get(key, pl.lit(None)).cast(kind).alias(key) for key, kind in _SCHEMA.items()]
