"""The reference page: every node, every setting, nothing from elsewhere, nothing unescaped."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import nodeflow as nf
from nodeflow.registry import Registry
from nodeflow.report.reference import reference_page


class Hostile(nf.Node):
    """Show <b>markup</b> & `code`."""

    category = "Test"
    keywords = ('"><script>',)
    value: str = nf.parameter(default="</code><script>", help="A <i>help</i>.")

    def run(self, table: nf.Table) -> nf.Table:
        return table


class Balanced(HTMLParser):
    """Fails where tags do not close as they opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page() -> str:
    return reference_page(one.declaration for one in Registry.installed())


def test_every_node_and_setting_is_there_and_every_link_leads_somewhere() -> None:
    text = page()
    reader = Balanced()
    reader.feed(text)
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.ids)
    for one in Registry.installed():
        assert one.id in reader.ids
        article = text[text.index(f'<article id="{one.id}"') :]
        article = article[: article.index("</article>")]
        for parameter in one.declaration["parameters"]:
            assert f"<code>{parameter['name']}</code>" in article
    assert "round" in text[text.index('<article id="formulas"') :]


def test_what_nodes_say_is_escaped() -> None:
    text = reference_page([Hostile.declaration()])
    assert "<b>" not in text
    assert "<i>" not in text
    assert text.count("<script>") == 1
    assert "<code>code</code>" in text


def test_the_page_fetches_nothing() -> None:
    assert not re.search(r"https?://|src=|@import|url\(", page())


def test_the_command_writes_it(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "nodeflow", "nodes", "--html", "all.html"], cwd=tmp_path, check=True
    )
    assert (tmp_path / "all.html").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(
    ("node", "portable"), [("sorter", True), ("missing_value", False), ("csv_reader", False)]
)
def test_portable_nodes_are_marked(node: str, portable: bool) -> None:
    found = Registry.installed().get(node)
    assert found is not None
    assert found.declaration["portable"] is portable
