"""The report of a run: one HTML file that opens offline, with charts to explore and tables to search.

Nothing in it can do harm: every text is escaped, data stands in JSON blocks that are no script, the
Content-Security-Policy lets only our own scripts run, named by their hashes, and no address is
fetched. Charts are drawn by Vega's expression interpreter, which needs no `eval`.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import nodeflow
from nodeflow.errors import NodeflowError
from nodeflow.export.svg import to_svg
from nodeflow.values.chart import Chart
from nodeflow.values.model import Model
from nodeflow.values.table import Table

if TYPE_CHECKING:
    from nodeflow.execution.result import NodeReport, Result

MOST_ROWS = 1_000
"""Rows of a table in the report; the caption tells when there are more."""

MOST_COLUMNS = 100

MOST_CELLS = 20_000
"""Cells of a table in the report: a wide table has fewer rows."""

_WORDS = {
    "done": "done",
    "cached": "from cache",
    "failed": "failed",
    "skipped": "skipped",
    "cancelled": "cancelled",
}
_MARKS = {"done": "●", "cached": "◆", "failed": "✖", "skipped": "○", "cancelled": "◌"}


def report_page(result: Result) -> str:
    """The HTML of a run's report."""
    resolution = result._environment.plan.resolution
    workflow = resolution.workflow
    states = {name.partition("/")[0]: report.state for name, report in result.reports.items()}
    charts, tables, models = _values(result)
    # the report brings a newer Vega-Lite than the one the specifications name, which draws them as well
    specifications = [{k: v for k, v in one.specification.items() if k != "$schema"} for _, one in charts]
    data = {"charts": specifications, "tables": [_table_data(t) for _, t in tables]}
    own = _own_script()
    scripts = [_vega(), own] if charts else [own]
    parts = [
        _head(workflow.name or "Workflow", scripts),
        f"<h1>{escape(workflow.name or 'Workflow')}</h1>",
        f'<p class="lead">{escape(workflow.description)}</p>' if workflow.description else "",
        _facts(result),
        _problems(result.reports.values()),
        _scores(result),
        _section("Charts", [_chart(i, title, one) for i, (title, one) in enumerate(charts)], "charts"),
        _section("Tables", [_table(i, title, one) for i, (title, one) in enumerate(tables)], "tables"),
        _section("Models", [_model(title, one) for title, one in models], "models"),
        f'<section id="workflow"><h2>Workflow</h2><div class="picture">{_picture(to_svg(workflow, states))}</div></section>',
        _nodes(result),
        _origin(result),
        f'<script type="application/json" id="data">{_json(data)}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</main></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


# -- what is shown ------------------------------------------------------------------------------------


def _values(
    result: Result,
) -> tuple[list[tuple[str, Chart]], list[tuple[str, Table]], list[tuple[str, Model]]]:
    """The charts, the tables at the ends of the workflow, and the models, each with its title."""
    nodes = result._environment.plan.resolution.nodes
    used = {source for node in nodes.values() for source in node.sources}
    charts: list[tuple[str, Chart]] = []
    tables: list[tuple[str, Table]] = []
    models: list[tuple[str, Model]] = []
    for name, report in result.reports.items():
        resolved = nodes[name]
        if resolved.node is None or report.state not in ("done", "cached"):
            continue
        outputs = resolved.node.signature().outputs
        wanted = [(name, port.name) for port in outputs]
        if not outputs:  # a writer: what it wrote
            wanted = [wire for wires in resolved.inputs.values() for wire in wires]
        for source in wanted:
            try:
                value = result.value(*source)
            except NodeflowError:
                continue  # not kept, or not run; the list of nodes says so
            title = resolved.own_label or resolved.node.name
            if isinstance(value, Chart) and outputs:
                charts.append((title, value))
            elif (
                isinstance(value, Table) and (not outputs or name not in used) and not resolved.node.headline
            ):
                tables.append((f"{title}: {source[1]}" if len(outputs) > 1 else title, value))
            elif isinstance(value, Model):
                models.append((title, value))
    return charts, tables, models


def _table_data(table: Table) -> dict[str, Any]:
    schema = dict(list(table.schema.items())[:MOST_COLUMNS])
    most = max(1, min(MOST_ROWS, MOST_CELLS // max(len(schema), 1)))
    head = table.head(most).select(list(schema) or [])
    return {
        "columns": [{"name": name, "right": dtype.is_numeric()} for name, dtype in schema.items()],
        "rows": [[_cell(value) for value in row] for row in head.rows()],
    }


def _cell(value: Any) -> Any:
    """What JSON can hold of a value: whole numbers beyond 53 bits as text, as a browser would round them."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    return str(value)


# -- parts of the page --------------------------------------------------------------------------------


def _head(title: str, scripts: list[str]) -> str:
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {hashes}; base-uri 'none'; "
        "form-action 'none'"
    )
    style = (files("nodeflow.report") / "report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head><body><main>"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _facts(result: Result) -> str:
    record = result.record
    started = record.get("started", "")
    when = ""
    if started:
        when = datetime.datetime.fromisoformat(started).strftime("%-d %B %Y, %H:%M UTC")
    counts: dict[str, int] = {}
    for report in result.reports.values():
        counts[report.state] = counts.get(report.state, 0) + 1
    told = ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts.get(state))
    state = {"done": "Done", "failed": "Failed", "cancelled": "Cancelled"}.get(result.state, result.state)
    facts = [f'<b class="{escape(result.state)}">{state}</b> in {_seconds(result.seconds)}', told, when]
    if "seed" in record:
        facts.append(f"seed {record['seed']}")
    return f'<p class="facts">{" · ".join(fact for fact in facts if fact)}</p>'


def _problems(reports: Iterable[NodeReport]) -> str:
    items = []
    for report in reports:
        if report.state in ("failed", "cancelled") and report.reason:
            items.append(f'<li class="failed"><b>{escape(report.title)}</b> {escape(report.reason)}</li>')
        items += [f"<li><b>{escape(report.title)}</b> {escape(message)}</li>" for message in report.messages]
    return (
        f'<section id="notes"><h2>To note</h2><ul class="notes">{"".join(items)}</ul></section>'
        if items
        else ""
    )


def _scores(result: Result) -> str:
    """The headlines of the nodes, those with the same first column side by side."""
    nodes = result._environment.plan.resolution.nodes
    groups: dict[tuple[Any, ...], list[tuple[str, list[str], list[tuple[Any, ...]]]]] = {}
    for name, report in result.reports.items():
        node = nodes[name].node
        if node is None or not node.headline or report.state not in ("done", "cached"):
            continue
        try:
            frame = result.value(name, node.headline).head(100)
        except NodeflowError:
            continue
        rows = frame.rows()
        is_score = frame.width == 2 or frame.columns[1:2] == ["value"]
        key: tuple[Any, ...] = (*frame.columns, tuple(row[0] for row in rows)) if is_score else (name,)
        groups.setdefault(key, []).append((nodes[name].own_label or node.name, frame.columns, rows))
    shown = []
    for group in groups.values():
        _, columns, rows = group[0]
        if len(group) > 1 or len(columns) == 2:
            # a further column, such as a baseline, stands there once if all agree
            shared = [
                i
                for i in range(2, len(columns))
                if all([row[i] for row in other[2]] == [row[i] for row in rows] for other in group)
            ]
            heads = [columns[0], *(label for label, _, _ in group), *(columns[i] for i in shared)]
            body = [
                [row[0], *(other[2][at][1] for other in group), *(row[i] for i in shared)]
                for at, row in enumerate(rows)
            ]
        else:
            heads, body = columns, [list(row) for row in rows]
        cells = "".join(
            "<tr>" + "".join(f"<td{_right(value)}>{escape(_number(value))}</td>" for value in row) + "</tr>"
            for row in body
        )
        names = "".join(
            f"<th{_right(body[0][i]) if body else ''}>{escape(head)}</th>" for i, head in enumerate(heads)
        )
        shown.append(f"<table class='plain'><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table>")
    return f'<section id="scores"><h2>Scores</h2>{"".join(shown)}</section>' if shown else ""


def _right(value: Any) -> str:
    return ' class="right"' if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float) and value.is_integer() and abs(value) >= 10:
        return f"{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1e6 else f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _section(title: str, items: list[str], name: str) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{"".join(items)}</section>' if items else ""


def _chart(number: int, title: str, chart: Chart) -> str:
    label = chart.spec.title or title
    return (
        f'<figure><div class="chart" data-chart="{number}" role="img" aria-label="{escape(label)}"></div>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def _table(number: int, title: str, table: Table) -> str:
    return (
        f'<div class="table" data-table="{number}" data-rows="{table.rows}" data-width="{len(table.columns)}">'
        f"<h3>{escape(title)}</h3></div>"
    )


def _model(title: str, model: Model) -> str:
    facts: dict[str, Any] = {"task": model.spec.task}
    if model.spec.target:
        facts["predicts"] = model.spec.target
    facts["from"] = ", ".join(model.spec.features.columns)
    facts |= model.summary
    items = "".join(f"<dt>{escape(str(k))}</dt><dd>{escape(_number(v))}</dd>" for k, v in facts.items())
    return f"<h3>{escape(title)}</h3><dl>{items}</dl>"


def _picture(svg: str) -> str:
    """The SVG as an image of its own, in which nothing can run."""
    encoded = base64.b64encode(svg.encode()).decode()
    return f'<img alt="The workflow as a graph" src="data:image/svg+xml;base64,{encoded}">'


def _nodes(result: Result) -> str:
    rows = "".join(
        f"<tr><td>{escape(report.title)}</td><td>{_MARKS.get(report.state, '')} "
        f"{escape(_WORDS.get(report.state, report.state))}</td>"
        f'<td class="right">{"" if report.rows is None else f"{report.rows:,}"}</td>'
        f'<td class="right">{"" if report.seconds is None or report.state == "cached" else _seconds(report.seconds)}</td>'
        f"<td>{escape('' if report.reason == 'unchanged' else report.reason)}</td></tr>"
        for report in result.reports.values()
    )
    return (
        '<section id="nodes"><h2>Nodes</h2><table class="plain"><thead><tr><th>Node</th><th>State</th>'
        '<th class="right">Rows</th><th class="right">Time</th><th></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _origin(result: Result) -> str:
    """What somebody needs to get the same again."""
    environment: Mapping[str, Any] = result.record.get("environment", {})
    libraries = ", ".join(f"{name} {version}" for name, version in environment.get("libraries", {}).items())
    facts = {
        "nodeflow": nodeflow.__version__,
        "Python": environment.get("python", ""),
        "platform": environment.get("platform", ""),
        "libraries": libraries,
        "seed": result.record.get("seed", ""),
    }
    items = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in facts.items() if v != "")
    record = escape(_json(result.record, indent=1))
    return (
        f'<section id="origin"><h2>How it was made</h2><dl>{items}</dl>'
        f"<details><summary>Run record</summary><pre>{record}</pre></details></section>"
    )


def _seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.2f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _json(data: Any, indent: int | None = None) -> str:
    """JSON that cannot end the block it stands in."""
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=str)
    return (
        text
        if indent
        else text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )


def _own_script() -> str:
    return (files("nodeflow.report") / "report.js").read_text(encoding="utf-8")


def _vega() -> str:
    """Vega, Vega-Lite and what embeds them, as one script."""
    try:
        import vl_convert
    except ImportError:
        raise NodeflowError("charts in a report need vl-convert: pip install nodeflow[report]") from None
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    return bundle.replace("</script", "<\\/script")
