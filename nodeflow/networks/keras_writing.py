"""A network as the configuration of a Keras model, as it stands in a `.keras` file; no Keras is needed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.keras_form import RECURRENT, described, keras_settings
from nodeflow.networks.structure import Layer, Structure

_IN_CELL = (
    "units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias", "kernel_initializer",
    "recurrent_initializer", "bias_initializer", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "kernel_constraint", "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip
_HEADS = {
    "query": "query_dense",
    "key": "key_dense",
    "value": "value_dense",
    "attention_output": "output_dense",
}


def model_config(structure: Structure) -> dict[str, Any]:
    """What stands in config.json.

    Raises:
        NetworkError: a layer cannot be written.
    """
    facts = structure.facts
    layers = [
        {
            **described(
                "InputLayer",
                "keras.layers",
                {"batch_shape": [None, *one.shape], "dtype": one.dtype, "name": one.name},
            ),
            "name": one.name,
            "inbound_nodes": [],
        }
        for one in structure.inputs
    ]
    for layer in structure.layers:
        tensors = [_tensor(one, facts[one].shape, facts[one].dtype) for one in layer.inbound]
        layers.append(
            {**_layer(layer, structure), "name": layer.id, "inbound_nodes": [_call(layer, tensors)]}
        )
    ends = [[name, 0, 0] for name in structure.outputs]
    starts = [[one.name, 0, 0] for one in structure.inputs]
    config = {
        "name": "network",
        "trainable": True,
        "layers": layers,
        "input_layers": starts if len(starts) > 1 else starts[0],
        "output_layers": ends if len(ends) > 1 else ends[0],
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def class_of(layer: Layer) -> str:
    """The class that a layer is written as."""
    if layer.kind in ("ctc_head", "tied_dense"):
        return "Dense"
    if layer.kind == "crf_head":
        return "CRFHead"
    if layer.kind in RECURRENT:
        if layer.config["direction"] == "both":
            return "Bidirectional"
        return "RNN" if layer.config.get("peephole") else RECURRENT[layer.kind]
    return layer.rule.keras


def _layer(layer: Layer, structure: Structure) -> dict[str, Any]:
    settings = keras_settings(layer)
    common = {"name": layer.id, "trainable": layer.config.get("trainable", True)}
    if layer.kind == "lstm" and layer.config["forget_bias"] not in (0, 1):
        # a start value alone: Keras has none for the forget gate but 0 and 1
        settings |= {
            "unit_forget_bias": True,
            "bias_initializer": described("Zeros", "keras.initializers", {}),
        }
    if layer.kind in RECURRENT:
        if layer.config["direction"] != "both":
            return _one_way(layer, {**settings, **common})
        inner = _one_way(layer, {**settings, "name": f"forward_{layer.kind}"})
        back = _one_way(layer, {**settings, "name": f"backward_{layer.kind}", "go_backwards": True})
        told = {**common, "merge_mode": layer.config["merge_mode"], "layer": inner, "backward_layer": back}
        return described("Bidirectional", "keras.layers", told)
    if layer.kind == "time_distributed":
        inner = described("Dense", "keras.layers", {**settings, "name": "dense"})
        return described("TimeDistributed", "keras.layers", {**common, "layer": inner})
    if layer.kind == "tied_dense":
        settings |= {"units": structure.facts[layer.id].shape[-1]}
    own = layer.kind == "crf_head"
    return described(class_of(layer), "" if own else "keras.layers", {**settings, **common}, own=own)


def _one_way(layer: Layer, settings: dict[str, Any]) -> dict[str, Any]:
    if not layer.config.get("peephole"):
        return described(RECURRENT[layer.kind], "keras.layers", settings)
    in_cell = {name: settings.pop(name) for name in _IN_CELL}
    cell = described("PeepholeLSTMCell", "", {**in_cell, "name": "lstm_cell"}, own=True)
    return described("RNN", "keras.layers", {**settings, "cell": cell})


def _tensor(name: str, shape: tuple[int | None, ...], dtype: str) -> dict[str, Any]:
    config = {"shape": [None, *shape], "dtype": dtype, "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def _call(layer: Layer, tensors: list[Any]) -> dict[str, Any]:
    """The arguments a layer is called with."""
    if layer.kind in RECURRENT and len(tensors) > 1:
        if layer.kind == "lstm" and len(tensors) == 2:
            raise NetworkError(
                f'layer "{layer.id}" has a first state without a first cell, which Keras cannot say; connect both',
                layer.id,
            )
        return {"args": tensors[:1], "kwargs": {"initial_state": tensors[1:]}}
    causal = {"use_causal_mask": True} if layer.config.get("use_causal_mask") else {}
    if layer.kind in ("attention", "additive_attention"):
        return {"args": [tensors * 2 if len(tensors) == 1 else tensors], "kwargs": causal}
    if layer.kind == "multi_head_attention":
        return {"args": tensors * 2 if len(tensors) == 1 else tensors, "kwargs": causal}
    return {"args": [tensors] if len(tensors) > 1 else tensors, "kwargs": {}}


def variable_places(structure: Structure) -> Iterator[tuple[str, str]]:
    """Where each weight of ours lies in the HDF5 file of a Keras model: its name, and its path."""
    counts: dict[str, int] = {}
    for layer in structure.layers:
        group = _snake(class_of(layer))
        number = counts.get(group, 0)
        counts[group] = number + 1
        base = f"layers/{group}_{number}" if number else f"layers/{group}"
        yield from ((f"{layer.id}/{name}", f"{base}/{path}") for name, path in _paths(layer, structure))


def _paths(layer: Layer, structure: Structure) -> Iterator[tuple[str, str]]:
    names = [one.name for one in structure.facts[layer.id].weights]
    if layer.kind == "tied_dense":
        names = ["kernel", *names]
    places: dict[str, int] = {}
    # Keras makes the peepholes last
    for name in sorted(names, key=lambda one: one.endswith("peephole")):
        folder = _folder(layer, name)
        number = places.get(folder, 0)
        places[folder] = number + 1
        yield name, f"{folder}vars/{number}"


def _folder(layer: Layer, name: str) -> str:
    if layer.kind in RECURRENT:
        if layer.config["direction"] == "both":
            return f"{name.partition('_')[0]}_layer/cell/"
        return "cell/"
    if layer.kind == "time_distributed":
        return "layer/"
    if layer.kind == "multi_head_attention":
        return f"{_HEADS[name.rpartition('_')[0]]}/"
    return ""


def _snake(name: str) -> str:
    """The name of a class as Keras writes it in paths."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
