"""A chain of layers to follow, out of a network on a wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodeflow.errors import NodeFailed
from nodeflow_nodes.deep._recurrent.activations import ACTIVATIONS
from nodeflow_nodes.deep._recurrent.cell import Array
from nodeflow_nodes.deep._recurrent.layers import (
    Applied,
    Dense,
    Embedded,
    Recurrent,
    Repeated,
    Reshaped,
    Step,
    Through,
)
from nodeflow_nodes.deep._recurrent.stack import Stack
from nodeflow_nodes.deep._recurrent.weights import KINDS, cell_of, glorot, initial_weights

if TYPE_CHECKING:
    from nodeflow.networks import Layer, Structure

IDLE = (
    "dropout", "spatial_dropout1d", "alpha_dropout", "gaussian_noise", "gaussian_dropout", "activity_regularization",
)  # fmt: skip
"""Layers that change nothing when nothing is learned."""

FOLLOWED = (*KINDS, "dense", "activation", "embedding", "flatten", "reshape", "repeat_vector", *IDLE)


def why_not(structure: Structure) -> str | None:
    """A sentence why a network cannot be followed step by step; None if it can."""
    if len(structure.inputs) != 1 or len(structure.outputs) != 1:
        return (
            f"the network has {len(structure.inputs)} inputs and {len(structure.outputs)} outputs; step by step only a "
            "chain of layers with one input and one output can be followed"
        )
    last = structure.inputs[0].name
    for layer in structure.layers:
        if layer.inbound != (last,):
            return f'the network branches at layer "{layer.id}"; step by step only a plain chain of layers can be followed'
        fault = _fault(layer)
        if fault:
            return f'layer "{layer.id}" {fault}'
        last = layer.id
    if last != structure.outputs[0]:
        return f'the output of the network is not its last layer "{last}"'
    if not any(layer.kind in KINDS for layer in structure.layers):
        return "the network has no recurrent layer (Simple RNN, LSTM or GRU) to follow"
    return None


def _fault(layer: Layer) -> str | None:
    config = layer.config
    if layer.kind not in FOLLOWED:
        return f'is a "{layer.kind}", which cannot be followed step by step; only {", ".join(FOLLOWED)} can'
    used = [config.get(name) for name in ("activation", "recurrent_activation") if name in config]
    if layer.kind == "dense":
        used = [one for one in used if one != "softmax"]
    for one in used:
        if one is not None and one not in ACTIVATIONS:
            return f'has the activation "{one}", which cannot be followed step by step; only {", ".join(ACTIVATIONS)} can'
    if layer.kind in KINDS and config.get("direction") == "both" and config.get("merge_mode") == "mul":
        return "multiplies its two directions, which cannot be followed step by step; join them by concat, sum or ave"
    return None


def stack_of(structure: Structure, weights: Mapping[str, Array] | None, seed: int) -> Stack:
    """The layers with their weights, those without any drawn as Keras draws them.

    Raises:
        NodeFailed: the network is no chain of layers that can be followed.
    """
    fault = why_not(structure)
    if fault:
        raise NodeFailed(fault)
    for name, one in (weights or {}).items():
        if not np.isfinite(np.asarray(one, np.float64)).all():
            raise NodeFailed(
                f'the weights "{name}" have numbers that are not finite, as after a training whose loss exploded; train '
                "again with clipping or a smaller learning rate"
            )
    random = np.random.default_rng(seed)
    shapes, steps = structure.shapes(), list[Step]()
    for layer in structure.layers:
        below = shapes[layer.inbound[0]]
        own = {
            name.partition("/")[2]: np.asarray(one)
            for name, one in (weights or {}).items()
            if name.partition("/")[0] == layer.id
        }
        steps.append(_step(layer, own, below, shapes[layer.id], random))
    return Stack(steps)


def _step(
    layer: Layer, own: dict[str, Array], below: tuple[int | None, ...], above: tuple[int | None, ...],
    random: np.random.Generator,
) -> Step:  # fmt: skip
    config: Mapping[str, Any] = layer.config
    if layer.kind in KINDS:
        return _recurrent(layer, own, int(below[-1] or 1), random)
    if layer.kind == "dense":
        kernel = own.get("kernel")
        if kernel is None:
            kernel = glorot(int(below[-1] or 1), int(config["units"]), random)
        return Dense(layer.id, kernel, own.get("bias"), config.get("activation"))
    if layer.kind == "activation":
        return Applied(layer.id, str(config["activation"]))
    if layer.kind == "embedding":
        table = own.get("embeddings")
        if table is None:
            table = random.uniform(-0.05, 0.05, (int(config["input_dim"]), int(config["output_dim"])))
        return Embedded(layer.id, table)
    if layer.kind in ("flatten", "reshape"):
        return Reshaped(layer.id, tuple(-1 if size is None else size for size in above))
    if layer.kind == "repeat_vector":
        return Repeated(layer.id, int(config["n"]))
    return Through(layer.id)


def _recurrent(layer: Layer, own: dict[str, Array], inputs: int, random: np.random.Generator) -> Recurrent:
    config, direction = layer.config, layer.config.get("direction", "forward")
    ways = {"forward": ("",), "backward": ("",), "both": ("forward_", "backward_")}[direction]
    cells = []
    for way in ways:
        weights = {name.removeprefix(way): one for name, one in own.items() if name.startswith(way)}
        missing = {"kernel", "recurrent_kernel"} - weights.keys() if weights else ()
        if missing:
            raise NodeFailed(f'layer "{layer.id}" lacks its weights {", ".join(sorted(missing))}')
        cells.append(
            cell_of(layer.kind, config, weights or initial_weights(layer.kind, inputs, config, random))
        )
    return Recurrent(
        layer.id,
        tuple(cells),
        {"forward": (False,), "backward": (True,), "both": (False, True)}[direction],
        sequences=bool(config.get("return_sequences")),
        merge=config.get("merge_mode", "concat"),
        reversed_out=direction == "backward",
    )
