"""Model Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._formats import start_of, wrong_format
from nodeflow_nodes.io._kept import Kept
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    from nodeflow.values import Model
    from nodeflow.values.specs import Spec

_MODELS: Kept[Model] = Kept(most=2, most_bytes=256 << 20)


class ModelReader(Node):
    """Read a fitted model from a file that the Model Writer wrote.

    Reading runs no code of the file: a model that holds anything but the known parts of scikit-learn
    is refused, and so is one that was changed. Files of pickle or joblib are never read. If the model
    was fitted with another version of scikit-learn, the Predictor warns.

    Outputs:
        model: The model, to be applied by a Predictor.
    """

    category = "Input / Output"
    keywords = ("load model", "import model", "skops", "pmml reader")

    path: InputPath = parameter(help="The file to read.", suffixes=(".nodeflow-model", ".model"))

    def run(self) -> Model:
        files = files_of(self.path, ".nodeflow-model")
        if len(files) > 1:
            raise NodeFailed(f"{len(files)} files fit {self.path}; a model is read from one")
        if not start_of(files[0]).startswith(b"PK\x03\x04"):
            raise wrong_format(files[0], "a model of nodeflow")
        return _MODELS.get(self, files, lambda: _read(Path(files[0])))

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return self.run().spec

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]


def _read(path: Path) -> Model:
    from nodeflow.values.bundle import ModelError
    from nodeflow.values.model import ModelCodec

    try:
        return ModelCodec().load(path, {})
    except ModelError as error:
        raise NodeFailed(f"{path}: {error}") from None
