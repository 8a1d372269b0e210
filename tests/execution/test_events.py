"""Events: every change of a node's state, in order, by the state machine, the same from every executor."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import nodeflow as nf
from nodeflow.execution.events import FINAL, TRANSITIONS, EventStream, event_schema

sys.path.append(str(Path(__file__).parent))
from nodes_for_tests import Fail, Numbers, Plus, Save, Shuffle, Stack, Total, new_workflow


def wide(folder: Path) -> nf.Workflow:
    """Branches of every kind, one of which fails."""
    workflow = new_workflow(folder)
    start = workflow.add(Numbers, id="start", count=9)
    for number in range(3):
        one = workflow.add(Plus, start, id=f"plus{number}", by=number)
        two = workflow.add(Plus, one, id=f"again{number}")
        workflow.add(Stack, id=f"stack{number}", tables=[two, start])
    workflow.add(Shuffle, workflow["stack0"], id="shuffle")
    workflow.add(Save, workflow["stack1"], id="save")
    workflow.add(Total, workflow["stack2"], id="total")
    workflow.add(Total, workflow.add(Fail, workflow["plus0"], id="bad"), id="behind")
    return workflow


def run(workflow: nf.Workflow, **options: Any) -> list[nf.Event]:
    events: list[nf.Event] = []
    workflow.run(on_event=events.append, check=False, **options)
    return events


@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_events_are_numbered_in_order_and_obey_the_state_machine(tmp_path: Path, executor: str) -> None:
    workflow = wide(tmp_path)
    for _ in ("cold", "warm"):
        events = run(workflow, cache_folder=tmp_path / "cache", executor=executor, jobs=4)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert [event.time for event in events] == sorted(event.time for event in events)
        states: dict[str, str] = {}
        for event in events:
            assert event.state in TRANSITIONS[states.get(event.node, "idle")]  # type: ignore[index]
            states[event.node] = event.state
        assert states.keys() == {"", *workflow.nodes}
        assert set(states.values()) <= FINAL
        assert (events[0].node, events[-1].node) == ("", "")


def test_a_node_begins_only_after_all_it_needs_has_ended(tmp_path: Path) -> None:
    workflow = wide(tmp_path)
    events = run(workflow, cache=False, jobs=4)
    ended = {event.node: event.number for event in events if event.state in FINAL}
    begun = {event.node: event.number for event in events if event.state == "running"}
    for wire in workflow.connections:
        if wire.target in begun and wire.source.startswith(("start", "stack")):
            assert ended[wire.source] < begun[wire.target]


def test_inline_and_threads_tell_the_same_of_every_node(tmp_path: Path) -> None:
    workflow = wide(tmp_path)
    told = []
    for executor in ("inline", "threads"):
        by_node: dict[str, list[Any]] = {}
        for event in run(workflow, cache_folder=tmp_path / executor, executor=executor, jobs=3):
            facts = (event.state, event.title, event.reason, event.rows, event.message, event.memory)
            by_node.setdefault(event.node, []).append(facts)
        told.append(by_node)
    assert told[0] == told[1]


def test_a_failure_is_told_with_its_reason_and_so_is_what_it_stopped(tmp_path: Path) -> None:
    events = run(wide(tmp_path), cache=False)
    last = {event.node: event for event in events}
    assert (last["bad"].state, last["bad"].reason) == ("failed", "the cup is empty; fill it")
    assert (last["behind"].state, last["behind"].reason) == ("skipped", 'Fail "bad" failed')
    assert (last[""].state, last[""].reason) == ("failed", "1 node failed")


def test_events_fit_their_published_schema(tmp_path: Path) -> None:
    schema = event_schema()
    for event in run(wide(tmp_path), cache_folder=tmp_path / "cache"):
        jsonschema.validate(json.loads(msgspec.json.encode(event)), schema)


def test_a_change_that_the_state_machine_does_not_know_is_refused() -> None:
    stream = EventStream()
    stream.emit("node", "queued")
    stream.emit("node", "running")
    stream.emit("node", "done")
    with pytest.raises(AssertionError, match="done cannot become running"):
        stream.emit("node", "running")


def test_listeners_hear_one_event_at_a_time_whoever_sends() -> None:
    heard: list[int] = []
    within = threading.Lock()

    def listen(event: nf.Event) -> None:
        assert within.acquire(blocking=False), "two events at once"
        heard.append(event.number)
        within.release()

    stream = EventStream([listen])
    stream.emit("node", "queued")
    senders = [
        threading.Thread(target=lambda: [stream.emit("node", "running") for _ in range(300)])
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert heard == list(range(1, 1202))


def test_every_listener_hears_every_event_in_order() -> None:
    first: list[int] = []
    second: list[int] = []
    stream = EventStream([lambda event: first.append(event.number)], clock=lambda: 7.0)
    stream.listen(lambda event: second.append(event.number))
    assert stream.emit("", "queued").time == 7.0
    stream.emit("", "running")
    assert first == second == [1, 2]
