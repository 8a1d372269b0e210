"""Fixed-width Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter
from nodeflow_nodes.io._text_file import MISSING, Encoding, Type

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class FixedWidthReader(Node):
    """Read a table from a text file in which each column has a fixed place in the line.

    Without widths the columns are found: they are parted where the first 1,000 lines all have a blank,
    and each begins with a name if there is a line of names. Give the widths where columns touch each
    other. Blanks around values are taken off. Empty lines are left out; a shorter line is filled up
    with missing values. Rows keep the order of the file.

    **Types.** As in the CSV Reader: a column is boolean, integer, number, date, datetime or else text,
    by all of its values.

    **Missing values.** A value that equals one of the missing markers, after its blanks are taken off.

    **Many files.** A pattern such as data/*.txt reads all files that fit, sorted by name, below each
    other. Files compressed by gzip are decompressed. A file is read as a whole.

    Outputs:
        table: The rows of the file.
    """

    name = "Fixed-width Reader"
    category = "Input / Output"
    keywords = (
        "read_fwf",
        "fixed width file reader",
        "fwf",
        "columns by position",
        "import",
        "load",
        "mainframe",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".txt", ".dat", ".fwf", ".prn")
    )
    widths: list[int] = parameter(
        default=[],
        minimum=1,
        maximum=100_000,
        unit="characters",
        help="The width of each column, from the left; what lies beyond is left out. Empty to find them.",
    )
    header: bool = parameter(default=True, help="Whether the first line has the names of the columns.")
    names: list[str] = parameter(
        default=[], label="Column names", help="Names from left to right, in place of those of the file."
    )
    types: dict[str, Type] = parameter(
        default={}, help="The types of certain columns, by name; the others are found out."
    )
    missing: list[str] = parameter(
        default=MISSING, label="Missing markers", help="Texts that stand for a missing value."
    )
    skip_rows: int = parameter(
        default=0, minimum=0, unit="lines", help="Lines to skip before the header.", advanced=True
    )
    encoding: Encoding = parameter(
        default="auto",
        help='How characters are stored. "auto" knows UTF-8 and UTF-16 and takes windows-1252 for the rest.',
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        twice = [name for index, name in enumerate(self.names) if name in self.names[:index]]
        if twice:
            return [Fault("names", f'the name "{twice[0]}" is given twice; change one')]
        if self.widths and len(self.names) > len(self.widths):
            return [Fault("names", f"there are {len(self.widths)} widths, but {len(self.names)} names")]
        return []

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._fixed_width import read
        from nodeflow_nodes.io._many import tables_of

        return tables_of(self, ".txt", lambda file: read(self, file)).lazy()

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("columns by their place in the line")
