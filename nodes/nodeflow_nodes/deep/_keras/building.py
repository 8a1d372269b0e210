"""Building a network in Keras, and moving its weights in and out under our names.

Imported in the process of Keras only, after its backend was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from nodeflow.networks import Layer, NetworkError, Structure
from nodeflow.networks.keras_form import RECURRENT, keras_settings
from nodeflow.networks.resources import weight_bytes
from nodeflow_nodes.deep._keras import truncating
from nodeflow_nodes.deep._keras.crf import CRFHead
from nodeflow_nodes.deep._keras.layers import PeepholeLSTMCell, TiedDense

MAX_WEIGHT_BYTES = 16 << 30
"""Networks with more bytes of weights are refused before anything is made."""

_CELL_OPTIONS = (
    "units", "activation", "recurrent_activation", "use_bias", "kernel_initializer", "recurrent_initializer",
    "bias_initializer", "unit_forget_bias", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "kernel_constraint", "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip


def build(
    structure: Structure,
    *,
    dtype_policy: str = "float32",
    tbptt_steps: int = 0,
    batch_size: int | None = None,
    max_weight_bytes: int = MAX_WEIGHT_BYTES,
) -> Any:
    """The network as a functional Keras model, its layers named by our ids.

    It takes a list of arrays in the order of the structure's inputs, or the array alone where there is one, and
    gives its outputs in the same way.

    Args:
        structure: the network.
        dtype_policy: "float32", or "mixed_bfloat16" and the like.
        tbptt_steps: over how many steps gradients flow back in recurrent layers; 0 for all.
        batch_size: needed where a layer is stateful.
        max_weight_bytes: the most bytes that weights may take.

    Raises:
        NetworkError: the layers do not fit together, or the network is too large.
    """
    needed = weight_bytes(structure)
    if needed > max_weight_bytes:
        raise NetworkError(
            f"the weights of this network take {needed / 2**30:,.1f} GB, but {max_weight_bytes / 2**30:,.1f} GB are "
            "the most here; make its layers smaller"
        )
    stateful = next((one.id for one in structure.layers if one.config.get("stateful")), None)
    if stateful is not None and batch_size is None:
        raise NetworkError(f'layer "{stateful}" is stateful, which needs a fixed size of batches', stateful)
    inputs = [
        keras.Input(shape=one.shape, batch_size=batch_size, dtype=one.dtype, name=one.name)
        for one in structure.inputs
    ]
    tensors: dict[str, Any] = {one.name: tensor for one, tensor in zip(structure.inputs, inputs, strict=True)}
    made: dict[str, Any] = {}
    for layer in structure.layers:
        options = {"name": layer.id, "dtype": dtype_policy}
        made[layer.id] = _made(layer, options, made, tbptt_steps)
        tensors[layer.id] = _called(layer, made[layer.id], [tensors[one] for one in layer.inbound])
    outputs = [tensors[one] for one in structure.outputs]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])


def _made(layer: Layer, options: dict[str, Any], earlier: Mapping[str, Any], tbptt_steps: int) -> Any:
    """The layer as an object of Keras."""
    settings = keras_settings(layer)
    if layer.kind in RECURRENT:
        made = _recurrent(layer, settings, options, tbptt_steps)
    elif layer.kind == "time_distributed":
        made = keras.layers.TimeDistributed(keras.layers.Dense(**settings, dtype=options["dtype"]), **options)
    elif layer.kind == "ctc_head":
        made = keras.layers.Dense(**settings, **options)
    elif layer.kind == "crf_head":
        made = CRFHead(**settings, **{**options, "dtype": "float32"})
    elif layer.kind == "tied_dense":
        made = TiedDense(earlier[layer.config["tied_to"]], **settings, **options)
    else:
        made = getattr(keras.layers, layer.rule.keras)(**settings, **options)
    made.trainable = layer.config.get("trainable", True)
    if layer.kind == "rms_normalization":  # works on each step by itself, but Keras lets go of the mask
        made.supports_masking = True
    return made


def _recurrent(layer: Layer, settings: dict[str, Any], options: dict[str, Any], tbptt_steps: int) -> Any:
    both = layer.config["direction"] == "both"
    truncated = {"tbptt_steps": tbptt_steps} if tbptt_steps else {}
    if both:
        options = {**options, "name": layer.kind}
    if layer.config.get("peephole"):
        in_cell = {name: settings.pop(name) for name in _CELL_OPTIONS}
        cell = PeepholeLSTMCell(**in_cell, dtype=options["dtype"], name="lstm_cell")
        made = (truncating.TruncatedRNN if tbptt_steps else keras.layers.RNN)(
            cell, **settings, **options, **truncated
        )
    else:
        name = RECURRENT[layer.kind]
        made_by = getattr(truncating, f"Truncated{name}") if tbptt_steps else getattr(keras.layers, name)
        if tbptt_steps and both and layer.kind != "simple_rnn":
            settings["use_cudnn"] = False  # the code for both directions at once knows nothing of pieces
        made = made_by(**settings, **options, **truncated)
    if not both:
        return made
    dtype = options["dtype"]
    return keras.layers.Bidirectional(made, merge_mode=layer.config["merge_mode"], name=layer.id, dtype=dtype)


def _called(layer: Layer, made: Any, inbound: list[Any]) -> Any:
    """What the layer gives for these tensors."""
    if layer.kind in RECURRENT:
        if len(inbound) == 1:
            return made(inbound[0])
        states = inbound[1:]
        if layer.kind == "lstm" and len(states) == 1:
            states = [states[0], keras.ops.zeros_like(states[0])]
        return made(inbound[0], initial_state=states)
    if layer.kind in ("attention", "additive_attention"):
        parts = inbound * 2 if len(inbound) == 1 else inbound
        return made(parts, use_causal_mask=layer.config["use_causal_mask"])
    if layer.kind == "multi_head_attention":
        query, value, *key = inbound * 2 if len(inbound) == 1 else inbound
        return made(query, value, *key, use_causal_mask=layer.config["use_causal_mask"])
    return made(inbound if len(inbound) > 1 else inbound[0])


def variables(model: Any, structure: Structure) -> Iterator[tuple[str, Any]]:
    """The model's variables with our names, in the order of the structure."""
    facts = structure.facts
    for layer in structure.layers:
        found = {_own_name(one.path): one for one in model.get_layer(layer.id).weights}
        for weight in facts[layer.id].weights:
            yield f"{layer.id}/{weight.name}", found[weight.name]


def _own_name(path: str) -> str:
    """Our name of a variable: "forward_kernel" of "lstm/forward_lstm/lstm_cell/kernel"."""
    parts = path.split("/")
    for part in parts[1:-1]:
        for way in ("forward", "backward"):
            if part.startswith(f"{way}_"):
                return f"{way}_{parts[-1]}"
        if part in ("query", "key", "value", "attention_output"):
            return f"{part}_{parts[-1]}"
    return parts[-1]


def get_weights(model: Any, structure: Structure) -> dict[str, np.ndarray]:
    """The weights by our names, as arrays of their own."""
    return {
        name: np.array(keras.ops.convert_to_numpy(one.value)) for name, one in variables(model, structure)
    }


def set_weights(model: Any, structure: Structure, weights: Mapping[str, np.ndarray]) -> None:
    """Put weights into the model; those that are not given stay.

    Raises:
        NetworkError: there is no such weight, or it has another shape.
    """
    places = dict(variables(model, structure))
    for name, array in weights.items():
        layer = name.partition("/")[0]
        if name not in places:
            raise NetworkError(f'the network has no weight "{name}"', layer)
        wanted = tuple(places[name].shape)
        if tuple(array.shape) != wanted:
            raise NetworkError(
                f'weight "{name}" has the shape {tuple(array.shape)}, but the network needs {wanted}; were they '
                "learned by another network?",
                layer,
            )
    for name, array in weights.items():
        places[name].assign(np.asarray(array))
