"""What is said on pointing at a port, a node or a wire. Everything shown is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QCoreApplication

from nodeflow_gui.canvas.node_item import Face
from nodeflow_gui.translations.nodes import port_label, type_text

MOST_COLUMNS = 14


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("CanvasTip", text)


def port_tip(
    port: Mapping[str, Any],
    *,
    is_output: bool,
    fact: str = "",
    spec: Mapping[str, Any] | None = None,
    rows: list[list[str]] | None = None,
) -> str:
    """The port's name, type and help, and what is known of what flows through it."""
    kind = tr("output") if is_output else tr("input")
    optional = "" if is_output or not port["optional"] else tr(", may stay open")
    many = tr(", takes many") if port.get("variadic") else ""
    head = (
        f"<b>{escape(port_label(port))}</b> &nbsp; {escape(type_text(port['type']))} {kind}{optional}{many}"
    )
    parts = [head]
    if port.get("help"):
        parts.append(escape(port["help"]))
    if fact:
        parts.append(f"<b>{escape(fact)}</b>")
    columns = columns_of(spec)
    if columns:
        lines = "".join(
            f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td><i>{escape(kind)}</i></td></tr>"
            for name, kind in columns[:MOST_COLUMNS]
        )
        more = len(columns) - MOST_COLUMNS
        if more > 0:
            lines += f"<tr><td colspan=2>{tr('and {0} more').format(more)}</td></tr>"
        parts.append(f"<table cellspacing=0>{lines}</table>")
    elif spec:
        parts.extend(
            escape(f"{name.replace('_', ' ')}: {value}")
            for name, value in list(spec.items())[:8]
            if _is_plain(value)
        )
    if rows:
        parts.append(
            f"<table cellspacing=0>{_row(rows[0], 'th')}{''.join(_row(row, 'td') for row in rows[1:])}</table>"
        )
    return "<div style='white-space: pre-wrap'>" + "<br>".join(parts) + "</div>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag} align=left>{escape(one)}&nbsp;&nbsp;</{tag}>" for one in cells) + "</tr>"


def columns_of(spec: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The columns that a table's spec tells, with their types."""
    columns = (spec or {}).get("columns")
    if not isinstance(columns, Mapping):
        return []
    families = (spec or {}).get("families") or {}
    return [(str(name), str(families.get(name, kind))) for name, kind in columns.items()]


def node_tip(
    title: str, declaration: Mapping[str, Any], state: str, message: str, seconds: float | None, reason: str
) -> str:
    """The whole name, what the node is, and how it is with it."""
    parts = [f"<b>{escape(title)}</b>"]
    if title != declaration["name"]:
        parts.append(escape(declaration["name"]))
    parts.append(escape(declaration["summary"]))
    told = [state_words(state)]
    if seconds is not None:
        told.append(tr("{0} s").format(f"{seconds:.3g}"))
    if message:
        told.append(message)
    if reason:
        told.append(reason)
    parts.append(f"<i>{escape(' · '.join(told))}</i>")
    return "<div style='white-space: pre-wrap'>" + "<br>".join(parts) + "</div>"


def selection_words(faces: Sequence[Face]) -> str:
    """What a screen reader says of the selected nodes."""
    if len(faces) != 1:
        return tr("{0} nodes selected").format(len(faces)) if faces else ""
    face = faces[0]
    parts = [face.title, face.summary, state_words(face.state), face.problem]
    return ", ".join(part for part in parts if part)


def state_words(state: str) -> str:
    """A state in the user's language."""
    words = {
        "needs settings": tr("needs settings"),
        "ready": tr("ready"),
        "queued": tr("waits for its turn"),
        "running": tr("running"),
        "done": tr("done"),
        "cached": tr("done, from the results that are kept"),
        "failed": tr("failed"),
        "skipped": tr("skipped"),
        "cancelled": tr("stopped"),
        "unknown type": tr("this node type is not installed"),
    }
    return words.get(state, state)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""
