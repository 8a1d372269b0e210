"""Windows over a long series: 420,000 rows of 14 columns, looking back 576 rows, through node, store and back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from measure import python, row

BUDGET_MB = 500

GENERATE = """
import sys, numpy as np, polars as pl
rows = int(sys.argv[1])
random = np.random.default_rng(0)
columns = {f"c{place}": random.normal(size=rows).astype(np.float32) for place in range(14)}
pl.DataFrame(columns).write_ipc(sys.argv[2])
"""

BASE = """
import sys
import nodeflow as nf
workflow = nf.Workflow("windows", folder=sys.argv[2])
read = workflow.add("arrow_reader", id="read", path=sys.argv[1])
workflow.add("group_by", read, id="all", keys=[], aggregations=[{"column": "c0", "function": "sum"}])
workflow.run(cache_folder=sys.argv[2] + "/cache", record=False)["all"].table.to_polars()
"""

WINDOWS = """
import sys, time
import nodeflow as nf, numpy as np
workflow = nf.Workflow("windows", folder=sys.argv[2])
read = workflow.add("arrow_reader", id="read", path=sys.argv[1])
workflow.add("sequence_windows", read, id="cut", target="c0", lookback=576, stride=1, horizon=144)
for time_ in ("first", "from the store"):
    result = workflow.run(cache_folder=sys.argv[2] + "/cache", record=False)
    train = result["cut"]["train"]
    assert train.arrays["x"].shape[1:] == (576, 14)
    # a training loop: batches of 64 windows in random order
    order = np.random.default_rng(0).permutation(train.samples)
    for start in range(0, min(len(order), 64 * 200), 64):
        train.take(order[start : start + 64])["x"].mean()
"""


def rows(quick: bool) -> list[dict[str, Any]]:
    """Peak memory above that of reading the same file, and the seconds it takes."""
    count = 20_000 if quick else 420_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = str(folder / "series.arrow")
        python(GENERATE, str(count), file)
        _, base = python(BASE, file, str(folder / "a"))
        seconds, peak = python(WINDOWS, file, str(folder / "b"))
        stored = sum(one.stat().st_size for one in (folder / "b").rglob("*.tensors"))
    title = f"windows of 576 over {count:,} x 14"
    copied = count * 576 * 14 * 4
    return [
        row(f"{title}, made, stored, read, 400 batches", seconds, "s"),
        row(
            f"  peak above reading the file (copies would take {copied / 1e6:,.0f} MB)",
            peak - base,
            "MB",
            BUDGET_MB,
        ),
        row("  size in the store", stored / 1e6, "MB"),
    ]
