"""The plan is honest: a run does what the plan said, or less where an early cut-off spares it."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nodeflow as nf
from nodeflow.workflow import Connection, NodeInstance

sys.path.append(str(Path(__file__).parent))
from nodes_for_tests import CALLS, contents, new_workflow

KINDS = ("plus", "plus", "at_most", "halve", "cut", "stack", "shuffle", "total", "save")
OUTPUTS = {
    "halve": ("even", "odd"),
    "cut": ("low", "high"),
    "total": (),  # a variable, which no other node here takes
    "save": (),
}
LAZY = {"plus", "at_most", "halve"}
SPARED = (
    "its input turned out the same as before",
    "the same was computed meanwhile, by another node or run",
)


@dataclass
class Drawn:
    """One drawn node: its kind, which of the outputs there are it takes, and a number for its parameter."""

    kind: str
    sources: tuple[int, ...]
    number: int


@dataclass
class Change:
    """One drawn change between two runs."""

    kind: str
    node: int
    number: int


small = st.integers(0, 6)
nodes = st.builds(Drawn, st.sampled_from(KINDS), st.tuples(st.integers(0, 99), st.integers(0, 99)), small)
changes = st.builds(
    Change,
    st.sampled_from(
        ["nothing", "edit", "edit", "edit", "target", "evict", "damage", "unlink", "rewire", "add", "seed"]
    ),
    st.integers(0, 99),
    small,
)


def parameters(kind: str, number: int, name: str) -> dict[str, Any]:
    return {
        "numbers": {"count": number},
        "plus": {"by": number},
        "at_most": {"limit": number * 3},
        "cut": {"at": number},
        "shuffle": {"seed": number} if number % 2 else {},
        "save": {"path": f"{name}.csv"},
    }.get(kind, {})


class World:
    """A workflow that grows and changes, with its folder, cache, targets and seed."""

    def __init__(self, folder: Path, drawn: list[Drawn]) -> None:
        self.folder, self.cache = folder, folder / "cache"
        self.workflow = new_workflow(folder)
        self.outputs: list[tuple[str, str]] = []
        self.targets: tuple[str, ...] = ()
        self.seed = 0
        self.add(Drawn("numbers", (), 6))
        for one in drawn:
            self.add(one)

    def add(self, one: Drawn) -> None:
        name = f"{one.kind}{len(self.workflow.nodes)}"
        self.workflow.nodes[name] = NodeInstance(one.kind, parameters(one.kind, one.number, name))
        taken = dict.fromkeys(self.outputs[index % len(self.outputs)] for index in one.sources)
        port = "tables" if one.kind == "stack" else "table"
        for source, output in list(taken)[: None if one.kind == "stack" else 1]:
            self.workflow.connections.append(Connection(source, output, name, port))
        self.outputs += [(name, output) for output in OUTPUTS.get(one.kind, ("table",))]

    def change(self, one: Change) -> None:
        names = list(self.workflow.nodes)
        name = names[one.node % len(names)]
        instance = self.workflow.nodes[name]
        if one.kind == "edit":
            instance.parameters |= parameters(instance.type, one.number, name)
        elif one.kind == "target":
            self.targets = (name,) if one.number else ()
        elif one.kind == "add":
            self.add(Drawn(KINDS[one.node % len(KINDS)], (one.node,), one.number))
        elif one.kind == "seed":
            self.seed = one.number
        elif one.kind == "unlink":
            for path in (self.folder / "output").glob("*.csv"):
                path.unlink()
        elif one.kind == "rewire":
            # the new source comes before the node, so that no circle arises
            for index, wire in enumerate(self.workflow.connections):
                if wire.target == name and instance.type != "stack":
                    earlier = [o for o in self.outputs if names.index(o[0]) < names.index(name)]
                    source, output = earlier[one.number % len(earlier)]
                    self.workflow.connections[index] = Connection(source, output, name, wire.input)
        elif one.kind in ("evict", "damage") and self.cache.exists():
            files = sorted(path for path in (self.cache / "entries").rglob("*") if path.is_file())
            for path in files[one.number :: 1 + one.node % 3]:
                if one.kind == "evict":
                    path.unlink()
                else:
                    path.write_bytes(path.read_bytes()[:-1] + b"?")

    def options(self) -> dict[str, Any]:
        return {"targets": self.targets, "seed": self.seed}

    def run(self, **options: Any) -> tuple[nf.Result, list[nf.Event], Counter[str]]:
        CALLS.clear()
        events: list[nf.Event] = []
        result = self.workflow.run(on_event=events.append, **self.options(), **options)
        return result, events, Counter(CALLS)


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((folder / "output").glob("*.csv"))}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(drawn=st.lists(nodes, min_size=2, max_size=10), steps=st.lists(changes, min_size=1, max_size=4))
def test_a_run_executes_what_the_plan_said_and_gives_what_a_fresh_run_gives(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Drawn], steps: list[Change]
) -> None:
    check_honesty(tmp_path_factory.mktemp("honest"), drawn, steps)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(nodes, min_size=2, max_size=25), steps=st.lists(changes, min_size=1, max_size=8))
def test_a_thousand_workflows_do_what_their_plans_said(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Drawn], steps: list[Change]
) -> None:
    check_honesty(tmp_path_factory.mktemp("honest"), drawn, steps)


def check_honesty(folder: Path, drawn: list[Drawn], steps: list[Change]) -> None:
    world = World(folder, drawn)
    for number, change in enumerate([Change("nothing", 0, 0), *steps]):
        world.change(change)
        told = nf.plan(
            world.workflow, cache_folder=world.cache, targets=world.targets, seed=world.seed
        ).to_run
        result, events, calls = world.run(
            cache_folder=world.cache, executor=("threads", "inline")[number % 2], jobs=3
        )
        begun = [event.node for event in events if event.node and event.state == "running"]
        assert sorted(begun) == sorted(told)
        spared = {name for name in begun if result.reports[name].state == "cached"}
        for name in spared:
            assert result.reports[name].reason in SPARED or "in the query of" in result.reports[name].reason
        eager = {name for name in told if world.workflow.nodes[name].type not in LAZY}
        assert calls == Counter(eager - spared)
        found, files = contents(result), written(folder)
        for executor in ("inline", "threads"):
            shutil.rmtree(folder / "output", ignore_errors=True)
            fresh, _, _ = world.run(cache=False, executor=executor)
            expected = contents(fresh)
            assert found == {name: expected[name] for name in found}
            missing = {name.rpartition(".")[0] for name in expected.keys() - found.keys()}
            assert not missing & set(told)
            assert not missing & set(world.targets)
            assert files.items() >= written(folder).items()
        again = nf.plan(world.workflow, cache_folder=world.cache, targets=world.targets, seed=world.seed)
        assert again.to_run == []
    shutil.rmtree(folder)
