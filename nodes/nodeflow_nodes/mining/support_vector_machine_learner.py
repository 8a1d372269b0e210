"""Support Vector Machine Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class SupportVectorMachineLearner(SupervisedNode):
    """Learn the border between classes with the widest margin, or a tube around numbers.

    A number as target gives a regression, anything else a classification; `task` decides otherwise. The
    kernel says what borders are possible. The time grows with the square of the number of rows: above
    some 20,000 rows take a linear kernel or another learner. Missing numbers are filled in by the
    column's median, texts become one 0/1 column a value, and numbers are brought to one scale; all this
    is part of the model.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor. It gives no probabilities.
        details: The weights of a linear kernel, else facts such as the numbers of support vectors.
    """

    name = "SVM Learner"
    id = "svm_learner"
    category = "Mining / Classification"
    keywords = ("support vector machine", "SVC", "SVR", "kernel", "libsvm", "smo", "train", "fit")
    scales = True

    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    kernel: Literal["radial", "linear", "polynomial", "sigmoid"] = parameter(
        default="radial", help="The shape of the border: bent at will, straight, a polynomial, or S-shaped."
    )
    cost: float = parameter(
        default=1.0,
        above=0.0,
        help="How much errors count against a simple border; larger fits the rows more closely.",
    )
    reach: float | None = parameter(
        default=None,
        above=0.0,
        label="Gamma",
        help="How far one row reaches: larger reaches less far. Empty to go by the number of columns.",
        when={"kernel": ["radial", "polynomial", "sigmoid"]},
    )
    degree: int = parameter(
        default=3, minimum=1, maximum=20, help="The degree of the polynomial.", when={"kernel": "polynomial"}
    )
    tube: float = parameter(
        default=0.1,
        minimum=0.0,
        help="How far off a number may be without counting as an error.",
        advanced=True,
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.svm import SVC, SVR

        kernel = {"radial": "rbf", "polynomial": "poly"}.get(self.kernel, self.kernel)
        gamma = "scale" if self.reach is None else self.reach
        if task == "regression":
            return SVR(kernel=kernel, C=self.cost, gamma=gamma, degree=self.degree, epsilon=self.tube)
        return SVC(kernel=kernel, C=self.cost, gamma=gamma, degree=self.degree)
