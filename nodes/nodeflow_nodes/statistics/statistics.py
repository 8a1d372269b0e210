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
    | minimum, maximum, mean, std, median, quartile_1, quartile_3, sum | for numbers; true counts 1, false 0 |
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
        described = [pl.struct(_described(name, schema[name])) for name in names]
        rows = table.select(pl.concat_list(described).alias("described"))
        return rows.explode("described").unnest("described")

    def summary(self) -> str:
        return str(self.columns)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.manipulation.column_filter import selector_source

        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        script.define("describe_columns", _DESCRIBE)
        source = script.input("table")
        schema = ", ".join(f"{name!r}: pl.{dtype}" for name, dtype in _SCHEMA.items())
        script.define("DESCRIPTION", f"DESCRIPTION = {{{schema}}}")
        script.add(
            f"{script.output('table')} = describe_columns({source}.select({selector_source(self.columns)}))"
        )


def _described(name: str, dtype: pl.DataType) -> list[pl.Expr]:
    column = cs.by_name(name).as_expr()
    kind = family(dtype)
    numeric = is_family(dtype, ("number", "boolean"))
    computed: dict[str, pl.Expr] = {
        "column": pl.lit(name),
        "type": pl.lit(kind),
        "count": column.count(),
        "missing": column.null_count(),
    }
    if numeric or kind in ("text", "date", "datetime", "time", "duration", "category"):
        value = column.cast(pl.String) if kind == "category" else column
        mode = value.drop_nulls().mode(maintain_order=True).first()
        computed |= {
            "distinct": value.drop_nulls().n_unique(),
            "smallest": _as_text(value.min(), kind),
            "largest": _as_text(value.max(), kind),
            "most_frequent": _as_text(mode, kind),
            "frequency": pl.when(column.count() > 0).then((value == mode).sum()),
        }
    if numeric:
        number = column.cast(pl.Float64)
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
    return [computed.get(key, pl.lit(None)).cast(dtype).alias(key) for key, dtype in _SCHEMA.items()]


def _as_text(value: pl.Expr, kind: str) -> pl.Expr:
    return value.dt.to_string("iso") if kind == "duration" else value.cast(pl.String)


_DESCRIBE = '''
def describe_columns(table):
    """One row for each column: counts, range, mean, spread and shape."""
    schema = table.collect_schema()
    if not schema:
        return pl.LazyFrame(schema=DESCRIPTION)

    def words(value, dtype):
        return value.dt.to_string("iso") if dtype == pl.Duration else value.cast(pl.String)

    def family(dtype):
        if dtype.is_integer() or dtype.is_numeric():
            return "integer" if dtype.is_integer() else "float"
        names = {"String": "text", "Boolean": "boolean", "Date": "date", "Datetime": "datetime"}
        names |= {"Time": "time", "Duration": "duration", "Categorical": "category", "Enum": "category"}
        names |= {"List": "list", "Array": "list"}
        return names.get(type(dtype).__name__, "other")

    def described(name, dtype):
        column, kind = cs.by_name(name).as_expr(), family(dtype)
        found = {"column": pl.lit(name), "type": pl.lit(kind)}
        found |= {"count": column.count(), "missing": column.null_count()}
        if kind not in ("list", "other"):
            value = column.cast(pl.String) if kind == "category" else column
            mode = value.drop_nulls().mode(maintain_order=True).first()
            found["distinct"] = value.drop_nulls().n_unique()
            found["smallest"], found["largest"] = words(value.min(), dtype), words(value.max(), dtype)
            found["most_frequent"] = words(mode, dtype)
            found["frequency"] = pl.when(column.count() > 0).then((value == mode).sum())
        if kind in ("integer", "float", "boolean"):
            number = column.cast(pl.Float64)
            found |= {"minimum": number.min(), "maximum": number.max(), "mean": number.mean()}
            found |= {"std": number.std(), "median": number.median(), "sum": number.sum()}
            found |= {"quartile_1": number.quantile(0.25, "linear")}
            found |= {"quartile_3": number.quantile(0.75, "linear")}
            found |= {"skewness": number.skew(), "kurtosis": number.kurtosis()}
        return pl.struct(found.get(k, pl.lit(None)).cast(t).alias(k) for k, t in DESCRIPTION.items())

    rows = [described(name, dtype) for name, dtype in schema.items()]
    return table.select(pl.concat_list(rows).alias("row")).explode("row").unnest("row")
'''
