"""Nodes that give a small network and data to train it on, for workflows that are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nodeflow as nf

if TYPE_CHECKING:
    from nodeflow.values.network import Network
    from nodeflow.values.tensors import Tensors


def structure() -> Any:
    from nodeflow.networks import Structure

    return Structure.of_shape((12, 2)).then("lstm", units=6).then("dropout", rate=0.2).then("dense", units=1)


class MakeNetwork(nf.Node):
    """Give a small recurrent network."""

    category = "Test"

    def run(self) -> Network:
        from nodeflow.values.network import Network

        return Network(structure())

    def spec(self, inputs: Any) -> Any:
        from nodeflow.values.network import NetworkSpec

        return NetworkSpec(structure())


class MakeData(nf.Node):
    """Give windows over a random series."""

    category = "Test"

    def run(self) -> Tensors:
        return tensors()

    def spec(self, inputs: Any) -> Any:
        return tensors().spec


def tensors() -> Any:
    import numpy as np

    from nodeflow.values.tensors import Tensors, Windows

    base = np.random.default_rng(0).normal(size=(511, 2)).astype("float32")
    windows = Windows(base, np.arange(500), 12)
    target = windows.to_numpy().mean(axis=(1, 2)).astype("float32")[:, None]
    return Tensors({"x": windows, "y": target}, targets=("y",), task="regression")
