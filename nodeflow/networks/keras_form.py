"""Layers as Keras describes them: what its classes are made with, from our options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeflow.networks.option import named_number
from nodeflow.networks.structure import Layer

PACKAGE = "nodeflow"
"""Under which our own classes are registered with Keras."""

RECURRENT = {"simple_rnn": "SimpleRNN", "gru": "GRU", "lstm": "LSTM"}
INITIALIZERS = {
    "glorot_uniform": "GlorotUniform",
    "glorot_normal": "GlorotNormal",
    "he_uniform": "HeUniform",
    "he_normal": "HeNormal",
    "lecun_uniform": "LecunUniform",
    "lecun_normal": "LecunNormal",
    "orthogonal": "Orthogonal",
    "identity": "Identity",
    "zeros": "Zeros",
    "ones": "Ones",
    "random_normal": "RandomNormal",
    "random_uniform": "RandomUniform",
    "truncated_normal": "TruncatedNormal",
    "constant": "Constant",
}
NUMBER_OF = {
    "orthogonal": "gain",
    "identity": "gain",
    "random_normal": "stddev",
    "random_uniform": "maxval",
    "truncated_normal": "stddev",
    "constant": "value",
}
CONSTRAINTS = {"non_negative": "NonNeg", "unit_norm": "UnitNorm", "max_norm": "MaxNorm"}
_OURS = {
    "direction",
    "merge_mode",
    "peephole",
    "forget_bias",
    "labels",
    "tied_to",
    "use_causal_mask",
    "trainable",
}
"""Options that Keras has not, or not in the constructor."""


def described(name: str, module: str, config: Mapping[str, Any], *, own: bool = False) -> dict[str, Any]:
    """An object as Keras writes it down."""
    return {
        "module": PACKAGE if own else module,
        "class_name": name,
        "config": dict(config),
        "registered_name": f"{PACKAGE}>{name}" if own else None,
    }


def initializer(text: str) -> dict[str, Any]:
    """A start value such as "orthogonal(1.5)" as Keras writes it."""
    name, number = named_number(text)
    config: dict[str, Any] = {}
    if number is not None:
        config[NUMBER_OF[name]] = number
        if name == "random_uniform":
            config["minval"] = -number
    return described(INITIALIZERS[name], "keras.initializers", config)


def regularizer(value: Mapping[str, float]) -> dict[str, Any]:
    """A penalty as Keras writes it."""
    return described("L1L2", "keras.regularizers", value)


def constraint(text: str) -> dict[str, Any]:
    """A constraint as Keras writes it; of weights into each unit."""
    name, number = named_number(text)
    config: dict[str, Any] = {} if name == "non_negative" else {"axis": 0}
    if name == "max_norm":
        config["max_value"] = 2.0 if number is None else number
    return described(CONSTRAINTS[name], "keras.constraints", config)


def keras_settings(layer: Layer) -> dict[str, Any]:
    """The arguments of the layer's class in Keras, as plain data; of a wrapper those of the layer within."""
    told: dict[str, Any] = {}
    for option in layer.rule.all_options:
        value = layer.config[option.name]
        if option.name in _OURS:
            continue
        if value is None:
            told[option.name] = None
        elif option.kind == "initializer":
            told[option.name] = initializer(value)
        elif option.kind == "regularizer":
            told[option.name] = regularizer(value)
        elif option.kind == "constraint":
            told[option.name] = constraint(value)
        else:
            told[option.name] = value
    special = _SPECIAL.get(layer.kind)
    return told if special is None else special(layer, told)


def _recurrent(layer: Layer, told: dict[str, Any]) -> dict[str, Any]:
    told["go_backwards"] = layer.config["direction"] == "backward"
    return told


def _lstm(layer: Layer, told: dict[str, Any]) -> dict[str, Any]:
    forget = layer.config["forget_bias"]
    told["unit_forget_bias"] = forget == 1
    if forget not in (0, 1):
        told["bias_initializer"] = described(
            "ForgetBias",
            "",
            {"units": layer.config["units"], "value": forget, "others": told["bias_initializer"]},
            own=True,
        )
    return _recurrent(layer, told)


def _pads(name: str) -> Any:
    def lone(layer: Layer, told: dict[str, Any]) -> dict[str, Any]:
        return {name: told[name][0]}

    return lone


def _dot(layer: Layer, told: dict[str, Any]) -> dict[str, Any]:
    axes = told["axes"]
    return {**told, "axes": axes[0] if len(axes) == 1 else axes}


def _heads(layer: Layer, told: dict[str, Any]) -> dict[str, Any]:
    features = told["output_shape"]
    return {**told, "output_shape": None if features is None else [features]}


_SPECIAL: dict[str, Any] = {
    "simple_rnn": _recurrent,
    "gru": _recurrent,
    "lstm": _lstm,
    "ctc_head": lambda layer, told: {**told, "units": layer.config["labels"] + 1},
    "crf_head": lambda layer, told: {**told, "labels": layer.config["labels"]},
    "zero_padding1d": _pads("padding"),
    "cropping1d": _pads("cropping"),
    "dot": _dot,
    "multi_head_attention": _heads,
}
