"""Gradient Boosting Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Seed, parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class GradientBoostingLearner(SupervisedNode):
    """Learn many small trees one after the other, each of which mends what those before got wrong.

    A number as target gives a regression, anything else a classification; `task` decides otherwise. The
    values of a column are put into at most 255 ranges first, which makes it fast on many rows. Missing
    numbers are filled in by the column's median, texts become one 0/1 column a value; both are part of
    the model.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: Facts of the learning, such as the number of rounds.
    """

    category = "Mining / Trees"
    parallel = True
    keywords = (
        "gradient boosted trees", "GBM", "xgboost", "lightgbm", "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor", "GBDT", "train", "fit",
    )  # fmt: skip

    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    rounds: int = parameter(default=100, minimum=1, maximum=100_000, help="How many rounds of trees at most.")
    learning_rate: float = parameter(
        default=0.1,
        above=0.0,
        maximum=10.0,
        help="How much of its correction each tree makes; smaller needs more rounds.",
    )
    leaves: int = parameter(
        default=31, minimum=2, maximum=100_000, help="How many leaves a tree has at most."
    )
    leaf_rows: int = parameter(default=20, minimum=1, unit="rows", help="How many rows a leaf has at least.")
    penalty: float = parameter(
        default=0.0, minimum=0.0, help="The penalty on large values in leaves; larger gives a simpler model."
    )
    stop_early: Literal["auto", "yes", "no"] = parameter(
        default="auto",
        help="Stop when a tenth of the rows, held back, is no longer predicted better; auto does so above 10,000 rows.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        return kind(
            max_iter=self.rounds,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.leaf_rows,
            l2_regularization=self.penalty,
            early_stopping={"auto": "auto", "yes": True, "no": False}[self.stop_early],
            random_state=int(self.seed or 0),
        )
