"""The report of a run: its time after the run, and its size with many charts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import python, row

ROOT = Path(__file__).resolve().parents[2]

# in a process of its own: what `nodeflow run FILE --report` does after the run
REPORT = """
import sys, time
import nodeflow as nf
workflow, output, kind = sys.argv[1:]
result = nf.load(workflow).run(cache=False, output=output)
started = time.perf_counter()
if kind == "pdf":
    from nodeflow.report.pdf import report_pdf as report
else:
    from nodeflow.report.page import report_page as report
found = report(result)
took = time.perf_counter() - started
with open(output + "/took", "w") as file:
    file.write(f"{took} {len(found)}")
"""

CHARTS = """
import sys
import polars as pl
import nodeflow as nf

class Points(nf.Node):
    '''Give points.'''
    category = "Test"
    def run(self) -> pl.DataFrame:
        rows = pl.int_range(int(sys.argv[2]), eager=True)
        return pl.DataFrame({"a": rows.shuffle(1) / 7, "b": rows.shuffle(2) / 11, "group": (rows % 5).cast(pl.String)})

workflow = nf.Workflow("charts", folder=sys.argv[1])
table = workflow.add(Points)
for number in range(int(sys.argv[3])):
    workflow.add("scatter_plot", table, x="a", y="b", colour="group", most_points=50_000)
result = workflow.run(cache=False)
from nodeflow.report.page import report_page
with open(sys.argv[1] + "/took", "w") as file:
    file.write(str(len(report_page(result))))
"""


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Times of both kinds of report, sizes of reports with charts of many points."""
    folder = Path(tempfile.mkdtemp())
    try:
        for kind in ("html", "pdf"):
            python(REPORT, str(ROOT / "workflows" / "graduate_admission.json"), str(folder), kind)
            seconds, _ = map(float, (folder / "took").read_text().split())
            yield row(f"report of the admission workflow as {kind}, after the run", seconds, "s", 3)
        for charts, budget in ((1, 3), (20, 15)):
            python(CHARTS, str(folder), "1000" if quick else "50000", str(charts))
            size = int((folder / "took").read_text()) / 1e6
            yield row(f"report with {charts} scatter plots of 50,000 points", size, "MB", budget)
    finally:
        shutil.rmtree(folder)
