"""Training networks: what nodes ask of the Keras process, and the model that comes back."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.files import atomic_write
from nodeflow.temporaries import scratch_folder
from nodeflow.values.model import Model
from nodeflow.values.network import Network
from nodeflow.values.trained_network import TrainedNetwork
from nodeflow_nodes.deep._applying import (
    Applied,
    apply,
    apply_network,
    apply_to_table,
    evaluate,
    giving,
    in_own_unit,
    matched,
    prepared,
    probabilities,
    trained_network,
)
from nodeflow_nodes.deep._device import device_for
from nodeflow_nodes.deep._goals import Plan, plan_of
from nodeflow_nodes.deep._keras_client import KerasProcess, Message, keras_process
from nodeflow_nodes.deep._protocol import PROGRESS_INTERVAL, ArrayFiles, read_weights, write_weights
from nodeflow_nodes.deep._samples import (
    array_digest,
    check_labels,
    check_numbers,
    class_weights,
    data_digest,
    held_back,
)
from nodeflow_nodes.deep._settings import TrainingSettings

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.devices import Choice
    from nodeflow.node import Context
    from nodeflow.values.tensors import Tensors

    Numbers = np.ndarray[Any, np.dtype[Any]]

__all__ = [
    "LEARNER",
    "Applied",
    "Trained",
    "apply",
    "apply_network",
    "apply_to_table",
    "evaluate",
    "giving",
    "in_own_unit",
    "matched",
    "prepared",
    "probabilities",
    "train",
    "trained_network",
]

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
        data, validation = held_back(data, settings)
    check_numbers(data, "training data")
    if validation is not None:
        check_numbers(validation, "validation data")
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
        reading["class_weights"] = class_weights(data, plan)
    with scratch_folder() as folder:
        files = ArrayFiles(folder)
        request = {
            "do": "train",
            "network": network.structure.to_data(),
            "weights": write_weights(folder / "initial.safetensors", network.weights),
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
        weights = read_weights(done["weights"])
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
    for samples in (data, validation):
        if samples is not None:
            check_labels(samples, plan, network.structure)
    return plan


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
        {name: array_digest(one) for name, one in weights.items()},
        data_digest(data),
        None if validation is None else data_digest(validation),
        dict(settings),
        dict(reading),
        [choice.backend, choice.device],
    ]
    return f"training {hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"


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
