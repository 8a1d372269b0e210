"""Network Input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.deep._beginning import begun
from nodeflow_nodes.deep._layer_nodes import name_faults

if TYPE_CHECKING:
    from nodeflow.values import Network, Tensors
    from nodeflow.values.specs import Spec

SHAPE_HELP = (
    "The sizes of the axes of one sample, such as 96, 3 for 96 steps of 3 features, or 28, 28, 1 for pictures; -1 is a "
    "length that varies. Not used when tensors are connected."
)


class NetworkInputNode(Node):
    """Begin a network: say what a sample looks like that goes into it.

    Connect tensors, and shape, type and name are theirs; or give the shape. Layers are put on it one by one, or by a
    Layer List. A network that takes several arrays begins with an input for each, which a merging layer brings together.

    Inputs:
        tensors: The samples the network is for.
    Outputs:
        network: A network of an input alone.
    """

    id = "network_input"
    name = "Network Input"
    category = "Deep Learning / Network"
    keywords = ("input layer", "shape", "begin", "keras")

    array: str = parameter(
        default="", help="Which input of the tensors, if they have several; empty for the only one."
    )
    shape: list[int] = parameter(default=[10], minimum=-1, maximum=1 << 20, help=SHAPE_HELP)
    dtype: Literal["float32", "int32", "uint8", "bool"] = parameter(
        default="float32",
        label="Type",
        help="The type of its numbers; int32 for the numbers of words.",
        advanced=True,
    )
    input_name: str = parameter(default="", help="The name of the input; empty for x.", advanced=True)

    def check_parameters(self) -> list[Fault]:
        faults = name_faults("input_name", self.input_name)
        try:
            begun(None, self.shape, self.dtype, "x")
        except NetworkError as error:
            faults.append(Fault("shape", str(error).partition(": ")[2]))
        return faults

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        try:
            self._begun(inputs.get("tensors"))
        except NetworkError as error:
            return [Fault(error.option, str(error))]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self._begun(inputs.get("tensors")))

    def run(self, tensors: Tensors | None = None) -> Network:
        from nodeflow.values.network import Network

        try:
            return Network(self._begun(None if tensors is None else tensors.spec))
        except NetworkError as error:
            raise NodeFailed(str(error)) from None

    def _begun(self, spec: Any) -> Structure:
        return begun(spec, self.shape, self.dtype, self.input_name, self.array)

    def summary(self) -> str:
        return " x ".join("?" if size == -1 else str(size) for size in self.shape)[:80]
