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
    from nodeflow.values.specs import ModelSpec, Spec

_MODELS: Kept[Model] = Kept(most=2, most_bytes=256 << 20)
_SPECS: Kept[ModelSpec] = Kept(most=8, most_bytes=256 << 20)


class ModelReader(Node):
    """Read a fitted model from a file that the Model Writer wrote.

    Reading runs no code of the file: a model that holds anything but the known parts of scikit-learn
    is refused, and so is one that was changed. Files of pickle or joblib are never read. If the model
    was fitted with another version of scikit-learn, the Predictor warns. A model that is stored as the rows
    it learned from, as the Model Writer says, is learned again when it is read.

    Outputs:
        model: The model, to be applied by a Predictor.
    """

    category = "Input / Output"
    keywords = ("load model", "import model", "skops", "pmml reader")

    path: InputPath = parameter(help="The file to read.", suffixes=(".nodeflow-model", ".model"))

    def run(self) -> Model:
        file = self._file()
        return _MODELS.get(self, [file], lambda: _read(Path(file)))

    def _file(self) -> str:
        files = files_of(self.path, ".nodeflow-model")
        if len(files) > 1:
            raise NodeFailed(f"{len(files)} files fit {self.path}; a model is read from one")
        if not start_of(files[0]).startswith(b"PK\x03\x04"):
            raise wrong_format(files[0], "a model of nodeflow")
        return files[0]

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        # without what it learned: some models have to learn it again
        file = self._file()
        return _SPECS.get(self, [file], lambda: _spec_of(Path(file)))

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]


def _read(path: Path) -> Model:
    from nodeflow.values.bundle import ModelError
    from nodeflow.values.model import ModelCodec

    try:
        return ModelCodec().load(path, {})
    except ModelError as error:
        raise NodeFailed(f"{path}: {error}") from None


def _spec_of(path: Path) -> ModelSpec:
    from nodeflow.values.bundle import ModelError, spec_of_bundle

    try:
        return spec_of_bundle(path.read_bytes())
    except ModelError as error:
        raise NodeFailed(f"{path}: {error}") from None
