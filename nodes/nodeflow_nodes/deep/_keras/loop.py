"""What happens around the batches of a training: figures, early stopping, checkpoints, faults, cancelling."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nodeflow_nodes.deep._keras.batches import Batches
from nodeflow_nodes.deep._keras.channel import Job
from nodeflow_nodes.deep._keras.checkpoints import write_checkpoint
from nodeflow_nodes.deep._keras.faults import Fault
from nodeflow_nodes.deep._keras.optimizers import (
    BAD,
    CLIPPED_LARGEST,
    CLIPPED_SUM,
    COUNT,
    LARGEST,
    SUM,
    inner,
)
from nodeflow_nodes.deep._keras.warm import Warm, forget_states

LOOK_AHEAD = 0.1
"""Seconds of batches that may be on their way to the device before the loss is looked at."""

CHECKPOINT_SHARE = 0.02
"""Of the time of a training that checkpoints may take."""


class ExactLoss:
    """The mean loss over all samples, where batches at the end count samples that only fill up.

    Keras tells the mean over batches so far; from two of them follows the loss of the batch between.
    """

    def __init__(self, data: Batches) -> None:
        counts = data.counts()
        self.first = data.num_batches - len(counts)
        self.is_needed = any(count < data.batch for count in counts)
        self._counts, self._data = counts, data
        self._means: dict[int, float] = {}

    def wants(self, batch: int) -> bool:
        """Whether the mean after this batch is needed."""
        return self.is_needed and batch >= self.first - 1

    def note(self, batch: int, mean: float) -> None:
        """Take the mean after a batch."""
        self._means[batch] = mean

    def exact(self, mean: float) -> float:
        """The mean over all samples, given that over all batches."""
        if not self.is_needed or len(self._means) < len(self._counts):
            return mean
        total = self.first * self._means.get(self.first - 1, 0.0) * self._data.batch
        for place, count in enumerate(self._counts):
            batch = self.first + place
            before = self._means.get(batch - 1, 0.0) * batch
            total += (self._means[batch] * (batch + 1) - before) * count
        self._means.clear()
        return total / self._data.tensors.samples


class Loop(keras.callbacks.CallbackList):
    """Stands in for Keras's list of callbacks, since that waits for the device after each batch."""

    def __init__(
        self, job: Job, warm: Warm, data: Batches, validation: Batches | None, settings: Mapping[str, Any]
    ) -> None:
        super().__init__(None, add_history=True, model=warm.model)
        self.job, self.warm, self.data, self.settings = job, warm, data, settings
        self.has_validation = validation is not None
        self.history_rows: list[dict[str, Any]] = []
        self.next_epoch = 0
        self.is_finished = settings["epochs"] < 1
        self.stopped_early = False
        self.best_epoch = 0
        self._best: float | None = None
        self._best_weights: list[Any] | None = None
        self._waited = self._plateau_waited = 0
        self._fault = ""
        self._train_loss = ExactLoss(data)
        self._test_loss = ExactLoss(validation) if validation is not None else None
        self._test_mean: float | None = None
        self._between_looks, self._since_look = 1, 0
        self._looked = self._epoch_started = time.perf_counter()
        self._checkpoint_cost, self._checkpointed = 0.0, time.perf_counter()
        self._swapped: list[Any] | None = None

    # batches

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the order of the samples."""
        self.data.epoch = epoch
        forget_states(self.warm.model)
        self.next_epoch = epoch
        self._epoch_started = self._looked = time.perf_counter()
        self._since_look = 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nothing to do."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop if asked to, look at the loss now and then, tell the progress."""
        if self.job.stopping.is_set():
            self.warm.model.stop_training = True
            return
        self._since_look += 1
        wanted = self._train_loss.wants(batch)
        if self._since_look < self._between_looks and not wanted:
            return
        loss = float(logs["loss"])  # waits for the device
        now = time.perf_counter()
        each = max((now - self._looked) / self._since_look, 1e-6)
        if batch:  # the first one is compiled
            self._between_looks = max(1, int(LOOK_AHEAD / each))
        self._looked, self._since_look = now, 0
        if wanted:
            self._train_loss.note(batch, loss)
        if not math.isfinite(loss):
            self._blame(batch)
            return
        if self.job.is_time_to_tell():
            figures = {"loss": loss}
            self.job.tell(
                "progress", epoch=self.next_epoch, batch=batch, batches=self.data.num_batches, figures=figures
            )

    def on_test_begin(self, logs: Any = None) -> None:
        """Validate with the averaged weights where they are what comes out, from a state of its own."""
        forget_states(self.warm.model)
        if self.settings["ema"]:
            self._swapped = [np.array(one) for one in self.warm.model.trainable_variables]
            self._assign(self._current())

    def on_test_end(self, logs: Any = None) -> None:
        """Go on with the weights that are trained."""
        if self._swapped is not None:
            self._assign(self._swapped)
            self._swapped = None

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Nothing to do."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop if asked to, and note what the exact loss needs."""
        if self.job.stopping.is_set():
            self.warm.model.stop_evaluating = True
        elif self._test_loss is not None and self._test_loss.wants(batch):
            self._test_loss.note(batch, float(logs["loss"]))

    def on_train_begin(self, logs: Any = None) -> None:
        """Nothing to do."""

    def on_train_end(self, logs: Any = None) -> None:
        """Nothing to do."""

    # epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the row of the epoch, and decide whether to go on."""
        if self.job.stopping.is_set() or self._fault:
            self.warm.model.stop_training = True
            return
        found = {name: float(value) for name, value in (logs or {}).items()}
        found["loss"] = self._train_loss.exact(found["loss"])
        if self._test_loss is not None:
            found["val_loss"] = self._test_loss.exact(found["val_loss"])
        optimizer = inner(self.warm.optimizer)
        norms = [float(one) for one in np.array(optimizer.norms)]
        if norms[BAD] or not math.isfinite(found["loss"]):
            self._blame(self.data.num_batches - 1)
            return
        optimizer.norms.assign(np.zeros(6, "float32"))
        steps = max(norms[COUNT], 1.0)
        row = {
            "epoch": epoch + 1,
            **found,
            "learning_rate": float(optimizer.learning_rate),
            "gradient_norm": norms[SUM] / steps,
            "clipped_norm": norms[CLIPPED_SUM] / steps,
            "largest_gradient_norm": norms[LARGEST],
            "largest_clipped_norm": norms[CLIPPED_LARGEST],
            "seconds": time.perf_counter() - self._epoch_started,
        }
        self.history_rows.append(row)
        self.next_epoch = epoch + 1
        self._judge(found["val_loss" if self.has_validation else "loss"], epoch)
        self.is_finished = self.stopped_early or epoch + 1 >= self.settings["epochs"]
        if self.stopped_early:
            self.warm.model.stop_training = True
        self.job.tell("epoch", epoch=epoch, figures=row, best_epoch=self.best_epoch)
        self._maybe_checkpoint(epoch)

    def _judge(self, value: float, epoch: int) -> None:
        """Note the best epoch; lower the rate or stop where nothing gets better."""
        settings = self.settings
        if self._best is None or value < self._best - settings["least_gain"]:
            self._best, self.best_epoch = value, epoch + 1
            self._waited = self._plateau_waited = 0
            if settings["restore_best"]:
                self._best_weights = self._current()
            return
        self._waited += 1
        self._plateau_waited += 1
        if settings["schedule"] == "plateau" and self._plateau_waited >= settings["decay_every"]:
            self._plateau_waited = 0
            optimizer = inner(self.warm.optimizer)
            rate = float(np.array(optimizer._learning_rate))
            least = settings["learning_rate"] * settings["least_rate"]
            optimizer.learning_rate = max(rate * settings["decay"], least)
        if settings["patience"] and self._waited >= settings["patience"]:
            self.stopped_early = True

    # state

    def _current(self) -> list[Any]:
        """The weights as they would come out now: trained ones or their moving average, and all else."""
        values = [np.array(one) for one in self.warm.variables]
        if self.settings["ema"]:
            averages = inner(self.warm.optimizer)._model_variables_moving_average
            values[: len(averages)] = [np.array(one) for one in averages]
        return values

    def _assign(self, values: list[Any]) -> None:
        for variable, value in zip(self.warm.variables, values, strict=False):
            variable.assign(value)

    def take_final_weights(self) -> None:
        """Leave the weights in the model that are the result: the best ones if asked for."""
        if self.settings["restore_best"] and self._best_weights is not None:
            self._assign(self._best_weights)
        elif self.settings["ema"]:
            self._assign(self._current())

    def _maybe_checkpoint(self, epoch: int) -> None:
        """Write a checkpoint, unless the last ones took too much of the time."""
        every = self.settings["checkpoint_every"]
        if not every or ((epoch + 1) % every and not self.is_finished):
            return
        started = time.perf_counter()
        if started - self._checkpointed < self._checkpoint_cost / CHECKPOINT_SHARE and not self.is_finished:
            return
        path = Path(self.job.request["folder"]) / f"checkpoint-{epoch}.safetensors"
        arrays = {
            "model": [np.array(one) for one in self.warm.variables],
            "optimizer": [np.array(one) for one in self.warm.optimizer.variables],
            "best": self._best_weights or [],
        }
        state = {
            "epoch": self.next_epoch,
            "finished": self.is_finished,
            "stopped_early": self.stopped_early,
            "best": self._best,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
            "plateau_waited": self._plateau_waited,
            "history": self.history_rows,
            "batch": self.data.batch,
            "accumulate": self.data.accumulate,
        }
        write_checkpoint(path, arrays, state)
        self._checkpointed = time.perf_counter()
        self._checkpoint_cost = self._checkpointed - started
        self.job.tell("checkpoint", path=str(path), epoch=epoch)

    def restore(self, arrays: Mapping[str, list[Any]], state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        for group, variables in (
            ("model", self.warm.variables),
            ("optimizer", self.warm.optimizer.variables),
        ):
            for variable, value in zip(variables, arrays[group], strict=True):
                variable.assign(value)
        self._best_weights = arrays["best"] or None
        self._best, self.best_epoch = state["best"], state["best_epoch"]
        self._waited, self._plateau_waited = state["waited"], state["plateau_waited"]
        self.history_rows = list(state["history"])
        self.next_epoch = state["epoch"]
        self.stopped_early, self.is_finished = state["stopped_early"], state["finished"]

    # faults

    def _blame(self, batch: int) -> None:
        """Note where the numbers stopped being finite, and stop."""
        model = self.warm.model
        if hasattr(model, "jax_state_sync"):
            model.jax_state_sync()
        step = int(np.array(inner(self.warm.optimizer).norms)[BAD])
        epoch = self.next_epoch
        if step:
            epoch, batch = divmod(step - 1, self.data.num_batches)
        clipped = self.settings["clip"] != "none"
        way = (
            "lower the learning rate"
            if clipped
            else "clip gradients by their global norm or lower the learning rate"
        )
        place = f"epoch {epoch + 1}, batch {batch + 1} of {self.data.num_batches}"
        self._fault = f"the loss was no longer a number in {place}; {way}"
        model.stop_training = True

    def raise_faults(self) -> None:
        """Raise what stopped the training."""
        if self._fault:
            raise Fault(self._fault)
