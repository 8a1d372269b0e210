"""The second run of an unchanged workflow, and the plan of a medium one, each in a new process."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import process, row


def chain(folder: Path, nodes: int) -> Path:
    """A table through many nodes: filters and formulas by turns."""
    import nodeflow as nf

    workflow = nf.Workflow("chain", folder=folder)
    last = workflow.add(
        "table_creator",
        columns=[{"name": "x", "type": "integer", "cells": [str(i) for i in range(100)]}],
    )
    for number in range(1, nodes):
        if number % 2:
            last = workflow.add("row_filter", last, condition=f"x != {1000 + number}")
        else:
            last = workflow.add("formula", last, formulas=[{"name": "x", "expression": "x + 1"}])
    workflow.save(folder / f"chain{nodes}.json")
    return folder / f"chain{nodes}.json"


def rows(quick: bool) -> list[dict[str, Any]]:
    """1,000 nodes run again unchanged; a plan of 200 nodes."""
    command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
    repeat = 1 if quick else 5
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache = ["--cache-dir", str(folder / "cache")]
        for nodes in (100, 1000):
            file = str(chain(folder, nodes))
            first = process([command, "run", file, *cache])[0]
            again = process([command, "run", file, *cache], repeat=repeat)[0]
            found.append(row(f"chain of {nodes:,} table nodes, first run", first, "s"))
            found.append(row(f"chain of {nodes:,} table nodes, second run, new process", again, "s", 0.5))
        file = str(chain(folder, 200))
        process([command, "run", file, *cache])
        found.append(
            row(
                "nodeflow plan of 200 nodes",
                process([command, "plan", file, *cache], repeat=repeat)[0],
                "s",
                0.4,
            )
        )
    return found
