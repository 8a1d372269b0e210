"""Linear Correlation Filter."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl
import polars.selectors as cs

from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow.values.table import schema_of
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, chosen_numbers
from nodeflow_nodes.statistics._correlated import correlated_pairs, without_doubles

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

_REPORT: dict[str, pl.DataType] = {"column": TEXT, "kept_instead": TEXT, "correlation": NUMBER}


class Uncorrelated(NamedTuple):
    """What the node gives."""

    table: pl.LazyFrame
    left_out: pl.DataFrame


class LinearCorrelationFilter(Node):
    """Leave out number columns that say nearly the same as another one.

    Of columns whose correlation is stronger than the limit, in either direction, the one stays that goes with most
    others, of several the first; those that go with it are left out; then the next. Rows in which a value of a pair
    is missing do not count for that pair. Columns that are not numbers, or not chosen, stay. Rows stay as they are.

    Inputs:
        table: The table with the columns.
    Outputs:
        table: The table without the doubles.
        left_out: The columns left out, each with the one that stays instead.
    """

    category = "Statistics"
    keywords = ("redundant columns", "multicollinearity", "collinear", "feature selection", "drop correlated")

    columns: Columns = parameter(
        default=Columns.typed("number"), types=("number",), help="The columns that may be left out."
    )
    most: float = parameter(
        default=0.9,
        minimum=0,
        below=1,
        label="Limit",
        help="A correlation beyond this, or below its negative, is too strong.",
    )
    method: Literal["Pearson", "Spearman"] = parameter(
        default="Pearson", help="How correlation is measured: along a straight line, or by ranks."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> Uncorrelated:
        names = chosen_numbers(self.columns, schema_of(table))
        dropped = without_doubles(correlated_pairs(table, names, self.method), names, self.most)
        context.check_cancelled()
        rows = [(name, *dropped[name]) for name in names if name in dropped]
        report = pl.DataFrame(rows, schema=_REPORT, orient="row")
        return Uncorrelated(table.drop(cs.by_name(*dropped)) if dropped else table, report)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        return {"left_out": TableSpec(_REPORT)}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "table" not in inputs or len(chosen_numbers(self.columns, inputs["table"].columns)) >= 2:
            return ()
        return [
            Fault("columns", f"fewer than two number columns are chosen ({self.columns}); choose two or more")
        ]

    def summary(self) -> str:
        return f"beyond {self.most:g}: {self.columns}"[:80]

    def export_python(self, script: PythonScript) -> None:
        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        for line in (
            "import itertools", "import polars as pl", "import polars.selectors as cs",
            "from collections.abc import Mapping, Sequence",
        ):  # fmt: skip
            script.require(line)
        for one in (correlated_pairs, without_doubles):
            script.define(one.__name__, inspect.getsource(one))
        names = chosen_numbers(self.columns, schema)
        source, result, report = script.input("table"), script.output("table"), script.output("left_out")
        script.add(
            f"pairs = correlated_pairs({source}, {names!r}, {self.method!r})",
            f"doubles = without_doubles(pairs, {names!r}, {self.most!r})",
            f"{result} = {source}.drop(cs.by_name(*doubles)) if doubles else {source}",
            f"rows = [(name, *doubles[name]) for name in {names!r} if name in doubles]",
            f"{report} = pl.LazyFrame(rows, schema={{'column': pl.String, 'kept_instead': pl.String, "
            "'correlation': pl.Float64}, orient='row')",
        )
