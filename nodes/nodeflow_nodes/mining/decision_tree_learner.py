"""Decision Tree Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Seed, parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


class DecisionTreeLearner(SupervisedNode):
    """Learn a decision tree: questions on single columns, one after the other, that part the rows.

    A number as target gives a regression, anything else a classification; `task` decides otherwise. At
    each node the question is asked that makes the parts purest (CART, Breiman and others 1984). Missing
    numbers are filled in by the column's median, texts become one 0/1 column a value; both are part of
    the model.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor or a Decision Tree View.
        details: The nodes of the tree, from the root on: rule, rows, impurity, prediction and the share of
            each class.
    """

    category = "Mining / Trees"
    keywords = (
        "CART",
        "DecisionTreeClassifier",
        "DecisionTreeRegressor",
        "C4.5",
        "j48",
        "train",
        "fit",
        "rpart",
    )

    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    depth: int | None = parameter(
        default=None, minimum=1, help="How many questions are asked at most; empty for no limit."
    )
    leaf_rows: int = parameter(default=1, minimum=1, unit="rows", help="How many rows a leaf has at least.")
    pruning: float = parameter(
        default=0.0,
        minimum=0.0,
        help="Branches that gain less than this are cut off (minimal cost-complexity); 0 cuts none.",
    )
    measure: Literal["gini", "entropy"] = parameter(
        default="gini", help="How the purity of classes is measured.", advanced=True
    )
    balanced: bool = parameter(
        default=False,
        label="Balance classes",
        help="Whether rare classes count as much as frequent ones.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None,
        help="The random seed, which decides between equally good questions; empty for the run's.",
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        settings: dict[str, Any] = {
            "max_depth": self.depth,
            "min_samples_leaf": self.leaf_rows,
            "ccp_alpha": self.pruning,
            "random_state": int(self.seed or 0),
        }
        if task == "regression":
            return DecisionTreeRegressor(**settings)
        weight = "balanced" if self.balanced else None
        return DecisionTreeClassifier(criterion=self.measure, class_weight=weight, **settings)

    def details(self, estimator: Any, data: Training) -> pl.DataFrame:
        from nodeflow_nodes.mining._learned import tree_table
        from nodeflow_nodes.mining._training import terms_of

        terms = terms_of(estimator, data.spec)
        classes = [str(one) for one in data.spec.classes or ()]
        return tree_table(estimator.named_steps["learn"], [term for _, term in terms], classes)
