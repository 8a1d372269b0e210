"""Network Cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.editing import cut
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    from nodeflow.values import Network
    from nodeflow.values.specs import Spec


class NetworkCut(Node):
    """Take a piece out of a network, such as the encoder of an autoencoder.

    The piece begins after one layer and ends with another. What the first gives becomes the input of the piece; weights
    are kept.

    Inputs:
        network: The network.
    Outputs:
        network: The piece.
    """

    category = "Deep Learning / Network"
    keywords = ("split", "encoder", "decoder", "remove layers", "head", "features")

    after: str = parameter(default="", help="The layer after which the piece begins; empty for the inputs.")
    until: str = parameter(default="", help="The last layer of the piece; empty for the outputs.")

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "network" not in inputs:
            return []
        try:
            self._made(inputs["network"].structure)
        except NetworkError as error:
            return [Fault("until" if self.until else "after", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self._made(inputs["network"].structure))

    def run(self, network: Network) -> Network:
        from nodeflow.values.network import Network

        try:
            made = self._made(network.structure)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        kept = {one.id for one in made.layers}
        weights = {name: one for name, one in network.weights.items() if name.partition("/")[0] in kept}
        return Network(made, weights)

    def _made(self, structure: Structure) -> Structure:
        made = cut(structure, self.after, self.until)
        made.shapes()
        return made

    def summary(self) -> str:
        return f"{self.after or 'inputs'} to {self.until or 'outputs'}"[:80]
