"""Small networks and tensors that the tests of training share, and a context that keeps what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from nodeflow_nodes.deep._settings import TrainingSettings
from nodeflow_nodes.deep._training import Trained, train

from nodeflow.errors import Cancelled
from nodeflow.networks.structure import Structure
from nodeflow.values.network import Network
from nodeflow.values.tensors import Tensors, Windows


class Listening:
    """Stands for a run's context; it can be cancelled, and keeps parts as a store would."""

    def __init__(self, parts: dict[str, bytes] | None = None) -> None:
        self.node, self.seed, self.device = "learn", 0, "cpu"
        self.temporary_folder = Path()
        self.parts: dict[str, bytes] = {} if parts is None else parts
        self.messages: list[str] = []
        self.told: list[tuple[float, float, str, dict[str, float]]] = []
        self.on_keep: Callable[[int], None] = lambda count: None
        self.on_progress: Callable[[dict[str, float]], None] = lambda figures: None
        self.kept_count = 0
        self.is_cancelled = False

    def progress(self, fraction: float, message: str = "", figures: Any = None) -> None:
        self.told.append((time.monotonic(), fraction, message, dict(figures or {})))
        self.on_progress(dict(figures or {}))
        self.check_cancelled()

    def check_cancelled(self) -> None:
        if self.is_cancelled:
            raise Cancelled("cancelled")

    def warn(self, message: str) -> None:
        self.messages.append(message)

    def kept(self, what: str) -> bytes | None:
        return self.parts.get(what)

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None:
        self.parts[what] = data
        self.kept_count += 1
        self.on_keep(self.kept_count)

    def write(self, path: str) -> Any:
        raise NotImplementedError


def series(samples: int = 90, steps: int = 12, features: int = 2, seed: int = 0) -> Tensors:
    """Windows over a random series; the target is a mean of what is in the window."""
    base = np.random.default_rng(seed).normal(size=(samples + steps - 1, features)).astype("float32")
    windows = Windows(base, np.arange(samples), steps)
    target = windows.to_numpy().mean(axis=(1, 2)).astype("float32")[:, None]
    return Tensors({"x": windows, "y": target}, targets=("y",), task="regression")


def flowers(samples: int = 120, seed: int = 0, classes: tuple[Any, ...] = ("a", "b", "c")) -> Tensors:
    """Points about one centre for each class, of which the first has most."""
    random = np.random.default_rng(seed)
    shares = np.array([3.0, *[1.0] * (len(classes) - 1)])
    labels = random.choice(len(classes), samples, p=shares / shares.sum()).astype("int32")
    centres = random.normal(size=(len(classes), 4)) * 2
    points = (centres[labels] + random.normal(size=(samples, 4))).astype("float32")
    return Tensors({"x": points, "y": labels}, targets=("y",), task="classification", classes=classes)


def recurrent(units: int = 6, steps: int = 12, features: int = 2) -> Network:
    return Network(Structure.of_shape((steps, features)).then("lstm", units=units).then("dense", units=1))


def dense(units: int = 8, classes: int = 3) -> Network:
    structure = Structure.of_shape((4,)).then("dense", units=units, activation="relu")
    return Network(structure.then("dense", units=classes, activation="softmax"))


def learn(
    network: Network, data: Tensors, validation: Tensors | None = None, context: Any = None, **settings: Any
) -> Trained:
    """Train with small settings."""
    given: dict[str, Any] = {"epochs": 2, "batch_size": 32, "seed": 7, **settings}
    return train(network, data, validation, TrainingSettings(**given), context or Listening())


def weights_of(trained: Trained) -> dict[str, Any]:
    network = trained.model.network
    assert network is not None
    return dict(network.network.weights or {})


def assert_same_weights(first: Trained, second: Trained) -> None:
    """Bit for bit."""
    one, two = weights_of(first), weights_of(second)
    assert one.keys() == two.keys()
    for name in one:
        assert one[name].tobytes() == two[name].tobytes(), name
