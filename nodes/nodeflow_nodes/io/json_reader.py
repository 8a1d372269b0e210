"""JSON Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class JsonReader(Node):
    """Read a table from a JSON file, or from many such files.

    The records are found by themselves where the file is a list of objects, an object with one such
    list in it, or an object of columns such as `{"a": [1, 2], "b": ["x", "y"]}`; otherwise say by a
    path where they are, such as `$.response.items`. Any other object is one record. Each record is a
    row, in the order of the file; its fields are columns, in the order of first appearance.

    **Nested values.** The fields of an object within a record become columns of their own, such as
    `address.city`. Lists stay lists.

    **Types.** Whole numbers, numbers, truth values and texts are what they are; a field that is of
    several of these becomes text. Texts that all are dates (2024-12-31) or datetimes become such.

    **Missing values.** A field that a record lacks is missing, and so is null.

    **Many files.** A pattern such as data/*.json reads all files that fit, sorted by name, below each
    other; they must have the same columns. A file is read as a whole: JSON Lines suits large data
    better. Files compressed by gzip are decompressed.

    Outputs:
        table: The records.
    """

    name = "JSON Reader"
    category = "Input / Output"
    keywords = ("read_json", "json_normalize", "json to table", "import", "load", "nested", "api")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".json", ".json.gz", ".geojson")
    )
    records: str = parameter(
        default="",
        label="Path of the records",
        help="Where the list of records is, such as $.response.items, or the records, such as $.users[*]. Empty to "
        "find it.",
    )
    flatten: bool = parameter(
        default=True, help="Make columns of the fields of nested objects; otherwise they stay one column."
    )
    separator: str = parameter(
        default=".",
        min_length=1,
        help="What stands between the names of nested fields: address.city.",
        when={"flatten": True},
        advanced=True,
    )
    parse_dates: bool = parameter(
        default=True, help="Find dates and datetimes by themselves; otherwise they are text.", advanced=True
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the file a row is from. Empty for none.",
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        from nodeflow_nodes.io._json_path import JsonPathError, parse

        try:
            parse(self.records)
        except JsonPathError as error:
            return [Fault("records", str(error))]
        return []

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._json_scan import json_table

        return json_table(self).lazy()

    def summary(self) -> str:
        return f"{os.path.basename(self.path)} {self.records}".strip()[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("finding the records of a JSON file")
