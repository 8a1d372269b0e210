"""Cells from the weights of Keras, and weights as Keras draws them at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nodeflow.errors import NodeFailed
from nodeflow_nodes.deep._recurrent.cell import Array, Arrays, Cell
from nodeflow_nodes.deep._recurrent.gru import Gru
from nodeflow_nodes.deep._recurrent.lstm import GATES, Lstm
from nodeflow_nodes.deep._recurrent.simple_rnn import SimpleRnn

KINDS = ("simple_rnn", "lstm", "gru")
"""The recurrent layers that can be followed."""

ORDER = {"simple_rnn": ("",), "lstm": ("i", "f", "z", "o"), "gru": ("z", "r", "n")}
"""The blocks as they lie beside each other in the matrices of Keras."""

_USUAL = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def cell_of(kind: str, config: Mapping[str, Any], weights: Mapping[str, Array]) -> Cell:
    """The cell with the weights "kernel", "recurrent_kernel", "bias" and "peephole" of a layer of Keras.

    A layer without a bias gets one of zeros, so that its gradient is seen all the same.
    """
    units = weights["recurrent_kernel"].shape[0]
    inputs, blocks = weights["kernel"].shape[0], ORDER[kind]
    resets_after = kind == "gru" and bool(config.get("reset_after", True))
    wide = units * len(blocks)
    biases = (2, wide) if resets_after else (wide,)
    bias = weights.get("bias", np.zeros(biases))
    _check_shape("kernel", weights["kernel"], (inputs, wide))
    _check_shape("recurrent kernel", weights["recurrent_kernel"], (units, wide))
    _check_shape("bias", bias, biases)
    rows = {"W": weights["kernel"], "R": weights["recurrent_kernel"], "b": bias[0] if resets_after else bias}
    if resets_after:
        rows["d"] = bias[1]
    parameters: Arrays = {}
    for group, whole in rows.items():
        for name, part in zip(blocks, np.split(np.asarray(whole), len(blocks), axis=-1), strict=True):
            parameters[f"{group}_{name}" if name else group] = part
    if "peephole" in weights:
        _check_shape("peephole weights", weights["peephole"], (3, units))
        parameters |= {f"p_{name}": row for name, row in zip(GATES, weights["peephole"], strict=True)}
    g = str(config.get("activation") or "linear") if "activation" in config else "tanh"
    if kind == "simple_rnn":
        return SimpleRnn(parameters, g)
    gate = (
        str(config.get("recurrent_activation") or "linear") if "recurrent_activation" in config else "sigmoid"
    )
    return Lstm(parameters, g, gate) if kind == "lstm" else Gru(parameters, g, gate)


def _check_shape(what: str, array: Array, wanted: tuple[int, ...]) -> None:
    if array.shape != wanted:
        raise NodeFailed(f"the {what} of the layer has the shape {array.shape}, but {wanted} is needed")


def initial_weights(kind: str, inputs: int, config: Mapping[str, Any], random: np.random.Generator) -> Arrays:
    """Weights as Keras draws them: Glorot's for the inputs, orthogonal for the state, biases of zero.

    The forget gate of an LSTM has the bias `forget_bias`, 1 unless told otherwise (Jozefowicz et al. 2015).
    """
    units = int(config["units"])
    wide = units * _USUAL[kind]
    weights = {
        "kernel": glorot(inputs, wide, random),
        "recurrent_kernel": orthogonal(units, wide, random) * float(config.get("gain", 1.0)),
        "bias": np.zeros(wide),
    }
    if kind == "lstm":
        forget = config.get("forget_bias", 1.0 if config.get("unit_forget_bias", True) else 0.0)
        weights["bias"][units : 2 * units] = float(forget)
        if config.get("peephole"):
            weights["peephole"] = glorot(3, units, random)
    if kind == "gru" and config.get("reset_after", True):
        weights["bias"] = np.zeros((2, wide))
    if not config.get("use_bias", True):
        del weights["bias"]
    return weights


def glorot(rows: int, columns: int, random: np.random.Generator) -> Array:
    """Uniform numbers within the square root of 6 / (rows + columns) (Glorot and Bengio 2010)."""
    limit = np.sqrt(6.0 / (rows + columns))
    return random.uniform(-limit, limit, (rows, columns))


def orthogonal(rows: int, columns: int, random: np.random.Generator) -> Array:
    """A matrix whose rows are orthogonal and of length 1 (Saxe et al. 2014)."""
    q, r = np.linalg.qr(random.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return np.asarray(q.T if rows < columns else q)
