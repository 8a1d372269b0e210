"""What the nodes of layers have in common: parameters out of the rules, and what they do to networks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.networks.editing import Renamed, joined, with_merged
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Rule
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    from nodeflow.values import Network
    from nodeflow.values.specs import Spec

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}")
NAME_HELP = "The layer's name in the network; empty for one of its kind, as dense_2."


class LayerNode(Node):
    """Base of the nodes that put one layer on networks."""

    rule: ClassVar[Rule]
    attributes: ClassVar[dict[str, str]]
    """By the name of an option that of the parameter."""

    if TYPE_CHECKING:
        layer_name: str  # declared in each node, so that it comes last

    def settings(self) -> dict[str, Any]:
        """The options of the layer out of the parameters."""
        found: dict[str, Any] = {}
        for option in self.rule.all_options:
            attribute = self.attributes[option.name]
            if option.kind == "regularizer":
                found[option.name] = {
                    "l1": getattr(self, f"{attribute}_l1"),
                    "l2": getattr(self, f"{attribute}_l2"),
                }
            else:
                value = getattr(self, attribute)
                found[option.name] = None if option.optional and value in ("", []) else value
        return found

    def check_parameters(self) -> list[Fault]:
        faults = name_faults("layer_name", self.layer_name)
        for option in self.rule.all_options:
            if option.kind in ("integers", "pads", "initializer", "constraint", "text"):
                try:
                    value = self.settings()[option.name]
                    option.read(value)
                except NetworkError as error:
                    faults.append(Fault(self.attributes[option.name], str(error)))
        return faults

    def made(self, structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
        """The network with the layer, and how the layers of each network that came in are called in it."""
        raise NotImplementedError

    def connected(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The values or specs that are connected, in the order of the ports."""
        found: list[Any] = []
        for port in self.signature().inputs:
            value = inputs.get(port.name)
            found += value if isinstance(value, list) else [] if value is None else [value]
        return found

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        ports = self.signature().inputs
        if any(port.name not in inputs for port in ports if not port.optional):
            return []
        try:
            self.made([one.structure for one in self.connected(inputs)])[0].shapes()
        except NetworkError as error:
            # the node itself is named where the fault is told: its layer by the same title would be said twice
            sentence = re.sub(rf'^{re.escape(self.rule.title)} "[^"]*" (does not fit: )?', "", str(error))
            return [Fault(self.attributes.get(error.option, ""), sentence)]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(self.made([one.structure for one in self.connected(inputs)])[0])

    def apply(self, networks: Sequence[Network]) -> Network:
        """The networks with the layer, and all their weights."""
        try:
            structure, renames = self.made([one.structure for one in networks])
            structure.shapes()
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        return with_weights_of(structure, networks, renames)

    def summary(self) -> str:
        for name in ("units", "filters", "rate", "output_dim", "pool_size", "target_shape", "activation"):
            if name in self.attributes:
                return str(getattr(self, self.attributes[name]))[:80]
        return ""


class ChainedLayerNode(LayerNode):
    """A layer on one network."""

    def run(self, network: Network) -> Network:
        return self.apply([network])

    def made(self, structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
        structure = structures[0].then(self.rule.kind, id=self.layer_name, **self.settings())
        return structure, [{}]


class RecurrentLayerNode(LayerNode):
    """A recurrent layer; others may give its first state."""

    def run(self, network: Network, state: Network | None = None) -> Network:
        return self.apply([one for one in (network, state) if one is not None])

    def made(self, structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
        return _several(structures, self)


class CellLayerNode(RecurrentLayerNode):
    """A recurrent layer with a cell, whose first state others may give as well."""

    def run(self, network: Network, state: Network | None = None, cell: Network | None = None) -> Network:
        if cell is not None and state is None:
            raise NodeFailed("a first cell needs a first state as well; connect a network to it")
        return self.apply([one for one in (network, state, cell) if one is not None])

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "cell" in inputs and "state" not in inputs:
            return [Fault("", "a first cell needs a first state as well; connect a network to it")]
        return super().check(inputs)


class AttentionLayerNode(LayerNode):
    """A layer in which one sequence asks another."""

    def run(self, query: Network, value: Network | None = None, key: Network | None = None) -> Network:
        if key is not None and value is None:
            raise NodeFailed("a key needs a value as well; connect a network to it")
        return self.apply([one for one in (query, value, key) if one is not None])

    def made(self, structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
        return _several(structures, self)

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if "key" in inputs and "value" not in inputs:
            return [Fault("", "a key needs a value as well; connect a network to it")]
        return super().check(inputs)


class MergingLayerNode(LayerNode):
    """A layer that makes one of several networks."""

    def run(self, networks: list[Network]) -> Network:
        return self.apply(networks)

    def made(self, structures: Sequence[Structure]) -> tuple[Structure, list[Renamed]]:
        return with_merged(structures, self.rule.kind, self.settings(), id=self.layer_name)


class PairLayerNode(MergingLayerNode):
    """A layer that makes one of two networks whose order matters."""

    def run(self, first: Network, second: Network) -> Network:  # type: ignore[override]
        return self.apply([first, second])


def _several(structures: Sequence[Structure], node: LayerNode) -> tuple[Structure, list[Renamed]]:
    """A layer on several networks of one output each, which may end in the same layer."""
    whole, renames = joined(structures)
    ends = []
    for structure, names in zip(structures, renames, strict=True):
        if len(structure.outputs) != 1:
            raise NetworkError(
                f"a network with {len(structure.outputs)} outputs cannot be taken; cut it to one first"
            )
        ends.append(names[structure.outputs[0]])
    return whole.with_layer(node.rule.kind, node.settings(), ends, id=node.layer_name), renames


def with_weights_of(structure: Structure, networks: Sequence[Network], renames: Sequence[Renamed]) -> Network:
    """A network made of others, with their weights."""
    from nodeflow.values.network import Network

    weights: dict[str, Any] = {}
    for network, names in zip(networks, renames, strict=True):
        for name, array in network.weights.items():
            layer, _, variable = name.partition("/")
            weights.setdefault(f"{names.get(layer, layer)}/{variable}", array)
    return Network(structure, weights)


def name_faults(attribute: str, name: str) -> list[Fault]:
    """What is wrong with a name of a layer or input that may be empty."""
    if not name or _NAME.fullmatch(name):
        return []
    return [Fault(attribute, 'must be at most 80 letters, digits, "_", "-" and ".", or empty')]


def declared(option: Option) -> dict[str, tuple[Any, Any]]:
    """The parameters of an option: their types and declarations, by their ending."""
    told: dict[str, Any] = {"help": option.help, "label": option.label, "advanced": option.advanced}
    bounds: dict[str, Any] = {
        name: float(limit)
        for name, limit in (("minimum", option.minimum), ("maximum", option.maximum), ("below", option.below))
        if limit is not None
    }
    default = option.default
    if option.kind == "regularizer":
        words = option.name.removesuffix("_regularizer").replace("_", " ")
        meant = option.help.removeprefix("Penalties on large ").partition(":")[0]
        return {
            f"_{way}": (
                float,
                parameter(
                    default=0.0, minimum=0, maximum=1e8, help=f"The penalty on the {what} of {meant}.",
                    label=f"{words} {way}".capitalize(), advanced=True,
                ),
            )
            for way, what in (("l1", "sizes"), ("l2", "squares"))
        }  # fmt: skip
    if option.kind == "choice":
        return {"": (Literal[option.choices], parameter(default=default, **told))}
    if option.kind == "boolean":
        return {"": (bool, parameter(default=default, **told))}
    if option.kind in ("integer", "number"):
        made: Any = int if option.kind == "integer" else float
        given = None if default is None else made(default)
        return {"": (made | None if option.optional else made, parameter(default=given, **bounds, **told))}
    if option.kind in ("integers", "pads"):
        flat = [end for one in default or [] for end in (one if isinstance(one, list) else [one])]
        return {
            "": (list[int], parameter(default=flat, min_length=0 if option.optional else 1, **bounds, **told))
        }
    told["help"] = f"{option.help} {option.requirement().removesuffix(', or null').capitalize()}."
    if option.kind == "text":
        told["help"] = option.help
    if option.optional:
        told["help"] += " Empty for none."
    return {"": (str, parameter(default=default or "", **told))}
