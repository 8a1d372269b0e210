"""What the engine costs a node: chains and fans of trivial nodes, events on."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import row

RUN = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import nodeflow as nf
from nodeflow.execution import run as engine
from pathlib import Path
import nodeflow.execution.result, nodeflow.values.variables, nodeflow.execution.record, nodeflow.execution.store
from overhead_nodes import One, Plus
shape, count, cache, folder = sys.argv[2], int(sys.argv[3]), sys.argv[4] == "cache", Path(sys.argv[5])
w = nf.Workflow("overhead", folder=folder)
w.registry = nf.Registry.installed()
w.registry.add(One); w.registry.add(Plus)
w.nodes["n0"] = nf.workflow.NodeInstance("one")
for i in range(1, count):
    w.nodes[f"n{i}"] = nf.workflow.NodeInstance("plus", {"by": i})
    source = f"n{i - 1}" if shape == "chain" else "n0"
    w.connections.append(nf.workflow.Connection(source, "variables", f"n{i}", "variables"))
events = 0
def tell(event):
    global events
    events += 1
options = engine.Options(cache=cache, cache_folder=folder / "cache", record=False, executor="inline")
if not cache:
    prepared = engine.prepare(w, options)
started = time.perf_counter()
if cache:
    # checking, planning and looking up is part of what a warm run costs
    prepared = engine.prepare(w, options)
result = engine.execute(prepared, options, [tell])
print(json.dumps([time.perf_counter() - started, events, result.state]))
"""


def seconds(shape: str, count: int, cache: bool, folder: Path) -> float:
    """The time of one run in a new process, imports left out."""
    here = str(Path(__file__).resolve().parent)
    done = subprocess.run(
        [sys.executable, "-c", RUN, here, shape, str(count), "cache" if cache else "none", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    found, events, state = json.loads(done.stdout)
    assert state == "done"
    assert events > count
    return float(found)


def rows(quick: bool) -> list[dict[str, Any]]:
    """No cache, cold cache and warm cache in a new process; a node's share."""
    found = []
    for shape in ("chain", "fan"):
        for count in (1_000,) if quick else (1_000, 10_000):
            repeat = 1 if quick else 3
            with tempfile.TemporaryDirectory() as name:
                none = min(seconds(shape, count, False, Path(name)) for _ in range(repeat))
                cold = seconds(shape, count, True, Path(name))
                warm = min(seconds(shape, count, True, Path(name)) for _ in range(repeat))
            for what, time, budget in (
                ("no cache", none, 50),
                ("cold cache", cold, 1000),
                ("warm, new process", warm, 150),
            ):
                found.append(row(f"{shape} of {count:,}, {what}, a node", time / count * 1e6, "us", budget))
    return found
