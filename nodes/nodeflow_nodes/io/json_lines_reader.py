"""JSON Lines Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class JsonLinesReader(Node):
    """Read a table from a JSON Lines (NDJSON) file, an object a line, or from many such files.

    The rows are read when they are needed, in bounded memory, in the order of the file. To know all
    fields and their types the whole file is looked through first; the start is quicker, but a field
    that comes up only later is then left out, and a value that does not fit stops the run.

    **Nested values.** The fields of an object within a line become columns of their own, such as
    `address.city`. Lists stay lists.

    **Types.** Whole numbers, numbers, truth values and texts are what they are; a field that is of
    several of these becomes text. Texts that all are dates (2024-12-31) or datetimes become such.

    **Missing values.** A field that a line lacks is missing, and so is null. Empty lines are left out.

    **Many files.** A pattern such as logs/*.jsonl reads all files that fit, sorted by name, below each
    other, with the columns of all of them. Files compressed by gzip are decompressed.

    Outputs:
        table: The rows of the file.
    """

    name = "JSON Lines Reader"
    category = "Input / Output"
    keywords = (
        "ndjson",
        "jsonl",
        "read_ndjson",
        "scan_ndjson",
        "log file",
        "import",
        "load",
        "streaming json",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.",
        suffixes=(".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
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
    guess_from: Literal["whole file", "start"] = parameter(
        default="whole file",
        label="Find fields in",
        help="All lines, which takes a further pass over the file, or the first 10,000.",
        advanced=True,
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
        from nodeflow_nodes.io._json_scan import lines_table

        return lines_table(self)

    def explain(self, error: Exception) -> str | None:
        from nodeflow.errors import NodeflowError
        from nodeflow_nodes.io._json_scan import line_fault, lines_of

        try:
            lines = lines_of(self)
            told = [
                line_fault(file, sample, error)
                for file, sample in zip(lines.files, lines.samples, strict=True)
            ]
        except NodeflowError as fault:
            return str(fault)
        return next((one for one in told if ", line " in one), told[0])

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the columns of nested JSON")
