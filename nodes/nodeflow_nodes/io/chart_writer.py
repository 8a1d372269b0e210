"""Chart Writer."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import Fault, OutputPath, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values import Chart

FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf", ".json": "json"}


class ChartWriter(Node):
    """Write a chart to a file: PNG, SVG, PDF, or its Vega-Lite specification as JSON.

    The ending of the path says which. The file is complete or not there at all; one that exists is
    replaced. Pictures need the extra `report`.

    Inputs:
        chart: The chart of a view.
    """

    category = "Input / Output"
    keywords = ("image writer", "save picture", "png", "svg", "pdf", "export chart", "vega-lite")

    path: OutputPath = parameter(
        suffixes=tuple(FORMATS),
        help="The file to write, ending in .png, .svg, .pdf or .json; from the output folder on.",
    )
    scale: float = parameter(
        default=2.0,
        minimum=0.25,
        maximum=10,
        help="How many picture points a PNG has for each of the chart's.",
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", help="What to do when the file is there already."
    )

    def check_parameters(self) -> list[Fault]:
        if PurePath(self.path).suffix.lower() in FORMATS:
            return []
        return [
            Fault("path", f"must end in {', '.join(list(FORMATS)[:-1])} or .json, which says what to write")
        ]

    def run(self, chart: Chart, context: Context) -> None:
        if self.existing == "fail" and Path(self.path).exists():
            raise NodeFailed(f"{self.path} is there already; choose another name, or let it be overwritten")
        content = chart.to_bytes(FORMATS[PurePath(self.path).suffix.lower()], scale=self.scale)  # type: ignore[arg-type]
        with context.write(self.path) as temporary, atomic_write(temporary, "wb") as file:
            file.write(content)

    def summary(self) -> str:
        return PurePath(self.path).name

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("charts are not exported")
