"""Naive Bayes Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class NaiveBayesLearner(SupervisedNode):
    """Learn how the values of each column spread in each class, and predict the likeliest class.

    The columns are taken to be independent of each other within a class, which is seldom true and often
    good enough. Missing numbers are filled in by the column's median, texts become one 0/1 column a
    value; both are part of the model.

    | kind | for |
    |---|---|
    | numbers | measures, spread as a bell curve (Gauss) |
    | counts | numbers of occurrences, such as of words; not below 0 (multinomial) |
    | rare classes | the same, better where some classes are rare (complement) |
    | yes or no | 0/1 columns, or whether a number is above 0 (Bernoulli) |

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: The means, variances or probabilities of each class.
    """

    category = "Mining / Classification"
    keywords = ("GaussianNB", "MultinomialNB", "BernoulliNB", "ComplementNB", "bayes", "spam", "train", "fit")
    tasks = ("classification",)

    kind: Literal["numbers", "counts", "rare classes", "yes or no"] = parameter(
        default="numbers", help="How values spread within a class."
    )
    smoothing: float = parameter(
        default=1.0,
        minimum=0.0,
        help="What is added to each count, so that what was not seen is not impossible.",
        when={"kind": ["counts", "rare classes", "yes or no"]},
    )
    equal_classes: bool = parameter(
        default=False, help="Take all classes for equally frequent; otherwise as in the rows.", advanced=True
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn import naive_bayes

        if self.kind == "numbers":
            return naive_bayes.GaussianNB()
        kinds = {
            "counts": naive_bayes.MultinomialNB,
            "rare classes": naive_bayes.ComplementNB,
            "yes or no": naive_bayes.BernoulliNB,
        }
        return kinds[self.kind](alpha=self.smoothing, fit_prior=not self.equal_classes)
