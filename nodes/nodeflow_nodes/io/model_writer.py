"""Model Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing, write_bytes

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model


class ModelWriter(Node):
    """Write a fitted model to a file, to apply it in another workflow by the Model Reader.

    The file holds the model with all its preparation of columns, the columns it needs, and the
    versions of the libraries it was fitted with, and no code. Linear models, forests, trees and
    transformations are stored as what they learned. All others, such as nearest neighbours, support vector
    machines and boosting, are stored as their settings and the rows they learned from, and are learned again
    when they are read; that is safe whoever made the file, but gives the rows away with it, as a message
    says then. The same model gives the same file. It appears when it is complete: a run that fails leaves
    an older file as it was.

    An ONNX file is for other programs and cannot be read back here. Its inputs are called f0, f1 and so on;
    which columns they are, and how dates are to be given, stands in its metadata. It needs the extra `onnx`.

    A trained network is stored as its layers and weights, with the preparation of its data and the record of its
    training; a file for Keras has layers and weights alone, and needs inputs that are prepared elsewhere.

    Inputs:
        model: The model to write.
    """

    category = "Input / Output"
    keywords = ("save model", "export model", "persist", "dump", "skops", "pmml writer", "onnx", "keras")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".nodeflow-model", ".onnx", ".keras"))
    form: Literal["nodeflow", "onnx", "keras"] = parameter(
        default="nodeflow",
        label="Format",
        help="A model for nodeflow, for programs that read ONNX, or a trained network for programs of Keras 3.",
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )

    def run(self, model: Model, context: Context) -> None:
        from nodeflow.values.bundle import pack_model
        from nodeflow.values.recipe import ROWS

        check_existing(self.path, self.existing)
        if self.form == "onnx":
            from nodeflow_nodes.io._onnx import onnx_of

            write_bytes(context, self.path, onnx_of(model))
            return
        if self.form == "keras":
            write_bytes(context, self.path, _for_keras(model, context))
            return
        data = pack_model(model)
        if ROWS.encode() in data[-65_536:]:
            rows = model.recipe.rows.height if model.recipe is not None else 0
            context.warn(
                f"the file holds the {rows:,} rows that the model learned from; give it to nobody who may not see them"
            )
        write_bytes(context, self.path, data)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]


def _for_keras(model: Model, context: Context) -> bytes:
    from nodeflow_nodes.deep._keras_file import write_keras

    if model.network is None:
        raise NodeFailed("only a trained network can be written for Keras; write this model for nodeflow")
    if model.network.preparation is not None:
        context.warn(
            "the preparation of the data is left out; programs of Keras must scale and order inputs as it does"
        )
    return write_keras(model.network.network)
