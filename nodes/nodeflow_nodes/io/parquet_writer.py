"""Parquet Writer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, listing
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


_ROWS = 250_000
"""In a row group: enough for fast reading, few enough that a table of any size is written in little memory."""


class ParquetWriter(Node):
    """Write a table to a Parquet file.

    The file appears when it is complete: a run that fails leaves an older file as it was. The rows are
    written in their order, in pieces, so that a table larger than memory can be written. Types are kept.

    Inputs:
        table: The table to write.
    """

    category = "Input / Output"
    keywords = ("to_parquet", "export", "save", "write", "columnar")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".parquet", ".pq"))
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help="Replace it, or stop the run."
    )
    compression: Literal["zstd", "lz4", "snappy", "gzip", "uncompressed"] = parameter(
        default="zstd",
        help="How the data are compressed: zstd gives small files, lz4 fast ones.",
        advanced=True,
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = inputs["table"].columns if "table" in inputs else {}
        odd = [name for name, dtype in schema.items() if type(dtype).__name__ == "Object"]
        return [Fault("path", f"{listing(odd)} cannot be written to Parquet; take them out")] if odd else []

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        if self.existing == "fail" and os.path.exists(self.path):
            raise NodeFailed(f"{self.path} exists already; choose another name, or let it be overwritten")
        with context.write(self.path) as target:
            table.sink_parquet(target, compression=self.compression, row_group_size=_ROWS)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        source = script.input("table")
        script.add(f"{source}.sink_parquet({str(self.path)!r}, compression={self.compression!r})")
