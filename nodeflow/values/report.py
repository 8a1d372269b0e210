"""Report: texts, charts and tables in the arrangement their author gave them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nodeflow.errors import NodeflowError, shorten
from nodeflow.expressions.kinds import kind_of
from nodeflow.values.chart import Chart
from nodeflow.values.codec import Codec
from nodeflow.values.specs import ChartSpec

if TYPE_CHECKING:
    from nodeflow.values.table import Table

MOST_ROWS = 500
"""Rows of a table in a report, which tells how many there are."""

MOST_COLUMNS = 100

MOST_CELLS = 20_000
"""Cells of a table in a report: a wide table has fewer rows."""

MOST_LETTERS = 1_000
"""Letters of a cell in a report."""

MOST_TEXT = 400_000
"""Letters of a table in a report: one of long texts has fewer rows."""

DEEPEST = 8
"""Levels of reports within reports."""


@dataclass(frozen=True)
class Text:
    """A text in Markdown."""

    markdown: str


@dataclass(frozen=True)
class Excerpt:
    """The first rows of a table, and how many rows and columns it has in all.

    Cells are what JSON can hold: whole numbers beyond 53 bits are text, as a browser would round them.
    """

    columns: tuple[tuple[str, str], ...]
    """Names and kinds, as the formula language calls them."""
    rows: tuple[tuple[Any, ...], ...]
    height: int
    width: int

    @classmethod
    def of(cls, table: Table) -> Excerpt:
        """The beginning of a table."""
        schema = dict(list(table.schema.items())[:MOST_COLUMNS])
        most = max(1, min(MOST_ROWS, MOST_CELLS // max(len(schema), 1)))
        head = table.head(most)
        rows, letters = [], 0
        for row in head.iter_rows():
            cells = tuple(cell_of(value) for value in row[: len(schema)])
            letters += sum(len(cell) if isinstance(cell, str) else 8 for cell in cells)
            if letters > MOST_TEXT:
                break
            rows.append(cells)
        columns = tuple((name, kind_of(dtype)) for name, dtype in schema.items())
        return cls(columns, tuple(rows), table.rows, len(table.columns))


@dataclass(frozen=True)
class Report:
    """Parts one after the other, or side by side in columns, under a title and a text in Markdown.

    A part may be a report itself.
    """

    parts: tuple[Text | Chart | Excerpt | Report, ...]
    title: str = ""
    columns: int = 1
    text: str = ""

    def depth(self) -> int:
        """How many levels of reports it has."""
        return 1 + max((part.depth() for part in self.parts if isinstance(part, Report)), default=0)


def cell_of(value: Any) -> Any:
    """What JSON can hold of a value of a table."""
    if isinstance(value, str):
        return shorten(value, MOST_LETTERS) if len(value) > MOST_LETTERS else value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    text = str(value)
    return shorten(text, MOST_LETTERS) if len(text) > MOST_LETTERS else text


class ReportCodec(Codec):
    """Reports are stored as JSON."""

    suffix = ".report.json"

    def pack(self, value: Any) -> bytes:
        return json.dumps(_to_data(value), ensure_ascii=False).encode()

    def load(self, path: Path | bytes, meta: Mapping[str, Any]) -> Report:
        raw = path if isinstance(path, bytes) else path.read_bytes()
        try:
            return _from_data(msgspec.json.decode(raw, type=_Report), 1)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise NodeflowError(f"not a report nodeflow can load: {shorten(str(error), 200)}") from None


class _Text(msgspec.Struct, tag="text"):
    markdown: str


class _Chart(msgspec.Struct, tag="chart"):
    specification: dict[str, Any]
    title: str
    fields: list[str]


class _Table(msgspec.Struct, tag="table"):
    columns: list[tuple[str, str]]
    rows: list[list[bool | int | float | str | None]]
    height: int
    width: int


class _Report(msgspec.Struct, tag="report"):
    parts: list[_Text | _Chart | _Table | _Report]
    title: str
    columns: int
    text: str = ""


def _to_data(part: Text | Chart | Excerpt | Report) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "markdown": part.markdown}
    if isinstance(part, Chart):
        shown = {"specification": part.specification, "title": part.spec.title}
        return {"type": "chart", **shown, "fields": list(part.spec.fields)}
    if isinstance(part, Excerpt):
        rows = [list(row) for row in part.rows]
        return {
            "type": "table", "columns": list(part.columns), "rows": rows, "height": part.height, "width": part.width
        }  # fmt: skip
    parts = [_to_data(one) for one in part.parts]
    said = {"title": part.title, "columns": part.columns, "text": part.text}
    return {"type": "report", "parts": parts, **said}


def _from_data(data: _Report, level: int) -> Report:
    if level > DEEPEST:
        raise NodeflowError(f"not a report nodeflow can load: more than {DEEPEST} levels")
    parts: list[Text | Chart | Excerpt | Report] = []
    for one in data.parts:
        if isinstance(one, _Text):
            parts.append(Text(one.markdown))
        elif isinstance(one, _Chart):
            parts.append(Chart(one.specification, ChartSpec(one.title, tuple(one.fields))))
        elif isinstance(one, _Table):
            parts.append(Excerpt(tuple(one.columns), tuple(map(tuple, one.rows)), one.height, one.width))
        else:
            parts.append(_from_data(one, level + 1))
    return Report(tuple(parts), data.title, data.columns, data.text)
