"""Layer List."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import RULES, NetworkError, Structure
from nodeflow.node import Node
from nodeflow.parameters import Fault, Record, parameter
from nodeflow_nodes.deep._beginning import begun
from nodeflow_nodes.deep._layer_nodes import NAME_HELP, name_faults
from nodeflow_nodes.deep.network_input import SHAPE_HELP

if TYPE_CHECKING:
    from nodeflow.values import Network, Tensors
    from nodeflow.values.specs import Spec

_KINDS = tuple(kind for kind, rule in RULES.items() if rule.inputs[0] == 1)


class ListedLayer(Record):
    """One layer of a list."""

    layer: Literal[_KINDS] = parameter(default="dense", help="The kind of layer.")  # type: ignore[valid-type]
    settings: dict[str, Any] = parameter(
        default={},
        help="The options that are not at their default, as in the layer's own node: units, activation and so on; "
        "several numbers are written with commas.",
    )
    layer_name: str = parameter(default="", help=NAME_HELP)

    def check_parameters(self) -> list[Fault]:
        faults = name_faults("layer_name", self.layer_name)
        try:
            RULES[self.layer].settings(self.settings)
        except NetworkError as error:
            faults.append(Fault("settings", f"{RULES[self.layer].title}: {error}"))
        return faults


class LayerList(Node):
    """Put layers on a network, one after the other, out of a list: the same as a chain of the layers' own nodes.

    It begins with a network or with tensors, if one is connected, else with an input of the given shape. Branches that
    meet again need the nodes of layers.

    Inputs:
        network: The network the first layer is put on.
        tensors: Or the samples the network is for.
    Outputs:
        network: The network with all layers.
    """

    category = "Deep Learning / Network"
    keywords = ("sequential", "layers", "stack", "chain", "keras")

    layers: list[ListedLayer] = parameter(
        default=[ListedLayer(layer="dense", settings={"units": 32, "activation": "relu"})],
        help="The layers in their order.",
    )
    shape: list[int] = parameter(default=[10], minimum=-1, maximum=1 << 20, help=SHAPE_HELP, advanced=True)
    dtype: Literal["float32", "int32", "uint8", "bool"] = parameter(
        default="float32", label="Type", help="The type of the numbers of a given shape.", advanced=True
    )

    def check_parameters(self) -> list[Fault]:
        try:
            begun(None, self.shape, self.dtype, "x")
        except NetworkError as error:
            return [Fault("shape", str(error).partition(": ")[2])]
        return []

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "network" in inputs and "tensors" in inputs:
            return [Fault("", "a network and tensors are connected; leave one of them out")]
        try:
            self._made(inputs.get("network"), inputs.get("tensors"))
        except NetworkError as error:
            return [Fault("layers", str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self._made(inputs.get("network"), inputs.get("tensors")))

    def run(self, network: Network | None = None, tensors: Tensors | None = None) -> Network:
        from nodeflow.values.network import Network

        try:
            made = self._made(network, None if tensors is None else tensors.spec)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        return Network(made, network.weights if network is not None else None)

    def _made(self, network: Any, spec: Any) -> Structure:
        """The whole network; `network` is a value or a spec."""
        structure: Structure = (
            network.structure if network is not None else begun(spec, self.shape, self.dtype, "x")
        )
        for one in self.layers:
            structure = structure.then(one.layer, id=one.layer_name, **one.settings)
        structure.shapes()
        return structure

    def summary(self) -> str:
        return " → ".join(one.layer for one in self.layers)[:80]
