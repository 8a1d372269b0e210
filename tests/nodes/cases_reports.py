"""How the nodes of reports are used in their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodeflow.values.chart import Chart
from nodeflow.values.report import Report, Text

CHART = Chart({"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}})


def _writer(folder: Path) -> dict[str, Any]:
    return {
        "parameters": {"path": str(folder / "report.html")},
        "inputs": {"report": Report((Text("words"), CHART), "Title")},
    }


CONTRACT: dict[str, Any] = {
    "report_text": {"parameters": {"text": "# Heading\n\nText."}},
    "report_writer": _writer,
    "report": {
        "parameters": {"title": "Section", "columns": 2, "order": ["chart", "text"]},
        "inputs": {"texts": [Report((Text("words"),))], "charts": [CHART]},
    },
}
