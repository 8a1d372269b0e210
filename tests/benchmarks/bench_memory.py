"""Tables several times larger than a memory limit: sorted, grouped, joined, made distinct and written."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import process, python, row

LIMIT_MB = 1_000
ALLOWED_MB = LIMIT_MB + 400

GENERATE = """
import sys, numpy as np, pyarrow as pa, pyarrow.parquet as pq
rows, folder = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(0)
def write(name, count, columns):
    writer = None
    for start in range(0, count, 2_000_000):
        table = pa.table(columns(start, min(2_000_000, count - start)))
        writer = writer or pq.ParquetWriter(f"{folder}/{name}.parquet", table.schema, compression="lz4")
        writer.write_table(table)
    writer.close()
write("big", rows, lambda start, n: {
    "k": rng.integers(0, rows, n), "g": rng.integers(0, rows // 4, n), "v": rng.uniform(0, 1, n),
    "c": pa.array(rng.integers(0, 1000, n).astype(str)),
})
write("right", rows // 2, lambda start, n: {
    "k": np.arange(start, start + n) * 2, "w": rng.uniform(0, 1, n),
})
"""


def job(folder: Path, kind: str) -> Path:
    """One operation on the big table, written to a file."""
    import nodeflow as nf

    workflow = nf.Workflow(kind, folder=folder)
    big = workflow.add("parquet_reader", id="big", path="big.parquet")
    if kind == "sort":
        done = workflow.add("sorter", big, by=[{"column": "v"}])
    elif kind == "group":
        sums = [{"column": "v", "function": "sum"}, {"column": "v", "function": "count"}]
        done = workflow.add("group_by", big, keys=["g"], aggregations=sums)
    elif kind == "distinct":
        done = workflow.add("duplicate_row_filter", big, columns=["g"])
    elif kind == "pivot":
        done = workflow.add(
            "pivot", big, rows=["g"], column="c", cells=[{"column": "v"}], listed=["1", "2", "3"]
        )
    elif kind == "join":
        right = workflow.add("parquet_reader", id="right", path="right.parquet")
        done = workflow.add("joiner", big, right, kind="left", keys=[{"left": "k", "right": "k"}])
    else:
        done = big
    workflow.add("parquet_writer", done, path=f"{kind}.parquet", compression="lz4")
    path = folder / f"{kind}.json"
    workflow.save(path)
    return path


def rows(quick: bool) -> list[dict[str, Any]]:
    """Time and peak of each, without a limit and with one."""
    command = shutil.which("nodeflow", path=str(Path(sys.executable).parent)) or "nodeflow"
    count = 500_000 if quick else 60_000_000
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python(GENERATE, str(count), name)
        for kind in ("write", "sort", "group", "distinct", "pivot", "join"):
            run = [command, "run", str(job(folder, kind)), "--no-cache"]
            seconds, peak = process([*run, "--memory-limit", f"{LIMIT_MB}MB"])
            title = f"{count / 1e6:g} M rows, {LIMIT_MB} MB: {kind}"
            found.append(row(title, seconds, "s"))
            found.append(row(f"  peak of {kind}", peak, "MB", ALLOWED_MB))
            (folder / "output" / f"{kind}.parquet").unlink()
    return found
