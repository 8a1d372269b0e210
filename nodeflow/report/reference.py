"""The reference of all node types as one HTML page that needs nothing else: to read, search and print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import nodeflow
from nodeflow.expressions.reference import SYNTAX, reference, shown

RULES = [
    (
        "Row order",
        "The rows of a table have an order, and it never changes by chance. Joins keep the order of the left "
        "table, groups come in the order of their first row, sorting keeps the order of rows that are equal.",
    ),
    (
        "Missing values",
        "A value that is not there is missing; there is only one kind of missing. Comparing with a missing "
        "value gives missing, and a row whose condition is missing does not pass a filter. Missing keys never "
        "match in a join; missing values form a group of their own.",
    ),
    (
        "Types",
        "Every column has one type: whole number, number, text, yes/no, date, date and time, time, duration, "
        "category or list. Nothing is converted silently: where types do not fit, it is told before anything runs.",
    ),
    (
        "Chance",
        "Nodes that draw at random have a seed. The same seed gives the same rows, on every machine.",
    ),
]
"""What holds for every table node, as `(title, sentences)`."""

_STYLE = """
:root { color-scheme: light dark; --text: #1f2933; --quiet: #52606d; --line: #e4e7eb; --back: #fff; --soft: #f5f7fa;
  --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7eb; --quiet: #9aa5b1; --line: #323f4b; --back: #1b1f24;
  --soft: #242a31; --accent: #56b4e9; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 16px; }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; color: var(--text); background: var(--back); display: flex; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; width: 272px; flex: none; padding: 20px 16px;
  border-right: 1px solid var(--line); background: var(--soft); }
nav h2 { font-size: 12px; color: var(--quiet); margin: 20px 0 4px; font-weight: 600; }
nav a { display: block; padding: 2px 8px; border-radius: 4px; color: inherit; text-decoration: none; font-size: 14px; }
nav a:hover, nav a:focus { background: var(--line); }
nav input { width: 100%; padding: 8px; font: inherit; border: 1px solid var(--line); border-radius: 6px;
  background: var(--back); color: inherit; }
main { max-width: 860px; padding: 24px 40px 120px; min-width: 0; }
h1 { font-size: 26px; margin: 0 0 4px; }
main > h2 { font-size: 13px; color: var(--quiet); font-weight: 600; margin: 56px 0 0; }
article { border-top: 1px solid var(--line); padding: 24px 0 8px; margin-top: 16px; }
article h3 { font-size: 20px; margin: 0; }
article h4 { font-size: 13px; margin: 20px 0 4px; color: var(--quiet); }
.id { color: var(--quiet); font: 13px ui-monospace, monospace; margin-left: 8px; font-weight: normal; }
.lead { font-weight: 600; margin: 4px 0 8px; }
.tag { display: inline-block; font-size: 12px; color: var(--quiet); border: 1px solid var(--line); border-radius: 10px;
  padding: 0 8px; margin: 0 4px 4px 0; }
dl { margin: 0; }
dt { font-weight: 600; margin-top: 8px; }
dt small { font-weight: normal; color: var(--quiet); margin-left: 6px; }
dd { margin: 0 0 0 16px; }
dd dl { border-left: 2px solid var(--line); padding-left: 12px; margin-top: 4px; }
code { font: 13px ui-monospace, monospace; background: var(--soft); padding: 1px 4px; border-radius: 3px; }
pre { background: var(--soft); padding: 12px; border-radius: 6px; overflow-x: auto; font: 13px/1.5 ui-monospace, monospace; }
.quiet { color: var(--quiet); }
[hidden] { display: none !important; }
@media (max-width: 800px) { body { display: block; } nav { position: static; width: auto; height: auto; }
  main { padding: 16px; } }
@media print { nav { display: none; } main { max-width: none; } }
"""

_SCRIPT = """
const field = document.querySelector("nav input");
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const one of document.querySelectorAll("[data-words]"))
    one.hidden = !words.every(word => one.dataset.words.includes(word));
  for (const group of document.querySelectorAll("[data-group]"))
    group.hidden = ![...group.querySelectorAll("[data-words]")].some(one => !one.hidden);
});
"""


def reference_page(declarations: Iterable[Mapping[str, Any]]) -> str:
    """The HTML page of these node declarations, grouped by category in the order given."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in declarations:
        groups.setdefault(one["category"], []).append(one)
    count = sum(map(len, groups.values()))
    portable = sum(bool(one.get("portable")) for group in groups.values() for one in group)
    links = "".join(_links(category, group) for category, group in groups.items())
    bodies = "".join(
        f"<section data-group><h2>{escape(category)}</h2>{''.join(map(_article, group))}</section>"
        for category, group in groups.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>nodeflow: all nodes</title>
<style>{_STYLE}</style>
</head>
<body>
<nav>
<input type="search" placeholder="Find a node" aria-label="Find a node">
<h2>General</h2>
<a href="#tables">How tables behave</a>
<a href="#formulas">Formulas</a>
{links}
</nav>
<main>
<h1>All nodes</h1>
<p class="quiet">The {count} node types of nodeflow {escape(nodeflow.__version__)}. {portable} of them are <span
class="tag">portable</span>: they run unchanged on Polars, DuckDB and Dask.</p>
<article id="tables"><h3>How tables behave</h3>{"".join(_rule(*rule) for rule in RULES)}</article>
{bodies}
{_formulas()}
</main>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _links(category: str, group: list[Mapping[str, Any]]) -> str:
    links = "".join(
        f'<a href="#{escape(one["id"])}" data-words="{escape(_words(one))}">{escape(one["name"])}</a>'
        for one in group
    )
    return f"<div data-group><h2>{escape(category)}</h2>{links}</div>"


def _words(one: Mapping[str, Any]) -> str:
    """What a search finds a node by."""
    return " ".join([one["name"], one["id"], one["category"], one["summary"], *one["keywords"]]).lower()


def _rule(title: str, text: str) -> str:
    return f"<h4>{escape(title)}</h4><p>{escape(text)}</p>"


def _article(one: Mapping[str, Any]) -> str:
    tags = [name for name in ("portable",) if one.get(name)]
    tags += ["runs your own code"] if one.get("runs_code") else []
    marks = "".join(f'<span class="tag">{tag}</span>' for tag in tags)
    also = (
        f'<p class="quiet">Also known as: {escape(", ".join(one["keywords"]))}.</p>'
        if one["keywords"]
        else ""
    )
    ports = _ports("Takes", one["inputs"]) + _ports("Gives", one["outputs"])
    settings = [_setting(each) for each in one["parameters"]]
    told = f"<h4>Settings</h4><dl>{''.join(settings)}</dl>" if settings else ""
    return (
        f'<article id="{escape(one["id"])}" data-words="{escape(_words(one))}">'
        f'<h3>{escape(one["name"])}<span class="id">{escape(one["id"])}</span></h3>'
        f'<p class="lead">{_inline(one["summary"])}</p>{marks}{_paragraphs(one["help"])}{ports}{told}{also}</article>'
    )


def _ports(title: str, ports: list[Mapping[str, Any]]) -> str:
    if not ports:
        return ""
    items = "".join(
        f"<dt>{escape(port['name'])}<small>{escape(port['type'])}"
        f"{', may be left open' if port['optional'] else ', several' if port['variadic'] else ''}</small></dt>"
        f"<dd>{_inline(port['help'])}</dd>"
        for port in ports
    )
    return f"<h4>{title}</h4><dl>{items}</dl>"


def _setting(one: Mapping[str, Any]) -> str:
    default = "" if one["required"] else _default(one)
    fields = "".join(_setting(field) for field in one.get("fields", ()))
    within = f"<dl>{fields}</dl>" if fields else ""
    told = escape(one["accepts"]) if not fields else "a list"
    return (
        f"<dt>{escape(one['label'] or one['name'])}<small><code>{escape(one['name'])}</code> {told}"
        f"{', must be given' if one['required'] else default}</small></dt><dd>{_inline(one['help'])}{within}</dd>"
    )


def _default(one: Mapping[str, Any]) -> str:
    value = one.get("default")
    if value is None or value in ([], {}, ""):
        return ""
    return f"; <code>{escape(json.dumps(value, ensure_ascii=False))}</code> unless set"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_inline(' '.join(part.split()))}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    """Escaped text with `code` and **bold** marked up."""
    parts = re.split(r"(``.+?``|`[^`]+`|\*\*[^*]+\*\*)", text)
    found = []
    for part in parts:
        if part.startswith("``"):
            found.append(f"<code>{escape(part[2:-2])}</code>")
        elif part.startswith("`"):
            found.append(f"<code>{escape(part[1:-1])}</code>")
        elif part.startswith("**"):
            found.append(f"<strong>{escape(part[2:-2])}</strong>")
        else:
            found.append(escape(part))
    return "".join(found)


def _formulas() -> str:
    groups = ""
    for group in reference():
        items = "".join(
            f'<dt><code>{escape(one["usage"])}</code></dt><dd>{_inline(one["help"])} <span class="quiet"><code>'
            f"{escape(one['example'])}</code> gives <code>{escape(shown(one['example_result']))}</code></span></dd>"
            for one in group["functions"]
        )
        groups += f"<h4>{escape(group['group'])}</h4><dl>{items}</dl>"
    return f'<article id="formulas"><h3>Formulas</h3><pre>{escape(SYNTAX)}</pre>{groups}</article>'
