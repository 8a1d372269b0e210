"""ARFF Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class ArffReader(Node):
    """Read a table from an ARFF file, the format of Weka.

    The file says the names and types of its columns: numeric and real become numbers, integer becomes
    an integer, nominal a category with the values in the order of the file, string a text, date a
    datetime by the format given there. Both dense and sparse rows are read; in a sparse row what is
    left out is 0, or the first value of a nominal attribute. Weights of rows and relational attributes
    are not read. Rows keep their order.

    **Missing values** are written as a question mark without quotes.

    Outputs:
        table: The rows of the file.
    """

    name = "ARFF Reader"
    category = "Input / Output"
    keywords = ("weka", "loadarff", "import", "load", "attribute relation file")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".arff", ".arff.gz")
    )
    encoding: Encoding = parameter(
        default="auto",
        help='How characters are stored. "auto" knows UTF-8 and UTF-16 and takes windows-1252 for the rest.',
        advanced=True,
    )

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._arff import read
        from nodeflow_nodes.io._many import tables_of

        return tables_of(self, ".arff", lambda file: read(file, self.encoding)).lazy()

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("an ARFF file")
