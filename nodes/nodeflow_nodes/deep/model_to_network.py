"""Model to Network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault

if TYPE_CHECKING:
    from nodeflow.values import Model, Network
    from nodeflow.values.specs import Spec


class ModelToNetwork(Node):
    """Take the network out of a trained model, with the weights it has learned.

    It can be looked at by a Network Inspector, cut into pieces, frozen in part, given further layers, written to a
    file for Keras, and trained on by a Deep Learner: what it has learned is where that begins. The model's scaling of
    columns, its classes and its history stay behind; new tensors for it should be scaled as the old ones were.

    Inputs:
        model: The model of a Deep Learner, an Autoencoder Learner, an LSTM Forecaster or the like.
    Outputs:
        network: Its network, with weights.
    """

    name = "Model to Network"
    category = "Deep Learning / Network"
    keywords = (
        "extract network", "network from model", "trained weights", "transfer learning", "fine-tuning", "continue training",
    )  # fmt: skip

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [Fault("", _none(model.learner))]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        network: Spec | None = inputs["model"].network
        return network

    def run(self, model: Model) -> Network:
        if model.network is None:
            raise NodeFailed(_none(model.spec.learner))
        return model.network.network


def _none(learner: str) -> str:
    return f"the model of {learner or 'this learner'} holds no network; connect one that a node of Deep Learning trained"
