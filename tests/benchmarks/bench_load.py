"""Loading and validating large workflows, and digesting a large table, within one process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import python, row

IMPORT_NODES = """
import sys, time
import polars, narwhals
started = time.perf_counter()
from nodeflow.registry import collect
collect("nodeflow_nodes")
print(time.perf_counter() - started, file=sys.stderr)
"""


def best(action: Callable[[], object], repeat: int) -> float:
    """The best of several times, in seconds."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def rows(quick: bool) -> list[dict[str, Any]]:
    """10,000 nodes: a chain, and many chains with parameters that differ; 1 M x 10 floats."""
    import numpy as np
    import polars as pl
    from bench_second import chain

    import nodeflow as nf
    from nodeflow.execution.store import Store
    from nodeflow.values.table import Table, TableCodec

    nodes, repeat = (1_000, 1) if quick else (10_000, 3)
    found = []
    with tempfile.TemporaryDirectory() as name:
        file = chain(Path(name), nodes)

        def load_and_validate() -> None:
            problems = nf.validate(nf.load(file))
            assert not problems, problems[:3]

        load_and_validate()
        found.append(row(f"load and validate {nodes:,} nodes", best(load_and_validate, repeat), "s", 1.0))
        frame = pl.DataFrame(np.random.default_rng(0).random((1_000_000, 10)))
        store = Store(Path(name) / "cache")

        def keep() -> None:
            path = store.new_payload(".arrow")
            TableCodec().dump(Table(frame), path)
            store.add("table", path)

        found.append(row("store and digest a table of 1 M x 10 floats", best(keep, repeat), "s"))
        path = Path(name) / "table.arrow"
        TableCodec().dump(Table(frame), path)
        from nodeflow.files import digest_file

        found.append(row("digest of 1 M x 10 floats", best(lambda: digest_file(path), repeat), "s", 0.15))
    whole, _ = python(IMPORT_NODES, repeat=3)
    bare, _ = python("import polars, narwhals", repeat=3)
    found.append(row("importing every node module, beyond polars and narwhals", whole - bare, "s", 0.3))
    return found
