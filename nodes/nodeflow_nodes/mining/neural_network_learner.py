"""Neural Network Learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.parameters import Seed, parameter
from nodeflow_nodes.mining._estimators import SupervisedNode

if TYPE_CHECKING:
    from nodeflow.values.specs import Task


class NeuralNetworkLearner(SupervisedNode):
    """Learn a multilayer perceptron: layers of neurons, each a bent weighted sum of the layer before.

    A number as target gives a regression, anything else a classification; `task` decides otherwise.
    Missing numbers are filled in by the column's median, texts become one 0/1 column a value, and numbers
    are brought to one scale; all this is part of the model. For larger networks see the deep learning
    nodes.

    Inputs:
        table: The rows to learn from.
        before: The model of a node that makes or chooses columns, such as PCA; it is learned anew within.
    Outputs:
        model: The model, for a Predictor.
        details: Facts of the learning, such as the number of rounds and the loss.
    """

    name = "MLP Learner"
    id = "mlp_learner"
    category = "Mining / Classification"
    keywords = (
        "multilayer perceptron", "neural network", "MLPClassifier", "MLPRegressor", "rprop", "train", "fit",
    )  # fmt: skip
    scales = True

    task: Literal["auto", "regression", "classification"] = parameter(
        default="auto", help="Whether to predict a number or a class; auto goes by the type of the target."
    )
    layers: list[int] = parameter(
        default=[100],
        minimum=1,
        maximum=10_000,
        min_length=1,
        help="The number of neurons in each hidden layer.",
    )
    activation: Literal["relu", "tanh", "logistic", "identity"] = parameter(
        default="relu", help="How the sums are bent."
    )
    rounds: int = parameter(default=200, minimum=1, help="How often all rows are gone through at most.")
    penalty: float = parameter(
        default=0.0001, minimum=0.0, help="The penalty on large weights; larger gives a simpler model."
    )
    learning_rate: float = parameter(
        default=0.001, above=0.0, help="The size of the first steps.", advanced=True
    )
    stop_early: bool = parameter(
        default=False,
        help="Stop when a tenth of the rows, held back, is no longer predicted better.",
        advanced=True,
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed; empty to take one from the run's seed."
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        kind = MLPRegressor if task == "regression" else MLPClassifier
        return kind(
            hidden_layer_sizes=tuple(self.layers),
            activation=self.activation,
            max_iter=self.rounds,
            alpha=self.penalty,
            learning_rate_init=self.learning_rate,
            early_stopping=self.stop_early,
            random_state=int(self.seed or 0),
        )
