"""Polynomial Regression Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


class PolynomialRegressionLearner(SupervisedNode):
    """Learn the target as a sum of powers and products of the features.

    Missing numbers are filled in by the column's median, texts become one 0/1 column a value, and numbers
    are brought to one scale before they are multiplied, so that high powers stay within bounds; all this
    is part of the model. With many columns a degree above 2 makes very many terms.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: One row a weight, the intercept first; the terms are of the scaled columns.
    """

    category = "Mining / Regression"
    keywords = ("quadratic", "cubic", "PolynomialFeatures", "curve fit", "interaction", "train", "fit")
    tasks = ("regression",)
    scales = True

    degree: int = parameter(default=2, minimum=1, maximum=10, help="The highest power of a term.")
    products_only: bool = parameter(
        default=False, help="Whether there are products of different columns only, and no powers of one."
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import PolynomialFeatures

        powers = PolynomialFeatures(self.degree, interaction_only=self.products_only, include_bias=False)
        return Pipeline([("powers", powers), ("sum", LinearRegression())])

    def details(self, estimator: Any, data: Training) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.mining._training import terms_of

        terms = [term for _, term in terms_of(estimator, data.spec)]
        powers, fitted = estimator.named_steps["learn"].named_steps.values()
        names = [str(one) for one in powers.get_feature_names_out(terms)]
        return pl.DataFrame(
            {"term": ["(intercept)", *names], "weight": [float(fitted.intercept_), *fitted.coef_]}
        )
