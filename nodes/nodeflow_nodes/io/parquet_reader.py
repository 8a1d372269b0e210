"""Parquet Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import Columns, InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class ParquetReader(Node):
    """Read a table from a Parquet file, or from many such files.

    A Parquet file knows the names and types of its columns. It is read when its rows are needed, and
    only the columns and the parts of it that the following nodes use: a filter behind the reader can
    leave out most of the file. Rows keep their order.

    **Many files.** A pattern such as `sales/*.parquet` reads all files that fit, sorted by path, below
    each other; `sales/**/*.parquet` those in all folders below as well. If the folders are named after
    values, as in `sales/year=2024/month=5/part.parquet`, these become columns at the end of the table
    ("2024" an integer, "2024-05-01" a date), and a filter on them leaves out whole files.

    **Missing values.** What is null in the file is missing, and so is NaN in a column of numbers.

    A damaged or incomplete file, and a file of another format, is told by its name.

    Outputs:
        table: The rows of the file.
    """

    category = "Input / Output"
    keywords = (
        "read_parquet",
        "scan_parquet",
        "import",
        "load",
        "columnar",
        "hive",
        "partitioned",
        "dataset",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many, ** for folders below.", suffixes=(".parquet", ".pq")
    )
    columns: Columns = parameter(
        default=Columns.all(), help="The columns to read; all unless chosen. The others are left on the disk."
    )
    folder_columns: bool = parameter(
        default=True,
        label="Columns from folders",
        help="Make columns of folders named like year=2024 that the pattern goes through.",
    )
    differing_files: Literal["fail", "first", "union"] = parameter(
        default="fail",
        label="Files that differ",
        help="What to do when files have other columns than the first: stop, read the columns of the first "
        "file, or those of all files. What a file lacks is missing there.",
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
        from nodeflow_nodes.io._columnar import PARQUET, scan

        return scan(self, PARQUET)

    def explain(self, error: Exception) -> str | None:
        from nodeflow_nodes.io._columnar import PARQUET, explain

        return explain(self, PARQUET)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._columnar import PARQUET, export

        export(self, PARQUET, script)
