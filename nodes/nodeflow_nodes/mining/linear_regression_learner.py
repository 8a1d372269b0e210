"""Linear Regression Learner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Model


class Learned(NamedTuple):
    """What the learner gives."""

    model: Model
    coefficients: pl.DataFrame


class LinearRegressionLearner(Node):
    """Learn a linear regression: the target as a weighted sum of the features.

    The weights make the squared errors smallest (ordinary least squares). Missing numbers are filled
    in by the column's median, texts become one 0/1 column a value but the first, and values not seen
    while learning count as the first; all this is part of the model. Rows without a target are left
    out. Texts with more than 50 different values are used only if chosen by name.

    The coefficient table has the standard error, t statistic, p value and 95 % confidence interval of
    each weight, under the usual assumptions (independent errors of equal variance). Where features
    depend on each other linearly the weights are not unique, and their errors are those of the
    solution with the smallest weights.

    Inputs:
        table: The rows to learn from.
    Outputs:
        model: The model, for a Predictor.
        coefficients: One row a weight, the intercept first.
    """

    category = "Mining / Regression"
    keywords = ("ols", "least squares", "lm", "linear model", "LinearRegression", "train", "fit")

    target: Column = parameter(types=("number",), help="The number column to predict.")
    features: Columns = parameter(
        default=Columns.all(),
        help="The columns to predict it from; those of no use to a learner are left out.",
    )
    intercept: bool = parameter(default=True, advanced=True, help="Whether the sum has a constant term.")

    def run(self, table: pl.DataFrame, context: Context) -> Learned:
        from sklearn.linear_model import LinearRegression

        from nodeflow_nodes.mining import _training

        data = _training.training(table, self.features, self.target, "regression", self.name, context)
        learner = LinearRegression(fit_intercept=self.intercept)
        estimator = _training.pipeline(data.spec, learner, drop_first=True)
        _training.fit(estimator, data, context)
        coefficients = coefficient_table(estimator, data, self.intercept)
        summary = {
            "weights": len(learner.coef_),
            "R2 on the training rows": float(estimator.score(data.features, data.target)),
        }
        return Learned(_training.model_of(estimator, data, summary), coefficients)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow_nodes.mining import _training

        spec = _training.model_spec(
            "regression", self.features, self.target, inputs["table"].columns, self.name
        )
        numbers = ("coefficient", "standard error", "t", "p", "lower 95 %", "upper 95 %")
        columns = {"term": pl.String(), **{name: pl.Float64() for name in numbers}}
        return {"model": spec, "coefficients": TableSpec(columns)}

    def summary(self) -> str:
        return f"{self.target} from {self.features}"[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.mining import _training

        schema = script.schema("table")
        if schema is None:
            script.cannot_express("its input columns are not known before running")
            return
        script.require("from sklearn.linear_model import LinearRegression")
        features = _training.feature_columns(self.features, self.target, schema)
        model = _training.export_training(
            script, self.target, features, lambda: f"LinearRegression(fit_intercept={self.intercept})", True
        )
        table = script.output("coefficients")
        script.add(
            f'{table} = pl.LazyFrame({{"coefficient": [{model}["learn"].intercept_, *{model}["learn"].coef_]}})'
        )


def coefficient_table(estimator: Any, data: Any, intercept: bool) -> pl.DataFrame:
    """Weights with their standard errors, from the residuals: s^2 (X'X)^-1 (pseudo-inverse)."""
    import numpy as np
    import polars as pl
    from scipy import stats

    from nodeflow_nodes.mining._training import encoded_names

    learner = estimator.named_steps["learn"]
    design = np.asarray(estimator.named_steps["prepare"].transform(data.features), dtype=float)
    names = encoded_names(estimator, data.spec)
    weights = np.asarray(learner.coef_, dtype=float)
    if intercept:
        design = np.column_stack([np.ones(len(design)), design])
        weights = np.concatenate([[float(learner.intercept_)], weights])
        names = ["(intercept)", *names]
    freedom = len(design) - np.linalg.matrix_rank(design)
    residuals = data.target - design @ weights
    if freedom > 0:
        variance = float(residuals @ residuals) / freedom
        errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(design.T @ design)) * variance, 0.0))
    else:
        errors = np.full(len(weights), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = weights / errors
    p = 2 * stats.t.sf(np.abs(t), freedom) if freedom > 0 else np.full(len(weights), np.nan)
    half = stats.t.ppf(0.975, freedom) * errors if freedom > 0 else errors
    columns = {
        "coefficient": weights,
        "standard error": errors,
        "t": t,
        "p": p,
        "lower 95 %": weights - half,
        "upper 95 %": weights + half,
    }
    return pl.DataFrame(
        {"term": names, **{n: pl.Series(v, dtype=pl.Float64) for n, v in columns.items()}}
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
