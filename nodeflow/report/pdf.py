"""The report of a run as PDF, to be printed: pages of words, first rows of tables, charts as vectors."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeflowError
from nodeflow.report import paper
from nodeflow.report.collecting import content_of
from nodeflow.report.content import (
    WORDS,
    ChartPart,
    Content,
    Part,
    Score,
    SectionPart,
    TablePart,
    is_number,
    number_text,
    seconds_text,
)
from nodeflow.report.markdown import tokens_of
from nodeflow.report.paper import LINK, QUIET, ROOM, Box, Run
from nodeflow.values.chart import Chart
from nodeflow.values.report import Text

if TYPE_CHECKING:
    from markdown_it.token import Token

    from nodeflow.execution.result import Result

ROWS = 30
"""Rows of a table that has the page's whole width."""

FEW_ROWS = 12
"""Rows of a table that stands beside something."""

SPACE = 18.0

SMALLEST = 0.62
"""To how much of its size a chart may shrink before it is drawn anew for the room."""


def report_pdf(result: Result) -> bytes:
    """The PDF of a run's report.

    Raises:
        NodeflowError: the packages of the extra `report` are missing.
    """
    return pdf_of(content_of(result))


def pdf_of(content: Content) -> bytes:
    """The PDF of what a report tells."""
    try:
        import vl_convert
        from pypdf import PdfReader, PdfWriter
    except ImportError:
        raise NodeflowError(
            "a report as PDF needs vl-convert and pypdf; install them by: pip install nodeflow[report]"
        ) from None
    pages = paper.Pages()
    pages.put(_boxes(content))
    writer = PdfWriter()
    for svg in pages.finished(content.title):
        writer.append(PdfReader(io.BytesIO(vl_convert.svg_to_pdf(svg))))
    above: dict[int, Any] = {}
    for level, text, page in pages.outline:
        parent = next((above[one] for one in range(level - 1, 0, -1) if one in above), None)
        above = {one: item for one, item in above.items() if one < level}
        above[level] = writer.add_outline_item(title=text, page_number=page, parent=parent)
    writer.add_metadata({"/Title": content.title, "/Producer": "nodeflow"})
    writer.compress_identical_objects()
    found = io.BytesIO()
    writer.write(found)
    return found.getvalue()


def _boxes(content: Content) -> list[Box]:
    boxes = paper.heading(content.title, 1)
    if content.description:
        boxes += paper.paragraph([Run(content.description)], 11, ROOM)
    if content.facts:
        boxes += paper.paragraph([Run(" · ".join(content.facts), colour=QUIET)], 9, ROOM, gap=4)
    failed = [note for note in content.notes if note.failed]
    boxes += _notes(failed if content.arranged else content.notes)
    for section in content.arranged:
        boxes += _section(section, 2)
    if not content.reports:
        return boxes
    if content.arranged:
        boxes += paper.heading("Appendix", 2)
        boxes += _notes([note for note in content.notes if not note.failed])
    if content.scores:
        boxes += paper.heading("Scores", 2)
        for score in content.scores:
            boxes += [Box(6.0, keep=True), *_score(score, ROOM)]
    if content.charts:
        boxes += paper.heading("Charts", 2)
        for chart in content.charts:
            boxes += [replace(box, gap=10) for box in _chart(chart, ROOM, caption=True)]
    if content.tables:
        boxes += paper.heading("Tables", 2)
        for table in content.tables:
            boxes += _table(table, ROOM, ROWS, 3)
    boxes += _told("Models", content.models) + _told("Tensors", content.tensors)
    return boxes + _workflow(content) + _nodes(content) + _origin(content)


def _notes(notes: Sequence[Any]) -> list[Box]:
    boxes = paper.heading("To note", 2) if notes else []
    for note in notes:
        runs = [
            Run(f"{note.title}  ", bold=True, colour="#b91c1c" if note.failed else paper.TEXT),
            Run(note.text),
        ]
        boxes += paper.paragraph(runs, 9.5, ROOM, indent=12, mark="•")
    return boxes


# -- what an author arranged ----------------------------------------------------------------------------


def _section(section: SectionPart, level: int, width: float = ROOM) -> list[Box]:
    boxes = paper.heading(section.title, level, width) if section.title else [Box(8.0)]
    words = _text(section.text, width)
    boxes += [replace(box, keep=bool(section.parts)) for box in words]
    columns = section.columns if width == ROOM else 1
    if columns == 1:
        for part in section.parts:
            boxes += [Box(8.0), *_part(part, width, level + 1, ROWS if width == ROOM else FEW_ROWS)]
        return boxes
    narrow = (width - SPACE * (columns - 1)) / columns
    for start in range(0, len(section.parts), columns):
        parts = section.parts[start : start + columns]
        cells = [_part(part, narrow, level + 1, FEW_ROWS) for part in parts]
        row = paper.beside([paper.stacked(cell) for cell in cells], narrow, SPACE)
        named = [box.outline for cell in cells for box in cell if box.outline is not None]
        if row.height <= paper.TALLEST:
            boxes.append(replace(row, gap=12, outline=named[0] if named else None))
        else:  # too high for a page: one below the other
            boxes += [box for part in parts for box in [Box(8.0), *_part(part, width, level + 1, ROWS)]]
    return boxes


def _part(part: Part, width: float, level: int, rows: int) -> list[Box]:
    if isinstance(part, Text):
        return _text(part.markdown, width)
    if isinstance(part, ChartPart):
        return _chart(part, width, caption=not part.chart.spec.title)
    if isinstance(part, TablePart):
        return _table(part, width, rows, 3)
    if isinstance(part, Score):
        return _score(part, width)
    return _section(part, level, width)


def _chart(part: ChartPart, width: float, *, caption: bool) -> list[Box]:
    try:
        svg = _drawn(part.chart, width)
    except NodeflowError as error:
        return paper.paragraph([Run(f"{part.title}: {error}", colour=QUIET)], 9, width)
    boxes = [paper.picture(svg, width)]
    if caption and part.title and part.title != part.chart.spec.title:
        boxes = [replace(boxes[0], keep=True), *paper.paragraph([Run(part.title, colour=QUIET)], 8.5, width)]
    return boxes


def _drawn(chart: Chart, width: float) -> str:
    """The chart as SVG, with less room for its marks where its words would become too small to read."""
    svg = chart.to_bytes("svg").decode()
    natural, wanted = paper.size_of(svg)[0], width / SMALLEST
    if natural <= wanted or not _has_axis(chart.specification):
        return svg
    first = _narrowed(chart.specification, wanted / natural)
    again = Chart(first, chart.spec).to_bytes("svg").decode()
    reached = paper.size_of(again)[0]
    if reached <= wanted or reached >= natural:
        return again
    # what surrounds the marks stays as wide: the rest of the way at the rate of the first step
    factor = 1 - (natural - wanted) * (1 - wanted / natural) / (natural - reached)
    factor = max(factor, 0.75 * wanted / natural)  # a long title does not become shorter
    return Chart(_narrowed(chart.specification, factor), chart.spec).to_bytes("svg").decode()


def _has_axis(specification: Mapping[str, Any]) -> bool:
    """Whether a chart has places along a horizontal axis; a drawing such as a tree is made for its size."""
    encoding = specification.get("encoding")
    across = encoding.get("x") if isinstance(encoding, Mapping) else None
    if isinstance(across, Mapping) and across.get("axis", "") is not None:
        return True
    parts = [specification.get(name) for name in ("layer", "concat", "hconcat", "vconcat")]
    inner = [part for group in parts if isinstance(group, list) for part in group]
    inner += [specification["spec"]] if isinstance(specification.get("spec"), Mapping) else []
    return any(_has_axis(part) for part in inner)


def _narrowed(specification: dict[str, Any], factor: float, *, panel: bool = False) -> dict[str, Any]:
    """The specification with all panels less wide, and a single one less high as well."""
    made = dict(specification)
    if isinstance(made.get("width"), int | float):
        made["width"] = round(made["width"] * factor)
        if isinstance(made.get("height"), int | float) and not panel:
            made["height"] = round(made["height"] * max(factor, 0.7))
    for name in ("layer", "concat", "hconcat", "vconcat"):
        if isinstance(made.get(name), list):
            made[name] = [_narrowed(part, factor, panel=True) for part in made[name]]
    if isinstance(made.get("spec"), dict):
        made["spec"] = _narrowed(made["spec"], factor, panel=True)
    return made


def _table(part: TablePart, width: float, rows: int, level: int) -> list[Box]:
    excerpt = part.excerpt
    boxes = paper.heading(part.title, level, width) if part.title else []
    right = [kind in ("integer", "float") for _, kind in excerpt.columns]
    shown = [[_cell_text(value) for value in row] for row in excerpt.rows[:rows]]
    boxes += (
        paper.table([name for name, _ in excerpt.columns], shown, right, width) if excerpt.columns else []
    )
    told = f"{excerpt.height:,} row{'' if excerpt.height == 1 else 's'}"
    if excerpt.height > len(shown):
        told += f", the first {len(shown)} are shown"
    if excerpt.width > len(excerpt.columns):
        told += f"; {excerpt.width:,} columns"
    return boxes + paper.paragraph([Run(told, colour=QUIET)], 8, width, gap=3)


def _score(score: Score, width: float) -> list[Box]:
    rows = [[number_text(value) for value in row] for row in score.rows]
    right = [any(map(is_number, values)) for values in zip(*score.rows, strict=True)]
    title = paper.heading(score.title, 3, width) if score.title else []
    return title + paper.table(score.heads, rows, right or [False] * len(score.heads), width)


def _text(markdown: str, width: float) -> list[Box]:
    """A text in Markdown; what its marks mean on paper."""
    boxes: list[Box] = []
    indent, marks, quoted = 0.0, [""], 0
    rows: list[list[str]] = []
    counters: list[int | None] = []
    level = 0
    for token in tokens_of(markdown):
        kind = token.type
        if kind == "heading_open":
            level = int(token.tag[1]) + 1
        elif kind in ("bullet_list_open", "ordered_list_open"):
            counters.append(int(token.attrGet("start") or 1) if kind.startswith("ordered") else None)
            indent += 16
        elif kind in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
            indent -= 16
        elif kind == "list_item_open":
            count = counters[-1]
            marks.append("•" if count is None else f"{count}.")
            counters[-1] = None if count is None else count + 1
        elif kind in ("blockquote_open", "blockquote_close"):
            quoted += token.nesting
            indent += 14 * token.nesting
        elif kind == "tr_open":
            rows.append([])
        elif kind == "table_close":
            heads, *body = rows
            boxes += [Box(6.0), *paper.table(heads, body, [False] * len(heads), width), Box(4.0)]
            rows = []
        elif kind in ("fence", "code_block"):
            boxes += paper.paragraph(
                [Run(token.content.rstrip("\n"), code=True)], 8.5, width, gap=6, indent=8
            )
        elif kind == "hr":
            boxes.append(Box(8.0, f'<path d="M0 4 H{width:g}" stroke="{paper.LINE}"/>', 4))
        elif kind == "inline":
            runs = _runs(token, QUIET if quoted else paper.TEXT)
            if rows:
                rows[-1].append("".join(run.text for run in runs))
            elif level:
                boxes += paper.heading("".join(run.text for run in runs), level, width)
                level = 0
            else:
                boxes += paper.paragraph(
                    runs, 10, width, gap=3 if indent else 6, indent=indent, mark=marks[-1]
                )
                marks[-1] = ""
    return boxes


def _runs(token: Token, colour: str) -> list[Run]:
    """The words of a line with their styles; a link tells its address."""
    runs: list[Run] = []
    style = Run("", colour=colour)
    links: list[str] = []
    for one in token.children or ():
        if one.type in ("strong_open", "strong_close"):
            style = replace(style, bold=one.nesting > 0)
        elif one.type in ("em_open", "em_close"):
            style = replace(style, italic=one.nesting > 0)
        elif one.type == "link_open":
            links.append(str(one.attrGet("href") or ""))
            style = replace(style, colour=LINK)
        elif one.type == "link_close":
            style = replace(style, colour=colour)
            address = links.pop()
            if not runs or runs[-1].text != address:
                runs.append(Run(f" ({address})", colour=QUIET))
        elif one.type in ("softbreak", "hardbreak"):
            runs.append(replace(style, text=" " if one.type == "softbreak" else "\n"))
        elif one.content:
            runs.append(replace(style, text=one.content, code=one.type == "code_inline"))
    return runs


# -- what every report tells ------------------------------------------------------------------------------


def _told(heading: str, values: list[tuple[str, dict[str, Any]]]) -> list[Box]:
    boxes = paper.heading(heading, 2) if values else []
    for title, facts in values:
        boxes += paper.heading(title, 3)
        boxes += _facts({name: number_text(value) for name, value in facts.items()})
    return boxes


def _facts(facts: dict[str, str]) -> list[Box]:
    boxes = []
    for name, value in facts.items():
        runs = paper.paragraph([Run(value)], 9, ROOM - 120)
        label = paper.words([Run(paper.cut(name, 9, 112), colour=QUIET)], 9, 0, 9 * 1.05)
        first = replace(runs[0], svg=f'<g transform="translate(120 0)">{runs[0].svg}</g>{label}')
        rest = [replace(box, svg=f'<g transform="translate(120 0)">{box.svg}</g>') for box in runs[1:]]
        boxes += [first, *rest]
    return boxes


def _workflow(content: Content) -> list[Box]:
    return [*paper.heading("Workflow", 2), paper.picture(content.pictures["light"], ROOM)]


def _nodes(content: Content) -> list[Box]:
    rows = [
        [
            report.title,
            WORDS.get(report.state, report.state),
            "" if report.rows is None else f"{report.rows:,}",
            "" if report.seconds is None or report.state == "cached" else seconds_text(report.seconds),
            "" if report.reason == "unchanged" else report.reason,
        ]
        for report in content.reports
    ]
    heads = ["Node", "State", "Rows", "Time", ""]
    return [*paper.heading("Nodes", 2), *paper.table(heads, rows, [False, False, True, True, False], ROOM)]


def _origin(content: Content) -> list[Box]:
    return [*paper.heading("How it was made", 2), *_facts(content.origin)]


def _cell_text(value: Any) -> str:
    """A value of a table, a number with as many digits as matter."""
    if isinstance(value, float) and 1e-4 <= abs(value) < 1e15:
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return number_text(value)
