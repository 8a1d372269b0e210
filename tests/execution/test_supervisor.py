"""The supervisor survives the death of its worker, names the node, and finishes what it can."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from nodeflow.execution.events import FINAL, TRANSITIONS, Event
from nodeflow.execution.messages import Ended, Refused, Request
from nodeflow.execution.supervisor import Supervisor, start_worker
from nodeflow.workflow import Workflow

NODES = Path(__file__).parent / "hostile_nodes.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write_workflow(folder: Path, **deadly: str) -> Path:
    """numbers -> d1, d2 (deadly by turns) -> after1, after2."""
    path = folder / "w.json"
    nodes = ['"numbers": {"type": "numbers"}']
    wires = []
    for name, how in deadly.items():
        marker = folder / f"{name}.calls"
        nodes.append(
            f'"{name}": {{"type": "deadly", "parameters": {{"how": "{how}", "marker": "{marker}"}}}}'
        )
        nodes.append(f'"after_{name}": {{"type": "deadly"}}')
        wires += [f'"numbers.table -> {name}.table"', f'"{name}.table -> after_{name}.table"']
    path.write_text(
        f'{{"nodeflow": 1, "nodes": {{{", ".join(nodes)}}}, "connections": [{", ".join(wires)}]}}'
    )
    return path


def supervise(folder: Path, **options: object) -> tuple[Ended | Refused, list[Event]]:
    events: list[Event] = []
    request = Request(
        workflow="w.json", folder=str(folder), nodes_path=[str(NODES)], cache_folder="cache", **options
    )
    return Supervisor(request, events.append).run(), events


def states(events: list[Event]) -> dict[str, str]:
    return {event.node: event.state for event in events}


def reason(events: list[Event], node: str) -> str:
    return next(event.reason for event in reversed(events) if event.node == node)


@pytest.mark.parametrize("how", ["segfault", "exit", "kill"])
def test_a_node_that_ends_the_worker_fails_and_the_others_finish(folder: Path, how: str) -> None:
    write_workflow(folder, bad=how, good="nothing")
    last, events = supervise(folder)
    assert isinstance(last, Ended)
    assert last.state == "failed"
    found = states(events)
    assert found["bad"] == "failed"
    assert found["after_bad"] == "skipped"
    assert found["good"] == found["after_good"] == "done"
    assert "ended the worker process" in reason(events, "bad")
    assert found[""] == "failed"


def test_a_deadly_node_alone_is_not_tried_a_second_time(folder: Path) -> None:
    write_workflow(folder, bad="exit")
    last, events = supervise(folder)
    assert states(events)["bad"] == "failed"
    assert isinstance(last, Ended)
    assert (folder / "bad.calls").read_text() == "x"


def test_two_deadly_branches_are_both_named(folder: Path) -> None:
    write_workflow(folder, one="kill", two="segfault", good="nothing")
    last, events = supervise(folder)
    found = states(events)
    assert (found["one"], found["two"], found["after_good"]) == ("failed", "failed", "done")
    assert isinstance(last, Ended)


@pytest.mark.parametrize(("how", "words"), [("sys_exit", "end the program"), ("panic", "failed inside")])
def test_an_exception_that_is_none_of_the_usual_is_a_failure_of_the_node(
    folder: Path, how: str, words: str
) -> None:
    write_workflow(folder, bad=how)
    _, events = supervise(folder)
    assert words in reason(events, "bad")


def test_what_a_node_prints_does_not_disturb_the_events(folder: Path) -> None:
    write_workflow(folder, loud="print")
    last, events = supervise(folder)
    assert isinstance(last, Ended)
    assert last.state == "done"
    assert states(events)["after_loud"] == "done"


def test_events_stay_in_order_and_obey_the_state_machine_over_several_workers(folder: Path) -> None:
    write_workflow(folder, one="kill", two="exit", good="nothing")
    _, events = supervise(folder)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    before: dict[str, str] = {}
    for event in events:
        assert event.state in TRANSITIONS[before.get(event.node, "idle")]
        before[event.node] = event.state
    assert all(state in FINAL for state in before.values())


def test_a_node_that_does_not_listen_is_ended_after_a_cancel(folder: Path) -> None:
    write_workflow(folder, deaf="sleep", good="nothing")
    events: list[Event] = []
    seen = threading.Event()
    before = set(psutil.Process().children())

    def note(event: Event) -> None:
        events.append(event)
        if event.node == "deaf" and event.state == "running":
            seen.set()

    request = Request(workflow="w.json", folder=str(folder), nodes_path=[str(NODES)], cache_folder="cache")
    supervisor = Supervisor(request, note)
    threading.Thread(target=lambda: (seen.wait(20), supervisor.cancel()), daemon=True).start()
    started = time.monotonic()
    last = supervisor.run()
    assert isinstance(last, Ended)
    assert last.state == "cancelled"
    assert states(events)["deaf"] == "cancelled"
    assert time.monotonic() - started < 20
    left = set(psutil.Process().children()) - before
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("how", ["cancel", "kill"])
def test_a_stop_that_comes_before_the_worker_stands_is_not_lost(folder: Path, how: str) -> None:
    write_workflow(folder, deaf="sleep")
    events: list[Event] = []
    request = Request(workflow="w.json", folder=str(folder), nodes_path=[str(NODES)], cache_folder="cache")

    def start(one: Request) -> subprocess.Popen[bytes]:
        getattr(supervisor, how)()
        return start_worker()

    supervisor = Supervisor(request, events.append, start=start)
    started = time.monotonic()
    last = supervisor.run()
    assert isinstance(last, Ended)
    assert last.state == "cancelled"
    assert states(events).get("deaf", "cancelled") == "cancelled"
    assert time.monotonic() - started < 20


def test_the_worker_ends_when_its_supervisor_dies(folder: Path) -> None:
    write_workflow(folder, deaf="sleep")
    script = (
        "import sys; from nodeflow.execution.supervisor import Supervisor; "
        "from nodeflow.execution.messages import Request\n"
        "s = Supervisor(Request(workflow='w.json', folder=sys.argv[1], nodes_path=[sys.argv[2]], cache_folder='cache'),"
        " lambda e: print(s._process.pid, flush=True) if e.node == 'deaf' and e.state == 'running' else None)\n"
        "s.run()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(folder), str(NODES)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert worker.wait(15) is None or not worker.is_running()


def test_a_workflow_with_problems_is_refused_with_all_of_them(folder: Path) -> None:
    (folder / "w.json").write_text(
        '{"nodeflow": 1, "nodes": {"a": {"type": "nonsense"}, "b": {"type": "deadly", "parameters": {"how": "x"}}}}'
    )
    last, events = supervise(folder)
    assert isinstance(last, Refused)
    assert {problem["kind"] for problem in last.problems} >= {
        "unknown-type",
        "bad-parameter",
        "missing-input",
    }
    assert events == []


def test_an_output_folder_that_cannot_be_made_is_refused_before_anything_runs(folder: Path) -> None:
    write_workflow(folder, good="nothing")
    (folder / "file").write_text("")
    last, events = supervise(folder, output="file/below")
    assert isinstance(last, Refused)
    assert "--output" in last.sentence
    assert events == []


def test_modules_in_the_current_folder_are_not_imported(folder: Path) -> None:
    write_workflow(folder, good="nothing")
    marker = folder / "marker"
    for name in ("polars", "msgspec", "narwhals", "sitecustomize"):
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')")
    before = os.getcwd()
    os.chdir(folder)
    try:
        last, _ = supervise(folder)
    finally:
        os.chdir(before)
    assert isinstance(last, Ended)
    assert last.state == "done"
    assert not marker.exists()


def test_a_run_opens_no_port(folder: Path) -> None:
    write_workflow(folder, deaf="sleep")
    listening: list[object] = []
    request = Request(
        workflow="w.json", folder=str(folder), nodes_path=[str(NODES)], cache_folder="cache", timeout=2
    )

    def look(event: Event) -> None:
        if event.node == "deaf" and event.state == "running":
            for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
                listening.extend(c for c in process.net_connections() if c.status == psutil.CONN_LISTEN)

    Supervisor(request, look).run()
    assert listening == []


def test_workflows_made_in_code_can_be_saved_and_supervised(folder: Path) -> None:
    workflow = Workflow("made", folder=folder)
    from nodeflow.registry import Registry

    workflow.registry = Registry.installed()
    workflow.registry.add_path(NODES)
    workflow.add("deadly", workflow.add("numbers"))
    workflow.save(folder / "w.json")
    last, _ = supervise(folder)
    assert isinstance(last, Ended)
    assert last.state == "done"


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the system does not tell what processes take"
)
def test_a_node_that_takes_all_memory_is_ended_and_the_others_finish(folder: Path) -> None:
    write_workflow(folder, d1="memory", d2="nothing")
    last, events = supervise(folder, memory_ceiling=600_000_000, jobs=1)
    assert isinstance(last, Ended)
    assert last.state == "failed"
    assert states(events) == {
        "": "failed",
        "numbers": "done",
        "d1": "failed",
        "after_d1": "skipped",
        "d2": "done",
        "after_d2": "done",
    }
    told = reason(events, "d1")
    assert re.search(r"more memory than a run may have \(0\.\d of 0\.6 GB\)", told)
    assert "fewer rows or columns, or let runs have more memory" in told
    assert (folder / "d1.calls").read_text() == "x"


def test_variables_of_the_environment_reach_the_worker(folder: Path) -> None:
    write_workflow(folder, d1="nothing")
    last, _ = supervise(folder, environment={"NODEFLOW_CACHE_LIMIT": "much"})
    assert isinstance(last, Refused)
    assert "NODEFLOW_CACHE_LIMIT" in last.sentence
