"""Tables on disk are mapped, and sorted, searched and counted without being changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nodeflow_gui.running import looking
from nodeflow_gui.running.checking import Checked, check
from nodeflow_gui.running.looking import Looker
from nodeflow_gui.running.protocol import Look
from nodeflow_gui.running.values import TableSource

import nodeflow as nf
from nodeflow.document import dumps
from nodeflow.execution.messages import Request


@pytest.fixture
def source(tmp_path: Path) -> TableSource:
    frame = pl.DataFrame(
        {"n": [3, 1, None, 2], "t": ["Ada", "bob", None, "ADA"], "x": [0.5, float("inf"), 1.5, None]}
    )
    frame.write_ipc(tmp_path / "t.arrow")
    return TableSource(str(tmp_path / "t.arrow"))


def test_rows_are_read_by_place_and_by_order(source: TableSource) -> None:
    assert source.height == 4
    assert source.slice(1, 2) == [(1, "bob", float("inf")), (None, None, 1.5)]
    assert source.slice(0, 2, pl.Series([3, 0], dtype=pl.UInt32)) == [(2, "ADA", None), (3, "Ada", 0.5)]


def test_sorting_puts_missing_last_either_way(source: TableSource) -> None:
    assert source.sorted("n", descending=False).to_list() == [1, 3, 0, 2]
    assert source.sorted("n", descending=True).to_list() == [0, 3, 1, 2]


def test_what_is_filtered_sorts_within_itself(source: TableSource) -> None:
    found = source.searched("ada")
    assert found.to_list() == [0, 3]
    assert source.sorted("n", descending=False, order=found).to_list() == [3, 0]


def test_search_finds_numbers_as_they_are_written(source: TableSource) -> None:
    assert source.searched("1.5").to_list() == [2]
    assert source.searched("[a]").to_list() == []


def test_a_formula_filters_and_leaves_missing_out(source: TableSource) -> None:
    assert source.formula("n >= 2").to_list() == [0, 3]


def test_facts_of_numbers_leave_out_what_is_missing_or_not_finite(source: TableSource) -> None:
    facts = source.facts("x")
    assert (facts.missing, facts.low, facts.mean) == (1, 0.5, 1.0)
    assert sum(facts.bars) == 2
    assert source.facts("n").median == 2


def test_facts_of_texts_count_the_common_ones() -> None:
    facts = TableSource.of(pl.DataFrame({"t": ["b", "a", "b", None]})).facts("t")
    assert (facts.common, facts.distinct, facts.missing, facts.others) == ((("b", 2), ("a", 1)), 2, 1, 0)


def test_a_column_without_values_has_no_bars() -> None:
    facts = TableSource.of(pl.DataFrame({"t": pl.Series([None, None], dtype=pl.Float64)})).facts("t")
    assert (facts.missing, facts.bars, facts.mean) == (2, (), None)


def test_a_value_is_that_of_the_workflow_it_was_asked_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked(workflow: nf.Workflow) -> Checked:
        return check(
            Request(
                workflow="", document=dumps(workflow), folder=str(tmp_path), cache_folder=str(tmp_path / "c")
            )
        )[0]

    workflow = nf.Workflow()
    columns = [{"name": "age", "type": "integer", "cells": ["3", "1"]}]
    workflow.add("sorter", workflow.add("table_creator", columns=columns), id="sort", by=[{"column": "age"}])
    looker = Looker(tmp_path)
    looker.checked = checked(workflow)
    needed = looking._needed

    def meanwhile(*given: Any) -> set[str] | None:
        looker.checked = checked(nf.Workflow())
        return needed(*given)

    monkeypatch.setattr(looking, "_needed", meanwhile)
    seen = looker.look(Look("sort", "table"))
    assert TableSource(seen.path).frame["age"].to_list() == [1, 3]
