"""Regularised Regression Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class RegularisedRegressionLearner(SupervisedNode):
    """Learn a linear regression whose weights are kept small: ridge, lasso or elastic net.

    A penalty on large weights helps where there are many columns, or where they say the same. Ridge makes
    all weights smaller, lasso makes some of them 0 and so chooses columns, the elastic net does both.
    Without a given strength the one is taken that predicts rows held back best, in five parts. Missing
    numbers are filled in by the column's median, texts become one 0/1 column a value, and numbers are
    brought to one scale; all this is part of the model.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: One row a weight, the intercept first.
    """

    category = "Mining / Regression"
    keywords = (
        "ridge",
        "lasso",
        "elastic net",
        "ElasticNet",
        "shrinkage",
        "L1",
        "L2",
        "glmnet",
        "train",
        "fit",
    )
    tasks = ("regression",)
    scales = True

    kind: Literal["ridge", "lasso", "elastic net"] = parameter(default="ridge", help="The kind of penalty.")
    strength: float | None = parameter(
        default=None, above=0.0, help="The strength of the penalty; empty to find the best one."
    )
    l1_share: float = parameter(
        default=0.5,
        minimum=0.01,
        maximum=1.0,
        label="Share of the lasso penalty",
        help="How much of the elastic net is lasso, the rest is ridge.",
        when={"kind": "elastic net"},
    )

    def estimator(self, task: Task | None) -> Any:
        import numpy as np
        from sklearn import linear_model

        if self.kind == "ridge":
            if self.strength is None:
                return linear_model.RidgeCV(alphas=np.logspace(-4, 4, 33))
            return linear_model.Ridge(alpha=self.strength)
        if self.kind == "lasso":
            return (
                linear_model.LassoCV(cv=5)
                if self.strength is None
                else linear_model.Lasso(alpha=self.strength)
            )
        if self.strength is None:
            return linear_model.ElasticNetCV(cv=5, l1_ratio=self.l1_share)
        return linear_model.ElasticNet(alpha=self.strength, l1_ratio=self.l1_share)
