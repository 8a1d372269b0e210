"""Running: parallel work, failure, cancelling, memory, faults of the store, many processes, determinism."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.execution.store import Store
from nodeflow.execution.store_files import StoreFiles

sys.path.append(str(Path(__file__).parent))
import nodes_for_tests
from nodes_for_tests import (
    ALIVE,
    CALLS,
    REFERENCES,
    AtMost,
    Cut,
    Fail,
    Gpu,
    Halve,
    Hold,
    Interrupt,
    Meet,
    Numbers,
    Plus,
    Save,
    Shuffle,
    Stack,
    Text,
    Total,
    Watch,
    contents,
    new_workflow,
)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def workflow(tmp_path: Path) -> nf.Workflow:
    Hold.is_here.clear()
    Hold.may_go.clear()
    Fail.is_mended = False
    return new_workflow(tmp_path)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl+C raises `KeyboardInterrupt`, as in a terminal; a program in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def states(result: nf.Result) -> dict[str, str]:
    return {name: report.state for name, report in result.reports.items()}


def mixed(workflow: nf.Workflow) -> nf.Workflow:
    """Lazy, eager, random, of several outputs, a variable and a file."""
    start = workflow.add(Numbers, id="start", count=40)
    halves = workflow.add(Halve, workflow.add(Plus, start, id="plus", by=3), id="halves")
    cut = workflow.add(Cut, halves["even"], id="cut", at=6)
    shuffled = workflow.add(Shuffle, cut["high"], id="shuffled")
    few = workflow.add(AtMost, halves["odd"], id="few", limit=20)
    stacked = workflow.add(Stack, id="stacked", tables=[few, shuffled])
    workflow.add(Save, stacked, id="save")
    workflow.add(Total, cut["low"], id="total")
    return workflow


# -- parallel work ------------------------------------------------------------------------------


def test_independent_branches_run_at_the_same_time(workflow: nf.Workflow) -> None:
    start = workflow.add(Numbers)
    workflow.add(Meet, start, id="a")
    workflow.add(Meet, start, id="b")
    assert workflow.run(cache=False, jobs=2).state == "done"


def test_what_one_branch_waits_for_holds_no_other_branch_up(workflow: nf.Workflow) -> None:
    start = workflow.add(Numbers)
    workflow.add(Hold, start, id="slow")
    last = start
    for number in range(5):
        last = workflow.add(Stack, id=f"n{number}", tables=[last])

    def let_go(event: nf.Event) -> None:
        if (event.node, event.state) == ("n4", "done"):
            Hold.may_go.set()

    assert workflow.run(cache=False, jobs=2, on_event=let_go).state == "done"


def test_one_gpu_serves_one_node_at_a_time(workflow: nf.Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow.execution.run.is_gpu_in_force", lambda device: True)
    start = workflow.add(Numbers)
    for _ in range(6):
        workflow.add(Gpu, start)
    assert workflow.run(cache=False, jobs=4).state == "done"


def test_no_more_nodes_run_at_once_than_there_are_jobs(workflow: nf.Workflow) -> None:
    start = workflow.add(Numbers)
    for number in range(12):
        workflow.add(Stack, id=f"n{number}", tables=[start])
    running: set[str] = set()
    most = 0

    def count(event: nf.Event) -> None:
        nonlocal most
        (running.add if event.state == "running" else running.discard)(event.node)
        most = max(most, len(running - {""}))

    workflow.run(cache=False, jobs=3, on_event=count)
    assert most <= 3


# -- failure ------------------------------------------------------------------------------------


def test_a_failure_stops_only_what_depends_on_it_and_the_next_run_resumes_there(
    workflow: nf.Workflow, cache: Path
) -> None:
    start = workflow.add(Numbers, id="start")
    behind = workflow.add(Stack, id="behind", tables=[workflow.add(Fail, start, id="bad")])
    workflow.add(Shuffle, behind, id="end")
    workflow.add(Total, start, id="good")
    first = workflow.run(cache_folder=cache, check=False)
    assert states(first) == {
        "start": "done",
        "bad": "failed",
        "good": "done",
        "behind": "skipped",
        "end": "skipped",
    }
    Fail.is_mended = True
    CALLS.clear()
    second = workflow.run(cache_folder=cache)
    assert states(second) == {
        "start": "cached",
        "bad": "done",
        "good": "cached",
        "behind": "done",
        "end": "done",
    }
    assert CALLS == ["behind", "end"]


@pytest.mark.parametrize("with_cache", [True, False])
def test_the_guilty_node_of_a_query_is_named(workflow: nf.Workflow, cache: Path, with_cache: bool) -> None:
    start = workflow.add(Numbers, id="start")
    text = workflow.add(Text, workflow.add(Plus, start, id="before"), id="text")
    workflow.add(Total, workflow.add(Plus, text, id="after"), id="end")
    result = workflow.run(check=False, cache=with_cache, cache_folder=cache)
    assert states(result) == {
        "start": "done",
        "before": "skipped",
        "text": "failed",
        "after": "skipped",
        "end": "skipped",
    }
    assert "many" in result.reports["text"].reason
    # the same query is sound on other data
    workflow["start"].set(count=2)
    assert workflow.run(cache=with_cache, cache_folder=cache).state == "done"


@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_an_error_of_a_listener_reaches_the_caller(workflow: nf.Workflow, executor: str) -> None:
    workflow.add(Stack, tables=[workflow.add(Numbers)])

    def complain(event: nf.Event) -> None:
        if event.node == "stack" and event.state == "done":
            raise OSError("the pipe is closed")

    with pytest.raises(OSError, match="the pipe is closed"):
        workflow.run(cache=False, executor=executor, on_event=complain)


# -- cancelling ---------------------------------------------------------------------------------


def test_a_run_is_cancelled_from_another_thread(workflow: nf.Workflow, cache: Path) -> None:
    workflow.add(Total, workflow.add(Hold, workflow.add(Numbers, id="start"), id="hold"), id="end")
    cancellation = nf.Cancellation()
    other = threading.Thread(target=lambda: (Hold.is_here.wait(20), cancellation.cancel("enough")))
    other.start()
    result = workflow.run(cache_folder=cache, cancellation=cancellation, check=False)
    other.join()
    assert states(result) == {"start": "done", "hold": "cancelled", "end": "cancelled"}
    with pytest.raises(nf.Cancelled, match="enough"):
        result.check()
    Hold.may_go.set()
    assert states(workflow.run(cache_folder=cache)) == {"start": "cached", "hold": "done", "end": "done"}


def test_a_run_that_is_cancelled_before_it_starts_runs_nothing(workflow: nf.Workflow) -> None:
    workflow.add(Numbers, id="start")
    cancellation = nf.Cancellation()
    cancellation.cancel("never mind")
    CALLS.clear()
    result = workflow.run(cache=False, cancellation=cancellation, check=False)
    assert (result.state, states(result), CALLS) == ("cancelled", {"start": "cancelled"}, [])


def test_a_time_limit_cancels_the_run(workflow: nf.Workflow) -> None:
    workflow.add(Hold, workflow.add(Numbers), id="hold")
    result = workflow.run(cache=False, timeout=0.1, check=False)
    assert result.state == "cancelled"
    assert "the time limit of 0.1 s has passed" in result.reports["hold"].reason


def test_a_node_that_does_not_listen_is_left_behind(
    workflow: nf.Workflow, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodeflow.execution.run.GRACE", 0.05)
    workflow.add(Total, workflow.add(Hold, workflow.add(Numbers), id="deaf", listens=False), id="end")
    events: list[nf.Event] = []
    result = workflow.run(cache_folder=cache, timeout=0.05, check=False, on_event=events.append)
    assert states(result)["deaf"] == "cancelled"
    assert "did not stop in time" in result.reports["deaf"].reason
    told = len(events)
    Hold.may_go.set()  # it ends now, after its run
    for thread in threading.enumerate():
        if thread.name.startswith("nodeflow-"):
            thread.join(20)
    assert len(events) == told
    assert states(workflow.run(cache_folder=cache)) == {"numbers": "cached", "deaf": "done", "end": "done"}


@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_an_interrupt_ends_the_run_and_leaves_a_sound_cache(
    workflow: nf.Workflow, cache: Path, executor: str, ctrl_c: None
) -> None:
    start = workflow.add(Numbers, id="start")
    workflow.add(Stack, id="fine", tables=[start])
    workflow.add(Total, workflow.add(Interrupt, workflow["fine"], id="interrupt"), id="end")
    events: list[nf.Event] = []
    with pytest.raises(KeyboardInterrupt):
        workflow.run(cache_folder=cache, executor=executor, on_event=events.append)
    last = {event.node: event.state for event in events}
    assert last == {
        "": "cancelled",
        "start": "done",
        "fine": "done",
        "interrupt": "cancelled",
        "end": "cancelled",
    }
    assert Store(cache).verify() == []
    plan = nf.plan(workflow, cache_folder=cache)
    assert [plan.steps[name].action for name in ("start", "fine")] == ["cached", "cached"]


# -- keeping ------------------------------------------------------------------------------------


def test_an_edit_that_changes_nothing_downstream_stops_there(workflow: nf.Workflow, cache: Path) -> None:
    start = workflow.add(Numbers, id="start", count=5)
    few = workflow.add(Stack, id="few", tables=[workflow.add(AtMost, start, id="limit", limit=10)])
    workflow.add(Shuffle, few, id="shuffle")
    workflow.run(cache_folder=cache)
    workflow["limit"].set(limit=11)
    CALLS.clear()
    result = workflow.run(cache_folder=cache)
    assert CALLS == []
    assert states(result) == {"start": "cached", "limit": "done", "few": "cached", "shuffle": "cached"}
    assert "turned out the same" in result.reports["few"].reason
    assert nf.plan(workflow, cache_folder=cache).to_run == []


@pytest.mark.parametrize("damage", ["spoilt", "cut off", "gone", "emptied"])
def test_a_stored_value_that_is_damaged_is_computed_again(
    workflow: nf.Workflow, cache: Path, damage: str
) -> None:
    start = workflow.add(Numbers, id="start", count=5000)
    workflow.add(Stack, id="stack", tables=[start])
    workflow.add(Total, workflow["stack"], id="total")
    workflow.run(cache_folder=cache)
    for path in [one for one in (cache / "objects").rglob("*") if one.is_file()]:
        raw = path.read_bytes()
        path.unlink()
        if damage == "spoilt":
            path.write_bytes(raw[: len(raw) // 2] + b"?" + raw[len(raw) // 2 + 1 :])
        elif damage == "cut off":
            path.write_bytes(raw[:-100])
        elif damage == "emptied":
            path.write_bytes(b"")
    workflow.add(Shuffle, workflow["stack"], id="shuffle", seed=1)
    result = workflow.run(cache_folder=cache)
    assert sorted(result["shuffle"].table.to_polars()["x"].to_list()) == list(range(5000))
    assert Store(cache).verify() == []


def test_a_value_that_is_lost_in_the_middle_of_a_run_is_computed_again(
    workflow: nf.Workflow, cache: Path
) -> None:
    start = workflow.add(Numbers, id="start", count=5000)
    stack = workflow.add(Stack, id="stack", tables=[start])
    workflow.run(cache_folder=cache)
    workflow.add(Shuffle, stack, id="shuffle", seed=1)

    def lose(event: nf.Event) -> None:
        if (event.node, event.state) == ("shuffle", "running"):
            shutil.rmtree(cache / "objects")

    result = workflow.run(cache_folder=cache, executor="inline", on_event=lose)
    assert states(result) == {"start": "cached", "stack": "cached", "shuffle": "done"}
    assert sorted(result["shuffle"].table.to_polars()["x"].to_list()) == list(range(5000))


@pytest.mark.parametrize("options", [{"cache": False, "keep": "ends"}, {}])
@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_values_leave_memory_once_nobody_needs_them(
    workflow: nf.Workflow, cache: Path, options: dict[str, Any], executor: str
) -> None:
    REFERENCES.clear()
    last = workflow.add(Numbers)
    for number in range(5):
        last = workflow.add(Watch, last, id=f"w{number}")
    result = workflow.run(cache_folder=cache, executor=executor, jobs=2, **options)
    assert {f"w{number}": {f"w{number - 1}"} if number else set() for number in range(5)} == ALIVE
    assert result["w4"].table.rows == 5


def test_a_value_with_two_users_stays_until_both_are_done(workflow: nf.Workflow) -> None:
    REFERENCES.clear()
    shared = workflow.add(Watch, workflow.add(Numbers), id="shared")
    one = workflow.add(Watch, shared, id="one")
    workflow.add(Watch, workflow.add(Stack, id="both", tables=[one, shared]), id="end")
    workflow.run(cache=False, keep="ends", executor="inline")
    assert "shared" in ALIVE["one"]
    assert not {"shared", "one"} & ALIVE["end"]


# -- a disk that takes no more ------------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_full_disk_costs_the_cache_and_nothing_else(
    workflow: nf.Workflow, cache: Path, monkeypatch: pytest.MonkeyPatch, code: int, after: int
) -> None:
    mixed(workflow)
    expected = contents(workflow.run(cache=False))
    writes = [0]
    true_write, true_rename = StoreFiles.write, StoreFiles.rename

    def check() -> None:
        writes[0] += 1
        if writes[0] > after:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(StoreFiles, "write", lambda *given: (check(), true_write(*given))[1])
    monkeypatch.setattr(StoreFiles, "rename", lambda *given: (check(), true_rename(*given))[1])
    result = workflow.run(cache_folder=cache)
    assert result.state == "done"
    assert contents(result) == expected
    monkeypatch.undo()
    assert Store(cache).verify() == []
    assert contents(workflow.run(cache_folder=cache)) == expected


SMALL_DISK = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from nodes_for_tests import *
folder = Path(sys.argv[2])
workflow = new_workflow(folder)
last = workflow.add(Numbers, count=200_000)
for number in range(3):
    last = workflow.add(Plus, last, id=f"p{number}")
    last = workflow.add(Shuffle, last, id=f"s{number}", seed=number)
workflow.add(Total, last, id="total")
result = workflow.run(cache_folder=folder / "disk" / "cache", output=folder / "output")
print(result.state, result["total"].variables["total"], result["s2"].table.rows)
print([path.name for path in (folder / "disk" / "cache" / "tmp").iterdir()])
"""


def test_a_disk_of_one_megabyte_is_enough_to_run_on(tmp_path: Path) -> None:
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode
    ):
        pytest.skip("no user namespaces here")
    (tmp_path / "disk").mkdir()
    command = 'mount -t tmpfs -o size=1m tmpfs "$1/disk" && exec "$2" -c "$3" "$4" "$1"'
    here = str(Path(nodes_for_tests.__file__).parent)
    done = subprocess.run(
        [
            "unshare",
            "-Urm",
            "sh",
            "-c",
            command,
            "sh",
            str(tmp_path),
            sys.executable,
            SMALL_DISK,
            here,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    total = sum(range(200_000)) + 3 * 200_000
    assert done.stdout.splitlines() == [f"done {total} 200000", "[]"], done.stderr


# -- many at once -------------------------------------------------------------------------------

SHARED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from nodes_for_tests import *
folder = Path(sys.argv[2])
workflow = new_workflow(folder)
last = workflow.add(Numbers, id="start", count=3000)
for number in range(6):
    last = workflow.add(Shuffle, workflow.add(Plus, last, id=f"p{number}"), id=f"s{number}", seed=number)
workflow.add(Total, last, id="total")
print("ready", flush=True)
sys.stdin.readline()
result = workflow.run(cache_folder=folder / "cache", output=folder / sys.argv[3], jobs=2)
print(json.dumps([result["total"].variables["total"], result["s5"].table.to_polars()["x"].to_list()[:9], CALLS]))
"""


def test_eight_processes_share_a_store_and_compute_everything_once(tmp_path: Path) -> None:
    here = str(Path(nodes_for_tests.__file__).parent)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SHARED, here, str(tmp_path), f"output{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    found = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        told, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        found.append(json.loads(told))
    assert all(one[:2] == found[0][:2] for one in found)
    calls = Counter(call for one in found for call in one[2])
    assert calls == Counter(["start", *(f"s{number}" for number in range(6)), "total"])
    assert Store(tmp_path / "cache").verify() == []


# -- determinism --------------------------------------------------------------------------------

ROWS = 120_000

OTHER_POOL = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from test_run import determined, fingerprints
print(fingerprints(determined(Path(sys.argv[2])).run(cache_folder=Path(sys.argv[2]) / sys.argv[3])))
"""


def determined(folder: Path) -> nf.Workflow:
    """A workflow whose every node defines the order of its rows, on enough of them for several threads."""
    numbers = pl.int_range(ROWS, eager=True)
    orders = {"order": numbers, "product": numbers * 7 % 50, "quantity": numbers * 3 % 11}
    if not (folder / "orders.csv").exists():
        pl.DataFrame({**orders, "price": numbers * 13 % 97}).write_csv(folder / "orders.csv")
        names = [f"product {number}" for number in range(40)]
        pl.DataFrame({"product": list(range(40)), "name": names}).write_csv(folder / "products.csv")
    workflow = nf.Workflow("determined", folder=folder)
    some = workflow.add("row_filter", workflow.add("csv_reader", path="orders.csv"), condition="quantity > 2")
    more = workflow.add(
        "formula", some, formulas=[{"name": "value", "expression": "quantity * price"}], id="value"
    )
    names_of = workflow.add("csv_reader", id="names", path="products.csv")
    keys = [{"left": "product", "right": "product"}]
    both = workflow.add("joiner", left=more, right=names_of, id="join", kind="left", keys=keys)
    workflow.add("csv_writer", both, path="join.csv")
    split = workflow.add("partition", both, id="split", fraction=0.5)
    by = [{"column": "value"}, {"column": "order", "descending": True}]
    ordered = workflow.add("sorter", split["first"], id="sort", by=by)
    workflow.add("csv_writer", ordered, path="sort.csv")
    workflow.add("concatenate", id="all", tables=[ordered, split["second"]])
    return workflow


def fingerprints(result: nf.Result) -> dict[str, str]:
    """The digest of the rows of every table, as text."""
    return {
        f"{node}.{port}": hashlib.sha256(result[node][port].to_polars().write_csv().encode()).hexdigest()
        for node in result
        for port in result[node].outputs()
    }


def test_stored_digests_do_not_depend_on_how_the_run_is_executed(tmp_path: Path) -> None:
    workflow = determined(tmp_path)
    found = []
    for number, (executor, jobs) in enumerate(
        [("inline", 1), ("threads", 1), ("threads", 2), ("threads", 7)]
    ):
        result = workflow.run(cache_folder=tmp_path / f"cache{number}", executor=executor, jobs=jobs)
        nodes = result.record["nodes"]
        found.append({name: node["outputs"] for name, node in nodes.items() if "outputs" in node})
    assert found[0].keys() >= {"join", "split", "sort", "all"}
    assert all(one == found[0] for one in found[1:])


def test_rows_do_not_depend_on_the_threads_of_the_data_library(tmp_path: Path) -> None:
    determined(tmp_path)
    here = str(Path(__file__).parent)
    found = []
    for threads in (1, 2, 7):
        environment = dict(os.environ, POLARS_MAX_THREADS=str(threads), PYTHONHASHSEED=str(threads))
        command = [sys.executable, "-c", OTHER_POOL, here, str(tmp_path), f"cache{threads}"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert "join.table" in found[0]
    assert found[1:] == found[:1] * 2


def test_a_run_without_a_cache_gives_what_one_with_a_cache_gives(workflow: nf.Workflow, cache: Path) -> None:
    mixed(workflow)
    expected = contents(workflow.run(cache=False, executor="inline"))
    for options in ({"executor": "inline"}, {"jobs": 1}, {"jobs": 7}, {"keep": "all"}):
        assert contents(workflow.run(cache_folder=cache, **options)) == expected
        assert contents(workflow.run(cache=False, **options)) == expected
