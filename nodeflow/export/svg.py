"""A workflow as a picture: cards with their group's colour, ports and wires. Every text is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from nodeflow.export.layout import places
from nodeflow.registry import Registry
from nodeflow.workflow import NodeInstance, Workflow

WIDTH, HEIGHT, MARGIN = 192.0, 64.0, 28.0

GROUPS = {
    "Input / Output": "#0072B2",
    "Manipulation": "#009E73",
    "Statistics": "#56B4E9",
    "Mining": "#D55E00",
    "Views": "#CC79A7",
}
"""The colour of each group of nodes; other groups are grey."""

STATES = {
    "done": '<circle r="6" fill="#16a34a"/><path d="M-2.7 .2 l1.9 2 l3.6 -4.1" stroke="#fff"/>',
    "cached": '<path d="M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z" fill="#0891b2"/>',
    "failed": '<path d="M-4.5 -4.5 L4.5 4.5 M4.5 -4.5 L-4.5 4.5" stroke="#dc2626" stroke-width="3"/>',
    "skipped": '<circle r="5" stroke="#9aa5b1"/>',
    "cancelled": '<circle r="5" stroke="#d97706" stroke-dasharray="2.5 2.5"/>',
}
"""How a node that ended is marked: by a shape, and by a colour for those who see it."""


@dataclass(frozen=True)
class Ran:
    """What happened to a node in a run: its state, the time it took, the rows at each output."""

    state: str
    time: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """The colours of a theme."""

    background: str
    card: str
    border: str
    text: str
    quiet: str
    wire: str


THEMES = {
    "light": Look("#f7f8fa", "#ffffff", "#d5dae1", "#1f2933", "#616e7c", "#9aa5b1"),
    "dark": Look("#1b1f24", "#262c33", "#3e4c59", "#f0f4f8", "#9aa5b1", "#616e7c"),
}


def to_svg(workflow: Workflow, ran: Mapping[str, Ran] | None = None, theme: str = "light") -> str:
    """The picture as SVG text; `ran` tells what happened to the nodes in a run."""
    look = THEMES[theme]
    registry = workflow.registry or Registry.installed()
    corner = places(workflow)
    left = min((x for x, _ in corner.values()), default=0.0) - MARGIN
    top = min((y for _, y in corner.values()), default=0.0) - MARGIN
    width = max((x for x, _ in corner.values()), default=0.0) + WIDTH + MARGIN - left
    height = max((y for _, y in corner.values()), default=0.0) + HEIGHT + MARGIN - top
    ports = {name: _ports(node, registry) for name, node in workflow.nodes.items()}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" '
        "font-family=\"Inter, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif\">",
        f"<title>{_text(workflow.name or 'workflow', 200)}</title>",
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="{look.background}"/>',
    ]
    counted: dict[tuple[str, str], str] = {}
    for wire in workflow.connections:
        if wire.source in corner and wire.target in corner:
            start = _spot(corner[wire.source], WIDTH, ports[wire.source][1], wire.output)
            end = _spot(corner[wire.target], 0.0, ports[wire.target][0], wire.input)
            parts.append(_wire(start, end, look))
            told = (ran or {}).get(wire.source)
            if told is not None and wire.output in told.rows:
                counted[wire.source, wire.output] = _count(start, told.rows[wire.output], look)
    for name, node in workflow.nodes.items():
        told = (ran or {}).get(name, Ran(""))
        parts += _card(workflow.title_of(name), node, corner[name], ports[name], registry, look, told)
    return "\n".join([*parts, *counted.values(), "</svg>"]) + "\n"


def _ports(node: NodeInstance, registry: Registry) -> tuple[list[str], list[str]]:
    if isinstance(node.workflow, Workflow):
        return list(node.workflow.inputs), list(node.workflow.outputs)
    found = registry.get(node.type)
    if found is None:
        return [], []
    told = found.declaration
    return [port["name"] for port in told["inputs"]], [port["name"] for port in told["outputs"]]


def _spot(corner: tuple[float, float], across: float, ports: list[str], port: str) -> tuple[float, float]:
    index = ports.index(port) if port in ports else 0
    return corner[0] + across, corner[1] + HEIGHT * (index + 1) / (max(len(ports), 1) + 1)


def _wire(start: tuple[float, float], end: tuple[float, float], look: Look) -> str:
    bend = max(abs(end[0] - start[0]) / 2, 36.0)
    return (
        f'<path d="M{start[0]:g} {start[1]:g} C{start[0] + bend:g} {start[1]:g} {end[0] - bend:g} {end[1]:g} '
        f'{end[0]:g} {end[1]:g}" fill="none" stroke="{look.wire}" stroke-width="1.75"/>'
    )


def _count(start: tuple[float, float], rows: int, look: Look) -> str:
    """The number of rows, beside the port they leave by, on a ground that hides the wire."""
    text = number_text(rows)
    width = 6.0 * len(text) + 6
    return (
        f'<g><title>{rows:,} row{"" if rows == 1 else "s"}</title><rect x="{start[0] + 7:g}" y="{start[1] - 7:g}" '
        f'width="{width:g}" height="14" rx="4" fill="{look.background}"/>'
        f'<text x="{start[0] + 7 + width / 2:g}" y="{start[1] + 3.5:g}" font-size="10" text-anchor="middle" '
        f'fill="{look.quiet}">{text}</text></g>'
    )


def number_text(rows: int) -> str:
    """A count in at most five letters: 1234, 12.3k, 4.56M."""
    for limit, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**4, "k")):
        if rows >= limit:
            return f"{rows / (limit if unit != 'k' else 1000):.3g}{unit}"
    return str(rows)


def _card(
    title: str,
    node: NodeInstance,
    corner: tuple[float, float],
    ports: tuple[list[str], list[str]],
    registry: Registry,
    look: Look,
    ran: Ran,
) -> list[str]:
    x, y = corner
    found = registry.get(node.type)
    group = found.declaration["category"] if found is not None else ""
    colour = next((c for prefix, c in GROUPS.items() if group.startswith(prefix)), "#7b8794")
    kind = found.declaration["name"] if found is not None else node.type
    if isinstance(node.workflow, Workflow | str):
        kind = "Component"
    says = _setting(node, found)
    parts = [
        "<g>",
        f"<title>{_text(title, 200)}: {_text(kind, 200)}</title>",
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH:g}" height="{HEIGHT:g}" rx="8" fill="{look.card}" '
        f'stroke="{look.border}"/>',
        f'<path d="M{x + 8:g} {y:g} h-0 a8 8 0 0 0 -8 8 v{HEIGHT - 16:g} a8 8 0 0 0 8 8 h-4 v-{HEIGHT:g} z" '
        f'fill="{colour}"/>',
        f'<rect x="{x:g}" y="{y + 8:g}" width="4" height="{HEIGHT - 16:g}" fill="{colour}"/>',
        f'<text x="{x + 16:g}" y="{y + 23:g}" font-size="12.5" font-weight="600" fill="{look.text}">'
        f"{_text(title, 22)}</text>",
        f'<text x="{x + 16:g}" y="{y + 39:g}" font-size="10.5" fill="{look.quiet}">{_text(kind, 28)}</text>',
    ]
    if says:
        parts.append(
            f'<text x="{x + 16:g}" y="{y + 54:g}" font-size="10.5" fill="{look.text}" opacity="0.85">'
            f"{_text(says, 27)}</text>"
        )
    for names, across in ((ports[0], 0.0), (ports[1], WIDTH)):
        for name in names:
            spot = _spot(corner, across, names, name)
            parts.append(
                f'<circle cx="{spot[0]:g}" cy="{spot[1]:g}" r="4" fill="{look.card}" stroke="{colour}" '
                f'stroke-width="1.5"><title>{_text(name, 60)}</title></circle>'
            )
    if ran.state in STATES:
        parts.append(
            f'<g transform="translate({x + WIDTH - 15:g} {y + 17:g})" fill="none" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round"><title>{_text(ran.state, 20)}</title>'
            f"{STATES[ran.state]}</g>"
        )
    if ran.time:
        parts.append(
            f'<text x="{x + WIDTH - 10:g}" y="{y + 39:g}" font-size="10" text-anchor="end" fill="{look.quiet}">'
            f"{_text(ran.time, 12)}</text>"
        )
    return [*parts, "</g>"]


def _setting(node: NodeInstance, found: Any) -> str:
    """What the node does here, in its own words, where its parameters can be read."""
    if found is None or node.workflow is not None:
        return ""
    made, faults = found.load().decode(node.parameters)
    return "" if faults else str(made.summary())


def _text(text: str, limit: int) -> str:
    """Text for the picture: one line, cut to the room, wide letters counted twice, escaped."""
    shown, room = "", limit
    for letter in "".join(c if c.isprintable() else " " for c in text):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            shown = shown.rstrip() + "…"
            break
        shown += letter
    return escape(shown)
