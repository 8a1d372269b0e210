"""Components: workflows within workflows, with ports and parameters of their own."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf
from nodeflow.document import dumps, loads

PEOPLE = {"name": "age", "type": "integer", "cells": ["36", "12", "21", "60"]}


def grown_up() -> nf.Workflow:
    """Keeps the grown-up, sorts them; the least age and the direction can be set."""
    inner = nf.Workflow("grown up")
    inner.set(down=False)
    keep = inner.add("row_filter", id="keep", condition="age >= 18")
    inner.add("sorter", keep, id="sort", by=[{"column": "age"}])
    inner.nodes["sort"].parameters["by"] = [{"column": "age", "descending": True}]
    inner.add("partition", inner["sort"], id="split", fraction={"variable": "share"}, method="first")
    inner.set(share=0.5)
    inner.inputs = {"people": ["keep.table"]}
    inner.outputs = {"people": "sort.table", "some": "split.first"}
    inner.expose = {"condition": "keep.condition"}
    return inner


def outer(folder: Path, **parameters: Any) -> nf.Workflow:
    workflow = nf.Workflow("outer", folder=folder)
    people = workflow.add("table_creator", id="people", columns=[PEOPLE])
    part = workflow.add(grown_up(), id="part", people=people, **parameters)
    workflow.add("statistics", part["people"], id="look")
    return workflow


def ages(result: nf.Result, port: str = "people") -> list[int]:
    return list(result["part"][port].to_polars()["age"])


def test_a_component_runs_and_its_outputs_are_read_by_its_name(tmp_path: Path) -> None:
    result = outer(tmp_path).run(cache_folder=tmp_path / "cache")
    assert ages(result) == [60, 36, 21]
    assert result["part"].table.rows == 3
    assert ages(result, "some") == [60, 36]
    assert result.reports["part/keep"].state == "done"


def test_exposed_parameters_and_variables_are_set_from_outside(tmp_path: Path) -> None:
    assert ages(outer(tmp_path, condition="age > 30").run(cache=False)) == [60, 36]
    assert ages(outer(tmp_path, share=0.34).run(cache=False), "some") == [60]


def test_a_run_may_set_them_too_and_reach_inside(tmp_path: Path) -> None:
    workflow = outer(tmp_path)
    assert ages(workflow.run(cache=False, parameters={"part.condition": "age > 50"})) == [60]
    assert ages(workflow.run(cache=False, parameters={"part/keep.condition": "age < 30"})) == [21, 12]


def test_a_component_is_saved_and_read_again(tmp_path: Path) -> None:
    text = dumps(outer(tmp_path, condition="age > 30"))
    again = loads(text)
    assert dumps(again) == text
    assert ages(again.run(cache=False)) == [60, 36]


def test_a_component_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    grown_up().save(tmp_path / "parts" / "grown_up.json")
    data = json.loads(dumps(outer(tmp_path)))
    data["nodes"]["part"]["workflow"] = "parts/grown_up.json"
    (tmp_path / "w.json").write_text(json.dumps(data))
    workflow = nf.load(tmp_path / "w.json")
    assert nf.validate(workflow) == []
    assert ages(workflow.run(cache=False)) == [60, 36, 21]


def test_only_the_inside_that_changed_runs_again(tmp_path: Path) -> None:
    outer(tmp_path).run(cache_folder=tmp_path / "cache")
    result = outer(tmp_path, share=0.34).run(cache_folder=tmp_path / "cache")
    assert result.reports["part/sort"].state == "cached"
    assert result.reports["part/split"].state == "done"


def test_components_within_components_work(tmp_path: Path) -> None:
    middle = nf.Workflow("middle")
    middle.add(grown_up(), id="inmost")
    middle.inputs = {"people": ["inmost.people"]}
    middle.outputs = {"people": "inmost.people"}
    middle.expose = {}
    workflow = nf.Workflow("outer", folder=tmp_path)
    people = workflow.add("table_creator", id="people", columns=[PEOPLE])
    workflow.add(middle, id="part", people=people)
    assert ages(workflow.run(cache=False)) == [60, 36, 21]
    assert ages(workflow.run(cache=False, parameters={"part/inmost/keep.condition": "age > 50"})) == [60]


def test_a_parameter_is_exposed_through_two_components(tmp_path: Path) -> None:
    middle = nf.Workflow("middle")
    middle.add(grown_up(), id="inmost")
    middle.inputs = {"people": ["inmost.people"]}
    middle.outputs = {"people": "inmost.people", "some": "inmost.some"}
    middle.expose = {"least": "inmost.condition", "part": "inmost.share"}
    workflow = nf.Workflow("outer", folder=tmp_path)
    people = workflow.add("table_creator", id="people", columns=[PEOPLE])
    workflow.add(middle, id="part", people=people, least="age > 20", part=0.34)
    result = workflow.run(cache=False)
    assert ages(result) == [60, 36, 21]
    assert ages(result, "some") == [60]
    # the nearest setting wins: the run's, then the outer component's, then the inner one's
    again = workflow.run(cache=False, parameters={"part.least": "age > 40", "part/inmost.share": 1.0})
    assert ages(again) == ages(again, "some") == [60]


def test_a_setting_typed_by_a_person_reaches_inside_as_the_type_it_must_have(tmp_path: Path) -> None:
    from nodeflow.resolution import Settings, Text

    workflow = outer(tmp_path)
    for key, text in {
        "part.condition": "age > 1",
        "part.share": "0.25",
        "part/split.fraction": "0.1",
    }.items():
        assert nf.validate(workflow, settings=Settings({key: Text(text, tmp_path)})) == []
    for key, words in {
        "part.limit": "condition",
        "part/keep.conditon": '"condition"',
        "prt.condition": 'did you mean "part"',
        "part/nobody.x": "part/",
        "part": "NODE.PARAMETER",
        "part.share": "number",
    }.items():
        found = nf.validate(workflow, settings=Settings({key: Text("many", tmp_path)}))
        assert any(words in str(one) for one in found), (key, found)


def test_wrong_components_are_told(tmp_path: Path) -> None:
    workflow = outer(tmp_path, conditon="x")
    assert any('did you mean "condition"' in str(one) for one in nf.validate(workflow))
    workflow = outer(tmp_path)
    workflow.connections = [c for c in workflow.connections if c.target != "part"]
    assert any('"part/keep"' in str(one) or "part/keep" in one.node for one in nf.validate(workflow))
    workflow = outer(tmp_path)
    workflow.connect("part.nobody", "look.table")
    assert any('no output "nobody"' in str(one) and '"people"' in str(one) for one in nf.validate(workflow))


@pytest.mark.parametrize("chain", [["a.json"], ["b.json", "a.json"]])
def test_a_component_that_holds_itself_is_refused(tmp_path: Path, chain: list[str]) -> None:
    names = ["a.json", *chain]
    for name, inner in itertools.pairwise(names):
        text = json.dumps({"nodeflow": 1, "nodes": {"it": {"type": "component", "workflow": inner}}})
        (tmp_path / name).write_text(text)
    problems = nf.validate(nf.load(tmp_path / "a.json"))
    assert [problem.kind for problem in problems] == ["cycle"]
