"""A session runs code only if the user let it, or wrote it here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf
from nodeflow.registry import Registry

HOSTILE = Path(__file__).parents[2] / "execution" / "hostile_nodes.py"


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran.txt"


@pytest.fixture
def scripted(tmp_path: Path, marker: Path) -> Path:
    """numbers -> coded -> after; numbers -> beside."""
    workflow = nf.Workflow("scripted")
    workflow.registry = Registry.installed()
    workflow.registry.add_path(HOSTILE)
    numbers = workflow.add("numbers", id="numbers")
    coded = workflow.add("coded", numbers, id="coded", code="first()", marker=str(marker))
    workflow.add("deadly", coded, id="after")
    workflow.add("deadly", numbers, id="beside")
    workflow.save(tmp_path / "scripted.json")
    return tmp_path / "scripted.json"


def told(marker: Path) -> list[str]:
    return marker.read_text().splitlines() if marker.exists() else []


def checked(session: Any, qtbot: Any) -> None:
    with qtbot.waitSignal(session.checked, timeout=30_000):
        session.check_soon()


def ask(session: Any, qtbot: Any) -> dict[str, Any]:
    with qtbot.waitSignal(session.trust_needed, timeout=30_000) as asked:
        session.run()
    found: dict[str, Any] = asked.args[0]
    return found


def test_without_its_code_the_rest_of_a_workflow_runs(
    open_session: Any, qtbot: Any, scripted: Path, marker: Path
) -> None:
    session = open_session(scripted, hostile=True)
    code = ask(session, qtbot)
    assert [one["text"] for one in code["texts"]] == ["first()"]
    with qtbot.waitSignal(session.ended, timeout=60_000) as last:
        session.leave_out_code()
    assert last.args[0].state == "done"
    status = session.status
    assert status.of("beside").state == "done"
    assert (status.of("coded").state, status.of("coded").reason) == ("skipped", "not trusted")
    assert status.of("after").state == "skipped"
    assert told(marker) == []


def test_code_that_is_let_run_runs_and_stays_trusted_when_it_is_changed_by_hand(
    open_session: Any, ran: Any, qtbot: Any, scripted: Path, marker: Path
) -> None:
    session = open_session(scripted, hostile=True)
    kept: list[str] = []
    session.code_kept.connect(kept.append)
    code = ask(session, qtbot)
    with qtbot.waitSignal(session.ended, timeout=60_000):
        session.allow_code(code["hash"])
    assert told(marker) == ["first()"]
    session.document.set_parameter("coded", "code", "second()")
    assert ran(session).state == "done"
    assert told(marker) == ["first()", "second()"]
    assert len(set(kept)) == 2

    # the same file, changed outside: its code is not the user's
    session.document.save(scripted)
    text = scripted.read_text()
    scripted.write_text(text.replace("second()", "second( )"))
    session.document.load(scripted)
    assert ask(session, qtbot)["texts"][0]["text"] == "second( )"


def test_saving_keeps_the_trust_in_what_was_written_here(
    open_session: Any, qtbot: Any, scripted: Path
) -> None:
    session = open_session(scripted, hostile=True)
    checked(session, qtbot)
    assert not session.status.is_allowed
    session.allow_code(session.status.code["hash"])
    session.document.set_parameter("coded", "code", "mine()")
    with qtbot.waitSignal(session.code_kept, timeout=30_000) as kept:
        session.document.save()
    again = open_session(scripted, hostile=True)
    again.options.knows_code = lambda digest: digest == kept.args[0]
    checked(again, qtbot)
    assert again.status.is_allowed


def test_changing_or_pasting_foreign_code_does_not_make_it_ones_own(
    open_session: Any, qtbot: Any, scripted: Path
) -> None:
    session = open_session(scripted, hostile=True)
    session.document.set_parameter("coded", "code", "first() ")
    checked(session, qtbot)
    assert not session.status.is_allowed
    mine = open_session(None, hostile=True)
    mine.document.paste(session.document.copy_text(["coded"]))
    checked(mine, qtbot)
    assert mine.status.code
    assert not mine.status.is_allowed


QUERIES = '''
"""A node whose code would run while its query is put together."""

from pathlib import Path

import polars as pl

from nodeflow import Code, Node, TableSpec, parameter


class Queried(Node):
    """Stand for a node that runs code and only adds to a query."""

    code: Code = parameter(help="The code.")
    marker: str = parameter(help="The file.")

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        Path(self.marker).write_text(self.code)
        return table

    def spec(self, inputs: dict[str, TableSpec]) -> TableSpec:
        return inputs["table"]
'''


def test_looking_at_the_first_rows_runs_no_code(
    open_session: Any, qtbot: Any, tmp_path: Path, marker: Path
) -> None:
    (tmp_path / "queries.py").write_text(QUERIES)
    session = open_session(hostile=True)
    session.options.nodes_path.append(str(tmp_path / "queries.py"))
    document = session.document
    document.registry.add_path(tmp_path / "queries.py")
    columns = [{"name": "age", "type": "integer", "cells": ["3"]}]
    rows = document.add_node("table_creator", (0, 0), parameters={"columns": columns})
    values = {"code": "evil()", "marker": str(marker)}
    coded = document.add_node("queried", (0, 0), parameters=values, source=(rows, "table"))
    after = document.add_node(
        "sorter", (0, 0), parameters={"by": [{"column": "age"}]}, source=(coded, "table")
    )
    for node in (coded, after):
        seen: list[Any] = []
        session.request_value(node, "table", seen.append)
        qtbot.waitUntil(lambda: bool(seen), timeout=30_000)  # noqa: B023
        assert seen[0].kind == "nothing"
    assert told(marker) == []
