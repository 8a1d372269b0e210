"""JSON Lines Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import polars as pl
import polars.selectors as cs

from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter
from nodeflow_nodes.io._writing import EXISTING_HELP, check_existing

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class JsonLinesWriter(Node):
    """Write a table to a JSON Lines (NDJSON) file: an object a line, one for each row.

    The file appears when it is complete: a run that fails leaves an older file as it was. Rows and
    fields are written in their order, batch by batch, so that a table larger than the memory can be
    written. Missing values, NaN and infinity become null, dates and times texts; lists and nested
    columns stay what they are. A path that ends in .gz is compressed.

    Inputs:
        table: The table to write.
    """

    name = "JSON Lines Writer"
    category = "Input / Output"
    keywords = ("ndjson", "jsonl", "write_ndjson", "sink_ndjson", "export", "save", "log file")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".jsonl", ".ndjson", ".jsonl.gz"))
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help=EXISTING_HELP
    )

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        check_existing(self.path, self.existing)
        table = table.with_columns(cs.duration().dt.to_string("iso"))
        with context.write(self.path) as target, atomic_write(target, "wb") as file:
            table.sink_ndjson(
                file,
                compression=self._compression(),
                check_extension=False,
                maintain_order=True,
                engine="streaming",
            )

    def _compression(self) -> Literal["gzip", "uncompressed"]:
        return "gzip" if self.path.lower().endswith(".gz") else "uncompressed"

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        script.require("import polars.selectors as cs")
        path = script.file_to_write(self.path)
        if self.existing == "fail":
            script.require("from pathlib import Path")
            script.add(f"if Path({path!r}).exists():", f"    raise FileExistsError({path!r})")
        table = f'{script.input("table")}.with_columns(cs.duration().dt.to_string("iso"))'
        script.add(f"{table}.sink_ndjson({path!r}, compression={self._compression()!r})")
