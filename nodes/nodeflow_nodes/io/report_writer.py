"""Report Writer."""

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
    from nodeflow.values import Report

FORMATS = (".html", ".pdf")


class ReportWriter(Node):
    """Write what a Report node arranged to a file: HTML to open in a browser, or PDF to print.

    The HTML file needs nothing besides itself, no network either. The file holds the report alone; the report
    of the whole run, with its workflow, warnings and versions, is written by `nodeflow run FILE --report`.
    The file is complete or not there at all; one that exists is replaced. Charts need the extra `report`,
    and so does PDF.

    Inputs:
        report: The report of a Report node.
    """

    category = "Input / Output"
    keywords = ("save report", "html", "pdf", "dashboard", "export report", "publish")

    path: OutputPath = parameter(
        suffixes=FORMATS, help="The file to write, ending in .html or .pdf; from the output folder on."
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite", help="What to do when the file is there already."
    )

    def check_parameters(self) -> list[Fault]:
        if PurePath(self.path).suffix.lower() in FORMATS:
            return []
        return [Fault("path", "must end in .html or .pdf, which says what to write")]

    def run(self, report: Report, context: Context) -> None:
        from nodeflow.report.content import content_of_report

        if self.existing == "fail" and Path(self.path).exists():
            raise NodeFailed(f"{self.path} is there already; choose another name, or let it be overwritten")
        content = content_of_report(report)
        if PurePath(self.path).suffix.lower() == ".pdf":
            from nodeflow.report.pdf import pdf_of

            written = pdf_of(content)
        else:
            from nodeflow.report.page import page_of

            written = page_of(content).encode()
        with context.write(self.path) as temporary, atomic_write(temporary, "wb") as file:
            file.write(written)

    def summary(self) -> str:
        return PurePath(self.path).name

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reports are not exported")
