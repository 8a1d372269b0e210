"""Autoencoders: their layers, their two halves as models, their errors, and what PCA reaches with as many numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.networks import Layer, NetworkInput, Structure

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.networks.rule import Shape
    from nodeflow.node import Context
    from nodeflow.values.model import Model
    from nodeflow.values.network import Network
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.trained_network import TrainedNetwork

    Numbers = np.ndarray[Any, np.dtype[Any]]

CODE = "code"
"""The layer between the halves, by which an autoencoder is known as one."""

ERROR = "Reconstruction error"
_MOST_FOR_PCA = 20_000


def usual_hidden(inputs: int, code: int) -> list[int]:
    """One layer between input and code, of a size between theirs; none for a handful of inputs."""
    if inputs <= 8:
        return []
    return [max(code, round(math.sqrt(inputs * code) * 2))]


def layers_of(
    shape: Shape,
    code: int,
    hidden: Sequence[int],
    *,
    activation: str,
    code_activation: str,
    output_activation: str,
    noise: float,
    tied: bool,
    meaning: tuple[str, ...] = (),
) -> Structure:
    """The layers of an autoencoder for samples of this shape, which give back what they are given."""
    inputs = math.prod(size or 1 for size in shape)
    built = Structure.of_shape(shape, meaning=meaning)
    if len(shape) > 1:
        built = built.then("flatten", id="flat")
    if noise:
        built = built.then("gaussian_noise", id="noise", stddev=noise)
    sizes = [inputs, *hidden, code]
    names = [*(f"encode_{place}" for place in range(1, len(hidden) + 1)), CODE]
    for name, units in zip(names, sizes[1:], strict=True):
        function = code_activation if name == CODE else activation
        built = built.then("dense", id=name, units=units, activation=function)
    for place in range(len(hidden), -1, -1):
        function = activation if place else output_activation
        name = f"decode_{place}" if place else "output"
        if tied:
            built = built.then("tied_dense", id=name, tied_to=names[place], activation=function)
        else:
            built = built.then("dense", id=name, units=sizes[place], activation=function)
    if len(shape) > 1:
        built = built.then("reshape", id="shaped", target_shape=list(shape))
    return built


def encoder_of(network: Network) -> Network:
    """The layers up to the code, with their weights."""
    from nodeflow.values.network import Network

    structure = network.structure.giving(CODE)
    names = {name for name, _ in structure.weights()}
    weights = {name: one for name, one in (network.weights or {}).items() if name in names}
    return Network(structure, weights)


def decoder_of(network: Network) -> Network:
    """The layers after the code, as a network of their own; tied layers get the weights they share."""
    from nodeflow.values.network import Network

    whole = network.structure
    given = dict(network.weights or {})
    place = next(number for number, one in enumerate(whole.layers) if one.id == CODE)
    layers: list[Layer] = []
    weights: dict[str, Numbers] = {}
    for layer in whole.layers[place + 1 :]:
        own = {name: one for name, one in given.items() if name.startswith(f"{layer.id}/")}
        if layer.kind == "tied_dense":
            kernel = given[f"{layer.config['tied_to']}/kernel"].T
            config = {"units": int(kernel.shape[1]), "activation": layer.config["activation"]}
            layer = Layer(layer.id, "dense", config, layer.inbound)
            own[f"{layer.id}/kernel"] = kernel
        layers.append(layer)
        weights |= own
    start = NetworkInput(CODE, whole.shapes()[CODE], "float32", ("feature",))
    return Network(Structure((start,), tuple(layers), whole.outputs), weights)


def half_models(model: Model, learner: str) -> tuple[Model, Model]:
    """The encoder and the decoder as models, which a Predictor applies to tables or tensors."""
    from nodeflow.values.model import Model

    whole = autoencoder_in(model)
    preparation = dict(whole.preparation or {})
    parts = []
    for network, inputs, target, prepared in (
        (encoder_of(whole.network), whole.inputs, CODE, _of_codes(preparation)),
        (decoder_of(whole.network), (CODE,), "reconstruction", _to_values(preparation, whole)),
    ):
        trained = replace(
            whole,
            network=network,
            inputs=inputs,
            targets=(target,),
            losses=({"name": "mse"},),
            task="regression",
            target=target,
            preparation=prepared or None,
        )
        parts.append(Model.of_network(trained, learner, model.summary, model.versions))
    return parts[0], parts[1]


def _of_codes(preparation: Mapping[str, Any]) -> dict[str, Any]:
    """The preparation of a network that gives codes, which are in no unit."""
    if not preparation:
        return {}
    task = {} if preparation["kind"] == "windows" else {"task": "regression"}
    return {**preparation, "target": CODE, **task}


def _to_values(preparation: Mapping[str, Any], whole: TrainedNetwork) -> dict[str, Any]:
    """The preparation of a network that makes values of codes, where it is one of columns."""
    if preparation.get("kind") not in ("columns", "images"):
        return {}
    count = whole.structure.shapes()[CODE][0] or 1
    told = {
        "kind": "columns",
        "columns": code_names(count),
        "target": "reconstruction",
        "task": "regression",
    }
    scaler = preparation.get("scaler")
    return {**told, "target_scaler": scaler} if scaler else told


def code_names(count: int) -> list[str]:
    """The names of the columns of codes."""
    return [f"code {place}" for place in range(1, count + 1)]


def autoencoder_in(model: Model) -> TrainedNetwork:
    """The network of a model that gives back its input; raises `NodeFailed` for another."""
    trained = model.network
    if trained is None or trained.task != "reconstruction":
        raise NodeFailed(
            f"the model of {model.spec.learner or 'this learner'} is no autoencoder; connect that of an Autoencoder Learner "
            "or a Sequence Autoencoder"
        )
    return trained


def with_facts(model: Model, facts: Mapping[str, Any], learner: str, **summary: Any) -> Model:
    """The model with more in the record of its training and in its summary."""
    from nodeflow.values.model import Model

    assert model.network is not None
    trained = replace(model.network, record={**model.network.record, **facts})
    return Model.of_network(trained, learner, {**model.summary, **summary}, model.versions)


def threshold_in(model: Model) -> float | None:
    """The error beyond which the learner calls a sample odd, if it said so."""
    told = autoencoder_in(model).record.get("threshold")
    return float(told) if isinstance(told, int | float) else None


def given_back(model: Model, data: Tensors, context: Context) -> Numbers:
    """What the autoencoder makes of tensors."""
    from nodeflow_nodes.deep._training import apply

    return next(iter(apply(model, data, context).values()))


def wanted(data: Tensors) -> Numbers:
    """What an autoencoder should give back: its input, or of noisy samples the clean ones."""
    return data.arrays[(data.targets() or data.inputs())[0]].to_numpy()


def errors_of(truth: Numbers, made: Numbers) -> Numbers:
    """For each sample the mean of the squared differences."""
    import numpy as np

    count = len(truth)
    difference = truth.reshape(count, -1).astype("float64") - made.reshape(count, -1)
    found: Numbers = np.square(difference).mean(axis=1)
    return found


def pca_errors(learned: Tensors, others: Sequence[Tensors], code: int) -> list[Numbers]:
    """For each sample of others the error of as many principal components of what should have been given back."""
    import numpy as np

    truth = wanted(learned)
    step = -(-len(truth) // _MOST_FOR_PCA)
    rows = truth[::step].reshape(-1, math.prod(truth.shape[1:])).astype("float64")
    middle = rows.mean(axis=0)
    directions = np.linalg.svd(rows - middle, full_matrices=False)[2][:code]
    found = []
    for one in others:
        given = one.arrays[one.inputs()[0]].to_numpy()
        flat = given.reshape(len(given), -1).astype("float64") - middle
        found.append(errors_of(wanted(one), flat @ directions.T @ directions + middle))
    return found


def error_columns(errors: Numbers, threshold: float | None) -> list[pl.Series]:
    """The error of each sample, and whether it is beyond the threshold."""
    import polars as pl

    columns = [pl.Series(ERROR, errors, dtype=pl.Float64)]
    if threshold is not None:
        columns.append(pl.Series("odd", errors > threshold, dtype=pl.Boolean))
    return columns


def code_columns(model: Model, data: Tensors, context: Context) -> list[pl.Series]:
    """The code of each sample, a column a number."""
    import polars as pl

    from nodeflow_nodes.deep._training import apply

    codes = next(iter(apply(model, data, context, outputs=CODE).values()))
    flat = codes.reshape(len(codes), -1)
    names = code_names(flat.shape[1])
    return [pl.Series(name, flat[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
