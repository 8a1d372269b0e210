"""Network Writer."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing, write_bytes

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Network

_SUFFIXES = (".json", ".nodeflow-network", ".keras")


class NetworkWriter(Node):
    """Write a network to a file: its layers as JSON, with its weights as safetensors, or as Keras has it.

    The ending of the path says which. `.json` holds the layers alone, in a form that people read and compare.
    `.nodeflow-network` holds the weights as well, if there are any. `.keras` is for programs of Keras 3; layers of
    nodeflow's own are written as what comes next to them: a CTC Head and a Tied Dense as Dense layers; an LSTM with
    peepholes and a CRF Head load only where nodeflow is installed and `nodeflow_nodes.deep._keras.building` imported. The
    same network gives the same file.

    Inputs:
        network: The network to write.
    """

    category = "Deep Learning / Network"
    keywords = ("save network", "export network", "keras", "safetensors", "json")

    path: OutputPath = parameter(
        suffixes=_SUFFIXES, help="The file to write, ending in .json, .nodeflow-network or .keras."
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )

    def check_parameters(self) -> list[Fault]:
        if PurePath(self.path).suffix.lower() in _SUFFIXES:
            return []
        return [
            Fault(
                "path",
                f"must end in {_SUFFIXES[0]}, {_SUFFIXES[1]} or {_SUFFIXES[2]}, which says what to write",
            )
        ]

    def run(self, network: Network, context: Context) -> None:
        from nodeflow.values.network import pack_network
        from nodeflow_nodes.deep._keras_file import write_keras

        check_existing(self.path, self.existing)
        suffix = PurePath(self.path).suffix.lower()
        try:
            if suffix == ".keras":
                data = write_keras(network)
            elif suffix == ".json":
                data = network.structure.to_json(indent=1)
                if network.weights:
                    context.warn("the weights are left out; a path that ends in .nodeflow-network keeps them")
            else:
                data = pack_network(network)
        except NetworkError as error:
            raise NodeFailed(str(error)) from None
        write_bytes(context, self.path, data)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
