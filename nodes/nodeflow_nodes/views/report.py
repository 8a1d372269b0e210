"""Report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.views.report_text import LONGEST

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.values import Chart, Report, Table

KINDS = ("text", "chart", "table")


class ReportNode(Node):
    """Arrange texts, charts and tables as a section of the run's report.

    `nodeflow run FILE --report out.html` shows what Report nodes arrange first, section after section, and
    everything else in an appendix. A report connected to another Report becomes a part of it, so that
    a section can have rows of different numbers of columns.

    Without an order texts come first, then charts, then tables, each in the order they are connected. Of
    a table the first rows are shown, and how many there are; scores of several models stand side by side.

    Inputs:
        texts: Texts of Report Text, and parts that other Report nodes have arranged.
        charts: Charts to show.
        tables: Tables to show.
    Outputs:
        report: The section, for another Report.
    """

    id = "report"
    name = "Report"
    category = "Views / Report"
    keywords = ("layout", "dashboard", "section", "columns", "arrange", "html", "pdf", "page")

    title: str = parameter(default="", help="The section's heading; empty for none.")
    text: str = parameter(
        default="", help="Words below the heading, in Markdown; see Report Text. Empty for none."
    )
    columns: int = parameter(
        default=1,
        minimum=1,
        maximum=3,
        help="How many parts stand side by side; on a narrow screen fewer do.",
    )
    order: list[Literal["text", "chart", "table"]] = parameter(
        default=[],
        help="Which kind of part comes next, one entry a part: text, chart, text, chart puts a text before each "
        "chart. What is left over follows.",
    )

    def check_parameters(self) -> list[Fault]:
        if len(self.text) > LONGEST:
            return [Fault("text", f"has {len(self.text):,} characters; at most {LONGEST:,} are shown well")]
        return []

    def run(
        self, texts: list[Report] | None, charts: list[Chart] | None, tables: list[Table] | None
    ) -> Report:
        from nodeflow.values.report import DEEPEST, Excerpt, Report

        waiting: dict[str, list[Any]] = {
            "text": list(texts or []),
            "chart": list(charts or []),
            "table": [Excerpt.of(table) for table in tables or []],
        }
        if not any(waiting.values()) and not self.text.strip():
            raise NodeFailed("nothing is connected; connect a text, a chart or a table")
        parts = [waiting[kind].pop(0) for kind in self.order if waiting[kind]]
        parts += [part for kind in KINDS for part in waiting[kind]]
        found = Report(tuple(parts), self.title, self.columns, self.text)
        if found.depth() > DEEPEST:
            raise NodeFailed(f"reports stand within reports more than {DEEPEST} levels deep")
        return found

    def summary(self) -> str:
        return self.title or f"{self.columns} column{'' if self.columns == 1 else 's'}"

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reports are not exported")
