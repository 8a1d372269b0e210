"""JSON Writer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars.selectors as cs

from nodeflow.errors import listing
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, parameter
from nodeflow_nodes.io._writing import check_existing, columns_of

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

_BATCH = 10_000


class JsonWriter(Node):
    """Write a table to a JSON file: a list with an object for each row.

    The file appears when it is complete: a run that fails leaves an older file as it was. Rows and
    fields keep their order. Missing values, NaN and infinity become null, dates and times texts as in
    2024-12-31T08:30:00, durations texts as in PT1H30M, binary values base64; lists and nested columns
    stay what they are. For large tables JSON Lines is the better form.

    Inputs:
        table: The table to write.
    """

    name = "JSON Writer"
    category = "Input / Output"
    keywords = ("to_json", "write_json", "table to json", "export", "save", "records")

    path: OutputPath = parameter(help="The file to write.", suffixes=(".json",))
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite",
        label="If the file exists",
        help="Replace it, or stop the run. A run that fails leaves it as it was.",
    )
    indent: int = parameter(
        default=0, minimum=0, maximum=8, help="Blanks to indent by, for people; 0 for a row a line."
    )
    missing: Literal["null", "omit"] = parameter(
        default="null", label="Missing values", help="Write null, or leave the field out."
    )
    nest: str = parameter(
        default="",
        label="Nest at",
        help='What parts the names of nested fields: with "." the columns a.x and a.y become the fields x and y of an '
        "object a. Empty to write names as they are.",
    )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if not self.nest:
            return []
        names = [tuple(name.split(self.nest)) for name in columns_of(inputs)]
        heads = {name[:depth] for name in names for depth in range(1, len(name))}
        both = [self.nest.join(name) for name in names if name in heads]
        if both:
            return [
                Fault("nest", f"{listing(both)} would be a value and an object; rename it, or do not nest")
            ]
        return []

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        import msgspec

        check_existing(self.path, self.existing)
        frame = table.with_columns(cs.duration().dt.to_string("iso")).collect(engine="streaming")
        encode = msgspec.json.Encoder(decimal_format="number").encode
        parts = [name.split(self.nest) if self.nest else [name] for name in frame.columns]
        with context.write(self.path) as target, atomic_write(target, "wb") as file:
            file.write(b"[")
            between = b"\n"
            for batch in frame.iter_slices(_BATCH):
                context.check_cancelled()
                for row in batch.iter_rows():
                    text = encode(self._record(parts, row))
                    if self.indent:
                        text = msgspec.json.format(text, indent=self.indent)
                    file.write(between + text)
                    between = b",\n"
            file.write(b"\n]\n")

    def _record(self, parts: Sequence[Sequence[str]], row: Sequence[Any]) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for names, value in zip(parts, row, strict=True):
            if self.missing == "omit" and (value is None or value != value):
                continue
            inner = record
            for name in names[:-1]:
                inner = inner.setdefault(name, {})
            inner[names[-1]] = value
        return record

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.nest or self.indent or self.missing == "omit" or self.existing == "fail":
            script.cannot_express("the form of the JSON")
        path = script.file_to_write(self.path)
        script.add(f"{script.input('table')}.collect().write_json({path!r})")
