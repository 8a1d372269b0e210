"""Tables longer than a view can be high are shown by windows; cells read the same everywhere."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import polars as pl
import pytest
from nodeflow_gui.inspector import table_model
from nodeflow_gui.inspector.cells import decimals_of, spreadsheet, text_of
from nodeflow_gui.look import hint
from nodeflow_gui.running.values import TableSource


def test_a_long_table_is_shown_by_windows(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_model, "WINDOW", 300)
    model = table_model.TableModel()
    model.show(TableSource.of(pl.DataFrame({"n": range(1_000)})))
    assert (model.rowCount(), model.height) == (300, 1_000)
    model.set_start(900)
    assert model.rowCount() == 100
    assert model.index(5, 0).data() == "905"
    assert model.headerData(5, table_model.Qt.Orientation.Vertical) == "906"


def test_only_blocks_that_are_looked_at_are_fetched(qapp: Any) -> None:
    class Counting(TableSource):
        asked: ClassVar[list[int]] = []

        def slice(self, offset: int, count: int, order: Any = None) -> list[tuple[Any, ...]]:
            self.asked.append(offset)
            return super().slice(offset, count, order)

    source = Counting.__new__(Counting)
    source.frame = pl.DataFrame({"n": range(100_000)})
    model = table_model.TableModel()
    model.show(source)
    source.asked.clear()
    for row in range(50_000, 50_100):
        assert model.index(row, 0).data() == str(row)
    assert len(source.asked) <= 2


def test_cells_are_one_line_and_dates_are_iso() -> None:
    assert text_of("a\nb") == "a ⏎ b"
    assert text_of(datetime.datetime(2024, 5, 1, 7, 30)) == "2024-05-01 07:30:00"
    assert text_of(datetime.date(2024, 5, 1)) == "2024-05-01"
    assert text_of(float("inf")) == "∞"
    assert text_of(1e-9, 2) == "1e-09"
    assert text_of(12.5, 2) == "12.50"


def test_decimals_are_those_of_the_longest_number() -> None:
    assert decimals_of([1.0, 2.5, 0.125, None]) == 3
    assert decimals_of([1.0, 2.0]) == 0
    assert decimals_of([1 / 3]) == 6


def test_copied_texts_with_tabs_and_lines_are_quoted() -> None:
    assert spreadsheet(["a"], [['x\t"y"']]) == 'a\n"x\t""y"""\n'


def test_what_looks_like_html_is_shown_as_it_is() -> None:
    assert hint("a b") == "a b"
    assert "&lt;b&gt;x&lt;/b&gt;" in hint("<b>x</b>")


def test_facts_of_far_columns_come_when_they_are_looked_at(qtbot: Any) -> None:
    from nodeflow_gui.inspector.table_page import TablePage

    page = TablePage()
    qtbot.addWidget(page)
    page.resize(600, 300)
    page.show()
    page._take(TableSource.of(pl.DataFrame({f"a long name of column {n}": [1, 2] for n in range(600)})), 2)
    qtbot.waitUntil(lambda: len(page.model.facts) == 200, timeout=20_000)
    page.view.scrollTo(page.model.index(0, 599))
    qtbot.waitUntil(lambda: 599 in page.model.facts, timeout=20_000)
    assert 300 not in page.model.facts
    assert (
        page.view.columnWidth(599)
        > page.view.fontMetrics().horizontalAdvance(page.model.source.columns[599]) + 40
    )
    page.close_jobs()
