"""Model Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing, write_bytes

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model


class ModelWriter(Node):
    """Write a fitted model to a file, to apply it in another workflow by the Model Reader.

    The file holds the model with all its preparation of columns, the columns it needs, and the
    versions of the libraries it was fitted with; it holds no code and no rows of the data. The same
    model gives the same file. It appears when it is complete: a run that fails leaves an older file as
    it was.

    Inputs:
        model: The model to write.
    """

    category = "Input / Output"
    keywords = ("save model", "export model", "persist", "dump", "skops", "pmml writer")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".nodeflow-model",))
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )

    def run(self, model: Model, context: Context) -> None:
        from nodeflow.values.bundle import pack_model

        check_existing(self.path, self.existing)
        write_bytes(context, self.path, pack_model(model))

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
