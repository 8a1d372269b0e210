"""Status: what is known of every node, for all who show it. Pure data and signals; `Session` fills it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from nodeflow.execution.messages import Place
from nodeflow_gui.translations.nodes import type_text

RUN_STATES = ("queued", "running", "done", "cached", "failed", "skipped", "cancelled")


@dataclass(frozen=True)
class NodeStatus:
    """The state of a node, with what goes with it.

    `state` is "needs settings", "unknown type", "ready", "queued", "running", "done", "cached", "failed",
    "skipped" or "cancelled"; `message` is a sentence of the node, `reason` why it is in that state.
    `figures` are numbers told with the progress, such as the loss of a training.
    """

    state: str = "ready"
    progress: float | None = None
    message: str = ""
    rows: int | None = None
    seconds: float | None = None
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


READY = NodeStatus()


class Status(QObject):
    """What is known of the nodes of one document."""

    node_changed = Signal(str)
    problems_changed = Signal()
    specs_changed = Signal()
    run_changed = Signal()
    """A run started or ended, or what a run will do has changed."""
    figures_changed = Signal(str, object)
    """A node told numbers with its progress: node, (progress, {name: number})."""
    trust_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: list[dict[str, Any]] = []
        self.will_run: set[str] = set()
        self.is_running = False
        self.code: dict[str, Any] = {}
        """Digest and texts of the user's code in the workflow: {"hash", "texts": [{"node", "title", "text"}]}."""
        self.is_allowed = True
        """Whether that code may run."""
        self.trouble = ""
        """Why it is not known what a run will do."""
        self._marks: dict[str, NodeStatus] = {}
        self._checked: dict[str, NodeStatus] = {}
        self._schemas: list[dict[str, Any]] = []
        self._specs: dict[str, dict[str, int]] = {}
        self._summaries: dict[str, str] = {}
        self._sources: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._outputs: dict[str, dict[str, tuple[str, str]]] = {}
        self._places: dict[str, dict[str, Place]] = {}
        self._inner: dict[str, list[str]] = {}

    # -- asking -------------------------------------------------------------------------------

    def of(self, node: str) -> NodeStatus:
        """The status of a node; of a component what its nodes together are."""
        if node in self._inner and node not in self._checked:
            return _together([self.of(one) for one in self._inner[node]])
        checked = self._checked.get(node, READY)
        mark = self._marks.get(node)
        if mark is None or (checked.state in ("needs settings", "unknown type") and mark.state != "running"):
            return checked
        return mark

    def spec_of(self, node: str, port: str) -> dict[str, Any] | None:
        """What is known of an output before running, as `Spec.to_data` gives it; tables have "families" too."""
        node, port = self.true_source(node, port)
        number = self._specs.get(node, {}).get(port)
        return None if number is None else self._schemas[number]

    def summary_of(self, node: str) -> str:
        """What the node does here, in a few words."""
        return self._summaries.get(node, "")

    def columns_for(self, node: str, parameter: str, port: str = "") -> list[tuple[str, str]]:
        """The columns a parameter can choose from, with their families; `port` names the input if known."""
        inputs = self._sources.get(node, {})
        for one in [port] if port else list(inputs):
            for source in inputs.get(one, ()):
                spec = self.spec_of(*source)
                if spec is not None and "families" in spec:
                    return list(spec["families"].items())
        return []

    def facts_of(self, node: str, port: str) -> str:
        """A few words on what is at an output: "400 rows", "model"; empty if nothing is known."""
        place = self.place_of(node, port)
        if place is not None and place.kind == "table":
            rows = place.meta.get("rows")
            if rows is not None:
                return self.tr("1 row") if rows == 1 else self.tr("{0} rows").format(f"{rows:,}")
        if place is not None and "shape" in place.meta:
            return "(" + ", ".join(map(str, place.meta["shape"])) + ")"
        spec = self.spec_of(node, port)
        if spec is not None and "families" in spec:
            count = len(spec["families"])
            return self.tr("1 column") if count == 1 else self.tr("{0} columns").format(f"{count:,}")
        return type_text(place.kind) if place is not None else ""

    def place_of(self, node: str, port: str) -> Place | None:
        """Where the value of an output is, if it is in the store."""
        node, port = self.true_source(node, port)
        return self._places.get(node, {}).get(port)

    def true_source(self, node: str, port: str) -> tuple[str, str]:
        """The output behind that of a component."""
        found = self._outputs.get(node, {}).get(port)
        return (found[0], found[1]) if found is not None else (node, port)

    def passed_on(self, component: str, source: tuple[str, str]) -> tuple[str, str] | None:
        """The output of a component that passes on what an output within it gives."""
        true = self.true_source(*source)
        for port, found in self._outputs.get(component, {}).items():
            if (found[0], found[1]) == true:
                return component, port
        return None

    def source_of(self, node: str, port: str) -> tuple[str, str] | None:
        """The output that an input reads."""
        found = self._sources.get(node, {}).get(port)
        return (found[0][0], found[0][1]) if found else None

    # -- filling ------------------------------------------------------------------------------

    def take_check(self, answer: Any, outdated: Collection[str] = ()) -> None:
        """Take what a check found; results of `outdated` nodes, which changed meanwhile, do not hold."""
        before = {node: self.of(node) for node in (*self._checked, *self._inner)}
        self.problems = answer.problems
        self._schemas, self._specs = answer.schemas, answer.specs
        self._summaries, self._sources, self._outputs = answer.summaries, answer.sources, answer.outputs
        self.trouble, self.code = answer.trouble, answer.code
        for node, places in answer.places.items():
            if node not in outdated:
                self._places[node] = places
        self._checked = self._states(answer)
        for node in outdated:
            if self._checked.get(node, READY).state == "cached":
                self._checked[node] = READY
        self._inner = _components(answer.summaries)
        self.will_run = {node for node, (action, _, _) in answer.plan.items() if action == "run"}
        for node in {*before, *self._checked, *self._inner}:
            if before.get(node) != self.of(node):
                self.node_changed.emit(node)
        self.problems_changed.emit()
        self.specs_changed.emit()
        self.run_changed.emit()

    def mark(self, node: str, status: NodeStatus) -> None:
        """Note what a run told of a node; whoever calls emits `node_changed`."""
        self._marks[node] = status

    def marked(self, node: str) -> NodeStatus | None:
        """What a run told of a node, if that still holds."""
        return self._marks.get(node)

    def put_places(self, node: str, places: dict[str, Place]) -> None:
        """Note where the results of a node are."""
        self._places[node] = places

    def forget(self, nodes: Iterable[str] | None = None) -> None:
        """Results of nodes no longer hold, since they or what they depend on changed; None means all."""
        known = {*self._marks, *self._places, *self._checked}
        for node in known if nodes is None else known & set(nodes):
            before = self.of(node)
            self._marks.pop(node, None)
            self._places.pop(node, None)
            if self._checked.get(node, READY).state == "cached":
                self._checked[node] = READY
            if self.of(node) != before:
                self.node_changed.emit(node)

    def outer_of(self, node: str) -> list[str]:
        """The components a node lies in, whose status follows its own."""
        parts = node.split("/")
        return ["/".join(parts[:count]) for count in range(1, len(parts))]

    def _states(self, answer: Any) -> dict[str, NodeStatus]:
        faults: dict[str, dict[str, Any]] = {}
        for one in answer.problems:
            if one.get("node") and one.get("severity", "error") == "error":
                faults.setdefault(one["node"], one)
        states: dict[str, NodeStatus] = {}
        for node in {*answer.summaries, *faults}:
            fault = faults.get(node)
            if fault is not None:
                unknown = fault["kind"] == "unknown-type"
                states[node] = NodeStatus(
                    "unknown type" if unknown else "needs settings",
                    message=fault["message"],
                    reason=fault["message"],
                )
                continue
            action, reason, _ = answer.plan.get(node, ("", "", ""))
            if action == "cached":
                rows = next(
                    (p.meta["rows"] for p in answer.places.get(node, {}).values() if "rows" in p.meta), None
                )
                states[node] = NodeStatus("cached", rows=rows, reason=reason)
            else:
                states[node] = NodeStatus(reason=reason)
        return states


def _components(nodes: Iterable[str]) -> dict[str, list[str]]:
    """For each component the nodes within, at any depth."""
    inner: dict[str, list[str]] = {}
    for node in nodes:
        parts = node.split("/")
        for count in range(1, len(parts)):
            inner.setdefault("/".join(parts[:count]), []).append(node)
    return inner


def _together(states: list[NodeStatus]) -> NodeStatus:
    """The status of a component, from those of its nodes."""
    found = [one.state for one in states]
    for state in ("needs settings", "unknown type", "failed", "running", "cancelled", "queued"):
        if state in found:
            first = next(one for one in states if one.state == state)
            if state == "running":
                ended = sum(one.state in ("done", "cached") for one in states)
                return replace(first, progress=(ended + (first.progress or 0.0)) / len(states), rows=None)
            return replace(first, rows=None)
    if found and all(state in ("done", "cached", "skipped") for state in found):
        seconds = sum(one.seconds or 0.0 for one in states)
        return NodeStatus("done" if "done" in found else "cached", seconds=seconds)
    return READY
