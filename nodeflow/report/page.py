"""The report of a run: one HTML file that opens offline, with charts to explore and tables to search.

Nothing in it can do harm: every text is escaped, data stands in JSON blocks that are no script, the
Content-Security-Policy lets only our own scripts run, named by their hashes, and no address is
fetched. Charts are drawn by Vega's expression interpreter, which needs no `eval`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeflowError
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
from nodeflow.report.markdown import to_html
from nodeflow.report.packing import packed, packed_columns
from nodeflow.values.looks import DARK, LIGHT, PALETTES, swaps
from nodeflow.values.report import Text

if TYPE_CHECKING:
    from nodeflow.execution.result import NodeReport, Result

_MARKS = {"done": "●", "cached": "◆", "failed": "✖", "skipped": "○", "cancelled": "◌"}
_NUMBERS = ("integer", "float")
_HINT = (
    '<p class="quiet hint">In the charts, drag or click to select; hold Ctrl and turn the wheel to zoom, hold Shift and '
    "drag to move, click twice to go back.</p>"
)


def report_page(result: Result) -> str:
    """The HTML of a run's report."""
    return page_of(content_of(result))


def page_of(content: Content) -> str:
    """The HTML of what a report tells."""
    return _Page(content).html()


class _Page:
    """The page in the making: charts and tables are numbered as they are put in."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.charts: list[ChartPart] = []
        self.tables: list[TablePart] = []
        self.groups = list(content.names)

    def html(self) -> str:
        content = self.content
        arranged = [self.section(part, number=n) for n, part in enumerate(content.arranged, 1)]
        notes = _notes(content)
        scores = _block("scores", "Scores", [_score(one) for one in content.scores])
        charts = _block(
            "charts",
            "Charts",
            [_grid(1, [self.chart(one) for one in content.charts])] if content.charts else [],
        )
        tables = _block("tables", "Tables", [self.table(one) for one in content.tables])
        rest = [
            scores,
            charts,
            tables,
            _told("models", "Models", content.models),
            _told("tensors", "Tensors", content.tensors),
            _workflow(content),
            _nodes(content.reports),
            _origin(content),
        ]
        head = [notes]
        if arranged:
            failed = any(note.failed for note in content.notes)
            head, rest = ([notes] if failed else []), [*([] if failed else [notes]), *rest]
            rest = ['<h2 class="appendix" id="appendix">Appendix</h2>', *rest] if any(rest) else []
        own = _own_script(bool(self.charts))
        scripts = [_vega(), own] if self.charts else [own]
        parts = [
            _head(content.title, scripts),
            '<header><button id="theme" type="button" aria-label="Light or dark"></button>',
            f"<h1>{escape(content.title)}</h1>",
            f'<p class="lead">{escape(content.description)}</p>' if content.description else "",
            _facts(content),
            _contents(content, [*head, *rest]),
            _HINT if any(part.fields for part in self.charts) else "",
            "</header>",
            *head,
            *arranged,
            *rest,
            '<div id="selections" hidden></div>',
            f'<script type="application/json" id="data">{_json(self.data())}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</main></body></html>\n",
        ]
        return "\n".join(part for part in parts if part)

    def data(self) -> dict[str, Any]:
        """What the scripts show: charts, tables, and which of them are of the same table."""
        charts = [
            {**one, "columns": dict(part.fields), "group": self.group(part)}
            for one, part in zip(packed([part.chart for part in self.charts]), self.charts, strict=True)
        ]
        tables = [
            {
                "columns": [{"name": name, "right": kind in _NUMBERS} for name, kind in part.excerpt.columns],
                "rows": part.excerpt.rows,
                "height": part.excerpt.height,
                "width": part.excerpt.width,
                "group": self.group(part),
            }
            for part in self.tables
        ]
        names, links = self.content.names, self.content.links
        groups = [
            {"name": f"“{names[one]}”", "rows": packed_columns(links[one]) if one in links else None}
            for one in self.groups
        ]
        return {"charts": charts, "tables": tables, "groups": groups, "looks": _looks() if charts else {}}

    def group(self, part: ChartPart | TablePart) -> int | None:
        """The number of the table that the part is of, if charts of it can be linked."""
        return self.groups.index(part.source) if part.source in self.groups else None

    def section(self, part: SectionPart, level: int = 2, number: int = 0) -> str:
        """The HTML of a part that an author arranged; `number` is its place, if it is in no other part."""
        level = min(level, 4)
        heading = f"<h{level}>{escape(part.title)}</h{level}>" if part.title else ""
        words = f'<div class="text">{to_html(part.text)}</div>' if part.text else ""
        inner = _grid(part.columns, [self.part(one, level + 1) for one in part.parts])
        name = f' id="section-{number}"' if number else ""
        return f'<section class="arranged"{name}>{heading}{words}{inner}</section>'

    def part(self, part: Part, level: int) -> str:
        """The HTML of one part of a section."""
        if isinstance(part, Text):
            return f'<div class="text">{to_html(part.markdown)}</div>'
        if isinstance(part, ChartPart):
            return self.chart(part, caption=not part.chart.spec.title)
        if isinstance(part, TablePart):
            return self.table(part)
        if isinstance(part, Score):
            return _score(part)
        return self.section(part, level)

    def chart(self, part: ChartPart, *, caption: bool = True) -> str:
        """The place of a chart."""
        self.charts.append(part)
        label = part.chart.spec.title or part.title
        words = f"<figcaption>{escape(part.title)}</figcaption>" if caption and part.title != label else ""
        return (
            f'<figure><div class="chart" data-chart="{len(self.charts) - 1}" role="img" '
            f'aria-label="{escape(label)}"></div>{words}</figure>'
        )

    def table(self, part: TablePart) -> str:
        """The place of a table."""
        self.tables.append(part)
        title = f"<h3>{escape(part.title)}</h3>" if part.title else ""
        return f'<div class="table" data-table="{len(self.tables) - 1}">{title}</div>'


# -- parts of the page --------------------------------------------------------------------------------


def _head(title: str, scripts: list[str]) -> str:
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {hashes}; base-uri 'none'; "
        "form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{_file('report.css')}</style></head><body><main>"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _contents(content: Content, blocks: Iterable[str]) -> str:
    """Links to the parts of the page, if there are many."""
    links = [(f"section-{n}", part.title) for n, part in enumerate(content.arranged, 1) if part.title]
    for block in blocks if not content.arranged else [one for one in blocks if "appendix" in one[:40]]:
        found = re.match(r'<(?:section|h2 class="appendix") id="([a-z]+)">(?:<h2>)?([^<]+)', block)
        links += [(found[1], unescape(found[2]))] if found is not None else []
    shown = "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title in links)
    return f'<nav aria-label="Contents">{shown}</nav>' if len(links) > 3 else ""


def _block(name: str, title: str, items: Sequence[str]) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{"".join(items)}</section>' if items else ""


def _grid(columns: int, items: Iterable[str]) -> str:
    cells = "".join(f"<div>{item}</div>" for item in items)
    return f'<div class="grid columns-{columns}">{cells}</div>'


def _facts(content: Content) -> str:
    if not content.facts:
        return ""
    first, *others = content.facts
    facts = [f'<b class="{escape(content.state)}">{escape(first)}</b>', *map(escape, others)]
    return f'<p class="facts">{" · ".join(facts)}</p>'


def _notes(content: Content) -> str:
    items = "".join(
        f"<li{' class=failed' if note.failed else ''}><b>{escape(note.title)}</b> {escape(note.text)}</li>"
        for note in content.notes
    )
    return _block("notes", "To note", [f'<ul class="notes">{items}</ul>'] if items else [])


def _score(score: Score) -> str:
    right = [
        ' class="right"' if any(map(is_number, values)) else "" for values in zip(*score.rows, strict=True)
    ]
    right = right or [""] * len(score.heads)
    heads = "".join(f"<th{side}>{escape(head)}</th>" for side, head in zip(right, score.heads, strict=True))
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{escape(number_text(value))}</td>" for side, value in zip(right, row, strict=True)
        )
        + "</tr>"
        for row in score.rows
    )
    title = f"<h3>{escape(score.title)}</h3>" if score.title else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{title}<div class="wrap fits">{table}</div>'


def _told(name: str, heading: str, values: list[tuple[str, dict[str, Any]]]) -> str:
    found = []
    for title, facts in values:
        items = "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(number_text(value))}</dd>" for name, value in facts.items()
        )
        found.append(f'<div class="card"><h3>{escape(title)}</h3><dl>{items}</dl></div>')
    return _block(name, heading, [_grid(2, found)] if found else [])


def _workflow(content: Content) -> str:
    """The picture as images of their own, in which nothing can run, one for each theme."""
    images = "".join(
        f'<img class="on-{theme}" alt="The workflow as a graph" style="min-width:{_least_width(svg)}px" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'
        for theme, svg in content.pictures.items()
    )
    return _block("workflow", "Workflow", [f'<div class="picture">{images}</div>'] if images else [])


def _least_width(svg: str) -> int:
    """How narrow the picture may become before its words cannot be read."""
    found = re.search(r' width="([\d.]+)"', svg)
    return int(float(found[1]) * 0.6) if found is not None else 0


def _nodes(reports: Iterable[NodeReport]) -> str:
    rows = []
    for report in reports:
        took = report.seconds is not None and report.state != "cached"
        cells = [
            escape(report.title),
            f"{_MARKS.get(report.state, '')} {escape(WORDS.get(report.state, report.state))}",
            "" if report.rows is None else f"{report.rows:,}",
            seconds_text(report.seconds or 0) if took else "",
            escape("" if report.reason == "unchanged" else report.reason),
        ]
        right = ("", "", ' class="right"', ' class="right"', "")
        rows.append(
            f"<tr>{''.join(f'<td{r}>{cell}</td>' for r, cell in zip(right, cells, strict=True))}</tr>"
        )
    head = '<th>Node</th><th>State</th><th class="right">Rows</th><th class="right">Time</th><th></th>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return _block("nodes", "Nodes", [f'<div class="wrap fits">{table}</div>'] if rows else [])


def _origin(content: Content) -> str:
    """What somebody needs to get the same again."""
    if not content.origin:
        return ""
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in content.origin.items()
    )
    record = escape(json.dumps(content.record, ensure_ascii=False, indent=1, default=str))
    details = f"<details><summary>Run record</summary><pre>{record}</pre></details>"
    return _block("origin", "How it was made", [f"<dl>{items}</dl>", details])


def _json(data: Any) -> str:
    """JSON that cannot end the block it stands in."""
    text = json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


# -- scripts ------------------------------------------------------------------------------------------


def _looks() -> dict[str, Any]:
    """For each theme what charts need to be shown in it."""
    looks = {"light": LIGHT, "dark": DARK}
    return {theme: {"swaps": swaps(theme), "config": _config(look, theme)} for theme, look in looks.items()}


def _config(look: dict[str, str], theme: str) -> dict[str, Any]:
    """The looks of a chart that brings none of its own."""
    axis = {"domainColor": look["quiet"], "gridColor": look["grid"], "tickColor": look["quiet"]}
    words = {"labelColor": look["text"], "titleColor": look["text"]}
    return {
        "background": look["background"],
        "axis": axis | words,
        "legend": words,
        "title": {"color": look["text"], "subtitleColor": look["quiet"], "anchor": "start"},
        "view": {"stroke": None},
        "mark": {"color": PALETTES[theme][0]},
        "range": {"category": PALETTES[theme]},
    }


def _file(name: str) -> str:
    return (files("nodeflow.report") / name).read_text(encoding="utf-8")


def _own_script(with_charts: bool) -> str:
    names = ["report.js", "selection.js", *(["linking.js", "charts.js"] if with_charts else [])]
    return "\n".join([*map(_file, names), "start();\n"])


@functools.cache
def _vega() -> str:
    """Vega, Vega-Lite and what embeds them, as one script."""
    try:
        import vl_convert
    except ImportError:
        raise NodeflowError("charts in a report need vl-convert: pip install nodeflow[report]") from None
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    return bundle.replace("</script", "<\\/script")
