"""Charts of many rows: how long the specification takes, its memory, and the picture."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import python, row

# in a process of its own, for its peak: one view over a Parquet file
VIEW = """
import json, resource, sys, time
import polars as pl
from nodeflow.registry import Registry

class Quiet:
    def warn(self, message): ...

folder, view, settings = sys.argv[1:]
node = Registry.installed().get(view).load()(**json.loads(settings))
started = time.perf_counter()
chart = node.run(pl.scan_parquet(folder + "/rows.parquet"), Quiet())
took = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
started = time.perf_counter()
chart.to_bytes("png")
picture = time.perf_counter() - started
with open(folder + "/took", "w") as file:
    json.dump([took, peak, len(json.dumps(chart.specification)), picture], file)
"""

VIEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("scatter_plot", {"x": "a", "y": "b"}),
    ("line_plot", {"x": "t", "y": ["a"]}),
    ("bar_chart", {"group": "group", "aggregation": "mean", "summarised": "a"}),
    ("histogram", {"column": "b", "colour": "group"}),
    ("box_plot", {"columns": ["a"], "group": "group"}),
    ("violin_plot", {"columns": ["a"], "group": "group"}),
    ("density_plot", {"column": "b", "colour": "group"}),
    ("heatmap", {"x": "group", "y": "whole"}),
    ("stacked_area", {"x": "t", "group": "group"}),
    ("correlation_matrix_view", {"columns": ["a", "b", "whole"]}),
    ("data_explorer", {}),
)


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Each view on 10 M rows, and the picture of 10,000 points."""
    import numpy as np
    import polars as pl

    count = 100_000 if quick else 10_000_000
    folder = Path(tempfile.mkdtemp())
    try:
        chance = np.random.default_rng(0)
        pl.DataFrame(
            {
                "t": np.arange(count), "a": chance.normal(size=count), "b": chance.gamma(2, 3, count),
                "whole": chance.integers(0, 30, count), "group": chance.choice(list("abcde"), count),
            }
        ).write_parquet(folder / "rows.parquet")  # fmt: skip
        for view, settings in VIEWS:
            python(VIEW, str(folder), view, json.dumps(settings))
            took, peak, size, _ = json.loads((folder / "took").read_text())
            yield row(f"{view} of {count:,} rows from Parquet", took, "s", 2)
            yield row("  peak of the process", peak / 1e6, "MB", 1000)
            yield row("  the specification", size / 1e6, "MB", 3)
        pl.read_parquet(folder / "rows.parquet", n_rows=10_000).write_parquet(folder / "rows.parquet")
        points = {"x": "a", "y": "b", "colour": "group", "most_points": 10_000}
        python(VIEW, str(folder), "scatter_plot", json.dumps(points))
        yield row("PNG of a chart of 10,000 points", json.loads((folder / "took").read_text())[3], "s", 1.5)
    finally:
        shutil.rmtree(folder)
