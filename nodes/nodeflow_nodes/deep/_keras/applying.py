"""Applying a trained network to tensors, and measuring its loss on them."""

from __future__ import annotations

import functools
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nodeflow.networks.structure import Structure
from nodeflow_nodes.deep._keras import warm as warm_models
from nodeflow_nodes.deep._keras.batches import Batches, Reading
from nodeflow_nodes.deep._keras.building import build, set_weights
from nodeflow_nodes.deep._keras.channel import Job, Stopped
from nodeflow_nodes.deep._keras.loop import ExactLoss
from nodeflow_nodes.deep._keras.losses import make_loss, make_metrics
from nodeflow_nodes.deep._keras.training import reading_of, within_memory
from nodeflow_nodes.deep._protocol import open_tensors, read_weights

_BUILT: OrderedDict[tuple[str, bool, int | None], Any] = OrderedDict()
"""Models that were applied lately, by their structure, whether dropout stays on, and a fixed batch."""

_DROPPING = ("dropout", "gaussian_dropout", "alpha_dropout", "spatial_dropout1d", "spatial_dropout2d")


def apply(job: Job) -> dict[str, Any]:
    """Write what each output gives to a file; with `passes` the mean and spread of runs with dropout on."""
    return within_memory(
        lambda batch, times: _apply_once(job, batch),
        job.request["batch_size"],
        1,
        lambda batch, times: job.tell("halved", batch=batch, accumulate=1),
    )


def _apply_once(job: Job, batch: int) -> dict[str, Any]:
    request = job.request
    structure = Structure.from_data(request["network"])
    passes = int(request["passes"])
    data = open_tensors(request["data"])
    batch = min(batch, max(data.samples, 1))
    model = _model(structure, warm_models.fixed_batch(structure, batch), dropping=passes > 0)
    set_weights(model, structure, read_weights(request["weights"]))
    warm_models.forget_states(model)
    batches = Batches(data, Reading(tuple(request["reading"]["inputs"]), (), ()), batch)
    _sow(model, int(request["seed"]))
    files: dict[str, dict[str, str]] = {}
    stores: list[tuple[Any, Any]] = []
    for index in range(batches.num_batches):
        job.check()
        inputs = batches.inputs(index)
        given = [_listed(model.predict_on_batch(inputs)) for _ in range(max(passes, 1))]
        begin, end = index * batch, min((index + 1) * batch, data.samples)
        for place, output in enumerate(structure.outputs):
            found = np.stack([np.asarray(one[place], "float32")[: end - begin] for one in given])
            if index == 0:
                files[output], pair = _stores(
                    Path(request["folder"]), place, data.samples, found.shape[2:], passes
                )
                stores.append(pair)
            mean, spread = stores[place]
            mean[begin:end] = found.mean(0) if passes else found[0]
            if spread is not None:
                spread[begin:end] = found.std(0)
        if job.is_time_to_tell():
            job.tell("progress", epoch=0, batch=index, batches=batches.num_batches, figures={})
    for mean, spread in stores:
        mean.flush()
        if spread is not None:
            spread.flush()
    return {"outputs": files}


def _stores(
    folder: Path, place: int, samples: int, shape: tuple[int, ...], passes: int
) -> tuple[dict[str, str], tuple[Any, Any]]:
    """The files of one output: its values, and their spread where there are several passes."""
    names = ["values", "spread"] if passes else ["values"]
    paths = {name: str(folder / f"output-{place}-{name}.npy") for name in names}
    opened = [np.lib.format.open_memmap(path, "w+", np.float32, (samples, *shape)) for path in paths.values()]
    return paths, (opened[0], opened[1] if passes else None)


def _model(structure: Structure, fixed_batch: int | None, *, dropping: bool = False) -> Any:
    key = (structure.digest, dropping, fixed_batch)
    if key not in _BUILT:
        model = warm_models.carry_states(build(structure, batch_size=fixed_batch))
        _BUILT[key] = _with_dropout(model, structure) if dropping else model
        while len(_BUILT) > warm_models.MOST_MODELS:
            _BUILT.popitem(last=False)
    _BUILT.move_to_end(key)
    return _BUILT[key]


def _with_dropout(model: Any, structure: Structure) -> Any:
    """The model with dropout on also when it is applied; normalisation keeps what it learned."""
    for layer in structure.layers:
        drops = layer.config.get("dropout") or layer.config.get("recurrent_dropout")
        if layer.kind in _DROPPING or drops:
            own = model.get_layer(layer.id)
            own.call = _training(own.call)
    return model


def _sow(model: Any, seed: int) -> None:
    """Set what draws random numbers to its beginning, so that the same seed gives the same numbers."""
    states = [one for one in model.non_trainable_variables if one.path.endswith("seed_generator_state")]
    for place, state in enumerate(states):
        state.assign(np.array([(seed + place) % 2**32, 0], dtype="uint32"))


def _training(call: Callable[..., Any]) -> Callable[..., Any]:
    # the model tells all its layers that it is not training, whatever they were called with before
    @functools.wraps(call)
    def training(*given: Any, **options: Any) -> Any:
        return call(*given, **{**options, "training": True})

    return training


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]


def evaluate(job: Job) -> dict[str, Any]:
    """The loss and metrics of a network on tensors."""
    request = job.request
    structure = Structure.from_data(request["network"])
    data = open_tensors(request["data"])
    batch = min(request["batch_size"], data.samples)
    model = _model(structure, warm_models.fixed_batch(structure, batch))
    set_weights(model, structure, read_weights(request["weights"]))
    warm_models.forget_states(model)
    losses, names = request["losses"], request["metrics"]
    metrics = [make_metrics(names, one) for one in losses]
    model.compile(
        loss=[make_loss(one) for one in losses] if len(losses) > 1 else make_loss(losses[0]),
        weighted_metrics=metrics if len(losses) > 1 else metrics[0],
    )
    batches = Batches(data, reading_of(request), batch)
    watch = _Watch(job, model, batches)
    found = model.evaluate(batches, verbose=0, return_dict=True, callbacks=watch)
    if job.stopping.is_set():
        raise Stopped
    figures = {name: float(value) for name, value in found.items()}
    figures["loss"] = watch.loss.exact(figures["loss"])
    return {"figures": {name: value if math.isfinite(value) else None for name, value in figures.items()}}


class _Watch(keras.callbacks.CallbackList):
    """Stops when asked to, and notes what the exact loss needs."""

    def __init__(self, job: Job, model: Any, data: Batches) -> None:
        super().__init__(None, add_history=False, model=model)
        self.job, self.loss, self._evaluated = job, ExactLoss(data), model

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look at one batch."""
        if self.job.stopping.is_set():
            self._evaluated.stop_evaluating = True
        elif self.loss.wants(batch):
            self.loss.note(batch, float((logs or {})["loss"]))
