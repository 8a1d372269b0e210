"""Kills: a run that is ended by force at any moment costs only what was in flight."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nodeflow.execution.store import Store

SCRIPT = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from nodes_for_kills import workflow_in
folder = Path(sys.argv[2])

def tell(event):
    if event.node and event.state in ("running", "done", "cached"):
        print(json.dumps([event.node, event.state]), flush=True)

workflow = workflow_in(folder)
print(json.dumps(["", "ready"]), flush=True)
result = workflow.run(
    cache_folder=folder / "cache", output=folder / "output", on_event=tell, executor=sys.argv[3], jobs=2
)
total = result["joined"].table.to_polars()
print(json.dumps(["", [total.height, int(total["x"].sum()), total["x"].to_list()[:5]]]), flush=True)
"""

NODES = '''
from __future__ import annotations
import time
import narwhals as nw
import polars as pl
import nodeflow as nf

class KillStart(nf.Node):
    """Give numbers."""
    category = "Test"

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"x": list(range(3000))})

    def spec(self, inputs):
        return nf.TableSpec({"x": pl.Int64()})

class KillPlus(nf.Node):
    """Add, as part of a query."""
    category = "Test"
    by: int = nf.parameter(default=1, help="How much.")

    def run(self, table: nw.LazyFrame) -> nw.LazyFrame:
        return table.with_columns(nw.col("x") + self.by)

class KillWork(nf.Node):
    """Add, slowly, with a file in the temporary folder meanwhile."""
    category = "Test"
    by: int = nf.parameter(default=1, help="How much.")

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        (context.temporary_folder / "scratch").write_bytes(bytes(10_000))
        time.sleep(0.01)
        return table.with_columns(pl.col("x") + self.by)

    def spec(self, inputs):
        return inputs["table"]

class KillStack(nf.Node):
    """Put tables below each other."""
    category = "Test"

    def run(self, tables: list[pl.LazyFrame]) -> pl.LazyFrame:
        return pl.concat(tables)

class KillSave(nf.Node):
    """Write a file in several pieces."""
    category = "Test"
    path: nf.OutputPath = nf.parameter(default=nf.OutputPath("out.csv"), help="The file.")

    def run(self, table: pl.DataFrame, context: nf.Context) -> None:
        text = table.write_csv()
        with context.write(self.path) as temporary, open(temporary, "w") as file:
            for start in range(0, len(text), 2000):
                file.write(text[start:start + 2000])
                file.flush()
                time.sleep(0.001)

def workflow_in(folder):
    workflow = nf.Workflow("kill", folder=folder)
    workflow.registry = nf.Registry()
    for node in (KillStart, KillPlus, KillWork, KillStack, KillSave):
        workflow.registry.add(node)
    ends = []
    for branch in range(2):
        last = workflow.add(KillStart, id=f"start{branch}")
        for number in range(5):
            last = workflow.add(KillPlus, last, id=f"plus{branch}_{number}", by=number)
            last = workflow.add(KillWork, last, id=f"work{branch}_{number}", by=branch)
        workflow.add(KillSave, last, id=f"save{branch}", path=f"out{branch}.csv")
        ends.append(last)
    workflow.add(KillStack, id="joined", tables=ends)
    return workflow
'''


@dataclass
class Killing:
    """A workflow in a folder of its own that is run and killed, again and again."""

    folder: Path
    executor: str = "threads"
    finished: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in ("nodes", "work", "system"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "nodes" / "nodes_for_kills.py").write_text(NODES)

    def start(self) -> subprocess.Popen[str]:
        environment = dict(os.environ, TMPDIR=str(self.folder / "system"))
        command = [sys.executable, "-c", SCRIPT]
        command += [str(self.folder / "nodes"), str(self.folder / "work"), self.executor]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )

    def kill_after(self, seconds: float, *, events: int = 0) -> None:
        """Start a run and kill it `seconds` after it is ready or after so many events."""
        process = self.start()
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(1 + events)]
        time.sleep(seconds)
        process.kill()
        rest = process.stdout.read()  # `communicate` would lose what is buffered already
        process.communicate()
        self.learn("".join(lines) + rest)

    def learn(self, text: str) -> list[Any]:
        """Note what had finished, and check that nothing that had runs again; gives the last line."""
        # a line that the kill cut off was never told
        told = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        for node, state in told:
            if node and state != "running":
                if not node.startswith("plus"):  # folded into the query of what follows
                    assert node not in self.finished or state == "cached", f"{node} ran again"
                self.finished.add(node)
        return told[-1] if told else []

    def finish(self) -> list[Any]:
        """A run to the end; gives its result."""
        process = self.start()
        told, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        found: list[Any] = self.learn(told)[1]
        return found

    def left_behind(self) -> list[str]:
        """Temporary files in the store, the output folder and the system's folder for them."""
        return [
            str(path.relative_to(self.folder))
            for place in ("work", "system")
            for path in (self.folder / place).rglob("*")
            if ".nodeflow-" in path.name or place == "system"
        ]


def expected(folder: Path) -> tuple[list[Any], dict[str, str]]:
    """What an undisturbed run gives and writes."""
    calm = Killing(folder)
    return calm.finish(), outputs(calm)


def outputs(killing: Killing) -> dict[str, str]:
    found = (killing.folder / "work" / "output").glob("*.csv")
    return {path.name: path.read_text() for path in sorted(found)}


def kill_many(folder: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    right, files = expected(folder / "calm")
    killing = Killing(folder / "killed")
    for number in range(times):
        killing.executor = chance.choice(["threads", "inline"])
        killing.kill_after(chance.random() * 0.15, events=chance.randrange(0, 20))
        if number % 4 == 3:
            assert killing.finish() == right
            assert outputs(killing) == files
            assert killing.left_behind() == []
            assert Store(folder / "killed" / "work" / "cache").verify() == []
            # from the start again, in a folder that has seen kills
            Store(folder / "killed" / "work" / "cache").clear()
            killing.finished.clear()
    assert killing.finish() == right
    assert outputs(killing) == files
    assert killing.left_behind() == []


def test_a_run_killed_at_any_moment_resumes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    kill_many(tmp_path, 10, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_two_hundred_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    kill_many(tmp_path, 10, 100 + seed)


def test_a_finished_node_is_in_the_store_before_it_is_told(tmp_path: Path) -> None:
    killing = Killing(tmp_path)
    process = killing.start()
    assert process.stdout is not None
    told = ""
    while '["work0_1", "done"]' not in told:
        told += process.stdout.readline()
    process.kill()
    told += process.stdout.read()
    process.communicate()
    killing.learn(told)
    assert "work0_1" in killing.finished
    killing.finish()  # raises if a finished node runs again
