"""Training by a node against the same Keras script, and the start of a warm second run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import row
from nodeflow_nodes.deep._settings import TrainingSettings
from nodeflow_nodes.deep._training import train

from nodeflow.networks import Structure
from nodeflow.testing import _Context
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors, Windows

STEPS, FEATURES, UNITS, BATCH = 96, 7, 32, 64
TURN = 3
"""Epochs at a time, here and in the script."""

SCRIPT = """
import os, sys, time, json
import numpy as np, keras
base = np.load(sys.argv[1]); target = np.load(sys.argv[2]); epochs = int(sys.argv[3]); steps, units, batch = 96, 32, 64
rows = np.arange(steps)

class Batches(keras.utils.PyDataset):
    epoch = 0
    order = np.arange(len(target))
    @property
    def num_batches(self):
        return len(target) // batch
    def __getitem__(self, index):
        places = self.order[index * batch:(index + 1) * batch]
        return base[places[:, None] + rows], target[places]
    def on_epoch_begin(self):
        self.order = np.random.default_rng(self.epoch).permutation(len(target))
        self.epoch += 1

class Clock(keras.callbacks.Callback):
    async_safe = True
    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()
    def on_epoch_end(self, epoch, logs=None):
        print(json.dumps(time.perf_counter() - self.started), flush=True)
        if (epoch + 1) % 3 == 0:
            sys.stdin.readline()

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((steps, base.shape[1])), keras.layers.LSTM(units), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.fit(Batches(), epochs=epochs, verbose=0, callbacks=[Clock()])
"""


class _Watching(_Context):
    """Notes how long each epoch takes, and lets the script do one of its own after it."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.seconds: list[float] = []
        self.first: float | None = None

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None:
        self.first = self.first or time.perf_counter()
        if figures and "seconds" in figures:
            self.seconds.append(figures["seconds"])


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Overhead and warm start."""
    samples = BATCH * (30 if quick else 80)
    random = np.random.default_rng(0)
    base = random.normal(size=(samples + STEPS, FEATURES)).astype("float32")
    target = random.normal(size=(samples, 1)).astype("float32")
    data = Tensors(
        {"x": Windows(base, np.arange(samples), STEPS), "y": target}, targets=("y",), task="regression"
    )
    structure = Structure.of_shape((STEPS, FEATURES)).then("lstm", units=UNITS).then("dense", units=1)
    settings = TrainingSettings(epochs=TURN, batch_size=BATCH, patience=0, restore_best=False)
    yield from _overhead(Network(structure), data, settings, 3 if quick else 10, base, target)
    context = _Watching()
    started = time.perf_counter()
    train(Network(structure), data, None, settings, context)
    assert context.first is not None
    yield row("first batch of a warm second run", context.first - started, "s", 0.5)


def _overhead(
    network: Network, data: Tensors, settings: TrainingSettings, turns: int, base: Any, target: Any
) -> Iterator[dict[str, Any]]:
    """Some epochs of the script and as many of the node by turns, so that both see the same machine."""
    with tempfile.TemporaryDirectory() as name:
        places = [str(Path(name) / "base.npy"), str(Path(name) / "target.npy")]
        for place, array in zip(places, (base, target), strict=True):
            np.save(place, array)
        script = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *places, str(TURN * turns)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        )  # fmt: skip
        assert script.stdin is not None
        assert script.stdout is not None
        plain, own = [], _Watching()
        for seed in range(turns):
            plain += [json.loads(script.stdout.readline()) for _ in range(TURN)]
            train(network, data, None, replace(settings, epochs=TURN, seed=seed), own)
            script.stdin.write("\n")
            script.stdin.flush()
        script.stdin.close()
        script.stdout.close()
        script.wait()
    windows = f"{data.samples:,} windows of {STEPS} x {FEATURES}"
    # the best of each: others share the machine
    yield row(f"an epoch of LSTM({UNITS}) on {windows}, by Keras alone", min(plain), "s")
    yield row("  in the node, times that", min(own.seconds) / min(plain), "x", 1.03)
