"""Running: order, parallel work, failure, cancelling, the honest plan, kills at any moment."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nodeflow as nf
from nodeflow.execution.events import FINAL, TRANSITIONS
from nodeflow.execution.scheduler import Scheduler
from nodeflow.execution.store import Store

MEETING = threading.Barrier(2, timeout=20)
HELD = threading.Event()
GPU: list[int] = []


class Start(nf.Node):
    """Give the numbers from 0."""

    category = "Test"
    count: int = nf.parameter(default=5, help="How many.")

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"x": list(range(self.count))})

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class AddOne(nf.Node):
    """Add one, as part of a query."""

    category = "Test"
    by: int = nf.parameter(default=1, help="How much.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return table.with_columns(nw.col("x") + self.by)


class Strict(nf.Node):
    """Turn texts into numbers, as part of a query that fails on data only."""

    category = "Test"

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        return table.with_columns(
            pl.when(pl.col("x") > 2).then(pl.lit("no")).otherwise(pl.lit("1")).cast(pl.Int64).alias("x")
        )


class Parts(NamedTuple):
    even: nw.LazyFrame
    odd: nw.LazyFrame


class Halves(nf.Node):
    """Divide into even and odd numbers.

    Outputs:
        even: The even ones.
        odd: The odd ones.
    """

    category = "Test"

    def run(self, table: nw.LazyFrame) -> Parts:
        return Parts(table.filter(nw.col("x") % 2 == 0), table.filter(nw.col("x") % 2 == 1))


class Largest(nf.Node):
    """Give the largest numbers, computed at once."""

    category = "Test"
    count: int = nf.parameter(default=100, help="How many.")

    def run(self, tables: list[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(tables).sort("x", descending=True).head(self.count).sort("x")

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Meet(nf.Node):
    """Wait until another one is here too."""

    category = "Test"
    reads_outside = True

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        MEETING.wait()
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Fail(nf.Node):
    """Fail."""

    category = "Test"
    with_bug: bool = nf.parameter(default=False, help="Whether by a bug.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        if self.with_bug:
            raise ZeroDivisionError("bug")
        raise nf.NodeFailed("the cup is empty; fill it")

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Wait(nf.Node):
    """Wait, and listen or not."""

    category = "Test"
    listens: bool = nf.parameter(default=True, help="Whether it listens.")

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        HELD.set()
        for step in range(2000):
            if self.listens:
                context.progress(step / 2000)
            time.sleep(0.01)
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Heavy(nf.Node):
    """Use the one GPU there is."""

    category = "Test"
    slots = ("gpu",)
    number: int = nf.parameter(default=0, help="Which.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        GPU.append(1)
        assert sum(GPU) == 1, "two at once"
        time.sleep(0.02)
        GPU.append(-1)
        return table

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Spoil(nf.Node):
    """Warn, and write a file."""

    category = "Test"
    path: nf.OutputPath = nf.parameter(default=nf.OutputPath("out.csv"), help="The file.")

    def run(self, table: pl.LazyFrame, context: nf.Context) -> None:
        context.warn("take care")
        with context.write(self.path) as temporary:
            table.sink_csv(temporary)


def states(result: nf.Result) -> dict[str, str]:
    return {name: report.state for name, report in result.reports.items()}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def workflow_in(folder: Path) -> nf.Workflow:
    return nf.Workflow("test", folder=folder)


# -- order and parallel work --------------------------------------------------------------------


def test_independent_branches_run_at_the_same_time(tmp_path: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    workflow.add(Meet, start, id="a")
    workflow.add(Meet, start, id="b")
    assert workflow.run(cache=False, jobs=2).state == "done"


def test_a_failure_stops_only_what_depends_on_it_and_the_next_run_resumes_there(
    tmp_path: Path, cache: Path
) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    workflow.add(Largest, workflow.add(Fail, start, id="bad"), id="after")
    workflow.add(Largest, start, id="good")
    result = workflow.run(cache_folder=cache, check=False)
    assert result.state == "failed"
    assert states(result) == {"start": "done", "bad": "failed", "after": "skipped", "good": "done"}
    assert result.reports["bad"].reason == "the cup is empty; fill it"
    assert 'Fail "bad" failed' in result.reports["after"].reason
    with pytest.raises(nf.NodeFailed, match="the cup is empty"):
        _ = result["bad"].table
    again = workflow.run(cache_folder=cache, check=False)
    assert states(again) == {"start": "cached", "bad": "failed", "after": "skipped", "good": "cached"}


def test_a_failed_run_raises_with_every_failure_and_carries_its_result(tmp_path: Path) -> None:
    from nodeflow.execution.result import RunFailed

    workflow = workflow_in(tmp_path)
    workflow.add(Fail, workflow.add(Start))
    with pytest.raises(RunFailed, match='Fail "fail": the cup is empty') as caught:
        workflow.run(cache=False)
    assert caught.value.result["start"].table.rows == 5


def test_a_bug_of_a_node_is_told_with_its_place(tmp_path: Path) -> None:
    workflow = workflow_in(tmp_path)
    workflow.add(Fail, workflow.add(Start), with_bug=True)
    result = workflow.run(cache=False, check=False)
    assert "ZeroDivisionError: bug (at " in result.reports["fail"].reason


def test_the_guilty_node_of_a_query_is_named(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    before = workflow.add(AddOne, start, id="before")
    strict = workflow.add(Strict, before)
    workflow.add(Largest, tables=[workflow.add(AddOne, strict, id="behind")])
    for options in ({"cache": False}, {"cache_folder": cache}):
        found = states(workflow.run(check=False, **options))
        assert found["strict"] == "failed"
        assert found["largest"] == "skipped"


def test_events_are_numbered_in_order_and_obey_the_state_machine(tmp_path: Path, cache: Path) -> None:
    workflow = random_workflow(tmp_path, 5, 12)
    for executor in ("inline", "threads"):
        events: list[nf.Event] = []
        workflow.run(cache_folder=cache / executor, executor=executor, jobs=3, on_event=events.append)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        held: dict[str, str] = {}
        for event in events:
            assert event.state in TRANSITIONS[held.get(event.node, "idle")]
            held[event.node] = event.state
        assert set(held.values()) <= FINAL
        assert events[-1].node == ""


def test_events_fit_their_published_schema(tmp_path: Path, cache: Path) -> None:
    import jsonschema
    import msgspec

    from nodeflow.execution.events import event_schema

    workflow = workflow_in(tmp_path)
    workflow.add(Spoil, workflow.add(Start))
    workflow.add(Fail, workflow["start"])
    events: list[nf.Event] = []
    workflow.run(cache_folder=cache, check=False, on_event=events.append)
    for event in events:
        jsonschema.validate(json.loads(msgspec.json.encode(event)), event_schema())


def test_one_gpu_serves_one_node_at_a_time(tmp_path: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    for number in range(5):
        workflow.add(Heavy, start, number=number)
    assert workflow.run(cache=False, jobs=4).state == "done"


def test_the_scheduler_takes_views_first_then_the_longest_way() -> None:
    scheduler = Scheduler(
        {"short": [], "long": [], "view": [], "next": ["long"], "last": ["next"]}, first=["view"]
    )
    order = []
    while (name := scheduler.next()) is not None:
        order.append(name)
        scheduler.finish(name)
    assert order == ["view", "long", "next", "short", "last"]
    assert scheduler.is_finished


# -- cancelling ---------------------------------------------------------------------------------


def test_a_run_is_cancelled_from_another_thread_and_the_cache_stays_good(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    workflow.add(Largest, workflow.add(Wait, workflow.add(Start)))
    cancellation = nf.Cancellation()
    HELD.clear()
    threading.Thread(target=lambda: (HELD.wait(10), cancellation.cancel("enough")), daemon=True).start()
    started = time.monotonic()
    result = workflow.run(cache_folder=cache, cancellation=cancellation, check=False)
    assert time.monotonic() - started < 5
    assert states(result) == {"start": "done", "wait": "cancelled", "largest": "cancelled"}
    with pytest.raises(nf.Cancelled, match="enough"):
        result.check()
    assert nf.plan(workflow, cache_folder=cache).steps["start"].action == "cached"
    assert Store(cache).verify() == []


@pytest.mark.parametrize("listens", [True, False])
def test_a_time_limit_ends_the_run(tmp_path: Path, listens: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeflow.execution.run.GRACE", 0.2)
    workflow = workflow_in(tmp_path)
    workflow.add(Wait, workflow.add(Start), listens=listens)
    result = workflow.run(cache=False, timeout=0.3, check=False)
    assert result.state == "cancelled"
    assert "time limit of 0.3 s" in result.reports["wait"].reason
    assert ("did not stop in time" in result.reports["wait"].reason) is not listens


# -- keeping ------------------------------------------------------------------------------------


def test_an_edit_that_changes_nothing_downstream_stops_there(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    workflow.add(Largest, tables=[workflow.add(Largest, start, id="first")], id="second")
    workflow.run(cache_folder=cache)
    workflow["first"].set(count=50)
    result = workflow.run(cache_folder=cache)
    assert states(result) == {"start": "cached", "first": "done", "second": "cached"}
    assert "turned out the same" in result.reports["second"].reason


def test_messages_come_back_with_a_cached_result(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    workflow.add(Spoil, workflow.add(Start))
    for state in ("done", "cached"):
        report = workflow.run(cache_folder=cache).reports["spoil"]
        assert (report.state, report.messages) == (state, ["take care"])


def test_a_full_disk_costs_the_cache_and_nothing_else(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any, **named: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    workflow = random_workflow(tmp_path, 9, 10)
    expected = contents(workflow.run(cache=False))
    monkeypatch.setattr(Store, "add", full)
    result = workflow.run(cache_folder=cache)
    assert result.state == "done"
    assert contents(result) == expected


def test_a_damaged_result_in_the_middle_is_computed_again(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start, count=5000)
    workflow.add(Largest, start, count=10)
    workflow.run(cache_folder=cache)
    (path,) = [one for one in (cache / "objects").rglob("*") if one.is_file()]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)
    workflow["largest"].set(count=11)
    result = workflow.run(cache_folder=cache)
    assert result["largest"].table.to_polars()["x"].to_list() == list(range(4989, 5000))


def test_reading_a_result_in_the_middle_of_a_query_reads_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text("a,b,c,unused\n1,2,3,x\n4,5,6,y\n")
    workflow = workflow_in(tmp_path)
    read = workflow.add("csv_reader", path="wide.csv")
    first = workflow.add("formula", read, formulas=[{"name": "d", "expression": "a + b"}])
    renamed = workflow.add("column_filter", first, columns=["a", "c", "d"])
    kept = workflow.add("row_filter", renamed, id="kept", condition="a > 2")
    workflow.add(
        "csv_writer", workflow.add("column_filter", kept, id="last", columns=["a", "d"]), path="out.csv"
    )
    result = workflow.run(cache=False)
    plan = result["last"].table.lazy().explain()
    scan = plan[plan.index("Csv SCAN") :]
    assert "PROJECT 2/4 COLUMNS" in scan
    assert "SELECTION" in scan
    assert "FILTER" not in plan[: plan.index("Csv SCAN")]


def test_only_what_a_target_needs_runs(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    start = workflow.add(Start)
    workflow.add(Largest, start, id="wanted")
    workflow.add(Fail, start)
    result = workflow.run(cache_folder=cache, targets="wanted")
    assert set(result) == {"start", "wanted"}
    with pytest.raises(nf.NodeflowError, match="not part of this run"):
        _ = result["fail"]


def test_a_long_chain_is_cut_into_several_queries(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    last = workflow.add(Start)
    for number in range(300):
        last = workflow.add(AddOne, last, id=f"n{number}")
    result = workflow.run(cache_folder=cache)
    assert result["n299"].table.to_polars()["x"].to_list() == [300, 301, 302, 303, 304]


@pytest.mark.parametrize("options", [{"executor": "inline"}, {"jobs": 1}, {"jobs": 2}, {"jobs": 7}])
def test_results_do_not_depend_on_how_it_runs(tmp_path: Path, options: dict[str, Any]) -> None:
    workflow = random_workflow(tmp_path, 3, 25)
    assert contents(workflow.run(cache=False, **options)) == contents(
        workflow.run(cache=False, executor="inline")
    )


def test_the_run_record_tells_versions_seeds_and_digests(tmp_path: Path, cache: Path) -> None:
    workflow = workflow_in(tmp_path)
    (tmp_path / "d.csv").write_text("x\n1\n2\n")
    workflow.add("partition", workflow.add("csv_reader", path="d.csv"))
    result = workflow.run(cache_folder=cache, output=tmp_path / "results", seed=4)
    record = json.loads(Path(result.record["saved"]).read_text())
    assert record["seed"] == 4
    assert record["environment"]["libraries"]["polars"] == pl.__version__
    assert record["nodes"]["csv_reader"]["read"]["path"]
    assert record["nodes"]["partition"]["seed"] == result.record["nodes"]["partition"]["seed"]
    assert set(record["nodes"]["partition"]["outputs"]) == {"first", "second"}


# -- the plan is honest ---------------------------------------------------------------------------


def random_workflow(folder: Path, seed: int, count: int) -> nf.Workflow:
    chance = random.Random(seed)
    workflow = workflow_in(folder)
    outputs: list[Any] = [workflow.add(Start, count=chance.randrange(2, 9))]
    for number in range(count):
        kind = chance.choice([AddOne, AddOne, Halves, Largest, Largest, Start, Spoil])
        source = chance.choice(outputs)
        name = f"n{number}"
        if kind is Start:
            outputs.append(workflow.add(Start, id=name, count=chance.randrange(1, 9)))
        elif kind is Largest:
            picked = list(
                {
                    (o.node, o.port): o for o in map(as_output, chance.sample(outputs, min(2, len(outputs))))
                }.values()
            )
            outputs.append(workflow.add(Largest, id=name, tables=picked, count=chance.randrange(1, 5)))
        elif kind is Halves:
            both = workflow.add(Halves, source, id=name)
            outputs += [both["even"], both["odd"]]
        elif kind is Spoil:
            workflow.add(Spoil, source, id=name, path=f"{name}.csv")
        else:
            outputs.append(workflow.add(AddOne, source, id=name, by=chance.randrange(3)))
    return workflow


def as_output(one: Any) -> Any:
    return one if hasattr(one, "port") else nf.workflow.Output(one.id, "table")


def contents(result: nf.Result) -> dict[str, list[int]]:
    """Every value that can be had: one in the middle of a query may build on what was evicted."""
    found: dict[str, list[int]] = {}
    for node in result:
        for port in result[node].outputs():
            with contextlib.suppress(nf.NodeFailed):
                found[f"{node}.{port}"] = result[node][port].to_polars()["x"].to_list()
    return found


def edit(workflow: nf.Workflow, chance: random.Random) -> None:
    name = chance.choice(list(workflow.nodes))
    parameters = workflow.nodes[name].parameters
    if "count" in parameters:
        parameters["count"] = chance.randrange(1, 9)
    elif "by" in parameters:
        parameters["by"] = chance.randrange(3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 14))
def test_a_run_does_what_the_plan_said_or_less(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    chance = random.Random(seed)
    workflow = random_workflow(folder, seed, count)
    for _ in range(4):
        targets: Sequence[str] = (chance.choice(list(workflow.nodes)),) if chance.random() < 0.3 else ()
        plan = nf.plan(workflow, cache_folder=folder / "cache", targets=tuple(targets))
        told = plan.to_run
        events: list[nf.Event] = []
        result = workflow.run(
            cache_folder=folder / "cache",
            targets=targets,
            on_event=events.append,
            executor=chance.choice(["inline", "threads"]),
        )
        begun = [event.node for event in events if event.node and event.state == "running"]
        cut_off = {
            name for name, report in result.reports.items() if report.state == "cached" and name in begun
        }
        assert set(begun) == set(told)
        ran = {name for name in begun if name not in cut_off}
        assert ran <= set(told)
        fresh = contents(workflow.run(cache=False, targets=targets))
        found = contents(result)
        assert found == {key: value for key, value in fresh.items() if key in found}
        kept = {
            name
            for name in result
            if plan.steps.get(name) and result.reports[name].state in ("done", "cached")
        }
        assert kept <= {key.rpartition(".")[0] for key in found} | {
            n for n in kept if not result[n].outputs()
        }
        edit(workflow, chance)
        if chance.random() < 0.3:
            for path in list((folder / "cache" / "entries").rglob("*")):
                if path.is_file() and chance.random() < 0.3:
                    path.unlink()


# -- kills --------------------------------------------------------------------------------------

KILLED = """
import sys
sys.path.insert(0, sys.argv[2])
import nodeflow as nf
from pathlib import Path
from kill_nodes import Slow
folder = Path(sys.argv[1])
w = nf.Workflow("kill", folder=folder)
last = w.add("table_creator", columns=[{"name": "x", "type": "integer", "cells": [str(i) for i in range(50)]}])
for number in range(12):
    last = w.add(Slow, last, id=f"n{number}", by=number)
w.add("csv_writer", last, path="out.csv")
def tell(event):
    if event.node and event.state in ("done", "cached"):
        print(event.node, event.state, flush=True)
r = w.run(cache_folder=folder / "cache", on_event=tell, executor="inline")
print("RESULT", r["n11"].table.to_polars()["x"].sum(), flush=True)
"""
SLOW = '''
from __future__ import annotations
import time
import polars as pl
import nodeflow as nf

class Slow(nf.Node):
    """Add, slowly."""
    category = "Test"
    by: int = nf.parameter(default=1, help="How much.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        time.sleep(0.02)
        return table.with_columns(pl.col("x") + self.by)

    def spec(self, inputs):
        return inputs["table"]
'''


def kill_many(folder: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    (folder / "kill_nodes.py").write_text(SLOW)
    command = [sys.executable, "-c", KILLED, str(folder), str(folder)]
    finished: set[str] = set()
    for number in range(times):
        if chance.random() < 0.3:
            import shutil

            shutil.rmtree(folder / "cache", ignore_errors=True)
            finished = set()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        lines: list[str] = []
        reader = threading.Thread(
            target=lambda stream=process.stdout, held=lines: held.extend(stream), daemon=True
        )
        reader.start()
        time.sleep(0.3 + chance.random() * 0.5)
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        for line in lines:
            if line.startswith(("n", "csv")):
                name, state = line.split()
                assert name not in finished or state == "cached", f"{name} ran again after kill {number}"
                finished.add(name)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert told["RESULT"] == str(sum(range(50)) + 50 * sum(range(12)))
    assert all(told[name] == "cached" for name in finished - {"csv_writer"})
    assert Store(folder / "cache").verify() == []
    left = [path.name for path in folder.rglob(".nodeflow-*")]
    assert left == []


def test_a_run_killed_at_any_moment_resumes(tmp_path: Path) -> None:
    kill_many(tmp_path, 10, 1)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_resumes_two_hundred_times(tmp_path: Path) -> None:
    kill_many(tmp_path, 200, 2)
