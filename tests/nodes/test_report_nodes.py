"""Report Text and Report: what an author arranges, and where it comes in the report of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_nodes.views.report import ReportNode
from nodeflow_nodes.views.report_text import ReportText

import nodeflow as nf
from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.report.collecting import content_of
from nodeflow.report.content import ChartPart, Content, Score, SectionPart, TablePart
from nodeflow.report.markdown import to_html
from nodeflow.report.page import page_of
from nodeflow.values import Chart, Table
from nodeflow.values.report import DEEPEST, MOST_ROWS, Excerpt, Report, ReportCodec, Text


class People(nf.Node):
    """Give people."""

    category = "Test"

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"age": [1, 2, 3], "town": ["Bern", None, "Rome"]})


def chart(title: str = "") -> Chart:
    return Chart(
        {"title": title, "data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}}
    )


def made(**parameters: Any) -> ReportNode:
    node, faults = ReportNode.decode(parameters)
    assert not faults
    assert isinstance(node, ReportNode)
    return node


def kinds(report: Report) -> list[str]:
    return [type(part).__name__ for part in report.parts]


def test_texts_come_before_charts_before_tables_unless_an_order_is_given() -> None:
    texts, table = [Report((Text("a"),)), Report((Text("b"),))], Table.wrap({"x": [1]})
    assert kinds(made().run(texts, [chart()], [table])) == ["Report", "Report", "Chart", "Excerpt"]
    ordered = made(order=["chart", "text", "table", "chart"]).run(texts, [chart("1"), chart("2")], [table])
    assert kinds(ordered) == ["Chart", "Report", "Excerpt", "Chart", "Report"]


def test_a_report_of_nothing_and_one_nested_too_deep_are_refused() -> None:
    with pytest.raises(NodeFailed, match="nothing is connected"):
        made().run(None, [], None)
    deep = Report((Text("x"),))
    for _ in range(DEEPEST - 1):
        deep = made().run([deep], None, None)
    with pytest.raises(NodeFailed, match="levels deep"):
        made().run([deep], None, None)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 100_001])
def test_a_text_that_says_nothing_or_too_much_is_a_fault(text: str) -> None:
    node, _ = ReportText.decode({"text": text})
    assert node.check_parameters()


def test_a_report_text_is_summed_up_by_its_first_words() -> None:
    node, _ = ReportText.decode({"text": "\n## Who gets admitted?\n\nThose who..."})
    assert node.summary() == "Who gets admitted?"


def test_a_report_comes_back_from_the_store_as_it_was() -> None:
    table = Excerpt.of(Table.wrap({"a": [1, None], "b": ["x", "y"], "c": [2**60, 1]}))
    report = Report((Text("# t"), chart("c"), table, Report((Text("in"),), "inner", 3)), "outer", 2)
    codec = ReportCodec()
    packed = codec.pack(report)
    again = codec.load(packed, {})
    assert codec.pack(again) == packed
    assert (again.title, again.columns, again.parts[0], again.parts[2]) == ("outer", 2, Text("# t"), table)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"parts": [{"type": "code"}], "title": "", "columns": 1}', b"[" * 9999]
)
def test_what_is_no_report_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(NodeflowError, match="not a report"):
        ReportCodec().load(data, {})


def test_an_excerpt_is_as_large_as_a_page_can_bear() -> None:
    long = Excerpt.of(Table.wrap({"x": range(50_000)}))
    assert (len(long.rows), long.height) == (MOST_ROWS, 50_000)
    wide = Excerpt.of(Table.wrap({f"c{i}": range(1_000) for i in range(1_000)}))
    assert (len(wide.columns), len(wide.rows), wide.width) == (100, 200, 1_000)
    texts = Excerpt.of(Table.wrap({"x": ["y" * 100_000] * 500}))
    assert len(texts.rows[0][0]) <= 1_000
    assert sum(len(row[0]) for row in texts.rows) <= 400_000


def arranged(folder: Path) -> Content:
    workflow = nf.Workflow("arranged", folder=folder)
    people = workflow.add(People, label="people")
    one = workflow.add("scatter_plot", people, x="age", y="age", title="one", label="first chart")
    two = workflow.add("scatter_plot", people, x="age", y="age", title="two")
    left = workflow.add("scatter_plot", people, x="age", y="age", title="left over")
    text = workflow.add("report_text", text="Words <b>bold</b>")
    row = workflow.add("report", title="Row", columns=2)
    for source, port in ((two, "charts"), (one, "charts")):
        workflow.connect(source, f"{row.id}.{port}")
    whole = workflow.add("report", title="Whole", order=["text", "table"])
    for source, port in ((text, "texts"), (row, "texts"), (people, "tables")):
        workflow.connect(source, f"{whole.id}.{port}")
    assert left
    return content_of(workflow.run(cache=False))


def test_what_is_arranged_comes_first_and_the_rest_follows_once(tmp_path: Path) -> None:
    content = arranged(tmp_path)
    (section,) = content.arranged
    assert (section.title, section.columns) == ("Whole", 1)
    text, table, row = section.parts
    assert text == Text("Words <b>bold</b>")
    assert isinstance(table, TablePart)
    assert (table.title, table.source) == ("people", ("people", "table"))
    assert isinstance(row, SectionPart)
    assert [part.chart.spec.title for part in row.parts if isinstance(part, ChartPart)] == ["two", "one"]
    assert [part.chart.spec.title for part in content.charts] == ["left over"]
    assert not content.tables
    page = page_of(content)
    assert page.index("Words &lt;b&gt;bold") < page.index('data-table="0"') < page.index('data-chart="0"')
    assert page.index('data-chart="1"') < page.index(">Appendix</h2>") < page.index('data-chart="2"')
    assert page.count("data-chart=") == 3


class Rates(nf.Node):
    """Score something."""

    category = "Test"
    headline = "table"
    rate: float = nf.parameter(default=0.5)

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame({"metric": ["rate", "rows"], "value": [self.rate, 3.0], "baseline": [0.1, None]})


def test_scores_of_several_models_stand_side_by_side_where_the_first_is_put(tmp_path: Path) -> None:
    workflow = nf.Workflow("scores", folder=tmp_path)
    people = workflow.add(People)
    good, better = (workflow.add(Rates, people, rate=rate, label=f"{rate}") for rate in (0.5, 0.9))
    report = workflow.add("report", title="How good?", text="# A *text*")
    for source in (good, people, better):
        workflow.connect(source, f"{report.id}.tables")
    left = workflow.add(Rates, people, label="left")
    assert left
    content = content_of(workflow.run(cache=False))
    score, table = content.arranged[0].parts
    assert isinstance(table, TablePart)
    assert score == Score(
        ["metric", "0.5", "0.9", "baseline"], [["rate", 0.5, 0.9, 0.1], ["rows", 3.0, 3.0, None]]
    )
    assert [one.heads for one in content.scores] == [["metric", "value", "baseline"]]
    assert "<h2>A <em>text</em></h2>" in page_of(content)


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "//evil.example",
        "JaVaScRiPt:x",
    ],
)
def test_links_lead_to_the_web_only(bad: str) -> None:
    for text in (f"[x]({bad})", f"<{bad}>", f"[x][y]\n\n[y]: {bad}", f"![x]({bad})", f"[x](<{bad}>)"):
        assert "<a" not in to_html(text), text
        assert "<img" not in to_html(text)


def test_markdown_is_headings_lists_tables_and_links_but_no_html() -> None:
    found = to_html("# Head\n\n- one\n\n|a|\n|-|\n|1|\n\n<b onclick=x>[good](https://example.org 'tip')</b>")
    for part in (
        "<h2>Head</h2>",
        "<li>one</li>",
        "<td>1</td>",
        'href="https://example.org"',
        "&lt;b onclick=x&gt;",
    ):
        assert part in found
    assert 'rel="noopener noreferrer"' in found


def test_scores_and_charts_are_there_without_a_cache(tmp_path: Path) -> None:
    workflow = nf.Workflow("scores", folder=tmp_path)
    people = workflow.add(People)
    report = workflow.add("report")
    workflow.connect(workflow.add(Rates, people, label="rates"), f"{report.id}.tables")
    workflow.connect(workflow.add("scatter_plot", people, x="age", y="age"), f"{report.id}.charts")
    result = workflow.run(cache=False, keep="ends")
    assert result["rates"].table.rows == 2
    assert result["scatter_plot"].chart.spec.title == "age by age"
    kinds = [type(part) for part in content_of(result).arranged[0].parts]
    assert kinds == [ChartPart, Score]


@pytest.mark.parametrize(("suffix", "start"), [("html", b"<!doctype html>"), ("pdf", b"%PDF")])
def test_the_report_writer_writes_the_report_alone(suffix: str, start: bytes, tmp_path: Path) -> None:
    workflow = nf.Workflow("whole", folder=tmp_path)
    people = workflow.add(People)
    report = workflow.add("report", title="My <b>title</b>", text="Some words", columns=2)
    workflow.connect(people, f"{report.id}.tables")
    workflow.connect(workflow.add("scatter_plot", people, x="age", y="age"), f"{report.id}.charts")
    workflow.add("report_writer", report, path=f"report.{suffix}")
    workflow.run(cache=False)
    written = (tmp_path / "output" / f"report.{suffix}").read_bytes()
    assert written.startswith(start)
    if suffix == "html":
        page = written.decode()
        assert "<h1>My &lt;b&gt;title&lt;/b&gt;</h1>" in page
        assert "Some words" in page
        for left_out in ("Appendix", "Workflow", "Run record"):
            assert left_out not in page.partition("<script")[0]


@pytest.mark.parametrize("path", ["report.txt", "report", "report.html.png"])
def test_another_ending_is_a_fault(path: str) -> None:
    from nodeflow_nodes.io.report_writer import ReportWriter

    node, _ = ReportWriter.decode({"path": path})
    assert node.check_parameters()
