"""Forecast Scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.deep._making import schema_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values.specs import Spec


class ForecastScorer(Node):
    """Score forecasts against what came, and against a naive forecast of the same rows.

    | score | meaning |
    |---|---|
    | MAE | mean absolute error, in the unit of the column |
    | RMSE | root of the mean squared error, which large errors weigh on more |
    | bias | mean of forecast minus actual: whether forecasts are too high on the whole |
    | MASE | MAE as a share of that of "same as a season before", over the rows as they come (Hyndman and Koehler 2006) |
    | skill score | 1 - MAE / MAE of the naive forecast: 1 is perfect, 0 no better, below 0 worse than naive |

    The naive forecast is a column of the table, or comes as a table of its own: a Naive Forecast of the same tensors,
    whose rows are found by the column `row`. Rows are only scored where actual, forecast and naive forecast are all
    there, so that the two are compared on the same rows.

    Inputs:
        table: Rows in order of time with an actual and a forecast column.
        naive: The naive forecasts, with the column `row` that the table has as well.
    Outputs:
        table: One row a score, with that of the naive forecast beside it.
    """

    category = "Deep Learning / Forecast"
    keywords = (
        "mae",
        "rmse",
        "mase",
        "skill score",
        "time series",
        "evaluate",
        "regression score",
        "baseline",
    )
    headline = "table"

    actual: Column = parameter(types=("number",), port="table", help="The column with the values that came.")
    prediction: Column = parameter(types=("number",), port="table", help="The column with the forecasts.")
    baseline: Column | None = parameter(
        default=None,
        types=("number",),
        port="table",
        label="Naive column",
        help="A column of the table with naive forecasts, unless they come at the input `naive`.",
    )
    season: int = parameter(
        default=1, minimum=1, maximum=10_000_000, unit="rows", help="The rows of a season, for the MASE."
    )

    def check_parameters(self) -> list[Fault]:
        if self.actual == self.prediction:
            return [Fault("prediction", "the forecast must be another column than the actual one")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        naive, table = schema_of(inputs, "naive"), schema_of(inputs)
        if naive is None or table is None:
            return ()
        if self.baseline is not None:
            return [
                Fault("baseline", "naive forecasts come at the input naive already; leave the column empty")
            ]
        if "row" not in naive or "row" not in table:
            return [Fault("", 'naive forecasts are matched by the column "row", which both tables need')]
        return self._naive_faults(naive)

    def _naive_faults(self, schema: Mapping[str, pl.DataType]) -> list[Fault]:
        names = self._naive_names(schema)
        if len(names) != 1:
            told = ", ".join(f'"{shorten(one)}"' for one in names[:3]) or "none"
            return [
                Fault(
                    "",
                    f"the table of naive forecasts needs one column of forecasts beside row and actual, not {told}",
                )
            ]
        return []

    def _naive_names(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return [
            name for name, dtype in schema.items() if dtype.is_numeric() and name not in ("row", self.actual)
        ]

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from nodeflow.values.specs import TableSpec

        return TableSpec(_types())

    def run(self, table: pl.LazyFrame, context: Context, naive: pl.LazyFrame | None = None) -> pl.DataFrame:
        import numpy as np
        import polars as pl
        import polars.selectors as cs

        wanted = [str(name) for name in (self.actual, self.prediction, self.baseline) if name is not None]
        keys = [] if naive is None else ["row"]
        frame = table.select(cs.by_name(*dict.fromkeys([*wanted, *keys]))).collect(engine="streaming")
        columns = [frame.get_column(name).cast(pl.Float64) for name in wanted]
        if naive is not None:
            other = naive.collect(engine="streaming")
            faults = self._naive_faults(other.schema)
            if "row" not in other.columns or faults:
                raise NodeFailed(faults[0].sentence if faults else 'the naive forecasts have no column "row"')
            pairs = pl.DataFrame(
                [other.get_column("row"), other.get_column(self._naive_names(other.schema)[0]).alias("n")]
            )
            if pairs.get_column("row").is_duplicated().any():
                raise NodeFailed(
                    'the column "row" of the naive forecasts names a row twice; use those of the same tensors'
                )
            found = frame.select(cs.by_name("row")).join(pairs, on="row", how="left", maintain_order="left")
            columns.append(found.get_column("n").cast(pl.Float64))
        values = np.column_stack([one.fill_null(float("nan")).to_numpy() for one in columns])
        context.check_cancelled()
        known = np.isfinite(values).all(axis=1)
        if not known.any():
            raise NodeFailed(
                f"no row has both {self.actual[:80]!r} and {self.prediction[:80]!r}"
                + (" and a naive forecast" if values.shape[1] > 2 else "")
                + "; there is nothing to score"
            )
        if not known.all():
            context.warn(f"{int((~known).sum()):,} of {len(known):,} rows without all values are not scored")
        return pl.DataFrame(forecast_scores(values[known], self.season), schema=_types(), orient="row")

    def summary(self) -> str:
        return f"{self.prediction} against {self.actual}"[:80]


def _types() -> dict[str, pl.DataType]:
    import polars as pl

    return {"metric": pl.String(), "value": pl.Float64(), "naive": pl.Float64()}


def forecast_scores(values: np.ndarray, season: int) -> list[tuple[str, float | None, float | None]]:
    """Rows of name, score and score of the naive forecast; columns are actual, forecast and, if any, naive."""
    import numpy as np

    actual = values[:, 0]
    errors = values[:, 1:] - actual[:, None]
    size = np.abs(errors).mean(axis=0)
    steps = np.abs(actual[season:] - actual[:-season]) if len(actual) > season else np.zeros(0)
    step = float(steps.mean()) if len(steps) else 0.0
    scores = {
        "MAE": size,
        "RMSE": np.sqrt((errors**2).mean(axis=0)),
        "bias": errors.mean(axis=0),
        "MASE": size / step if step > 0 else np.full(len(size), np.nan),
    }
    rows = [(name, *_pair(found)) for name, found in scores.items()]
    if len(size) > 1:
        skill = 1 - size[0] / size[1] if size[1] > 0 else np.nan
        rows.append(("skill score", *_pair(np.array([skill, 0.0]))))
    rows.append(("rows", float(len(values)), None))
    return rows


def _pair(found: np.ndarray) -> tuple[float | None, float | None]:
    known = [None if one != one else float(one) for one in found]
    return known[0], known[1] if len(known) > 1 else None
