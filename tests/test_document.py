"""The workflow file: what it keeps, what it refuses, and that a copy is one."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nodeflow as nf
from nodeflow.document import dumps, loads, to_data

NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"]), min_size=1, max_size=8).filter(
    lambda name: "/" not in name and "->" not in name and name.isprintable()
)  # fmt: skip
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NODES = st.fixed_dictionaries(
    {"type": NAMES, "parameters": st.dictionaries(TEXTS, VALUES, max_size=3)},
    optional={"label": TEXTS.filter(bool), "version": st.integers(0, 9), "x-colour": VALUES},
)


def with_members(**members: Any) -> str:
    return json.dumps({"nodeflow": 1, **members})


@given(
    st.fixed_dictionaries(
        {
            "nodeflow": st.just(1),
            "name": TEXTS,
            "nodes": st.dictionaries(NAMES, NODES, max_size=4),
            "connections": st.lists(
                st.builds("{}.{} -> {}.{}".format, NAMES, NAMES, NAMES, NAMES).filter(
                    lambda wire: wire.count(".") == 2
                ),
                max_size=3,
            ),
        },
        optional={
            "description": TEXTS.filter(bool),
            "variables": st.dictionaries(
                TEXTS, VALUES.filter(lambda v: not isinstance(v, dict)), min_size=1, max_size=3
            ),
            "layout": st.dictionaries(
                NAMES, st.tuples(st.integers(), st.integers()).map(list), min_size=1, max_size=3
            ),
            "notes": st.lists(VALUES, min_size=1, max_size=3),
            "x-comment": VALUES,
        },
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_file_holds_is_written_back(data: dict[str, Any]) -> None:
    workflow = loads(json.dumps(data))
    assert to_data(workflow) == data
    text = dumps(workflow)
    assert json.loads(text) == data
    assert dumps(loads(text)) == text


def test_one_changed_parameter_is_one_changed_line_however_deep_it_lies() -> None:
    data = {
        "nodeflow": 1,
        "nodes": {
            "a": {"type": "t", "parameters": {"long": ["x" * 30] * 5, "rows": [{"k": i} for i in range(30)]}}
        },
    }
    before = dumps(loads(json.dumps(data))).splitlines()
    data["nodes"]["a"]["parameters"]["rows"][4]["k"] = "new"  # type: ignore[index]
    after = dumps(loads(json.dumps(data))).splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_copy_shares_nothing_with_its_original() -> None:
    workflow = nf.Workflow("original")
    workflow.add("row_filter", id="keep", condition="age > 1")
    workflow.set(limits=[1, 2])
    before = dumps(workflow)
    twin = workflow.copy()
    twin["keep"].set(condition="age > 2")
    twin.variables["limits"].default.append(3)
    twin.layout["keep"] = [1, 1]
    twin.notes.append("mine")
    twin.remove("keep")
    assert dumps(workflow) == before


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "float values"),
        (float("inf"), "float values"),
        (datetime.date(2024, 1, 1), "date"),
        ({1, 2}, "set"),
        ("\ud800", "surrogate"),
        (json.loads("[" * 250 + "]" * 250), "could not be opened again.*nested deeper"),
        ("x" * (64 << 20), "could not be opened again.*64 MB"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_json_cannot_hold_is_told_when_saving_and_leaves_the_file_alone(
    value: Any, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    workflow = nf.Workflow("mine")
    workflow.save(path)
    before = path.read_bytes()
    workflow.set(value=value)
    with pytest.raises(nf.DocumentError, match=words):
        workflow.save(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["w.json"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (with_members()[:-1] + ', "variables": {"x": 1e999}}', "1e999 is too large"),
        (with_members()[:-1] + ', "layout": {"x": [-1e999, 0]}}', "too large"),
        (
            with_members()[:-1] + ', "variables": {"deep": ' + "[" * 300 + "]" * 300 + "}}",
            "variables.deep: nested deeper",
        ),
        (with_members(variables={"x": {"default": 1, "help": 5}}), "variables.x.help: must be a text"),
        (with_members(nodeflow=10**400), "newer nodeflow"),
        (
            with_members(nodes={"c": {"type": "component", "workflow": {"nodeflow": 99}}}),
            "nodes.c.workflow: made by a newer",
        ),
        (
            with_members(nodes={"c": {"type": "component", "workflow": {"nodeflow": "1"}}}),
            "nodes.c.workflow: not a workflow",
        ),
    ],
)
def test_odd_members_are_refused_with_their_place(text: str, words: str) -> None:
    with pytest.raises(nf.DocumentError) as caught:
        loads(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_whole_file_of_an_older_format_can_be_pasted_in_as_a_component() -> None:
    old = json.loads((Path(__file__).parent / "data" / "format_0.json").read_text())
    workflow = loads(with_members(nodes={"c": {"type": "component", "workflow": old}}))
    inner = workflow.nodes["c"].workflow
    assert isinstance(inner, nf.Workflow)
    assert len(inner) > 0
    assert dumps(loads(dumps(workflow))) == dumps(workflow)


def test_components_nested_too_deep_are_refused_and_those_within_the_limit_open() -> None:
    def nested(depth: int) -> str:
        data: dict[str, Any] = {"nodes": {}}
        for _ in range(depth):
            data = {"nodes": {"c": {"type": "component", "workflow": data}}}
        return json.dumps({"nodeflow": 1, **data})

    assert nf.validate(loads(nested(20))) == []
    for depth in (21, 100):
        with pytest.raises(nf.DocumentError, match="deeper than"):
            loads(nested(depth))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.json")
    with pytest.raises(nf.DocumentError, match="a device or a pipe"):
        nf.load(tmp_path / "w.json")
