"""Arrow IPC Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import polars as pl

from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class ArrowWriter(Node):
    """Write a table to an Arrow IPC (Feather) file.

    The file keeps names, types, missing values and nested columns exactly, and is read back the
    fastest; programs in Python, R, Julia and others know it. It appears when it is complete: a run
    that fails leaves an older file as it was. Rows and columns are written in their order, batch by
    batch, so that a table larger than the memory can be written.

    Inputs:
        table: The table to write.
    """

    id = "arrow_writer"
    name = "Arrow IPC Writer"
    category = "Input / Output"
    keywords = ("to_feather", "write_ipc", "sink_ipc", "feather", "export", "save", "table writer")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".arrow", ".feather", ".ipc"))
    compression: Literal["none", "lz4", "zstd"] = parameter(
        default="none",
        help='"none" is read fastest, without being loaded as a whole; "zstd" gives the smallest file.',
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )
    compatible: bool = parameter(
        default=True, help="Write texts in a form that older programs know.", advanced=True
    )

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        check_existing(self.path, self.existing)
        level = pl.CompatLevel.oldest() if self.compatible else pl.CompatLevel.newest()
        with context.write(self.path) as target, atomic_write(target, "wb") as file:
            table.sink_ipc(
                file, compression=self._codec(), compat_level=level, maintain_order=True, engine="streaming"
            )

    def _codec(self) -> Literal["uncompressed", "lz4", "zstd"]:
        return "uncompressed" if self.compression == "none" else self.compression

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        path = script.file_to_write(self.path)
        if self.existing == "fail":
            script.require("from pathlib import Path")
            script.add(f"if Path({path!r}).exists():", f"    raise FileExistsError({path!r})")
        level = "oldest" if self.compatible else "newest"
        script.add(
            f"{script.input('table')}.sink_ipc(",
            f"    {path!r}, compression={self._codec()!r}, compat_level=pl.CompatLevel.{level}()",
            ")",
        )
