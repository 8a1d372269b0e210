"""Nearest Neighbours Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class NearestNeighboursLearner(SupervisedNode):
    """Predict by the rows that are most alike: their most frequent class, or the mean of their numbers.

    A number as target gives a regression, anything else a classification; `task` decides otherwise. The
    model keeps all rows. Missing numbers are filled in by the column's median, texts become one 0/1
    column a value, and numbers are brought to one scale unless told otherwise; all this is part of the
    model. With many columns all rows are about equally far away, so choose columns that matter.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: Facts of the learning.
    """

    name = "k-NN Learner"
    id = "nearest_neighbours_learner"
    category = "Mining / Classification"
    keywords = (
        "k nearest neighbor", "k nearest neighbours", "knn", "KNeighborsClassifier", "KNeighborsRegressor", "lazy", "ibk",
    )  # fmt: skip
    scales = True

    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    neighbours: int = parameter(default=5, minimum=1, help="How many rows decide.")
    weights: Literal["alike", "by distance"] = parameter(
        default="alike", help="Whether all neighbours count alike, or near ones more."
    )
    distance: Literal["straight line", "sum of differences", "largest difference", "angle"] = parameter(
        default="straight line", help="How far two rows are apart (Euclid, Manhattan, Chebyshev, cosine)."
    )
    one_scale: bool = parameter(
        default=True,
        label="Bring numbers to one scale",
        help="Otherwise columns with large numbers decide alone; not needed where all are of one kind, as in pictures.",
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        metrics = {
            "straight line": "euclidean",
            "sum of differences": "manhattan",
            "largest difference": "chebyshev",
            "angle": "cosine",
        }
        kind = KNeighborsRegressor if task == "regression" else KNeighborsClassifier
        weights = "uniform" if self.weights == "alike" else "distance"
        return kind(self.neighbours, weights=weights, metric=metrics[self.distance])
