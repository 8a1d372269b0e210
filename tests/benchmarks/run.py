"""Every benchmark against its budget and against what a user would otherwise write: `make bench`.

python tests/benchmarks/run.py            all of it, some minutes
python tests/benchmarks/run.py --quick    small sizes, to see that it works
python tests/benchmarks/run.py job start  only these
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

BENCHMARKS = {
    "start": "bench_start",
    "overhead": "bench_overhead",
    "load": "bench_load",
    "job": "bench_job",
    "second": "bench_second",
    "tables": "bench_tables",
    "memory": "bench_memory",
    "trying": "bench_trying",
    "mining": "bench_mining",
    "deep": "bench_deep",
    "report": "bench_report",
    "views": "bench_views",
    "windows": "bench_deep_windows",
    "canvas": "bench_gui_canvas",
    "window": "bench_window",
    "editor": "bench_gui_run",
}


def main() -> int:
    """Print the table; exit code 1 when a budget is not kept."""
    parser = argparse.ArgumentParser(description="Benchmarks of nodeflow against their budgets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes; the figures mean little")
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        (name,) = given.names
        return sum(tell(row) for row in importlib.import_module(BENCHMARKS[name]).rows(given.quick))
    over = 0
    print(f"{'what':<68} {'measured':>12} {'budget':>12}", flush=True)
    for name in given.names or BENCHMARKS:
        # each in a process of its own: the peak of a child counts from that of the process that starts it
        options = ["--quick"] if given.quick else []
        over += subprocess.run([sys.executable, __file__, name, "--part", *options]).returncode
    print("all budgets kept" if not over else f"{over} over budget")
    return 1 if over and not given.quick else 0


def tell(row: dict[str, Any]) -> bool:
    """Print one row; True when it is over its budget."""
    budget = row.get("budget")
    over = budget is not None and row["measured"] > budget
    shown = f"{budget:g} {row['unit']}" if budget is not None else ""
    mark = "  over" if over else ""
    print(f"{row['name']:<68} {row['measured']:>9.4g} {row['unit']:<3}{shown:>12}{mark}", flush=True)
    return over


if __name__ == "__main__":
    sys.exit(main())
