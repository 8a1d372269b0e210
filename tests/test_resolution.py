"""From file to graph: files made to be large, deep, wrong or without end are answered in short."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf
from nodeflow.document import loads
from nodeflow.resolution import Settings, Text

MAKE = {
    "type": "table_creator",
    "parameters": {"columns": [{"name": "a", "type": "integer", "cells": ["1"]}]},
}
LOOK = {"type": "statistics"}


def text_of(nodes: dict[str, Any], connections: list[str] | None = None, **members: Any) -> str:
    return json.dumps({"nodeflow": 1, "nodes": nodes, "connections": connections or [], **members})


def problems(nodes: dict[str, Any], connections: list[str] | None = None, **members: Any) -> list[nf.Problem]:
    return nf.validate(loads(text_of(nodes, connections, **members)))


def component(inner: dict[str, Any] | str) -> dict[str, Any]:
    return {"type": "component", "workflow": inner}


# -- size ---------------------------------------------------------------------------------------


def test_a_chain_of_a_hundred_thousand_nodes_is_checked_without_recursion() -> None:
    nodes = {"n0": MAKE} | {
        f"n{i}": {"type": "row_filter", "parameters": {"condition": "a > 1"}} for i in range(1, 100_000)
    }
    assert problems(nodes, [f"n{i}.table -> n{i + 1}.table" for i in range(99_999)]) == []


def test_a_circle_of_a_hundred_thousand_nodes_is_told_in_short() -> None:
    count = 100_000
    (found,) = problems(
        {f"n{i}": LOOK for i in range(count)},
        [f"n{i}.table -> n{(i + 1) % count}.table" for i in range(count)],
    )
    assert found.kind == "cycle"
    assert "n0 -> n1 -> n2" in found.message
    assert len(found.message) < 300


def test_ten_thousand_wrong_connections_are_all_told_in_seconds() -> None:
    count = 10_000
    started = time.perf_counter()
    found = problems(
        {f"node{i}": MAKE for i in range(count)}, [f"nobody{i}.table -> node{i}.x" for i in range(count)]
    )
    assert time.perf_counter() - started < 20
    assert sum(one.kind == "dangling-connection" for one in found) == count
    assert 'did you mean "node' in found[0].message


def test_ten_thousand_unknown_types_are_all_told() -> None:
    found = problems({f"n{i}": {"type": f"row_filtre_{i}"} for i in range(10_000)})
    assert len(found) == 10_000
    assert '"row_filter"' in found[0].message


def test_names_of_megabytes_are_shortened_in_every_sentence() -> None:
    long = "x" * 1_000_000
    found = problems(
        {"a": {"type": long, "label": long}, "b": {"type": "row_filter", "parameters": {long: 1, "condition": long}}},
        [f"a.{long} -> b.{long}", f"{long}.x -> b.table"],
        variables={long: 1},
    )  # fmt: skip
    assert len(found) >= 5
    assert all(len(str(one)) < 1000 for one in found)


def test_components_that_pass_an_input_on_many_times_do_not_multiply() -> None:
    inner: dict[str, Any] = {"nodes": {"look": LOOK}, "inputs": {"t": ["look.table"]}}
    for _ in range(19):
        inner = {"nodes": {"c": component(inner)}, "inputs": {"t": ["c.t"] * 10}}
    assert problems({"make": MAKE, "c": component(inner)}, ["make.table -> c.t"]) == []


def test_files_that_hold_one_another_many_times_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodeflow.resolution.MAX_OPENED", 10_000)  # 200,000 take seconds
    for level in range(7):
        (tmp_path / f"{level}.json").write_text(
            text_of({f"c{i}": component(f"{level + 1}.json") for i in range(10)})
        )
    (tmp_path / "7.json").write_text(text_of({"look": LOOK}))
    found = nf.validate(nf.load(tmp_path / "0.json"))
    assert "too-large" in {one.kind for one in found}
    assert "many times over" in str(next(one for one in found if one.kind == "too-large"))


def test_a_long_line_of_files_that_hold_the_next_is_refused(tmp_path: Path) -> None:
    for level in range(600):
        (tmp_path / f"{level}.json").write_text(text_of({"c": component(f"{level + 1}.json")}))
    (tmp_path / "600.json").write_text(text_of({"look": LOOK}))
    (found,) = nf.validate(nf.load(tmp_path / "0.json"))
    assert "deeper than 20 levels" in found.message


# -- connections --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["AAB", "ABA", "BAA"])
def test_a_connection_that_stands_twice_is_told_in_any_order(order: str) -> None:
    (found,) = problems(
        {"A": MAKE, "B": MAKE, "all": {"type": "concatenate"}},
        [f"{one}.table -> all.tables" for one in order],
    )
    assert found.kind == "doubled-connection"
    assert "stands twice; remove one" in found.message


def test_an_input_whose_connection_is_wrong_is_not_said_to_be_unconnected() -> None:
    found = problems({"make": MAKE, "look": LOOK}, ["make.rows -> look.table"])
    assert {one.kind for one in found} == {"unknown-port", "missing-input"}
    (missing,) = [one for one in found if one.kind == "missing-input"]
    assert "its connection does not hold" in missing.message


# -- components ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a\0b", "cannot be followed"),
        ("loop.json", "cannot be followed"),
        ("pipe.json", "device or a pipe"),
        ("x" * 5000, "longer than 255 bytes"),
        ("http://example.org/x.json", "URL"),
        ("//server/x.json", "network"),
        ("CON", "reserved"),
        ("../outside.json", "--allow-read"),
        ("link.json", "--allow-read"),
        ("/etc/passwd", "--allow-read"),
        ("", "is a folder"),
        (".", "is a folder"),
        ("missing.json", "there is no file"),
        ("bad.json", "not JSON"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_component_takes_no_odd_path(path: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside.json").write_text(text_of({}))
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    (folder / "loop.json").symlink_to(folder / "loop.json")
    (folder / "bad.json").write_text("{")
    os.mkfifo(folder / "pipe.json")
    (folder / "w.json").write_text(
        text_of(
            {"make": MAKE, "c": component(path), "look": LOOK}, ["make.table -> c.t", "c.t -> look.table"]
        )
    )
    started = time.perf_counter()
    first, *others = nf.validate(nf.load(folder / "w.json"))
    assert time.perf_counter() - started < 10  # at once, even where other programs are at work
    assert words in str(first)
    assert first.node == "c"
    # what follows from it is told as such, not as further faults of the connections
    assert {one.kind for one in others} <= {"missing-input"}


def test_ports_of_a_component_that_lead_nowhere_are_told_connected_or_not() -> None:
    inner = {
        "nodes": {"look": LOOK},
        "inputs": {"t": ["lok.table"], "u": ["look.tabel"]},
        "outputs": {"t": "nobody.table", "v": "look.rows"},
    }
    alone = problems({"c": component(inner)})
    assert [one.port for one in alone if one.kind == "unknown-port"] == ["t", "u", "t", "v"]
    assert '"look"' in alone[0].message
    assert '"table"' in alone[1].message
    joined = problems({"m": MAKE, "c": component(inner)}, ["m.table -> c.t"])
    assert [str(one) for one in joined] == [str(one) for one in alone]


def test_an_exposed_parameter_that_is_not_there_is_told_before_it_is_set() -> None:
    inner = {"nodes": {"keep": {"type": "row_filter", "parameters": {"condition": "true"}}}}
    for target, words in {"keep.conditon": '"condition"', "kep.condition": "NODE.PARAMETER"}.items():
        found = problems({"c": component({**inner, "expose": {"limit": target}})})
        assert any(one.parameter == "limit" and words in one.message for one in found), found


# -- settings and broken types ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [(10**5000, "4,300 digits"), (None, "null"), ([], "a list"), (True, "true"), (1.5, "1.5")],
    ids=lambda value: type(value).__name__,
)
def test_a_variable_of_another_type_is_told(value: Any, words: str) -> None:
    workflow = loads(text_of({}, variables={"place": "Rome"}))
    (found,) = nf.validate(workflow, settings=Settings(variables={"place": value}))
    assert found.kind == "wrong-variable"
    assert words in found.message


def test_a_node_type_whose_own_check_breaks_is_told_and_the_rest_is_checked() -> None:
    class Breaking(nf.Node):
        """Break."""

        number: int = 1

        def check_parameters(self) -> list[nf.Fault]:
            raise KeyError("inside")

        def run(self) -> nf.Table:
            raise AssertionError

    workflow = loads(text_of({"b": {"type": "breaking"}, "n": {"type": "row_fliter"}}))
    workflow.registry = nf.Registry.installed()
    workflow.registry.add(Breaking)
    found = nf.validate(workflow)
    assert {one.kind for one in found} == {"broken-type", "unknown-type"}
    assert any("KeyError: 'inside'" in one.message for one in found)


@pytest.mark.parametrize("method", ["check", "spec"])
def test_a_node_type_that_breaks_while_checked_is_told(method: str) -> None:
    def breaking(self: Any, inputs: Any) -> Any:
        raise ZeroDivisionError("inside")

    def run(self: Any) -> nf.Table:
        raise AssertionError

    body = {"__doc__": "Break.", "__module__": __name__, "run": run, method: breaking}
    workflow = nf.Workflow("w")
    workflow.add(type("Breaking", (nf.Node,), body), id="b")
    (found,) = nf.validate(workflow)
    assert found.node == "b"
    assert "ZeroDivisionError: inside" in found.message


class Reaching(nf.Node):
    """Reach a server."""

    host: nf.Host = nf.Host("")

    def run(self) -> nf.Table:
        raise AssertionError


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        (Settings(), False),
        (Settings(allow_host=("other.example",)), False),
        (Settings(allow_host=("DB.example",)), True),
        (Settings(trusted=True), True),
        (Settings({"n.host": Text("db.example", Path())}), True),
    ],
)
def test_a_server_is_reached_only_when_the_user_says_so(
    settings: Settings, allowed: bool, tmp_path: Path
) -> None:
    (tmp_path / "w.json").write_text(
        text_of({"n": {"type": "reaching", "parameters": {"host": "db.example"}}})
    )
    workflow = nf.load(tmp_path / "w.json")
    workflow.registry = nf.Registry.installed()
    workflow.registry.add(Reaching)
    found = [str(one) for one in nf.validate(workflow, settings=settings)]
    assert found == [] if allowed else "--allow-host db.example" in found[0]
