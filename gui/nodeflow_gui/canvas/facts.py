"""What the canvas wants to know of the state of nodes, and the answers while there is no session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QObject, Signal


class NodeState(Protocol):
    """The state of one node in a session."""

    @property
    def state(self) -> str: ...
    @property
    def progress(self) -> float | None: ...
    @property
    def message(self) -> str: ...
    @property
    def rows(self) -> int | None: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def reason(self) -> str: ...


class Status(Protocol):
    """The part of a session's status that the canvas reads; signals are Qt's."""

    node_changed: Any
    problems_changed: Any
    specs_changed: Any
    run_changed: Any

    @property
    def problems(self) -> Sequence[Mapping[str, Any]]: ...
    def of(self, node: str) -> NodeState: ...
    def facts_of(self, node: str, port: str) -> str: ...
    def summary_of(self, node: str) -> str: ...
    def spec_of(self, node: str, port: str) -> Mapping[str, Any] | None: ...
    def place_of(self, node: str, port: str) -> Any: ...


@dataclass(frozen=True)
class Idle:
    """The state of a node of which nothing is known yet."""

    state: str = "ready"
    progress: float | None = None
    message: str = ""
    rows: int | None = None
    seconds: float | None = None
    reason: str = ""


class NoStatus(QObject):
    """The status where nothing runs: while a session starts, and for a picture of a workflow."""

    node_changed = Signal(str)
    problems_changed = Signal()
    specs_changed = Signal()
    run_changed = Signal()

    problems: Sequence[Mapping[str, Any]] = ()

    def of(self, node: str) -> NodeState:
        """Nothing is known of the node."""
        return Idle()

    def facts_of(self, node: str, port: str) -> str:
        """Nothing is known of the port."""
        return ""

    def summary_of(self, node: str) -> str:
        """Nobody has looked at the node yet."""
        return ""

    def spec_of(self, node: str, port: str) -> Mapping[str, Any] | None:
        """Nothing is known of the port."""
        return None

    def place_of(self, node: str, port: str) -> Any:
        """Nothing is stored."""
        return None


def summary_from(declaration: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    """What a node does here in one line, as far as its settings tell without its code."""
    declared = {one["name"]: one for one in declaration["parameters"]}
    needed = [name for name, one in declared.items() if one["required"] and name in parameters]
    told = needed[:1] or [name for name in parameters if name in declared]
    for name in told:
        one = declared[name]
        text = _choice(one, parameters[name]) or _words(parameters[name])
        if text:
            short = one["kind"] in ("formula", "column", "columns", "path", "text")
            # nouns have capitals in some languages
            label = one["label"] if "english" in declaration else one["label"].lower()
            return text if short or name in needed else f"{label} {text}"
    return ""


def _choice(declared: Mapping[str, Any], value: Any) -> str:
    """What people read for a choice; empty if it is none."""
    for choice, label in zip(declared.get("choices", ()), declared.get("choice_labels", ()), strict=False):
        if choice == value:
            return str(label)
    return ""


def _words(value: Any) -> str:
    match value:
        case str():
            return value.strip().replace("\n", " ")
        case bool():
            return tr("yes") if value else tr("no")
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case {"variable": str(name)}:
            return f"${name}"
        case {"exclude": [*names]}:
            return tr("all but {0}").format(", ".join(map(str, names)))
        case {"names": [*names]}:
            return ", ".join(map(str, names))
        case [*entries] if entries and all(isinstance(one, str | int | float) for one in entries):
            return ", ".join(map(str, entries))
        case [dict() as first, *_]:
            title, expression = first.get("name") or first.get("column"), first.get("expression")
            if isinstance(title, str):
                return f"{title} = {expression}" if isinstance(expression, str) else title
            return ""
        case None | [] | {}:
            return ""
    return ""


def tr(text: str) -> str:
    """A text in the user's language."""
    return QCoreApplication.translate("CanvasFacts", text)
