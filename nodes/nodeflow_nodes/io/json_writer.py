"""JSON Writer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import OutputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


class JsonWriter(Node):
    """Write a table to a JSON file: each row an object.

    As one list of objects, or as JSON Lines with an object on each line, which is written in pieces and
    so holds tables larger than memory. Missing values are null, dates and times texts in the ISO form.
    The file appears when it is complete: a run that fails leaves an older file as it was.

    Inputs:
        table: The table to write.
    """

    name = "JSON Writer"
    category = "Input / Output"
    keywords = ("to_json", "json lines", "ndjson", "jsonl", "export", "save", "table to json")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".json", ".jsonl", ".ndjson"))
    form: Literal["by ending", "json", "json lines"] = parameter(
        default="by ending",
        help="One JSON list, or an object a line; files in .jsonl and .ndjson have lines.",
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", label="If the file exists", help="Replace it, or stop the run."
    )

    def has_lines(self) -> bool:
        """Whether the file has an object on each line."""
        if self.form == "by ending":
            return self.path.casefold().endswith((".jsonl", ".ndjson"))
        return self.form == "json lines"

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        if self.existing == "fail" and os.path.exists(self.path):
            raise NodeFailed(f"{self.path} exists already; choose another name, or let it be overwritten")
        with context.write(self.path) as target:
            if self.has_lines():
                table.sink_ndjson(target)
            else:
                table.collect(engine="streaming").write_json(target)

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        source, path = script.input("table"), str(self.path)
        script.add(
            f"{source}.sink_ndjson({path!r})"
            if self.has_lines()
            else f"{source}.collect().write_json({path!r})"
        )
