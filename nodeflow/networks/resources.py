"""What a network costs: memory, and whether a backend has fast code for its layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodeflow.networks.faults import NetworkError

if TYPE_CHECKING:
    from nodeflow.networks.structure import Layer, Structure

_BYTES = {"float64": 8, "int64": 8, "float16": 2, "bfloat16": 2, "int16": 2, "int8": 1, "uint8": 1, "bool": 1}
_GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}
_TRAINED = 4
"""Arrays a trained weight: itself, its gradient, and two moments of the optimizer Adam."""


def memory_of(structure: Structure, batch: int, length: int) -> int:
    """About how many bytes training takes: weights with what trains them, outputs with their gradients."""
    inputs = sum(_outputs(structure, one.name, batch, length) for one in structure.inputs)
    return inputs + sum(memory_of_layer(structure, one, batch, length) for one in structure.layers)


def memory_of_layer(structure: Structure, layer: Layer, batch: int, length: int) -> int:
    """About how many bytes training takes for one layer."""
    facts = structure.facts
    weights = facts[layer.id].weights
    total = sum(4 * one.size for one in weights)
    if layer.config.get("trainable", True):
        total += sum(4 * one.size * (_TRAINED - 1) for one in weights if not one.fixed)
    if layer.kind in _GATES:  # the gates of all steps are kept for the way back
        steps = facts[layer.inbound[0]].shape[0] or length
        ways = 2 if layer.config["direction"] == "both" else 1
        total += 4 * batch * steps * ways * (_GATES[layer.kind] + 1) * layer.config["units"]
    return total + _outputs(structure, layer.id, batch, length)


def _outputs(structure: Structure, name: str, batch: int, length: int) -> int:
    facts = structure.facts[name]
    sizes = [length if size is None else size for size in facts.shape]
    return 2 * batch * math.prod(sizes) * _BYTES.get(facts.dtype, 4)


def weight_bytes(structure: Structure) -> int:
    """How many bytes the weights take."""
    return sum(4 * weight.size for _, weight in structure.weights())


def fast_path_of(structure: Structure, id: str, backend: str, device: str) -> tuple[bool, str]:
    """Whether a backend has fast code for a layer on a device, and why."""
    if backend not in ("jax", "torch", "tensorflow"):
        raise NetworkError(f'there is no backend "{backend}"; there are jax, torch and tensorflow')
    layer = structure.layer(id)
    if layer.kind in _GATES:
        masked = structure.facts[layer.inbound[0]].mask
        return _recurrent(layer, masked, backend, device)
    if "conv" in layer.kind and device == "cpu" and backend == "jax":
        return (
            False,
            "convolutions on the CPU are slow in JAX, about half as fast as in PyTorch; a GPU mends it",
        )
    return True, "worked out in one go, without a loop over time"


def _recurrent(layer: Layer, masked: bool, backend: str, device: str) -> tuple[bool, str]:
    if device == "cpu":
        if backend == "torch":
            return False, "PyTorch on the CPU loops over the steps in Python; JAX compiles the loop"
        return True, f"the loop over the steps is compiled by {'JAX' if backend == 'jax' else 'TensorFlow'}"
    reason = _no_cudnn(layer, masked, backend)
    if reason:
        return False, reason
    return True, "runs on cuDNN, NVIDIA's own code for recurrent layers"


def _no_cudnn(layer: Layer, masked: bool, backend: str) -> str:
    """Why a recurrent layer cannot run on cuDNN; empty if it can."""
    config = layer.config
    if layer.kind == "simple_rnn":
        return "Keras has no cuDNN code for a simple RNN; take LSTM"
    if layer.kind == "gru" and backend == "jax":
        return "JAX has no cuDNN code for GRU; take LSTM, or PyTorch"
    if config.get("peephole"):
        return "cuDNN knows no peepholes; turn them off"
    if config["activation"] != "tanh" or config["recurrent_activation"] != "sigmoid":
        return "cuDNN needs tanh as the activation and sigmoid for the gates"
    if config["recurrent_dropout"]:
        return "cuDNN knows no recurrent dropout; set it to 0, and use dropout"
    if not config["use_bias"]:
        return "cuDNN needs biases; turn them on"
    if config["unroll"]:
        return "the loop is written out; turn unroll off"
    if layer.kind == "gru" and not config["reset_after"]:
        return "cuDNN needs the reset gate after the product; turn reset_after on"
    if masked and backend != "tensorflow":
        return "with a mask the steps run one by one; leave the mask out, or give sequences of one length"
    return ""
