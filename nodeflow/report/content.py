"""What the report of a run tells, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodeflow.values.chart import Chart
from nodeflow.values.report import Excerpt, Report, Text

if TYPE_CHECKING:
    from nodeflow.execution.result import NodeReport
    from nodeflow.resolution import Source

WORDS = {
    "done": "done",
    "cached": "from cache",
    "failed": "failed",
    "skipped": "skipped",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class ChartPart:
    """A chart, where it stands in the workflow, and which columns of which table its data are.

    `fields` maps a field of the data to the column it holds and that column's kind.
    """

    chart: Chart
    title: str
    source: Source | None = None
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TablePart:
    """The beginning of a table, and the output it is from."""

    excerpt: Excerpt
    title: str
    source: Source | None = None


@dataclass(frozen=True)
class Score:
    """A small table of figures."""

    heads: list[str]
    rows: list[list[Any]]
    title: str = ""


@dataclass(frozen=True)
class SectionPart:
    """Parts side by side in columns, below a title and a text in Markdown."""

    title: str
    columns: int
    parts: tuple[Part, ...]
    text: str = ""


Part = Text | ChartPart | TablePart | Score | SectionPart


@dataclass(frozen=True)
class Note:
    """What somebody who reads the report should know: a warning, or why a node failed."""

    title: str
    text: str
    failed: bool = False


@dataclass
class Content:
    """All that a report shows; `arranged` is what the author put together, the rest follows."""

    title: str
    description: str
    state: str
    facts: list[str]
    notes: list[Note]
    arranged: list[SectionPart]
    scores: list[Score]
    charts: list[ChartPart]
    tables: list[TablePart]
    models: list[tuple[str, dict[str, Any]]]
    reports: list[NodeReport]
    pictures: dict[str, str]
    origin: dict[str, str]
    record: Mapping[str, Any]
    names: dict[Source, str] = field(default_factory=dict)
    """For each output that linked charts are of, what to call it."""
    links: dict[Source, dict[str, list[Any]]] = field(default_factory=dict)
    """For each of these, if it is not too large, the columns that its charts show."""
    tensors: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def all_charts(self) -> list[ChartPart]:
        """Every chart, in the order of the report."""
        return [one for one in self._leaves() if isinstance(one, ChartPart)]

    def all_tables(self) -> list[TablePart]:
        """Every table, in the order of the report."""
        return [one for one in self._leaves() if isinstance(one, TablePart)]

    def _leaves(self) -> list[Part]:
        parts: list[Part] = [*self.arranged, *self.charts, *self.tables]
        return [leaf for part in parts for leaf in _leaves(part)]


def content_of_report(report: Report) -> Content:
    """What there is to tell of a report alone, without the run it is from."""
    return Content(
        title=report.title or "Report",
        description="",
        state="",
        facts=[],
        notes=[],
        arranged=[SectionPart("", report.columns, tuple(map(_bare, report.parts)), report.text)],
        scores=[],
        charts=[],
        tables=[],
        models=[],
        reports=[],
        pictures={},
        origin={},
        record={},
    )


def _bare(part: Text | Chart | Excerpt | Report) -> Part:
    """A part of a report of which nothing more is known."""
    if isinstance(part, Chart):
        return ChartPart(part, part.spec.title)
    if isinstance(part, Excerpt):
        return TablePart(part, "")
    if isinstance(part, Report):
        return SectionPart(part.title, part.columns, tuple(map(_bare, part.parts)), part.text)
    return part


def _leaves(part: Part) -> Iterator[Part]:
    if isinstance(part, SectionPart):
        for one in part.parts:
            yield from _leaves(one)
    else:
        yield part


def seconds_text(seconds: float) -> str:
    """A time for people."""
    if seconds < 120:
        return f"{seconds:.2f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def number_text(value: Any) -> str:
    """A figure for people."""
    if value is None:
        return "–"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.4f}" if 1e-3 <= abs(value) < 1e6 else f"{value:,.4g}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if isinstance(value, int) else str(value)


def is_number(value: Any) -> bool:
    """Whether a value is a figure, which stands to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)
