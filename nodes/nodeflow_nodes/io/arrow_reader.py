"""Arrow IPC Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import Columns, InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class ArrowReader(Node):
    """Read a table from an Arrow IPC (Feather) file, or from many such files.

    An Arrow file knows the names and types of its columns. It is read when its rows are needed, and
    only the columns that the following nodes use. Rows keep their order. Feather files of version 2
    are Arrow files; the stream form (.arrows) and Feather version 1 are not read.

    **Many files.** A pattern such as `sales/*.arrow` reads all files that fit, sorted by path, below
    each other; `sales/**/*.arrow` those in all folders below as well. If the folders are named after
    values, as in `sales/year=2024/part.arrow`, these become columns at the end of the table.

    **Missing values.** What is null in the file is missing, and so is NaN in a column of numbers.

    Outputs:
        table: The rows of the file.
    """

    id = "arrow_reader"
    name = "Arrow IPC Reader"
    category = "Input / Output"
    keywords = (
        "read_ipc",
        "scan_ipc",
        "feather",
        "import",
        "load",
        "columnar",
        "read_feather",
        "table reader",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many, ** for folders below.",
        suffixes=(".arrow", ".feather", ".ipc"),
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
        from nodeflow_nodes.io._columnar import ARROW, scan

        return scan(self, ARROW)

    def explain(self, error: Exception) -> str | None:
        from nodeflow_nodes.io._columnar import ARROW, explain

        return explain(self, ARROW)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        from nodeflow_nodes.io._columnar import ARROW, export

        export(self, ARROW, script)
