"""Logistic Regression Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


_MOST_WEIGHTS = 1_001  # whose errors are worked out, from a matrix of as many rows and columns


class LogisticRegressionLearner(SupervisedNode):
    """Learn the probability of each class as a weighted sum of the features, bent into 0 to 1.

    Missing numbers are filled in by the column's median, texts become one 0/1 column a value, and numbers
    are brought to one scale; all this is part of the model, so that weights can be compared: each tells
    what one standard deviation more does to the log odds.

    For two classes the table has the standard error, z statistic, p value and 95 % interval of each
    weight, from the curvature of the (penalised) likelihood; with a penalty they lean towards 0 as the
    weights do. For more classes, and with more than 1,000 weights, it has the weights alone.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: One row a weight, the intercept first.
    """

    category = "Mining / Classification"
    keywords = ("logit", "LogisticRegression", "glm", "binomial", "softmax", "train", "fit")
    tasks = ("classification",)
    scales = True

    penalty: float = parameter(
        default=1.0,
        minimum=0.0,
        help="The penalty on large weights; 0 for none, larger gives a simpler model.",
    )
    l1_share: float = parameter(
        default=0.0,
        minimum=0.0,
        maximum=1.0,
        label="Share of the lasso penalty",
        help="0 makes weights smaller (ridge), 1 makes some of them 0 (lasso).",
        advanced=True,
    )
    balanced: bool = parameter(
        default=False, label="Balance classes", help="Whether rare classes count as much as frequent ones."
    )
    rounds: int = parameter(default=1000, minimum=1, help="The most rounds of the search.", advanced=True)

    def estimator(self, task: Task | None) -> Any:
        from sklearn.linear_model import LogisticRegression

        settings: dict[str, Any] = {
            "C": 1 / self.penalty if self.penalty else float("inf"),
            "max_iter": self.rounds,
            "class_weight": "balanced" if self.balanced else None,
        }
        if self.l1_share:
            settings |= {"l1_ratio": self.l1_share, "solver": "saga", "random_state": 0}
        return LogisticRegression(**settings)

    def details(self, estimator: Any, data: Training) -> pl.DataFrame:
        found = super().details(estimator, data)
        learner = estimator.named_steps["learn"]
        if len(learner.classes_) != 2 or "term" not in found.columns or found.height > _MOST_WEIGHTS:
            return found
        prepared = estimator[:-1].transform(data.features)
        return found.hstack(_errors(learner, getattr(prepared, "toarray", lambda: prepared)(), self.penalty))


def _errors(learner: Any, prepared: Any, penalty: float) -> list[pl.Series]:
    """Standard errors of the weights by the observed information: (X' W X + penalty)^-1."""
    import numpy as np
    import polars as pl
    from scipy import stats

    weights = np.array([learner.intercept_[0], *learner.coef_[0]])
    design = np.column_stack([np.ones(len(prepared)), np.asarray(prepared, dtype=float)])
    shares = 1 / (1 + np.exp(-(design @ weights)))
    information = design.T @ (design * (shares * (1 - shares))[:, None])
    information[np.arange(1, len(weights)), np.arange(1, len(weights))] += penalty
    errors = np.sqrt(np.clip(np.diag(np.linalg.pinv(information)), 0, None))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = weights / errors
    half = stats.norm.ppf(0.975) * errors
    columns = {
        "standard error": errors,
        "z": z,
        "p": 2 * stats.norm.sf(np.abs(z)),
        "lower 95 %": weights - half,
        "upper 95 %": weights + half,
    }
    return [pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()]
