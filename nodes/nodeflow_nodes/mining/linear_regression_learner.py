"""Linear Regression Learner."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import numpy as np
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
        import numpy as np
        from sklearn.linear_model import LinearRegression

        from nodeflow_nodes.mining import _training

        data = _training.training(table, self.features, self.target, "regression", self.name, context)
        learner = LinearRegression(fit_intercept=self.intercept)
        estimator = _training.pipeline(data.spec, learner, drop_first=True, wide=_training.wide_columns(data))
        _training.fit(estimator, data, context)
        prepare = estimator.named_steps["prepare"]
        terms = [term for _, term in _training.encoded_terms(prepare, _training.column_names(data.spec))]
        weights = np.array([learner.intercept_, *learner.coef_] if self.intercept else learner.coef_)
        with _training.at_work(context):
            coefficients = coefficient_table(
                prepare.transform(data.features), data.target, weights, terms, self.intercept
            )
            share = float(estimator.score(data.features, data.target))
        summary = {"weights": len(learner.coef_), "R2 on the training rows": share}
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
        from nodeflow_nodes.mining import _export

        script.require("import numpy as np")
        script.require("from sklearn.linear_model import LinearRegression")
        learner = f"LinearRegression(fit_intercept={self.intercept})"
        made = _export.export_training(
            script, self.target, self.features, learner, classes=False, drop_first=True
        )
        if made is None:
            return
        (model, rows), table = made, script.output("coefficients")
        script.define("coefficient_table", inspect.getsource(coefficient_table))
        first = f'{model}["learn"].intercept_, ' if self.intercept else ""
        script.add(
            f"names = {{name: name for name in {model}_numbers + {model}_texts}}",
            f"{table} = coefficient_table(",
            f'    {model}["prepare"].transform(as_features({rows}, {model}_numbers, {model}_texts)),',
            f"    {rows}[{self.target!r}].cast(pl.Float64).to_numpy(),",
            f'    np.array([{first}*{model}["learn"].coef_]),',
            f'    [term for _, term in encoded_terms({model}["prepare"], names)],',
            f"    {self.intercept},",
            ").lazy()",
        )


def coefficient_table(
    prepared: np.ndarray, target: np.ndarray, weights: np.ndarray, terms: list[str], intercept: bool
) -> pl.DataFrame:
    """Weights with their standard errors, from the residuals: s^2 (X'X)^-1, by singular values."""
    import numpy as np
    import polars as pl
    from scipy import stats

    design = np.asarray(prepared, dtype=float)
    if intercept:
        design = np.column_stack([np.ones(len(design)), design])
        terms = ["(intercept)", *terms]
    _, sizes, turn = np.linalg.svd(np.linalg.qr(design, mode="r"), full_matrices=False)
    kept = sizes > max(design.shape) * np.finfo(float).eps * sizes.max(initial=0.0)
    freedom = len(design) - int(kept.sum())
    residuals = target - design @ weights
    if freedom > 0:
        variance = float(residuals @ residuals) / freedom
        errors = np.sqrt(((turn[kept].T / sizes[kept]) ** 2).sum(axis=1) * variance)
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
        {"term": terms, **{n: pl.Series(v, dtype=pl.Float64) for n, v in columns.items()}}
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
