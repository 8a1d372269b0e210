"""Training a network: Keras's own `fit`, watched batch by batch, and halved batches where memory is short."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nodeflow.networks.structure import Structure
from nodeflow_nodes.deep._keras import warm as warm_models
from nodeflow_nodes.deep._keras.batches import Batches, Reading
from nodeflow_nodes.deep._keras.building import get_weights
from nodeflow_nodes.deep._keras.channel import Job, Stopped
from nodeflow_nodes.deep._keras.checkpoints import read_checkpoint
from nodeflow_nodes.deep._keras.faults import Fault, is_out_of_memory
from nodeflow_nodes.deep._keras.loop import Loop
from nodeflow_nodes.deep._keras.optimizers import inner, schedule_numbers
from nodeflow_nodes.deep._protocol import open_tensors, read_weights, write_weights


def train(job: Job) -> dict[str, Any]:
    """Train as asked; gives the file of the weights, the history and facts of the training."""
    request = job.request
    settings = request["settings"]
    batch, accumulate = settings["batch_size"], settings["accumulate"]
    resumed = _resumed(request)
    if resumed is not None:
        batch, accumulate = resumed[1]["batch"], resumed[1]["accumulate"]
    return within_memory(
        lambda size, times: _train_once(job, size, times, resumed),
        batch,
        accumulate,
        lambda size, times: job.tell("halved", batch=size, accumulate=times),
    )


def within_memory(
    attempt: Callable[[int, int], dict[str, Any]],
    batch: int,
    accumulate: int,
    on_halved: Callable[[int, int], None],
) -> dict[str, Any]:
    """Try with a batch; while memory runs out, with half of it and twice as many batches to a step."""
    while True:
        try:
            return attempt(batch, accumulate)
        except BaseException as error:
            if not is_out_of_memory(error):
                raise
            if batch == 1:
                raise Fault(
                    "memory runs out even for one sample at a time; make the network or its input smaller, "
                    "or train on a device with more memory"
                ) from None
        warm_models.forget_models()  # the error holds on to arrays until here
        batch, accumulate = math.ceil(batch / 2), accumulate * 2
        on_halved(batch, accumulate)


def _resumed(request: Mapping[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]] | None:
    if request.get("resume") is None:
        return None
    try:
        return read_checkpoint(Path(request["resume"]))
    except Exception:  # an unreadable checkpoint only costs time
        return None


def _train_once(
    job: Job, batch: int, accumulate: int, resumed: tuple[dict[str, list[Any]], dict[str, Any]] | None
) -> dict[str, Any]:
    request, settings = job.request, job.request["settings"]
    structure = Structure.from_data(request["network"])
    weights = read_weights(request["weights"])
    model = warm_models.trainable(structure, weights, settings, batch, accumulate)
    reading = reading_of(request)
    data = Batches(
        open_tensors(request["data"]),
        reading,
        batch,
        accumulate=accumulate,
        shuffle_seed=settings["seed"] if settings["shuffle"] else None,
    )
    validation = None
    if request["validation"] is not None:
        plain = replace(reading, class_weights=None)
        held = open_tensors(request["validation"])
        fixed = warm_models.fixed_batch(structure, batch)
        validation = Batches(held, plain, fixed or min(batch, held.samples))
    loop = Loop(job, model, data, validation, settings)
    _assign_schedule(model, settings, data.steps)
    if resumed is not None and (resumed[1]["batch"], resumed[1]["accumulate"]) == (batch, accumulate):
        loop.restore(*resumed)
    if not loop.is_finished:
        job.tell("fitting", first_epoch=loop.next_epoch)
        model.model.fit(
            data,
            validation_data=validation,
            epochs=settings["epochs"],
            initial_epoch=loop.next_epoch,
            shuffle=False,
            verbose=0,
            callbacks=loop,
        )
    if job.stopping.is_set():
        raise Stopped
    loop.raise_faults()
    loop.take_final_weights()
    path = Path(request["folder"]) / "weights.safetensors"
    write_weights(path, get_weights(model.model, structure))
    return {
        "weights": str(path),
        "history": loop.history_rows,
        "best_epoch": loop.best_epoch,
        "stopped_early": loop.stopped_early,
        "batch": batch,
        "accumulate": accumulate,
    }


def _assign_schedule(model: Any, settings: Mapping[str, Any], steps: int) -> None:
    inner(model.optimizer).schedule_numbers.assign(schedule_numbers(settings, steps))


def reading_of(request: Mapping[str, Any]) -> Reading:
    """How the tensors of a request become what the model takes."""
    told = request["reading"]
    by_class = told.get("class_weights")
    return Reading(
        tuple(told["inputs"]),
        tuple(told["targets"]),
        tuple(told["depths"]),
        None if by_class is None else tuple(by_class),
        tuple(told["chains"]),
    )
