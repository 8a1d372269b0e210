"""Network Join."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError
from nodeflow.networks.editing import joined
from nodeflow.node import Node
from nodeflow.parameters import Fault
from nodeflow_nodes.deep._layer_nodes import with_weights_of

if TYPE_CHECKING:
    from nodeflow.values import Network
    from nodeflow.values.specs import Spec


class NetworkJoin(Node):
    """Make one network of several that has all their outputs, such as one for each target.

    Inputs of one name are one input. Layers that are the same in all that goes into them are one layer, so that
    branches that began together share what they have in common; others of the same name get a new name. To make one
    output of several, take a merging layer such as Concatenate or Add instead.

    Inputs:
        networks: The networks, whose outputs come in this order.
    Outputs:
        network: The whole network.
    """

    category = "Deep Learning / Network"
    keywords = ("combine", "several outputs", "multi-task", "branches")

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "networks" not in inputs:
            return []
        try:
            joined([one.structure for one in inputs["networks"]])
        except NetworkError as error:
            return [Fault("", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(joined([one.structure for one in inputs["networks"]])[0])

    def run(self, networks: list[Network]) -> Network:
        try:
            structure, renames = joined([one.structure for one in networks])
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        return with_weights_of(structure, networks, renames)
