"""Events: every change of a node's state, in order, the same from every executor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import msgspec

State = Literal["idle", "queued", "running", "done", "cached", "failed", "skipped", "cancelled"]

FINAL: frozenset[State] = frozenset(("done", "cached", "failed", "skipped", "cancelled"))
"""States a node does not leave within a run."""

TRANSITIONS: dict[State, frozenset[State]] = {
    "idle": frozenset(("queued", "cached", "skipped", "cancelled")),
    "queued": frozenset(("running", "cached", "skipped", "cancelled", "failed")),
    "running": frozenset(("running", "done", "cached", "failed", "skipped", "cancelled")),
}
"""The state machine: what may follow each state. Running follows running when progress is told."""


class Event(msgspec.Struct, omit_defaults=True, frozen=True):
    """One transition of a node, or of the run itself when `node` is empty.

    Attributes:
        number: counts the events of a run from 1.
        time: seconds since 1970, UTC.
        state: the state entered.
        node: the node's id, "component/node" within a component.
        title: what people call the node, with its type.
        reason: why: "from the cache", "stopped by learn", the error's sentence.
        rows: rows of the node's first table, where known.
        seconds: time the work took.
        progress: done share from 0 to 1, with state "running".
        message: a sentence from the node: a warning with its result, or what it is doing.
        memory: bytes the result takes in the store.
        figures: numbers by name that go with progress, such as epoch and loss, for live curves.
    """

    number: int
    time: float
    state: State
    node: str = ""
    title: str = ""
    reason: str = ""
    rows: int | None = None
    seconds: float | None = None
    progress: float | None = None
    message: str = ""
    memory: int | None = None
    figures: dict[str, float | None] | None = None


Listener = Callable[[Event], None]


class EventStream:
    """Numbers events and hands them to every listener, one at a time and in order."""

    def __init__(
        self, listeners: list[Listener] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.states: dict[str, State] = {}
        self._listeners = list(listeners or ())
        self._clock = clock
        self._number = 0
        self._lock = threading.RLock()

    def listen(self, listener: Listener) -> None:
        """Hand every later event to `listener`."""
        self._listeners.append(listener)

    def emit(self, node: str, state: State, **facts: Any) -> Event:
        """Send a transition; raises `AssertionError` for one that the state machine does not allow."""
        with self._lock:
            before = self.states.get(node, "idle")
            assert state in TRANSITIONS.get(before, ()), f"{node}: {before} cannot become {state}"
            self.states[node] = state
            self._number += 1
            event = Event(self._number, self._clock(), state, node, **facts)
            for listener in self._listeners:
                listener(event)
            return event


def event_schema() -> dict[str, Any]:
    """JSON Schema of one event, as in a line of `--log json`."""
    schema = msgspec.json.schema(Event)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
