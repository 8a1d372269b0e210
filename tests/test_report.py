"""The report of a run: all of it there, all of it text, nothing fetched, drawn by a browser without a complaint."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.report.page import report_page
from nodeflow.values.report import MOST_ROWS

pytest.importorskip("vl_convert")

ROOT = Path(__file__).parent.parent
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "javascript:alert(4)",
    "=1+1",
    "\u202egnp.exe",
    "\u2028",
    "\"&amp;'`",
]


class Given(nf.Node):
    """Give a hostile table."""

    category = "Test"

    def run(self) -> pl.DataFrame:
        return pl.DataFrame(
            {"text": HOSTILE, "<b>x</b>": range(len(HOSTILE)), "</script>y": [2**60, None, 3, 4, 5, 6, 7, 8]}
        )


class Say(nf.Node):
    """Warn in markup."""

    category = "Test"

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        context.warn("<i>careful</i>")
        return table


class Fail(nf.Node):
    """Fail in markup."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        raise nf.NodeFailed("<u>no</u>")


class Tags(HTMLParser):
    """The tags and attributes of a page, and its blocks of script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.blocks.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            attributes, text = self.blocks[-1]
            self.blocks[-1] = (attributes, text + data)


def hostile_run(folder: Path) -> nf.Result:
    workflow = nf.Workflow("<h1>hostile</h1>", "</title><script>alert(0)</script>", folder=folder)
    given = workflow.add(Given, label="<script>alert(5)</script>")
    workflow.add(Say, given)
    workflow.add(Fail, given)
    workflow.add("scatter_plot", given, x="<b>x</b>", y="</script>y", colour="text")
    return workflow.run(cache=False, check=False)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return report_page(hostile_run(tmp_path_factory.mktemp("hostile")))


def test_everything_shown_is_text(hostile: str) -> None:
    page = Tags()
    page.feed(hostile)
    names = {tag for tag, _ in page.tags}
    assert not names & {"i", "u", "iframe", "link", "object", "embed", "form", "base"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert all("javascript:" not in (value or "") for value in attributes.values())
    links = [attributes.get("href") or "" for tag, attributes in page.tags if tag == "a"]
    assert links
    assert all(link.startswith("#") for link in links)
    images = [attributes.get("src") or "" for tag, attributes in page.tags if tag == "img"]
    assert [source[:19] for source in images] == ["data:image/svg+xml;"] * 2
    assert len(page.blocks) == 3
    assert "&lt;u&gt;no&lt;/u&gt;" in hostile
    assert "&lt;i&gt;careful&lt;/i&gt;" in hostile


def test_only_our_own_scripts_may_run(hostile: str) -> None:
    page = Tags()
    page.feed(hostile)
    policy = next(
        a["content"] or "" for t, a in page.tags if t == "meta" and "content" in a and "http-equiv" in a
    )
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    script = policy[policy.index("script-src") :].partition(";")[0]
    assert "unsafe-inline" not in script
    for attributes, text in page.blocks:
        if attributes.get("type") != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in script


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_tables_come_as_they_are(hostile: str) -> None:
    data = data_of(hostile)
    table, behind = data["tables"]
    assert behind["group"] == data["charts"][0]["group"] == 0  # what the chart is of
    assert behind["rows"] == table["rows"]
    assert [column["name"] for column in table["columns"]] == ["text", "<b>x</b>", "</script>y"]
    assert [row[0] for row in table["rows"]] == HOSTILE
    assert [row[2] for row in table["rows"]][:3] == [str(2**60), None, 3]


def test_a_large_table_is_cut_and_says_so(tmp_path: Path) -> None:
    pl.select(x=pl.int_range(50_000)).write_csv(tmp_path / "x.csv")
    workflow = nf.Workflow("large", folder=tmp_path)
    workflow.add("csv_reader", path="x.csv")
    page = report_page(workflow.run(cache=False))
    (table,) = data_of(page)["tables"]
    assert len(table["rows"]) == MOST_ROWS
    assert table["height"] == 50_000
    assert len(page) < 100_000  # no chart, so no Vega


def test_the_command_writes_a_report_of_the_example(tmp_path: Path) -> None:
    command = ["run", str(ROOT / "workflows" / "graduate_admission.json"), "--output", str(tmp_path / "out")]
    command += ["--report", "report.html", "--cache-dir", str(tmp_path / "cache")]
    subprocess.run(
        [sys.executable, "-m", "nodeflow", *command], cwd=tmp_path, check=True, capture_output=True
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("Graduate admission", "Linear regression", "Random forest", "R2", "RMSE", "seed 0"):
        assert words in page
    assert len(data_of(page)["charts"]) == 5
    sections = ["Who gets admitted?", "What matters most?", "How good is the model?", "Appendix"]
    places = [page.index(f"{words}</h2>") for words in sections]
    assert places == sorted(places)
    assert page.index("<th>metric</th>") < places[-1]
    assert len(page) < 3_000_000
