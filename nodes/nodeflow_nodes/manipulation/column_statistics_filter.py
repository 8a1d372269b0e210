"""Column Statistics Filter."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of
from nodeflow_nodes.statistics._correlated import correlated_pairs, without_doubles

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class Sifted(NamedTuple):
    """What the node gives."""

    table: pl.LazyFrame
    report: pl.DataFrame


REPORT: dict[str, pl.DataType] = {
    "column": pl.String(), "kept": pl.Boolean(), "missing_share": pl.Float64(), "distinct": pl.Int64(),
    "distinct_share": pl.Float64(), "variance": pl.Float64(), "reason": pl.String(),
}  # fmt: skip


class ColumnStatisticsFilter(Node):
    """Leave out columns by what they hold: too much missing, one value only, hardly any variance, or doubles of others.

    | a column is left out if | |
    |---|---|
    | missing | more than this share of its values is missing |
    | constant | it has one value only, besides missing ones |
    | distinct share | more than this share of its values is different, as in names; not for numbers with decimals |
    | variance | it holds numbers whose variance is at most this |
    | correlation | it holds numbers that go with those of another column that stays, stronger than this |

    A limit that is empty is not asked for. The shares are of all rows and of the values that are there. Columns that
    are not chosen stay. A table without rows keeps every column, since nothing is known of them. Rows stay.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table with the columns that are left.
        report: One row for each chosen column: its statistics, whether it was kept, and why not.
    """

    category = "Manipulation / Column"
    keywords = (
        "low variance filter", "missing value column filter", "constant column filter", "VarianceThreshold", "drop columns",
        "id columns", "near zero variance", "feature selection",
    )  # fmt: skip

    columns: Columns = parameter(default=Columns.all(), help="The columns that may be left out.")
    missing: float | None = parameter(
        default=0.5,
        minimum=0,
        maximum=1,
        label="Missing share",
        help="The largest share of missing values; empty for any.",
    )
    constant: bool = parameter(
        default=True, label="Constant columns", help="Whether columns of one value are left out."
    )
    distinct: float | None = parameter(
        default=None,
        minimum=0,
        maximum=1,
        label="Distinct share",
        help="The largest share of different values; empty for any.",
    )
    variance: float | None = parameter(
        default=None, minimum=0, help="The variance of numbers that is too small; empty for none."
    )
    correlation: float | None = parameter(
        default=None,
        minimum=0,
        below=1,
        help="The strongest correlation of numbers with those of a column that stays; empty for any.",
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Sifted:
        names = self.columns.resolve(schema_of(table))
        found = sifted(table, names, **self._limits())
        left = [row["column"] for row in found if not row["kept"]]
        if self.correlation is not None:
            context.check_cancelled()
            left += without_correlated(table, found, self.correlation)
        report = pl.DataFrame(found, schema=REPORT)
        return Sifted(table.drop(cs.by_name(*left)) if left else table, report)

    def _limits(self) -> dict[str, Any]:
        return {
            "missing": self.missing,
            "constant": self.constant,
            "distinct": self.distinct,
            "variance": self.variance,
        }

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"report": TableSpec(REPORT)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or self.columns.resolve(inputs["table"].columns):
            return ()
        return [Fault("columns", f"no column is chosen ({self.columns}); choose at least one")]

    def summary(self) -> str:
        told = {
            "missing": self.missing,
            "distinct": self.distinct,
            "variance": self.variance,
            "correlation": self.correlation,
        }
        parts = [f"{name} {value:g}" for name, value in told.items() if value is not None]
        return ", ".join([*parts, *(["constant"] if self.constant else [])])[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in (
            "import itertools", "import polars as pl", "import polars.selectors as cs", "from typing import Any",
            "from collections.abc import Mapping, Sequence",
        ):  # fmt: skip
            script.require(line)
        for one in (sifted, without_correlated, correlated_pairs, without_doubles):
            script.define(one.__name__, inspect.getsource(one))
        told = "".join(f", {name}={value!r}" for name, value in self._limits().items())
        source, result, report = script.input("table"), script.output("table"), script.output("report")
        types = ", ".join(f"{name!r}: pl.{dtype}" for name, dtype in REPORT.items())
        script.add(f"found = sifted({source}, {self.columns.resolve(schema)!r}{told})")
        script.add("left = [row['column'] for row in found if not row['kept']]")
        if self.correlation is not None:
            script.add(f"left += without_correlated({source}, found, {self.correlation!r})")
        script.add(
            f"{result} = {source}.drop(cs.by_name(*left)) if left else {source}",
            f"{report} = pl.LazyFrame(found, schema={{{types}}})",
        )


def sifted(
    table: pl.LazyFrame,
    names: Sequence[str],
    missing: float | None,
    constant: bool,
    distinct: float | None,
    variance: float | None,
) -> list[dict[str, Any]]:
    """The statistics of each column, whether it is kept, and why not."""
    schema = table.collect_schema()
    asked: list[pl.Expr] = [pl.len().alias("rows")]
    for index, name in enumerate(names):
        value = cs.by_name(name).as_expr()
        asked.append(value.null_count().alias(f"{index} missing"))
        if not schema[name].is_nested():
            asked.append(value.drop_nulls().n_unique().alias(f"{index} distinct"))
        if schema[name].is_numeric():
            asked.append(value.cast(pl.Float64).var().fill_nan(None).alias(f"{index} variance"))
    told = table.select(asked).collect(engine="streaming").row(0, named=True)
    rows, found = told["rows"], []
    for index, name in enumerate(names):
        there, different = rows - told[f"{index} missing"], told.get(f"{index} distinct")
        absent = (rows - there) / rows if rows else None
        share = different / there if different is not None and there else None
        spread = told.get(f"{index} variance")
        reason = ""
        if absent is not None and missing is not None and absent > missing:
            reason = f"{absent:.1%} of the values are missing"
        elif rows and constant and different is not None and different <= 1:
            reason = "all values are equal" if different else "no value is there"
        elif share is not None and distinct is not None and share > distinct and not schema[name].is_float():
            reason = f"{share:.1%} of the values are different"
        elif variance is not None and spread is not None and spread <= variance:
            reason = f"the variance is {spread:.4g}"
        found.append(
            {
                "column": name, "kept": not reason, "missing_share": absent, "distinct": different,
                "distinct_share": share, "variance": spread, "reason": reason or None,
            }
        )  # fmt: skip
    return found


def without_correlated(table: pl.LazyFrame, found: list[dict[str, Any]], most: float) -> list[str]:
    """The columns of numbers, of those kept so far, that say the same as another; noted as left out."""
    schema = table.collect_schema()
    names = [row["column"] for row in found if row["kept"] and schema[row["column"]].is_numeric()]
    doubles = without_doubles(correlated_pairs(table, names, "Pearson"), names, most)
    for row in found:
        if row["column"] in doubles:
            other, value = doubles[row["column"]]
            row |= {"kept": False, "reason": f"its correlation with {other} is {value:.3f}"}
    return list(doubles)
