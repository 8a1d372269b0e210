"""Bad workflow files: each is answered by a sentence, whatever is in it."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf
from nodeflow.document import dumps, from_data, loads, to_data

SOUND: dict[str, Any] = {
    "nodeflow": 1,
    "name": "sound",
    "variables": {"least": {"default": 18, "help": "The least age."}},
    "nodes": {
        "make": {
            "type": "table_creator",
            "label": "people",
            "parameters": {"columns": [{"name": "age", "type": "integer", "cells": ["36", "12"]}]},
        },
        "filter": {"type": "row_filter", "parameters": {"condition": "age >= 18"}},
        "sort": {"type": "sorter", "parameters": {"by": [{"column": "age", "descending": True}]}},
        "split": {"type": "partition", "parameters": {"fraction": 0.5, "seed": 1}},
        "inner": {
            "type": "component",
            "workflow": {
                "name": "inside",
                "inputs": {"table": ["look.table"]},
                "outputs": {"table": "look.table"},
                "nodes": {"look": {"type": "statistics", "parameters": {}}},
                "connections": [],
            },
            "parameters": {},
        },
    },
    "connections": [
        "make.table -> filter.table", "filter.table -> sort.table", "sort.table -> split.table",
        "split.first -> inner.table",
    ],
    "layout": {"make": [0, 0], "filter": [240, 0]},
    "notes": ["a note"],
}  # fmt: skip

BAD_TEXTS = {
    "nothing": ("", "ends too early"),
    "not JSON": ("hello", "not JSON at line 1, column 1"),
    "truncated": (json.dumps(SOUND)[:200], "ends too early"),
    "a trailing comma": ('{"nodeflow": 1,}', "not JSON at line 1"),
    "a list": ("[]", "a workflow is a JSON object"),
    "another JSON": ('{"a": 1}', '"nodeflow" with the number'),
    "a newer format": ('{"nodeflow": 99}', "newer nodeflow"),
    "a negative format": ('{"nodeflow": -1}', "has no number -1"),
    "a format that is true": ('{"nodeflow": true}', '"nodeflow" with the number'),
    "an id twice": ('{"nodeflow": 1, "nodes": {"a": {"type": "x"}, "a": {"type": "y"}}}', '"a" stands twice'),
    "a parameter twice": (
        '{"nodeflow": 1, "nodes": {"a": {"type": "x", "parameters": {"p": 1, "p": 2}}}}',
        "twice",
    ),
    "NaN": ('{"nodeflow": 1, "nodes": {"a": {"type": "x", "parameters": {"p": NaN}}}}', "NaN is not JSON"),
    "Infinity": ('{"nodeflow": 1, "x": -Infinity}', "not JSON"),
    "half a surrogate": ('{"nodeflow": 1, "name": "\\ud800"}', "surrogate"),
    "a number of 5,000 digits": ('{"nodeflow": 1, "x": ' + "9" * 5000 + "}", "thousands of digits"),
    "10,000 levels": ('{"nodeflow": 1, "x": ' + "[" * 10_000 + "]" * 10_000 + "}", "deeper than 200"),
    "250 levels": ('{"nodeflow": 1, "x": ' + "[" * 250 + "]" * 250 + "}", "deeper than 200"),
    "nodes as a list": ('{"nodeflow": 1, "nodes": []}', "nodes: must be an object"),
    "a node without a type": ('{"nodeflow": 1, "nodes": {"a": {"tpye": "x"}}}', '"type" must name'),
    "a node that is a text": ('{"nodeflow": 1, "nodes": {"a": "x"}}', "nodes.a: must be an object"),
    "parameters as a list": (
        '{"nodeflow": 1, "nodes": {"a": {"type": "x", "parameters": [1]}}}',
        "nodes.a.parameters",
    ),
    "an id with a slash": ('{"nodeflow": 1, "nodes": {"a/b": {"type": "x"}}}', "cannot be the id"),
    "an empty id": ('{"nodeflow": 1, "nodes": {"": {"type": "x"}}}', "cannot be the id"),
    "a connection without an arrow": (
        '{"nodeflow": 1, "connections": ["a.b c.d"]}',
        'connections[0]: "a.b c.d"',
    ),
    "a connection that is an object": ('{"nodeflow": 1, "connections": [{}]}', "connections[0]"),
    "a component without a workflow": (
        '{"nodeflow": 1, "nodes": {"a": {"type": "component"}}}',
        '"workflow"',
    ),
    "a version that is a text": ('{"nodeflow": 1, "nodes": {"a": {"type": "x", "version": "1"}}}', "version"),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_bad_file_is_told_by_a_sentence(name: str) -> None:
    text, words = BAD_TEXTS[name]
    with pytest.raises(nf.DocumentError) as caught:
        loads(text, source="w.json")
    assert words in str(caught.value)
    assert str(caught.value).startswith("w.json: ")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "workflow.json").write_text("{}")
    for path, words in {
        tmp_path / "workflwo.json": 'did you mean "workflow.json"',
        tmp_path / "no" / "such.json": "no folder",
        tmp_path: "is a folder",
    }.items():
        with pytest.raises(nf.DocumentError, match=words):
            nf.load(path)
    (tmp_path / "utf16.json").write_bytes(json.dumps(SOUND).encode("utf-16"))
    with pytest.raises(nf.DocumentError, match="not UTF-8"):
        nf.load(tmp_path / "utf16.json")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text("{}")
    (tmp_path / "w.json").chmod(0)
    with pytest.raises(nf.DocumentError, match=r"cannot be read: Permission"):
        nf.load(tmp_path / "w.json")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert len(loads(b"\xef\xbb\xbf" + json.dumps(SOUND).encode())) == 5


def test_the_sound_workflow_is_sound_and_runs(tmp_path: Path) -> None:
    workflow = from_data(SOUND)
    workflow.folder = tmp_path
    assert nf.validate(workflow) == []
    assert workflow.run(cache_folder=tmp_path / "cache").state == "done"


# -- round trips ------------------------------------------------------------------------------


def test_what_is_read_is_written_back_the_same() -> None:
    text = dumps(from_data(SOUND))
    assert dumps(loads(text)) == text
    assert to_data(loads(text)) == SOUND


def test_unknown_nodes_and_fields_are_kept() -> None:
    data = copy.deepcopy(SOUND)
    data["nodes"]["strange"] = {
        "type": "of_another_package",
        "parameters": {"deep": [{"a": None}]},
        "colour": "#ff0000",
    }
    data["comment"] = {"by": "somebody"}
    workflow = loads(dumps(from_data(data)))
    assert to_data(workflow) == data
    assert [problem.kind for problem in nf.validate(workflow)] == ["unknown-type"]


def test_a_changed_parameter_is_a_one_line_difference() -> None:
    data = copy.deepcopy(SOUND)
    before = dumps(from_data(data)).splitlines()
    data["nodes"]["split"]["parameters"]["fraction"] = 0.6
    after = dumps(from_data(data)).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_a_file_of_the_oldest_format_opens(tmp_path: Path) -> None:
    workflow = nf.load(Path(__file__).parent / "data" / "format_0.json")
    workflow.folder = tmp_path
    assert nf.validate(workflow) == []
    assert workflow.layout == {"make": [10, 20]}
    assert workflow.run(cache=False)["keep"].table.rows == 1
    assert json.loads(dumps(workflow))["nodeflow"] == 1


# -- size ---------------------------------------------------------------------------------------


def chain(count: int) -> dict[str, Any]:
    nodes = {"n0": SOUND["nodes"]["make"]}
    nodes |= {
        f"n{i}": {"type": "row_filter", "parameters": {"condition": f"age != {i}"}} for i in range(1, count)
    }
    wires = [f"n{i - 1}.table -> n{i}.table" for i in range(1, count)]
    return {"nodeflow": 1, "nodes": nodes, "connections": wires}


def test_ten_thousand_nodes_are_checked() -> None:
    assert nf.validate(loads(json.dumps(chain(10_000)))) == []


def test_a_circle_of_many_nodes_is_told_in_short() -> None:
    data = chain(20_000)
    data["nodes"]["n0"] = {"type": "statistics"}
    data["connections"].append("n19999.table -> n0.table")
    (problem,) = nf.validate(loads(json.dumps(data)))
    assert problem.kind == "cycle"
    assert len(problem.message) < 300


def test_a_node_with_many_inputs_is_checked() -> None:
    nodes = {f"n{i}": SOUND["nodes"]["make"] for i in range(2_000)}
    nodes["all"] = {"type": "concatenate"}
    wires = [f"n{i}.table -> all.tables" for i in range(2_000)]
    assert nf.validate(loads(json.dumps({"nodeflow": 1, "nodes": nodes, "connections": wires}))) == []


# -- mutants ------------------------------------------------------------------------------------

ODD: list[Any] = [
    None, True, False, 0, -1, 1e308, 10**18, "", "x", "\u202e", "é" * 300, [], {}, [[]], {"a": {}}, {"variable": "least"},
    {"variable": "none"}, {"variable": 3}, "make.table -> filter.table", "component", "../../etc/passwd", "age >= (",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def mutated(chance: random.Random) -> str:
    data = copy.deepcopy(SOUND)
    for _ in range(chance.randrange(1, 4)):
        path = chance.choice(places(data))
        holder = data
        for key in path[:-1]:
            holder = holder[key]
        action = chance.randrange(4)
        if action == 0:
            holder[path[-1]] = copy.deepcopy(chance.choice(ODD))
        elif action == 1:
            del holder[path[-1]]
        elif action == 2 and isinstance(holder, dict):
            holder[chance.choice(["", "type", "nodes", "x", "table", "a.b", "workflow"])] = holder.pop(
                path[-1]
            )
        else:
            holder[path[-1]] = copy.deepcopy(chance.choice([data.get("nodes", 1), 2, "filter"]))
        if not places(data):
            break
    text = json.dumps(data)
    if chance.random() < 0.4:
        raw = bytearray(text.encode())
        for _ in range(chance.randrange(1, 5)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        return raw[: chance.randrange(len(raw)) if chance.random() < 0.3 else len(raw)].decode("latin-1")
    return text


def test_mutated_files_are_always_answered() -> None:
    chance = random.Random(7)
    told: dict[str, int] = {}
    slowest = 0.0
    for _ in range(2_500):
        text = mutated(chance)
        started = time.perf_counter()
        try:
            workflow = loads(text)
            dumps(workflow)
            answer = "problems" if nf.validate(workflow) else "sound"
        except nf.DocumentError as error:
            answer = "refused" if str(error) else "silent"
        told[answer] = told.get(answer, 0) + 1
        slowest = max(slowest, time.perf_counter() - started)
    assert set(told) == {"problems", "sound", "refused"}, told
    assert slowest < 5


def test_opening_and_checking_a_file_executes_nothing(tmp_path: Path) -> None:
    for name in ("polars", "nodeflow_nodes", "sitecustomize", "usercustomize", "msgspec"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    (tmp_path / "nodeflow.toml").write_text("[nodes]\npath = 'polars.py'\n")
    chance = random.Random(3)
    (tmp_path / "texts.json").write_text(
        json.dumps([json.dumps(SOUND), *(mutated(chance) for _ in range(200))])
    )
    script = (
        "import sys, json, nodeflow as nf\n"
        "texts = json.load(open('texts.json'))\n"
        "nf.validate(nf.loads(texts[0]))\n"  # everything that is ever imported is imported now
        "seen = []\n"
        "def hook(event, details):\n"
        "    if event in ('exec', 'compile', 'import', 'socket.connect', 'subprocess.Popen', 'os.system'):\n"
        "        seen.append((event, str(details)[:80]))\n"
        "    elif event == 'open' and isinstance(details[1], str) and set(details[1]) & set('wax+'):\n"
        "        seen.append((event, str(details)[:80]))\n"
        "sys.addaudithook(hook)\n"
        "for text in texts:\n"
        "    try: nf.validate(nf.loads(text))\n"
        "    except nf.DocumentError: pass\n"
        "print([one for one in seen if not (one[0] == 'compile' and 'None' in one[1])])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "marker").exists()
