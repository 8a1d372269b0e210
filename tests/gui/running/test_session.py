"""A session checks, runs, stops and looks, with real processes, and survives what nodes do to them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

import nodeflow as nf

EXAMPLES = Path(__file__).parents[3] / "workflows"


def chain(**parameters: Any) -> nf.Workflow:
    """rows -> keep (Row Filter) -> sorted (Sorter)."""
    workflow = nf.Workflow("chain")
    columns = [{"name": "age", "type": "integer", "cells": ["3", "1", "2"]}]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    keep = workflow.add("row_filter", rows, id="keep", condition="age > 1")
    workflow.add("sorter", keep, id="sorted", by=[{"column": "age"}])
    return workflow


def deadly(**nodes: str) -> nf.Workflow:
    """numbers -> each node, that does its worst -> after it another."""
    from nodeflow.registry import Registry

    workflow = nf.Workflow("deadly")
    workflow.registry = Registry.installed()
    workflow.registry.add_path(Path(__file__).parents[2] / "execution" / "hostile_nodes.py")
    numbers = workflow.add("numbers", id="numbers")
    for name, how in nodes.items():
        bad = workflow.add("deadly", numbers, id=name, how=how)
        workflow.add("deadly", bad, id=f"after_{name}")
    return workflow


def test_a_check_tells_specs_summaries_and_what_will_run(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    status = session.status
    assert status.problems == []
    assert status.spec_of("sorted", "table")["columns"] == {"age": "Int64"}
    assert status.summary_of("keep") == "age > 1"
    assert status.columns_for("keep", "condition") == [("age", "integer")]
    assert status.will_run == {"rows", "keep", "sorted"}


def test_a_run_marks_nodes_done_and_a_second_one_needs_nothing(
    open_session: Any, ran: Any, qtbot: Any
) -> None:
    session = open_session(chain())
    assert ran(session).state == "done"
    assert session.status.of("sorted").state == "done"
    assert session.status.of("sorted").rows == 2
    assert session.status.facts_of("sorted", "table") == "2 rows"
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    assert session.status.will_run == set()
    session.document.set_parameter("keep", "condition", "age > 2")
    assert session.status.of("sorted").state == "ready"
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    assert session.status.will_run == {"keep", "rows", "sorted"}


def test_a_problem_offers_the_nearest_columns_and_mends_the_workflow(open_session: Any, qtbot: Any) -> None:
    from nodeflow_gui.document.fixing import carry_out

    session = open_session(chain())
    session.document.set_parameter("sorted", "by", [{"column": "aeg"}])
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    (problem,) = session.status.problems
    assert (problem["node"], problem["parameter"]) == ("sorted", "by[0].column")
    assert session.status.of("sorted").state == "needs settings"
    fix = problem["fixes"][0]
    assert fix["do"] == "set parameter"
    assert fix["name"] == "age"
    carry_out(session.document, fix)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    assert session.status.problems == []
    assert session.document.workflow.nodes["sorted"].parameters["by"] == [{"column": "age"}]


def test_a_formula_with_a_wrong_name_is_mended(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    session.document.set_parameter("keep", "condition", "aeg > 1 and true")
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    (problem,) = session.status.problems
    assert (problem["kind"], problem["position"]) == ("bad-formula", 0)
    assert problem["fixes"][0]["value"] == "age > 1 and true"


def test_an_open_input_offers_outputs_of_its_kind(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    (wire,) = [c for c in session.document.workflow.connections if c.target == "sorted"]
    session.document.remove([], [wire])
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    problem = next(one for one in session.status.problems if one["kind"] == "missing-input")
    offered = [fix["connection"] for fix in problem["fixes"] if fix["do"] == "connect"]
    assert ["keep", "table", "sorted", "table"] in offered
    assert all(source != "sorted" for source, *_ in offered)


@pytest.mark.parametrize(
    ("node", "settings", "first"),
    [
        # the rows kept back are wanted, not the importances beside the model
        ("predictor", {}, ["split", "second"]),
        # nobody knows what comes out of a node that is not set
        ("statistics", {}, ["split", "second"]),
        ("row_filter", {}, ["split", "second"]),
        # only the first table has what the settings name
        ("sorter", {"by": [{"column": "size"}]}, ["rows", "table"]),
        ("column_filter", {"columns": ["size", "price"]}, ["rows", "table"]),
    ],
)
def test_the_first_output_offered_to_an_open_input_is_the_likeliest(
    open_session: Any, qtbot: Any, node: str, settings: dict[str, Any], first: list[str]
) -> None:
    workflow = nf.Workflow("learning")
    columns = [{"name": name, "type": "integer", "cells": ["3", "1"]} for name in ("size", "price")]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    kept = workflow.add("column_filter", rows, id="kept", columns=["price"])
    split = workflow.add("partition", kept, id="split")
    learn = workflow.add("random_forest_learner", split["first"], id="learn", target="price")
    workflow.add(node, id="open", **settings)
    if node == "predictor":
        workflow.connect(learn["model"], "open.model")
    workflow.add("csv_reader", id="unset")
    for place, name in enumerate(("unset", "rows", "kept", "split", "learn", "open")):
        workflow.layout[name] = [place * 250, 0]
    session = open_session(workflow)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    problem = next(one for one in session.status.problems if one["kind"] == "missing-input")
    assert problem["fixes"][0]["connection"] == [*first, "open", "table"]


def test_a_name_within_a_formula_of_a_list_is_mended_and_the_rest_stays(
    open_session: Any, qtbot: Any
) -> None:
    workflow = nf.Workflow("formulas")
    columns = [{"name": name, "type": "integer", "cells": ["3"]} for name in ("size", "Größe in cm")]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    formulas = [{"name": "a", "expression": "size + 1"}, {"name": "b", "expression": "a * siez"}]
    workflow.add("formula", rows, id="formula", formulas=formulas)
    session = open_session(workflow)
    for wrong, mended in (("a * siez", "a * size"), ("2 + größe", "2 + `Größe in cm`")):
        value = [formulas[0], {"name": "b", "expression": wrong}]
        session.document.set_parameter("formula", "formulas", value)
        with qtbot.waitSignal(session.checked, timeout=20_000):
            pass
        (problem,) = session.status.problems
        assert problem["fixes"][0]["value"] == [formulas[0], {"name": "b", "expression": mended}]


def test_a_scorer_that_is_not_set_says_nothing_of_itself_and_is_offered_what_was_predicted(
    open_session: Any, qtbot: Any
) -> None:
    workflow = nf.Workflow("scores")
    names = ("size", "price", "Prediction (price)")
    columns = [{"name": name, "type": "integer", "cells": ["3", "1"]} for name in names]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    workflow.add("numeric_scorer", rows, id="score")
    workflow.add("sorter", rows, id="sorted", by=[{"column": "predict"}])
    session = open_session(workflow)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    offered = {one["parameter"]: one["fixes"][0].get("name") for one in session.status.problems}
    assert offered == {
        "actual": "price",
        "prediction": "Prediction (price)",
        "by[0].column": "Prediction (price)",
    }
    assert session.status.summary_of("score") == ""


def test_a_text_where_a_number_is_needed_can_be_converted_first(open_session: Any, qtbot: Any) -> None:
    from nodeflow_gui.document.fixing import carry_out

    workflow = nf.Workflow("text")
    columns = [{"name": name, "type": "text", "cells": ["3", "1"]} for name in ("a", "b")]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    workflow.add("linear_regression_learner", rows, id="learn", target="a")
    session = open_session(workflow)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    problem = next(one for one in session.status.problems if one.get("parameter") == "target")
    fix = next(one for one in problem["fixes"] if one["do"] == "insert")
    carry_out(session.document, fix)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    assert not [one for one in session.status.problems if one.get("parameter") == "target"]
    assert "cast_types" in [node.type for node in session.document.workflow.nodes.values()]
    session.document.undo_stack.undo()
    assert len(session.document.workflow.nodes) == 2


def test_the_part_without_problems_runs(open_session: Any, ran: Any) -> None:
    session = open_session(chain())
    session.document.set_parameter("sorted", "by", [{"column": "aeg"}])
    assert ran(session).state == "done"
    assert session.status.of("keep").state == "done"
    assert session.status.of("sorted").state == "needs settings"


@pytest.mark.parametrize("how", ["segfault", "exit", "kill"])
def test_a_node_that_ends_its_process_fails_alone(open_session: Any, ran: Any, qtbot: Any, how: str) -> None:
    session = open_session(deadly(bad=how, good="nothing"), hostile=True)
    with qtbot.waitSignal(session.worker_lost, timeout=60_000) as lost:
        session.run()
    assert lost.args[0] == "bad"
    with qtbot.waitSignal(session.ended, timeout=60_000) as last:
        pass
    assert last.args[0].state == "failed"
    found = {name: session.status.of(name).state for name in session.document.workflow.nodes}
    assert found["bad"] == "failed"
    assert found["after_bad"] == "skipped"
    assert {found["good"], found["after_good"]} <= {"done", "cached"}
    assert session.status.place_of("after_good", "table") is not None


def test_a_deaf_node_is_ended_within_three_seconds(open_session: Any, qtbot: Any) -> None:
    session = open_session(deadly(deaf="sleep"), hostile=True)
    session.run()
    qtbot.waitUntil(lambda: session.status.of("deaf").state == "running", timeout=30_000)
    started = time.monotonic()
    with qtbot.waitSignal(session.ended, timeout=20_000) as last:
        session.stop()
    assert time.monotonic() - started < 3
    assert last.args[0].state == "cancelled"
    assert session.status.of("deaf").state == "cancelled"
    assert not session.status.is_running


def test_the_first_rows_of_a_query_in_the_middle_show_without_a_run(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    seen: list[Any] = []
    session.request_value("keep", "table", seen.append)
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert (seen[0].kind, seen[0].rows) == ("table", 2)
    assert Path(seen[0].path).is_file()


def test_an_edit_during_a_run_keeps_no_result_of_before(open_session: Any, qtbot: Any) -> None:
    session = open_session(deadly(slow="sleep"), hostile=True)
    session.run()
    qtbot.waitUntil(lambda: session.status.of("slow").state == "running", timeout=30_000)
    session.document.set_parameter("numbers", "count", 5)
    assert session.status.of("numbers").state == "ready"
    with qtbot.waitSignal(session.ended, timeout=20_000):
        session.stop()
    assert session.status.of("numbers").state == "ready"


def test_the_service_comes_back_after_it_was_killed(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    with qtbot.waitSignal(session.client.lost, timeout=10_000):
        psutil.Process(session.client.process_id).kill()
    session.document.set_parameter("keep", "condition", "age > 2")
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    assert session.status.summary_of("keep") == "age > 2"


def slow_checks(session: Any, seconds: float) -> list[Any]:
    """Let the answers to checks come late; gives the checks that were asked for."""
    from PySide6.QtCore import QTimer

    asked: list[Any] = []
    ask = session.client.ask

    def late(do: str, data: Any, answered: Any) -> None:
        if do != "check":
            ask(do, data, answered)
            return
        asked.append(data)
        after = round(seconds * 1000)
        ask(do, data, lambda result, error: QTimer.singleShot(after, lambda: answered(result, error)))

    session.client.ask = late
    return asked


def test_an_edit_while_a_check_is_under_way_is_checked_too(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    asked = slow_checks(session, 0.5)
    qtbot.waitUntil(lambda: bool(asked), timeout=10_000)
    session.document.set_parameter("keep", "condition", "agee > 1")
    qtbot.waitUntil(lambda: bool(session.status.problems), timeout=20_000)
    assert len(asked) == 2


def test_a_late_answer_brings_no_result_of_before_the_edit_back(
    open_session: Any, ran: Any, qtbot: Any
) -> None:
    session = open_session(chain())
    ran(session)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        session.document.set_parameter("keep", "condition", "age > 2")
    asked = slow_checks(session, 0.4)
    session.document.set_parameter("keep", "condition", "age > 1")
    qtbot.waitUntil(lambda: bool(asked), timeout=10_000)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        session.document.set_parameter("keep", "condition", "age > 0")
    assert session.status.of("sorted").state == "ready"
    assert session.status.place_of("sorted", "table") is None


def test_after_the_service_died_in_a_check_a_run_asks_again(open_session: Any, ran: Any, qtbot: Any) -> None:
    session = open_session(chain())
    asked = slow_checks(session, 0)
    qtbot.waitUntil(lambda: bool(asked), timeout=10_000)
    with qtbot.waitSignal(session.client.lost, timeout=10_000):
        psutil.Process(session.client.process_id).kill()
    assert ran(session).state == "done"


def test_a_service_that_died_often_is_started_when_it_is_asked(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    while session.client.process_id:
        with qtbot.waitSignal(session.client.lost, timeout=10_000):
            psutil.Process(session.client.process_id).kill()
    with qtbot.waitSignal(session.checked, timeout=20_000):
        session.document.set_parameter("keep", "condition", "age > 2")
    assert session.status.summary_of("keep") == "age > 2"


def test_a_service_that_cannot_be_started_is_told(
    open_session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "moved"))
    session = open_session(chain())
    with qtbot.waitSignal(session.ended, timeout=10_000) as last:
        session.run()
    assert "ended unexpectedly" in last.args[0].sentence


KILLED = """
import os, signal, sys
from pathlib import Path
import psutil
from PySide6.QtCore import QCoreApplication
application = QCoreApplication([])
from nodeflow.registry import Registry
from nodeflow_gui.document import EditorDocument
from nodeflow_gui.running.session import RunOptions, Session
from nodeflow_gui.running.status import Status
hostile, cache, recovery, file = map(Path, sys.argv[1:])
registry = Registry.installed()
registry.add_path(hostile)
document = EditorDocument(registry, recovery=recovery)
document.load(file)
session = Session(document, Status(), RunOptions(cache_folder=cache, nodes_path=[str(hostile)]))
def look(node):
    if node == "slow" and session.status.of(node).state == "running":
        print(session.client.scratch, *(one.pid for one in psutil.Process().children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
session.status.node_changed.connect(look)
session.run()
application.exec()
"""


def is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_editor_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    deadly(slow="sleep").save(tmp_path / "deadly.json")
    hostile = Path(__file__).parents[2] / "execution" / "hostile_nodes.py"
    names = [str(one) for one in (hostile, *(tmp_path / n for n in ("cache", "recovery", "deadly.json")))]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *names], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    scratch, *numbers = done.stdout.split()
    ids = [int(one) for one in numbers]
    assert ids
    until = time.monotonic() + 10
    while (alive := [one for one in ids if is_alive(one)]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive
    assert not Path(scratch).exists()


class Portions:
    """Stands in for the service: its output comes in portions of so many bytes."""

    def __init__(self, output: bytes, size: int) -> None:
        self.portions = [output[start : start + size] for start in range(0, len(output), size)]

    def readAllStandardOutput(self) -> Any:
        from PySide6.QtCore import QByteArray

        return QByteArray(self.portions.pop(0))


@pytest.mark.parametrize("size", [1, 7, 40, 1000])
def test_answers_that_come_in_portions_are_put_together(qtbot: Any, size: int) -> None:
    from nodeflow_gui.running.client import ServiceClient

    client = ServiceClient()
    heard: list[bytes] = []
    answers = [msgspec.json.encode({"id": number, "result": "x" * 30 * number}) for number in range(3)]
    for number in range(3):
        client._waiting[number] = lambda result, error: heard.append(bytes(result))
    process, output = client._process, Portions(b"".join(one + b"\n" for one in answers), size)
    client._process = output  # type: ignore[assignment]
    while output.portions:
        client._read()
    client._process = process
    client.close()
    assert heard == [b'""', b'"%s"' % (b"x" * 30), b'"%s"' % (b"x" * 60)]


def test_a_text_that_cannot_be_written_is_told_and_taken_back(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    with qtbot.waitSignal(session.checked, timeout=20_000):
        session.document.set_parameter("keep", "condition", "\ud800")
    with qtbot.waitSignal(session.ended, timeout=10_000) as last:
        session.run()
    assert "broken" in last.args[0].sentence
    with qtbot.waitSignal(session.checked, timeout=20_000):
        session.document.undo_stack.undo()
    assert session.status.summary_of("keep") == "age > 1"
    assert session.status.problems == []


def test_formulas_are_checked_and_completed(open_session: Any, qtbot: Any) -> None:
    session = open_session(chain())
    answers: list[dict[str, Any]] = []
    session.check_formula("aeg > 1", {"age": "integer"}, answers.append)
    session.complete_formula("2 * a", 5, {"age": "integer", "my name": "text"}, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=20_000)
    assert "age" in answers[0]["fault"]
    assert answers[0]["position"] == 0
    assert answers[1]["start"] == 4
    offered = [one["text"] for one in answers[1]["items"]]
    assert offered[:2] == ["age", "`my name`"]
    assert "abs(" in offered


def test_reset_drops_results_of_a_node_and_of_what_follows(open_session: Any, ran: Any, qtbot: Any) -> None:
    session = open_session(deadly(one="nothing", two="print"), hostile=True)
    ran(session)
    with qtbot.waitSignal(session.checked, timeout=20_000):
        pass
    session.reset(["one"])
    qtbot.waitUntil(lambda: session.status.will_run == {"one", "after_one"}, timeout=20_000)
    assert session.status.of("one").state == "ready"
    assert session.status.of("two").state == "done"


def test_the_admission_workflow_runs_as_it_is(open_session: Any, ran: Any, tmp_path: Path) -> None:
    copied = Path(shutil.copy(EXAMPLES / "graduate_admission.json", tmp_path))
    shutil.copytree(EXAMPLES / "data", tmp_path / "data")
    session = open_session(copied)
    last = ran(session, timeout=240_000)
    assert last.state == "done"
    states = {session.status.of(name).state for name in session.document.workflow.nodes}
    assert states <= {"done", "cached"}


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the system does not tell what processes take"
)
def test_a_node_that_takes_all_memory_is_named_and_the_others_finish(open_session: Any, ran: Any) -> None:
    session = open_session(deadly(greedy="memory", good="nothing"), hostile=True)
    session.options.memory = 600_000_000
    lost: list[tuple[str, str]] = []
    session.worker_lost.connect(lambda node, sentence: lost.append((node, sentence)))
    assert ran(session).state == "failed"
    assert [node for node, _ in lost] == ["greedy"]
    assert "let runs have more memory" in session.status.of("greedy").reason
    assert session.status.of("after_good").state in ("done", "cached")


def test_changed_preferences_count_for_the_very_next_run(open_session: Any, ran: Any, tmp_path: Path) -> None:
    session = open_session(chain())
    assert ran(session).state == "done"
    session._spares.prepare()
    other = tmp_path / "other"
    session.options.cache_folder = other
    session.options.environment = {"NODEFLOW_CACHE_LIMIT": "much"}
    session.check_soon()
    assert "NODEFLOW_CACHE_LIMIT" in ran(session).sentence
    session.options.environment = {}
    session.check_soon()
    assert ran(session).state == "done"
    assert other.is_dir()
