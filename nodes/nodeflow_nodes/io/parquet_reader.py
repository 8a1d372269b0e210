"""Parquet Reader."""

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


class ParquetReader(Node):
    """Read a table from a Parquet file, or from many such files.

    Only the columns and rows that the following nodes use are read. Types come from the file. A pattern
    such as data/*.parquet reads all files that fit, sorted by name, below each other; they must have the
    same columns. With partitions, folders called `year=2024` become columns: read data/**/*.parquet.

    Outputs:
        table: The rows of the files.
    """

    category = "Input / Output"
    keywords = ("read_parquet", "import", "load", "columnar", "open", "dataset", "partitioned", "hive")

    path: InputPath = parameter(help="The file, or a pattern with * for many.", suffixes=(".parquet", ".pq"))
    columns: Columns = parameter(default=Columns.all(), help="The columns to read.")
    partitions: bool = parameter(
        default=False, help="Make columns of folders called name=value.", advanced=True
    )
    max_rows: int | None = parameter(
        default=None, minimum=0, unit="rows", help="Read no more rows than this.", advanced=True
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the file a row is from. Empty for none.",
        advanced=True,
    )

    def run(self) -> pl.LazyFrame:
        table = scanned(self.path, self._scan, "Parquet", self.columns, self.source)
        return table if self.max_rows is None else table.head(self.max_rows)

    def _scan(self, files: Sequence[str]) -> pl.LazyFrame:
        return pl.scan_parquet(
            list(files), glob=False, hive_partitioning=self.partitions, include_file_paths=self.source or None
        )

    def explain(self, error: Exception) -> str | None:
        return explained(error, "Parquet")

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.source or self.columns != Columns.all():
            script.cannot_express("a choice of columns or a source column")
        script.require("import polars as pl")
        head = "" if self.max_rows is None else f".head({self.max_rows})"
        hive = ", hive_partitioning=True" if self.partitions else ""
        script.add(f"{script.output('table')} = pl.scan_parquet({str(self.path)!r}{hive}){head}")
