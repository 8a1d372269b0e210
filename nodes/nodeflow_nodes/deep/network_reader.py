"""Network Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.networks import NetworkError, Structure
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._formats import start_of
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    from nodeflow.values import Network
    from nodeflow.values.specs import Spec

_STRUCTURES: Kept[Structure] = Kept(most=8, most_bytes=4 << 30)


class NetworkReader(Node):
    """Read a network from a file that the Network Writer or Keras wrote, with its weights if it has some.

    Of a `.keras` file each layer is looked up among the layers that nodeflow knows, and the weights are read as plain
    numbers; nothing of it is run. A file that holds code, such as a Lambda layer, or anything else that is not known is
    refused. Layers that are used several times, and models within models, are refused as well.

    Outputs:
        network: The network.
    """

    category = "Deep Learning / Network"
    keywords = ("load network", "import network", "keras", "safetensors", "json", "pretrained")

    path: InputPath = parameter(help="The file to read.", suffixes=(".json", ".nodeflow-network", ".keras"))

    def run(self) -> Network:
        from nodeflow.values.network import NetworkCodec
        from nodeflow_nodes.deep._keras_file import read_keras

        path = self._file()
        try:
            return read_keras(path) if _is_zip(path) else NetworkCodec().load(path, {})
        except NetworkError as error:
            raise NodeFailed(f"{path}: {error}") from None

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        # without the weights: they are large, and those of Keras are read by a library of C while running only
        from nodeflow.values.network import NetworkSpec

        path = self._file()
        return NetworkSpec(_STRUCTURES.get(self, [str(path)], lambda: _structure_of(path)))

    def _file(self) -> Path:
        files = files_of(self.path, ".keras")
        if len(files) > 1:
            raise NodeFailed(f"{len(files)} files fit {self.path}; a network is read from one")
        return Path(files[0])

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]


def _is_zip(path: Path) -> bool:
    return start_of(str(path)).startswith(b"PK\x03\x04")


def _structure_of(path: Path) -> Structure:
    from nodeflow.values.network import structure_in_file
    from nodeflow_nodes.deep._keras_file import structure_in_keras

    try:
        structure = structure_in_keras(path) if _is_zip(path) else structure_in_file(path)
        structure.shapes()
    except NetworkError as error:
        raise NodeFailed(f"{path}: {error}") from None
    return structure
