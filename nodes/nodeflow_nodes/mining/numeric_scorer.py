"""Numeric Scorer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

METRICS = (
    "R2",
    "MAE",
    "RMSE",
    "MAPE",
    "mean signed difference",
    "rows",
    "MAE of the mean",
    "RMSE of the mean",
)


class NumericScorer(Node):
    """Score predicted numbers against the actual ones: R2, MAE, RMSE and more.

    R2 is the share of the variance that is explained: 1 is perfect, 0 no better than always saying the
    mean, negative worse than that; missing if all actual values are equal. MAE is the mean absolute
    error, RMSE the root of the mean squared error, both in the unit of the column. MAPE is the mean
    absolute error as a share of the actual value, rows with an actual 0 left out. The mean signed
    difference is predicted minus actual. The last two rows are the errors of a model that always says
    the mean of these rows: the baseline to beat. Rows in which either value is missing are left out.

    Inputs:
        table: A table with an actual and a predicted column.
    Outputs:
        table: One row a metric.
    """

    category = "Mining / Scoring"
    keywords = ("regression score", "error", "r squared", "rmse", "mae", "mse", "evaluate", "metrics")
    headline = "table"

    actual: Column = parameter(types=("number",), help="The column with the true values.")
    prediction: Column = parameter(types=("number",), help="The column with the predicted values.")

    def run(self, table: pl.DataFrame, context: Context) -> pl.DataFrame:
        import polars as pl

        names = table.columns
        pairs = table.select(
            pl.nth(names.index(self.actual)).cast(pl.Float64).alias("actual"),
            pl.nth(names.index(self.prediction)).cast(pl.Float64).alias("predicted"),
        )
        whole = pairs.filter(pl.all_horizontal(pl.all().is_finite().fill_null(value=False)))
        left_out = pairs.height - whole.height
        if left_out:
            context.warn(f"{left_out:,} rows with a missing or infinite value are not scored")
        if not whole.height:
            raise NodeFailed(
                f'no row has both a "{shorten(self.actual)}" and a "{shorten(self.prediction)}"; there is nothing to score'
            )
        return pl.DataFrame({"metric": METRICS, "value": list(_scores(whole))}, schema=_schema())

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_schema())

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import numpy as np")
        script.require("import polars as pl")
        script.define("scores", inspect.getsource(_scores).replace("def _scores", "def scores"))
        table, result = script.input("table"), script.output("table")
        script.add(
            f"rows = {table}.collect()",
            f"pairs = pl.DataFrame([rows[{str(self.actual)!r}].alias('actual'), "
            f"rows[{str(self.prediction)!r}].alias('predicted')])",
            "pairs = pairs.cast(pl.Float64)",
            "pairs = pairs.filter(pl.all_horizontal(pl.all().is_finite().fill_null(False)))",
            f"{result} = pl.LazyFrame(",
            f"    {{'metric': {list(METRICS)!r}, 'value': list(scores(pairs))}},",
            "    schema={'metric': pl.String, 'value': pl.Float64},",
            ")",
            f"print({result}.collect())",
        )


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    return {"metric": pl.String(), "value": pl.Float64()}


def _scores(pairs: pl.DataFrame) -> tuple[float | None, ...]:
    import numpy as np

    actual, predicted = pairs["actual"].to_numpy(), pairs["predicted"].to_numpy()
    error = predicted - actual
    around = actual - actual.mean()
    total = float(around @ around)
    nonzero = actual != 0
    return (
        1 - float(error @ error) / total if total > 0 else None,
        float(np.abs(error).mean()),
        float(np.sqrt((error**2).mean())),
        float(np.abs(error[nonzero] / actual[nonzero]).mean()) if nonzero.any() else None,
        float(error.mean()),
        float(len(actual)),
        float(np.abs(around).mean()),
        float(np.sqrt((around**2).mean())),
    )
