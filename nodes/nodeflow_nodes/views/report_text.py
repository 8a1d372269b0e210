"""Report Text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.values import Report

LONGEST = 100_000


class ReportText(Node):
    """Write a heading or a text for a report.

    The text is Markdown: `#` to `####` before a heading, a blank line between paragraphs, `-` or `1.`
    before the items of a list, `**bold**`, `*italic*`, `[words](address)` for a link, `>` before a
    quotation, `|` between the cells of a table. Anything else, HTML included, is shown as it is written;
    links lead to web pages and mail addresses only, and pictures are not loaded.

    Outputs:
        report: The text, for a Report node.
    """

    category = "Views / Report"
    keywords = ("markdown", "heading", "note", "paragraph", "comment", "title")

    text: str = parameter(help="The text, in Markdown. For example: # Who gets admitted?")

    def check_parameters(self) -> list[Fault]:
        if not self.text.strip():
            return [Fault("text", "is empty; write what the report should say")]
        if len(self.text) > LONGEST:
            return [Fault("text", f"has {len(self.text):,} characters; at most {LONGEST:,} are shown well")]
        return []

    def run(self) -> Report:
        from nodeflow.values.report import Report, Text

        return Report((Text(self.text),))

    def summary(self) -> str:
        return next((line.strip("# ") for line in self.text.splitlines() if line.strip("# ")), "")[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reports are not exported")
