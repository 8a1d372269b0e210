"""Applying and measuring trained networks: what nodes ask of the Keras process, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.temporaries import scratch_folder
from nodeflow.values.network import Network
from nodeflow_nodes.deep._device import device_for
from nodeflow_nodes.deep._goals import GoalError, match_inputs, plan_of
from nodeflow_nodes.deep._keras_client import Message, keras_process
from nodeflow_nodes.deep._label_chains import label_shares
from nodeflow_nodes.deep._protocol import ArrayFiles, write_weights
from nodeflow_nodes.deep._samples import check_labels, check_numbers

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values.model import Model
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.trained_network import TrainedNetwork

    Numbers = np.ndarray[Any, np.dtype[Any]]


def trained_network(model: Model) -> TrainedNetwork:
    """The network of a model; raises `NodeFailed` for a model of another kind."""
    if model.network is None:
        raise NodeFailed(
            f"the model of {model.spec.learner or 'this learner'} is no network; apply it by a Predictor"
        )
    return model.network


@dataclass(frozen=True)
class Applied:
    """What a network gave for each output, and with dropout on how much it varied."""

    values: dict[str, Numbers]
    spread: dict[str, Numbers]


def apply_network(
    network: Network,
    inputs: Sequence[str],
    data: Tensors,
    context: Context,
    *,
    batch_size: int = 0,
    passes: int = 0,
    seed: int = 0,
) -> Applied:
    """What a network with weights gives for tensors; `inputs` names the array of each of its inputs."""
    import numpy as np

    shapes = network.structure.shapes()
    if not data.samples:
        return Applied(
            {
                one: np.zeros((0, *(size or 0 for size in shapes[one])), "float32")
                for one in network.structure.outputs
            },
            {},
        )
    choice = device_for("auto", context.device)
    with scratch_folder() as folder:
        request = {
            "do": "apply",
            "network": network.structure.to_data(),
            "weights": write_weights(folder / "weights.safetensors", network.weights),
            "data": ArrayFiles(folder).describe_tensors(data),
            "reading": {"inputs": list(inputs)},
            "batch_size": batch_size or 256,
            "passes": passes,
            "seed": seed,
            "folder": str(folder),
        }
        watch = _ApplyWatch(context)
        done = keras_process(choice, True).work(request, context, watch.see)
        found = {
            name: {kind: np.load(path) for kind, path in one.items()} for name, one in done["outputs"].items()
        }
    return Applied(
        {name: one["values"] for name, one in found.items()},
        {name: one["spread"] for name, one in found.items() if "spread" in one},
    )


class _ApplyWatch:
    def __init__(self, context: Context) -> None:
        self._context = context

    def see(self, message: Message) -> None:
        if message["is"] == "progress":
            self._context.progress((message["batch"] + 1) / message["batches"])
        elif message["is"] == "halved":
            self._context.warn(f"memory ran out; went on with batches of {message['batch']:,}")


def apply(
    model: Model,
    data: Tensors,
    context: Context,
    *,
    batch_size: int = 0,
    outputs: str | Sequence[str] = "final",
) -> dict[str, Numbers]:
    """What a trained network gives for tensors, by output, in the unit of the tensors.

    `outputs` names layers whose output is wanted instead of the last ones.
    """
    trained = trained_network(model)
    network, inputs = trained.network, matched(trained, data)
    if outputs != "final":
        wanted = (outputs,) if isinstance(outputs, str) else tuple(outputs)
        network, inputs = giving(network, inputs, wanted)
    return apply_network(network, inputs, data, context, batch_size=batch_size).values


def matched(trained: TrainedNetwork, data: Tensors) -> tuple[str, ...]:
    """The arrays for the inputs of a trained network; raises `NodeFailed` where they do not fit."""
    try:
        if all(name in data.arrays for name in trained.inputs):
            spec = replace(data.spec, inputs=trained.inputs)
            if len(set(trained.inputs)) == len(trained.structure.inputs):
                return match_inputs(trained.structure, spec)
        return match_inputs(trained.structure, data.spec)
    except (GoalError, KeyError) as error:
        raise NodeFailed(str(error)) from None


def giving(
    network: Network, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[Network, tuple[str, ...]]:
    """The part of a network up to some layers, with its weights and the arrays of the inputs that remain."""
    try:
        structure = network.structure.giving(*outputs)
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    names = {name for name, _ in structure.weights()}
    weights = {name: one for name, one in (network.weights or {}).items() if name in names}
    known = {one.name: array for one, array in zip(network.structure.inputs, inputs, strict=True)}
    return Network(structure, weights), tuple(known[one.name] for one in structure.inputs)


def evaluate(
    model: Model, data: Tensors, context: Context, *, metrics: Sequence[str] = (), batch_size: int = 0
) -> dict[str, float | None]:
    """The loss a network was trained for, and metrics, on tensors with their targets."""
    trained = trained_network(model)
    try:
        plan = plan_of(
            trained.structure, data.spec, "auto" if len(trained.losses) > 1 else trained.losses[0]["name"]
        )
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    if not data.samples:
        raise NodeFailed("the data has no samples to measure on")
    check_numbers(data, "data")
    check_labels(data, plan, trained.structure)
    choice = device_for("auto", context.device)
    with scratch_folder() as folder:
        request = {
            "do": "evaluate",
            "network": trained.structure.to_data(),
            "weights": write_weights(folder / "weights.safetensors", trained.network.weights),
            "data": ArrayFiles(folder).describe_tensors(data),
            "reading": plan.to_data(),
            "losses": [dict(one) for one in trained.losses],
            "metrics": list(metrics or plan.usual_metrics()),
            "batch_size": batch_size or 256,
            "folder": str(folder),
        }
        done = keras_process(choice, True).work(request, context, _ApplyWatch(context).see)
    figures: dict[str, float | None] = done["figures"]
    return figures


def probabilities(trained: TrainedNetwork, output: str, values: Numbers) -> Numbers:
    """Probabilities of classes, shape (samples, classes), from what an output gave."""
    import numpy as np

    loss = trained.losses[trained.structure.outputs.index(output)]
    if loss["name"] == "crf":
        return label_shares(values)
    if loss["name"] == "binary_crossentropy" and values.shape[-1] == 1:
        yes = (
            1 / (1 + np.exp(-values.astype("float64")))
            if loss.get("from_logits")
            else values.astype("float64")
        )
        return np.concatenate([1 - yes, yes], axis=-1)
    if loss.get("from_logits"):
        powers = np.exp(values.astype("float64") - values.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
    return values.astype("float64")


def apply_to_table(model: Model, frame: pl.DataFrame, context: Context) -> tuple[Numbers, Numbers]:
    """Predictions for a raw table in the target's own unit, and the row each belongs to.

    Of a classification these are the probabilities of the classes, shape (samples, classes).
    """
    trained = trained_network(model)
    data, rows = prepared(trained, frame, context, with_targets=False)
    output = trained.structure.outputs[0]
    values = apply_network(trained.network, matched(trained, data), data, context).values[output]
    return in_own_unit(trained, output, values, data), rows


def prepared(
    trained: TrainedNetwork, frame: pl.DataFrame, context: Context, *, with_targets: bool
) -> tuple[Tensors, Numbers]:
    """The tensors of a raw table, as the network learned to make them."""
    from nodeflow.values.preparation import prepare

    if trained.preparation is None:
        raise NodeFailed(
            "the network was trained on tensors that do not come from a table; apply it by a Deep Predictor to tensors"
        )
    try:
        return prepare(trained.preparation, frame, with_targets=with_targets, warn=context.warn)
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None


def in_own_unit(trained: TrainedNetwork, output: str, values: Numbers, data: Tensors) -> Numbers:
    """What an output gave, as probabilities of classes or in the unit of the raw target."""
    from nodeflow.values.preparation import restore

    if trained.task == "classification":
        return probabilities(trained, output, values)
    if trained.preparation is None:
        return values
    base = data.arrays["base"].to_numpy() if "base" in data.arrays else None
    return restore(trained.preparation, values, base)
