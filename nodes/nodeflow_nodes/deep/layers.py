"""A node for each kind of layer, made from the table of rules."""

from __future__ import annotations

from typing import Any

from nodeflow.networks import RULES
from nodeflow.networks.rule import Rule
from nodeflow.node import Node
from nodeflow.parameters import parameter
from nodeflow_nodes.deep._layer_nodes import (
    NAME_HELP,
    AttentionLayerNode,
    CellLayerNode,
    ChainedLayerNode,
    LayerNode,
    MergingLayerNode,
    PairLayerNode,
    RecurrentLayerNode,
    declared,
)

_PORTS: dict[type[LayerNode], tuple[str, ...]] = {
    ChainedLayerNode: ("network: The network the layer is put on.",),
    RecurrentLayerNode: (
        "network: The network the layer is put on.",
        "state: A network that gives the first state, such as an encoder; without it the state begins at zero.",
    ),
    AttentionLayerNode: (
        "query: The sequence that asks.",
        "value: The sequence that is gathered from; without it the query itself.",
        "key: The sequence that is compared with the query; without it the value.",
    ),
    MergingLayerNode: ("networks: The networks to merge, in their order.",),
    PairLayerNode: ("first: The first network.", "second: The second network."),
}
_PORTS[CellLayerNode] = (*_PORTS[RecurrentLayerNode], "cell: A network that gives the first cell.")


def _base_of(rule: Rule) -> type[LayerNode]:
    if rule.group == "Attention":
        return AttentionLayerNode
    if rule.group == "Recurrent":
        return CellLayerNode if rule.inputs[1] == 3 else RecurrentLayerNode
    if rule.inputs == (1, 1):
        return ChainedLayerNode
    return PairLayerNode if rule.inputs == (2, 2) else MergingLayerNode


def _help_of(rule: Rule, base: type[LayerNode]) -> str:
    own = f"In Keras it is `keras.layers.{rule.keras}`." if rule.keras else "It is a layer of nodeflow's own."
    return "\n".join(
        [
            rule.purpose,
            "",
            *([rule.advice, ""] if rule.advice else []),
            f"{_takes(rule)}What the layer makes of the shapes is checked while the workflow is drawn. {own}",
            "",
            "Inputs:",
            *(f"    {one}" for one in _PORTS[base]),
            "Outputs:",
            "    network: The network with the layer as its output.",
        ]
    )


def _takes(rule: Rule) -> str:
    from nodeflow.networks.rule import AXES

    if not rule.ranks:
        return ""
    return f"It takes {' or '.join(AXES[one] for one in rule.ranks)}. "


def _node_of(rule: Rule) -> type[Node]:
    """The node of one kind of layer."""
    base = _base_of(rule)
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {}
    attributes = {}
    for option in rule.all_options:
        attribute = f"{option.name}_setting" if hasattr(base, option.name) else option.name
        attributes[option.name] = attribute
        for ending, (kind, declaration) in declared(option).items():
            annotations[attribute + ending], body[attribute + ending] = kind, declaration
    annotations["layer_name"] = str
    body["layer_name"] = parameter(default="", help=NAME_HELP, advanced=True)
    own = "".join(part.capitalize() for part in rule.kind.split("_")) + "Layer"
    body |= {
        "__annotations__": annotations,
        "__doc__": _help_of(rule, base),
        "__module__": __name__,
        "__qualname__": own,
        "id": f"layer_{rule.kind}",
        "name": rule.title,
        "category": f"Deep Learning / Layers / {rule.group}",
        "keywords": (rule.keras or rule.title, "layer", "neural network", "keras", *rule.keywords),
        "rule": rule,
        "attributes": attributes,
    }
    return type(own, (base,), body)


for _rule in RULES.values():
    _made = _node_of(_rule)
    globals()[_made.__name__] = _made
