"""Cold start: the command itself, and a small run from nothing."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import process, row


def small_workflow(folder: Path) -> Path:
    """A CSV, a filter, a CSV."""
    import nodeflow as nf

    (folder / "people.csv").write_text("name,age\n" + "".join(f"p{i},{i % 90}\n" for i in range(1000)))
    workflow = nf.Workflow("small", folder=folder)
    read = workflow.add("csv_reader", path="people.csv")
    adults = workflow.add("row_filter", read, condition="age >= 18")
    workflow.add("csv_writer", adults, path="adults.csv")
    workflow.save(folder / "small.json")
    return folder / "small.json"


def rows(quick: bool) -> list[dict[str, Any]]:
    """`--version`, an uncached run, and a run in which everything is cached."""
    command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
    repeat = 3 if quick else 10
    found = [row("nodeflow --version", process([command, "--version"], repeat=repeat)[0], "s", 0.10)]
    bare = process([sys.executable, "-c", "pass"], repeat=repeat)[0]
    polars = process([sys.executable, "-c", "import polars"], repeat=repeat)[0]
    found.append(row("  for scale: python -c pass", bare, "s"))
    found.append(row("  for scale: python -c 'import polars'", polars, "s"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = small_workflow(folder)
        base = [command, "run", str(file), "--cache-dir", str(folder / "cache")]
        first = min(_cold(base, folder) for _ in range(repeat))
        found.append(row("nodeflow run: CSV -> filter -> CSV, cold process, empty cache", first, "s", 0.50))
        again = process(base, repeat=repeat)[0]
        found.append(row("the same again, all from the cache", again, "s", 0.50))
        plan = process([command, "plan", str(file), "--cache-dir", str(folder / "cache")], repeat=repeat)[0]
        found.append(row("nodeflow plan of it", plan, "s", 0.40))
    return found


def _cold(command: list[str], folder: Path) -> float:
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return process(command)[0]
