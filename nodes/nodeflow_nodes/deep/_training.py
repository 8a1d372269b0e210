"""Training, applying and measuring networks for nodes: what they ask of the Keras process, and what comes back."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.files import atomic_write, digest_bytes
from nodeflow.temporaries import scratch_folder
from nodeflow.values.model import Model
from nodeflow.values.network import Network
from nodeflow.values.trained_network import TrainedNetwork
from nodeflow_nodes.deep._device import device_for
from nodeflow_nodes.deep._goals import OF_CLASSES, GoalError, Plan, match_inputs, plan_of
from nodeflow_nodes.deep._keras_client import KerasProcess, Message, keras_process
from nodeflow_nodes.deep._protocol import PROGRESS_INTERVAL, ArrayFiles
from nodeflow_nodes.deep._settings import TrainingSettings

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.devices import Choice
    from nodeflow.node import Context
    from nodeflow.values.tensors import Tensors

    Numbers = np.ndarray[Any, np.dtype[Any]]

LEARNER = "Deep Learner"

_ON_ITS_WAY = ("learning_rate", "gradient_norm")
_INTERNAL = ("seconds",)
"""What differs from run to run and is no part of the result."""


@dataclass(frozen=True)
class Trained:
    """What came of a training: the model, and one row an epoch."""

    model: Model
    history: pl.DataFrame


def train(
    network: Network,
    data: Tensors,
    validation: Tensors | None,
    settings: TrainingSettings,
    context: Context,
    *,
    learner: str = LEARNER,
) -> Trained:
    """Train a network on tensors.

    Without `validation` a share of the data is held back, if the settings say so. A run that was stopped goes on
    from its last checkpoint.

    Raises:
        NodeFailed: network, data and settings do not fit together, or the training failed.
        Cancelled: the run was cancelled.
    """
    plan = _planned(network, data, validation, settings)
    choice = device_for(settings.backend, context.device)
    if validation is None and settings.validation_share > 0:
        data, validation = _held_back(data, settings)
    _check_numbers(data, "training data")
    if validation is not None:
        _check_numbers(validation, "validation data")
    batch = min(settings.batch_size, data.samples)
    process = keras_process(choice, settings.deterministic)
    told = {
        **settings.to_data(),
        "loss": [dict(goal.loss) for goal in plan.goals],
        "metrics": list(settings.metrics or plan.usual_metrics()),
        "batch_size": batch,
    }
    reading = plan.to_data()
    if settings.class_weights:
        reading["class_weights"] = _class_weights(data, plan)
    with scratch_folder() as folder:
        files = ArrayFiles(folder)
        request = {
            "do": "train",
            "network": network.structure.to_data(),
            "weights": _write_weights(folder / "initial.safetensors", network.weights),
            "data": files.describe_tensors(data),
            "validation": None if validation is None else files.describe_tensors(validation),
            "reading": reading,
            "settings": told,
            "folder": str(folder),
        }
        words = _words(network, data, validation, told, reading, choice)
        watch = _Watch(context, settings.epochs, words)
        request["resume"] = watch.kept(folder)
        done = process.work(request, context, watch.see)
        weights = _read_weights(done["weights"])
    return _trained(network, data, plan, settings, choice, process, done, weights, learner)


def _planned(network: Network, data: Tensors, validation: Tensors | None, settings: TrainingSettings) -> Plan:
    try:
        plan = plan_of(network.structure, data.spec, settings.loss)
        if validation is not None:
            plan_of(network.structure, validation.spec, settings.loss)
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    if not data.samples:
        raise NodeFailed("the training data has no samples")
    if validation is not None and not validation.samples:
        raise NodeFailed("the validation data has no samples; give it some, or take the wire away")
    _check_labels(data, plan, network)
    return plan


def _check_labels(data: Tensors, plan: Plan, network: Network) -> None:
    """Numbers of classes must be units of the last layer."""
    shapes = network.structure.shapes()
    for goal in plan.goals:
        if goal.loss["name"] not in OF_CLASSES:
            continue
        labels = data.arrays[goal.target].to_numpy()
        units = shapes[goal.output][-1] if shapes[goal.output] else 1
        if goal.loss["name"] == "sparse_categorical_crossentropy" and units is not None and labels.size:
            least, largest = int(labels.min()), int(labels.max())
            if least < 0 or largest >= units:
                raise NodeFailed(
                    f'the target "{goal.target}" holds classes from {least} to {largest}, but the last layer '
                    f'"{goal.output}" gives {units} numbers; give it {largest + 1} units'
                )
        if data.classes is not None and len(data.classes) < 2:
            raise NodeFailed("the target has one class only, so there is nothing to learn")


def _check_numbers(data: Tensors, what: str) -> None:
    import numpy as np

    from nodeflow.values.tensors import Windows

    for name, array in data.arrays.items():
        values = array.base if isinstance(array, Windows) else array.to_numpy()
        if values.dtype.kind == "f" and name in (*data.inputs(), *data.targets()):
            for start in range(0, len(values), 100_000):
                if not np.isfinite(values[start : start + 100_000]).all():
                    raise NodeFailed(
                        f'the array "{name}" of the {what} holds missing or infinite values; fill them in or leave them out '
                        "before making tensors"
                    )


def _held_back(data: Tensors, settings: TrainingSettings) -> tuple[Tensors, Tensors]:
    """Training and validation samples: of series the last ones are held back, else some at random."""
    import numpy as np

    from nodeflow.values.tensors import Windows

    count = round(data.samples * settings.validation_share)
    if not 0 < count < data.samples:
        raise NodeFailed(
            f"a share of {settings.validation_share:g} of {data.samples} samples leaves none to train or to validate on; "
            "give more data or another share"
        )
    order = np.arange(data.samples)
    if not any(isinstance(one, Windows) for one in data.arrays.values()):
        order = np.random.Generator(np.random.PCG64([settings.seed, 1])).permutation(data.samples)
    return data.chosen(np.sort(order[:-count])), data.chosen(np.sort(order[-count:]))


def _class_weights(data: Tensors, plan: Plan) -> list[float]:
    """A weight for each class, the larger the rarer, 1 on average over the samples."""
    import numpy as np

    goal = plan.goals[0]
    if len(plan.goals) > 1 or goal.loss["name"] not in OF_CLASSES:
        raise NodeFailed("class weights are for one target of classes; switch them off")
    labels = data.arrays[goal.target].to_numpy()
    if goal.loss["name"] == "categorical_crossentropy":
        labels = labels.argmax(-1)
    counts = np.bincount(labels.astype("int64").reshape(-1), minlength=len(data.classes or ()))
    present = int((counts > 0).sum())
    return [float(counts.sum() / (present * one)) if one else 0.0 for one in counts]


def _words(
    network: Network,
    data: Tensors,
    validation: Tensors | None,
    settings: Mapping[str, Any],
    reading: Mapping[str, Any],
    choice: Choice,
) -> str:
    """All that the outcome of a training depends on, as the words under which checkpoints are kept."""
    weights = network.weights or {}
    told = [
        network.structure.digest,
        {name: _digest(one) for name, one in weights.items()},
        data_digest(data),
        None if validation is None else data_digest(validation),
        dict(settings),
        dict(reading),
        [choice.backend, choice.device],
    ]
    return f"training {hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"


def data_digest(data: Tensors) -> str:
    """The identity of the values of tensors."""
    from nodeflow.values.tensors import Windows

    told: list[Any] = []
    for name, one in sorted(data.arrays.items()):
        if isinstance(one, Windows):
            told.append([name, _digest(one.base), _digest(one.starts), one.length, one.step])
        else:
            told.append([name, _digest(one.to_numpy())])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _digest(array: Numbers) -> str:
    import numpy as np

    plain = np.ascontiguousarray(array)
    data = memoryview(plain.reshape(-1).view(np.uint8).data) if plain.size else memoryview(b"")
    return f"{plain.dtype} {plain.shape} {digest_bytes(data)}"


class _Watch:
    """Passes on how a training goes: progress, checkpoints, notes."""

    def __init__(self, context: Context, epochs: int, words: str) -> None:
        self._context, self._epochs, self._words = context, max(epochs, 1), words
        self._told = 0.0
        self._started = time.monotonic()

    def kept(self, folder: Path) -> str | None:
        """The file of the checkpoint of a run that was stopped."""
        data = self._context.kept(self._words)
        if data is None:
            return None
        path = folder / "resume.safetensors"
        with atomic_write(path, "wb") as file:
            file.write(data)
        return str(path)

    def see(self, message: Message) -> None:
        """Take one message."""
        kind = message["is"]
        if kind == "progress":
            share = (message["batch"] + 1) / message["batches"]
            self._tell(
                message["epoch"] + share,
                message["figures"],
                f", batch {message['batch'] + 1} of {message['batches']}",
            )
        elif kind == "epoch":
            now = time.monotonic()
            if now - self._told >= PROGRESS_INTERVAL or message["epoch"] + 1 == self._epochs:
                self._tell(message["epoch"] + 1, message["figures"], "")
        elif kind == "checkpoint":
            path = Path(message["path"])
            self._context.keep(self._words, path.read_bytes(), time.monotonic() - self._started)
            path.unlink(missing_ok=True)
        elif kind == "halved":
            self._context.warn(
                f"memory ran out; went on with batches of {message['batch']:,}, the gradients of {message['accumulate']} "
                "of which make one step, so that a step sees as many samples as before"
            )

    def _tell(self, epochs: float, figures: Mapping[str, float | None], place: str) -> None:
        self._told = time.monotonic()
        numbers = {name: value for name, value in figures.items() if value is not None and name != "epoch"}
        shown = ", ".join(
            f"{name.replace('_', ' ')} {value:.4g}"
            for name, value in numbers.items()
            if name not in _INTERNAL and not any(part in name for part in (*_ON_ITS_WAY, "clipped"))
        )
        epoch = max(1, -int(-epochs // 1))
        message = f"epoch {epoch} of {self._epochs}{place}" + (f": {shown}" if shown else "")
        self._context.progress(epochs / self._epochs, message, figures={"epoch": epochs, **numbers})


def _trained(
    network: Network,
    data: Tensors,
    plan: Plan,
    settings: TrainingSettings,
    choice: Choice,
    process: KerasProcess,
    done: Message,
    weights: dict[str, Numbers],
    learner: str,
) -> Trained:
    import polars as pl

    rows = [{name: one for name, one in row.items() if name not in _INTERNAL} for row in done["history"]]
    preparation = data.preparation
    trained = TrainedNetwork(
        Network(network.structure, weights),
        plan.inputs,
        tuple(goal.target for goal in plan.goals),
        tuple(goal.loss for goal in plan.goals),
        data.task or "regression",
        (preparation or {}).get("target"),
        data.classes,
        preparation,
        tuple(rows),
        {
            "settings": settings.to_data(),
            "backend": choice.backend,
            "device": choice.gpu_name or choice.device,
            "deterministic": settings.deterministic,
            "batch_size": done["batch"],
            "accumulate": done["accumulate"],
            "data": data_digest(data),
        },
    )
    best = rows[done["best_epoch"] - 1] if done["best_epoch"] else {}
    counts = network.structure.parameter_counts().values()
    summary = {
        "samples": data.samples,
        "parameters": sum(trainable + fixed for trainable, fixed in counts),
        "epochs": len(rows),
        "best epoch": done["best_epoch"],
        "loss": best.get("loss"),
        "validation loss": best.get("val_loss"),
        "backend": choice.backend,
        "device": choice.device,
    }
    summary = {name: value for name, value in summary.items() if value is not None}
    model = Model.of_network(trained, learner, summary, process.versions)
    schema = {name: pl.Int64 if name == "epoch" else pl.Float64 for name in history_columns(rows)}
    return Trained(model, pl.DataFrame(rows, schema=schema))


def history_columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of a history in order."""
    return list(dict.fromkeys(name for row in rows for name in row)) or ["epoch", "loss"]


def _write_weights(path: Path, weights: Mapping[str, Numbers] | None) -> str | None:
    import numpy as np
    from safetensors.numpy import save_file

    if not weights:
        return None
    save_file({name: np.ascontiguousarray(one).reshape(one.shape) for name, one in weights.items()}, path)
    return str(path)


def _read_weights(path: str) -> dict[str, Numbers]:
    from safetensors.numpy import load

    # into memory: the folder goes
    return dict(load(Path(path).read_bytes()))


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
            "weights": _write_weights(folder / "weights.safetensors", network.weights),
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
    _check_numbers(data, "data")
    _check_labels(data, plan, trained.network)
    choice = device_for("auto", context.device)
    with scratch_folder() as folder:
        request = {
            "do": "evaluate",
            "network": trained.structure.to_data(),
            "weights": _write_weights(folder / "weights.safetensors", trained.network.weights),
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
