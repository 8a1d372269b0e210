"""Arrow Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import Columns, InputPath, parameter
from nodeflow_nodes.io._scan import explained, scanned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nodeflow.export.python import PythonScript


class ArrowReader(Node):
    """Read a table from an Arrow IPC file (Feather version 2), or from many such files.

    Only the columns and rows that the following nodes use are read. Types come from the file. A pattern
    such as data/*.arrow reads all files that fit, sorted by name, below each other; they must have the
    same columns.

    Outputs:
        table: The rows of the files.
    """

    name = "Arrow Reader"
    category = "Input / Output"
    keywords = ("feather", "read_feather", "read_ipc", "ipc", "import", "load", "open")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".arrow", ".feather", ".ipc")
    )
    columns: Columns = parameter(default=Columns.all(), help="The columns to read.")
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the file a row is from. Empty for none.",
        advanced=True,
    )

    def run(self) -> pl.LazyFrame:
        return scanned(self.path, self._scan, "Arrow", self.columns, self.source)

    def _scan(self, files: Sequence[str]) -> pl.LazyFrame:
        return pl.scan_ipc(list(files), glob=False, include_file_paths=self.source or None)

    def explain(self, error: Exception) -> str | None:
        return explained(error, "Arrow")

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.source or self.columns != Columns.all():
            script.cannot_express("a choice of columns or a source column")
        script.require("import polars as pl")
        script.add(f"{script.output('table')} = pl.scan_ipc({str(self.path)!r})")
