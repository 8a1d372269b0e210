"""Network Freeze."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.editing import frozen
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    from nodeflow.values import Network
    from nodeflow.values.specs import Spec


class NetworkFreeze(Node):
    """Keep the weights of layers as they are in training, or set them free again.

    It is for networks that were trained before: the first layers stay, the last are learned anew on other data
    (transfer learning).

    Inputs:
        network: The network.
    Outputs:
        network: The same with layers frozen or free.
    """

    category = "Deep Learning / Network"
    keywords = ("trainable", "transfer learning", "fine-tuning", "fix weights")

    layers: list[str] = parameter(default=[], help="The names of the layers; empty for all.")
    to: Literal["frozen", "free"] = parameter(default="frozen", help="What they are to be.")

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "network" not in inputs:
            return []
        try:
            self._made(inputs["network"].structure)
        except NetworkError as error:
            return [Fault("layers", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self._made(inputs["network"].structure))

    def run(self, network: Network) -> Network:
        from nodeflow.values.network import Network

        try:
            return Network(self._made(network.structure), network.weights)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None

    def _made(self, structure: Structure) -> Structure:
        ids = self.layers or [one.id for one in structure.layers]
        return frozen(structure, ids, trainable=self.to == "free")

    def summary(self) -> str:
        return f"{', '.join(self.layers) or 'all layers'} {self.to}"[:80]
