"""The report as PDF: everything on its pages, nothing cut off, charts as vectors, without a browser."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.report import paper
from nodeflow.report.paper import Run
from nodeflow.report.pdf import _text, report_pdf

pytest.importorskip("vl_convert")
pypdf = pytest.importorskip("pypdf")

ROOT = Path(__file__).parent.parent


class Long(nf.Node):
    """Give a long and wide table."""

    category = "Test"

    def run(self, context: nf.Context) -> pl.DataFrame:
        context.warn("mind <b>this</b>")
        return pl.DataFrame({f"column {i}": [f"{i}/{row}" for row in range(500)] for i in range(30)})


def pages_of(workflow: nf.Workflow) -> Any:
    return pypdf.PdfReader(io.BytesIO(report_pdf(workflow.run(cache=False, check=False))))


def text_of(reader: Any) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_command_writes_a_pdf_of_the_example(tmp_path: Path) -> None:
    command = ["run", str(ROOT / "workflows" / "sales_by_town.json"), "--output", str(tmp_path / "out")]
    command += ["--report", "report.pdf", "--cache-dir", str(tmp_path / "cache")]
    subprocess.run(
        [sys.executable, "-m", "nodeflow", *command], cwd=tmp_path, check=True, capture_output=True
    )
    reader = pypdf.PdfReader(tmp_path / "report.pdf")
    text = text_of(reader)
    for words in (
        "Sales by town and quarter",
        "unknown shops",
        "Bonn",
        "seed",
        "mean order",
        "Workflow",
        "24 done",
    ):
        assert words in text
    assert reader.metadata.title == "Sales by town and quarter"
    assert "Sales by town and quarter" in [
        item.title for item in reader.outline if not isinstance(item, list)
    ]
    assert len((tmp_path / "report.pdf").read_bytes()) < 3_000_000


def test_charts_are_vectors_with_their_words(tmp_path: Path) -> None:
    workflow = nf.Workflow("vectors", folder=tmp_path)
    workflow.add("scatter_plot", workflow.add(Numbers), x="across", y="up", title="Dots and words")
    reader = pages_of(workflow)
    assert "Dots and words" in text_of(reader)
    assert not [image for page in reader.pages for image in page.images]


class Numbers(nf.Node):
    """Give numbers."""

    category = "Test"

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"across": [1.0, 2.0, 3.0], "up": [3.0, 1.0, 2.0]})


def test_a_long_table_goes_on_with_its_head_on_each_page_and_tells_what_is_left_out(tmp_path: Path) -> None:
    workflow = nf.Workflow("long", folder=tmp_path)
    given = workflow.add(Long)
    for number in range(3):
        workflow.add("column_filter", given, label=f"part {number}")
    reader = pages_of(workflow)
    text = text_of(reader)
    assert text.count("500 rows, the first 30 are shown") == 3
    assert "of 30 columns" in text
    with_rows = [
        page.extract_text()
        for page in reader.pages
        if "0/1" in page.extract_text() or "0/2" in page.extract_text()
    ]
    assert len(with_rows) > 1
    assert all("column 0" in page for page in with_rows)
    assert "mind <b>this</b>" in text


class Hostile(nf.Node):
    """Give hostile texts."""

    category = "Test"

    def run(self, context: nf.Context) -> pl.DataFrame:
        context.warn("<image href='file:///etc/passwd'/>")
        bad = [
            "</text><script>alert(1)</script>",
            "a\0b\x1b[0m",
            "\u202egnp.exe",
            "]]>",
            "&#x26;",
            "\ufffe",
            "🦆 漢字 שלום",
        ]
        return pl.DataFrame(dict.fromkeys(bad, bad))


def test_hostile_texts_are_only_texts(tmp_path: Path) -> None:
    workflow = nf.Workflow("</svg>\0", "]]><x>", folder=tmp_path)
    given = workflow.add(Hostile, label="<g>\x07")
    text = workflow.add("report_text", text="# </text>\x0b\n\n`</svg>` <script>\n\n- ]]>\0")
    report = workflow.add("report", title="</g>", text="<b>", columns=3)
    workflow.connect(text, f"{report.id}.texts")
    workflow.connect(given, f"{report.id}.tables")
    found = text_of(pages_of(workflow))
    for words in (
        "</text><script>alert(1)</script>"[:12],
        "]]><x>",
        "</svg>",
        "<image href='file:///etc/passwd'/>",
    ):
        assert words in found


def test_markdown_on_paper_keeps_order_lists_and_addresses() -> None:
    text = "# Head\n\nOne **two** [three](https://x.org).\n\n1. first\n2. second\n   - inner\n\n> said\n\n`code` <b>not bold</b>"
    svg = "".join(box.svg for box in _text(text, 400))
    for words in (
        "Head",
        "two",
        "three",
        "(https://x.org)",
        "1.",
        "first",
        "2.",
        "•",
        "inner",
        "said",
        "code",
        "&lt;b&gt;not bold",
    ):
        assert words in svg
    assert "<b>" not in svg


def test_a_word_longer_than_the_line_is_divided() -> None:
    for line in paper._lines([Run("x" * 500 + " end")], 10, 100):
        assert paper.text_width("".join(run.text for run in line).rstrip(), 10) <= 100.01
    assert len(paper.paragraph([Run("漢" * 50)], 10, 100)) == 5


def test_nothing_is_set_below_the_page() -> None:
    pages = paper.Pages()
    heights = [30.0, 500.0, 300.0, 10.0, 640.0]
    pages.put(
        [box for height in heights for box in (paper.Box(20.0, "h", 10.0, keep=True), paper.Box(height, "b"))]
    )
    assert len(pages.done) == 3
    for page in pages.done:
        assert page[-1].endswith(">b</g>"), "a heading stands alone at the foot of a page"
        for part in page:
            top = float(part.partition("48 ")[2].partition(")")[0])
            assert top < paper.MARGIN + paper.TALLEST
