"""JSON Reader."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._text_file import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nodeflow.export.python import PythonScript

MOST_BYTES = 1 << 30
"""A JSON file is held in memory, many times its size; larger ones belong into JSON Lines or Parquet."""

MOST_COLUMNS = 10_000


class JsonReader(Node):
    """Read a table from a JSON file, or from a JSON Lines file with one object a line.

    Each object becomes a row, each of its names a column, in the order of their first appearance; names
    that an object lacks are missing there. Objects within objects become columns called outer.inner, or
    stay JSON text; lists become lists where all elements are of one type, and JSON text otherwise. Where
    the rows lie deeper in the file, name the way: `data.items` takes the list under "items" under "data".

    Outputs:
        table: The objects as rows.
    """

    name = "JSON Reader"
    category = "Input / Output"
    keywords = (
        "read_json",
        "json lines",
        "ndjson",
        "jsonl",
        "import",
        "load",
        "json path",
        "flatten",
        "json to table",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".json", ".jsonl", ".ndjson")
    )
    form: Literal["guess", "json", "json lines"] = parameter(
        default="guess", help="Whether the file is one JSON value or has one on each line."
    )
    rows: str = parameter(
        default="",
        label="Way to the rows",
        help="Names joined by points that lead to the list of rows. Empty: the top.",
    )
    nested: Literal["columns", "text"] = parameter(
        default="columns", help="What becomes of objects within objects."
    )
    depth: int = parameter(
        default=5,
        minimum=1,
        maximum=50,
        help="How deep objects are taken apart.",
        when={"nested": "columns"},
        advanced=True,
    )

    def run(self) -> pl.DataFrame:
        columns: dict[str, list[Any]] = {}
        count = 0
        for file in files_of(self.path):
            for row in self._rows(file):
                for name, value in self._flat(row, "", self.depth if self.nested == "columns" else 0):
                    held = columns.get(name)
                    if held is None:
                        if len(columns) >= MOST_COLUMNS:
                            raise NodeFailed(
                                f"{file} has more than {MOST_COLUMNS:,} columns; read nested objects as text"
                            )
                        held = columns[name] = [None] * count
                    held.extend([None] * (count - len(held)))
                    held.append(value)
                count += 1
        for held in columns.values():
            held.extend([None] * (count - len(held)))
        return pl.DataFrame([_series(name, held) for name, held in columns.items()])

    def _rows(self, file: str) -> Iterator[dict[str, Any]]:
        size = os.path.getsize(file)
        if size > MOST_BYTES:
            raise NodeFailed(f"{file} has {size / 1e9:.1f} GB; convert files of more than 1 GB to Parquet")
        with open(file, encoding="utf-8-sig") as source:
            try:
                text = source.read()
            except UnicodeDecodeError as error:
                raise NodeFailed(
                    f"{file} is not UTF-8 text (byte {error.start:,}); convert it first"
                ) from None
        if not text.strip():
            raise NodeFailed(f"{file} is empty; check the export that wrote it")
        lines = self.form == "json lines" or (
            self.form == "guess" and file.casefold().endswith((".jsonl", ".ndjson"))
        )
        if self.form == "guess" and not lines:
            try:
                found: Any = json.loads(text)
            except ValueError as error:
                first = text.lstrip().split("\n", 1)
                if len(first) < 2 or not _is_json(first[0]):
                    raise NodeFailed(f"{file} is no JSON: {error}") from None
                lines = True
            except RecursionError:
                raise NodeFailed(f"{file} is nested too deeply") from None
        if lines:
            for number, line in enumerate(text.split("\n"), 1):
                if line.strip():
                    yield self._row(_parsed(line, f"{file}, line {number:,}"), f"{file}, line {number:,}")
            return
        found = _parsed(text, file)
        for name in self.rows.split(".") if self.rows else []:
            if isinstance(found, list) and name.isdigit() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, dict) and name in found:
                found = found[name]
            else:
                has = ", ".join(list(found)[:6]) if isinstance(found, dict) else f"a {type(found).__name__}"
                raise NodeFailed(
                    f'{file}: the way to the rows leads nowhere at "{shorten(name)}"; there is {has}'
                )
        for number, one in enumerate(found if isinstance(found, list) else [found], 1):
            yield self._row(one, f"{file}, row {number:,}")

    def _row(self, value: Any, where: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        if isinstance(value, list):
            return {f"column_{place}": one for place, one in enumerate(value, 1)}
        return {"value": value}

    def _flat(self, row: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
        for name, value in row.items():
            if isinstance(value, dict) and depth > 0:
                yield from self._flat(value, f"{prefix}{name}.", depth - 1)
            else:
                yield f"{prefix}{name}", value

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reading JSON is not exported")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NodeFailed(f"{where} is no JSON: {error}") from None
    except RecursionError:
        raise NodeFailed(f"{where} is nested too deeply") from None


def _series(name: str, values: list[Any]) -> pl.Series:
    """A column of one type: whole numbers, numbers, truth values, texts, lists of one of them, or JSON text."""
    kinds = {_kind(value) for value in values if value is not None}
    if kinds == {"integer"} and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if "float" in kinds and kinds <= {"integer", "float"}:
        return pl.Series(name, [None if v is None or v != v else float(v) for v in values], dtype=pl.Float64)
    if kinds == {"boolean"}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds <= {"text"}:
        return pl.Series(name, values, dtype=pl.String)
    if kinds == {"list"}:
        inner = _series("", [element for value in values if value is not None for element in value])
        if inner.dtype in (pl.Int64, pl.Float64, pl.Boolean, pl.String) and not any(
            isinstance(element, dict | list) for value in values if value for element in value
        ):
            return pl.Series(name, values, dtype=pl.List(inner.dtype), strict=False)
    texts = [
        None if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values
    ]
    return pl.Series(name, texts, dtype=pl.String)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names: dict[type, str] = {int: "integer", float: "float", str: "text", list: "list"}
    return names.get(type(value), "object")
