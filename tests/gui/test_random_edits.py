"""Whatever is edited in whatever order: model, scene and saved file say the same, and all of it can be undone."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from nodeflow_gui.canvas.facts import NoStatus
from nodeflow_gui.canvas.scene import CanvasScene
from nodeflow_gui.document import EditorDocument
from nodeflow_gui.document.recovery import Journal

from nodeflow.document import dumps, load, loads
from nodeflow.errors import NodeflowError
from nodeflow.registry import Registry
from nodeflow.workflow import COMPONENT, Connection

REGISTRY = Registry.installed()
TYPES = (
    "csv_reader",
    "row_filter",
    "partition",
    "concatenate",
    "joiner",
    "sorter",
    "random_forest_learner",
    "predictor",
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 9), st.text(max_size=4), st.lists(st.integers(0, 3), max_size=2)
)
PLACES = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
START = """{"nodeflow": 1, "name": "Start", "nodes": {
  "read": {"type": "csv_reader", "parameters": {"path": "a.csv"}},
  "odd": {"type": "not_installed", "parameters": {"x": [1]}, "further": true},
  "keep": {"type": "row_filter", "parameters": {}}},
  "connections": ["read.table -> keep.table", "keep.table -> odd.in"], "notes": ["By hand."], "more": 1}"""


class Editing(RuleBasedStateMachine):
    """Random actions on a document, with a scene that follows."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.document = EditorDocument(REGISTRY, recovery=Path(self.folder.name))
        self.start = loads(START)
        self.first = dumps(self.start)
        self.document.new(self.start)
        self.scene = CanvasScene(self.document, NoStatus())
        self.scene.animates = False

    def teardown(self) -> None:
        stack = self.document.undo_stack
        after, index = self.document.to_text(), stack.index()
        try:
            stack.setIndex(0)
            assert self.document.to_text() == self.first
            stack.setIndex(index)
            assert self.document.to_text() == after
            self.shows_what_there_is()
        finally:
            self.scene.release()
            self.document.close()
            self.folder.cleanup()

    # -- drawing from what there is -------------------------------------------------------------

    def pick(self, data: st.DataObject, *, type_id: str = "") -> str | None:
        nodes = [n for n, one in self.document.workflow.nodes.items() if not type_id or one.type == type_id]
        return data.draw(st.sampled_from(nodes)) if nodes else None

    def some(self, data: st.DataObject) -> list[str]:
        nodes = list(self.document.workflow.nodes)
        return data.draw(st.lists(st.sampled_from(nodes), unique=True, max_size=4)) if nodes else []

    def wire(self, data: st.DataObject) -> Connection | None:
        wires = self.document.workflow.connections
        return data.draw(st.sampled_from(wires)) if wires else None

    # -- what a person does ---------------------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from(TYPES), place=PLACES, wired=st.booleans())
    def add(self, data: st.DataObject, kind: str, place: tuple[int, int], wired: bool) -> None:
        node = self.pick(data) if wired else None
        outputs = self.document.declaration_of(node)["outputs"] if node else []
        self.document.add_node(kind, place, source=(node, outputs[0]["name"]) if node and outputs else None)

    @rule(data=st.data(), heal=st.booleans())
    def remove(self, data: st.DataObject, heal: bool) -> None:
        wire = self.wire(data)
        self.document.remove(self.some(data)[:2], [wire] if wire and data.draw(st.booleans()) else [], heal)

    @rule(data=st.data(), replace=st.booleans())
    def connect(self, data: st.DataObject, replace: bool) -> None:
        source, target = self.pick(data), self.pick(data)
        if source and target:
            outputs = [p["name"] for p in self.document.declaration_of(source)["outputs"]]
            inputs = [p["name"] for p in self.document.declaration_of(target)["inputs"]]
            if outputs and inputs:
                ends = source, data.draw(st.sampled_from(outputs)), target, data.draw(st.sampled_from(inputs))
                with suppress(NodeflowError):
                    self.document.connect(*ends, replace=replace)

    @rule(data=st.data())
    def reconnect(self, data: st.DataObject) -> None:
        wire, target = self.wire(data), self.pick(data)
        if wire and target:
            inputs = [p["name"] for p in self.document.declaration_of(target)["inputs"]]
            if inputs:
                new = Connection(wire.source, wire.output, target, data.draw(st.sampled_from(inputs)))
                with suppress(NodeflowError):
                    self.document.reconnect(wire, new)

    @rule(data=st.data(), kind=st.sampled_from(TYPES), place=PLACES)
    def insert(self, data: st.DataObject, kind: str, place: tuple[int, int]) -> None:
        wire = self.wire(data)
        if wire:
            with suppress(NodeflowError):
                self.document.insert_on_connection(kind, wire, place)

    @rule(data=st.data(), place=PLACES)
    def move(self, data: st.DataObject, place: tuple[int, int]) -> None:
        nodes = self.some(data)
        self.document.move({n: (place[0] + 10 * i, place[1]) for i, n in enumerate(nodes)})

    @rule(
        data=st.data(), name=st.sampled_from(("condition", "path", "seed", "fraction", "new")), value=VALUES
    )
    def set_parameter(self, data: st.DataObject, name: str, value: Any) -> None:
        node = self.pick(data)
        if node:
            self.document.set_parameter(node, name, value)

    @rule(data=st.data(), name=st.sampled_from(("condition", "path", "seed")))
    def reset_parameter(self, data: st.DataObject, name: str) -> None:
        node = self.pick(data)
        if node:
            self.document.reset_parameter(node, name)

    @rule(data=st.data(), text=st.text(max_size=5))
    def label(self, data: st.DataObject, text: str) -> None:
        node = self.pick(data)
        if node:
            self.document.set_label(node, text)

    @rule(data=st.data(), kind=st.sampled_from(TYPES))
    def retype(self, data: st.DataObject, kind: str) -> None:
        node = self.pick(data)
        if node:
            self.document.retype(node, kind)

    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        nodes = self.some(data)
        if nodes and len(self.document.workflow.nodes) < 40:
            self.document.duplicate(nodes)

    @rule(data=st.data(), how=st.sampled_from(("left", "middle", "horizontally", "layers")))
    def arrange(self, data: st.DataObject, how: str) -> None:
        nodes = self.some(data)
        if how == "layers":
            self.document.arrange(nodes)
        elif how == "horizontally":
            self.document.distribute(nodes, how)
        else:
            self.document.align(nodes, how)

    @rule(data=st.data(), kind=st.sampled_from(("add", "frame", "change", "remove")), place=PLACES)
    def note(self, data: st.DataObject, kind: str, place: tuple[int, int]) -> None:
        count = len(self.document.workflow.notes)
        if kind == "add":
            self.document.add_note("text", place)
        elif kind == "frame":
            self.document.add_frame("title", place)
        elif count and kind == "change":
            self.document.change_note(data.draw(st.integers(0, count - 1)), text="other", at=list(place))
        elif count:
            self.document.remove_notes([data.draw(st.integers(0, count - 1))])

    @rule(name=st.sampled_from(("k", "share")), value=VALUES, away=st.booleans())
    def variable(self, name: str, value: Any, away: bool) -> None:
        if away:
            self.document.remove_variable(name)
        else:
            self.document.set_variable(name, value, "help")

    @rule(data=st.data())
    def collapse(self, data: st.DataObject) -> None:
        nodes = self.some(data)
        with suppress(NodeflowError):
            self.document.collapse(nodes, "Part")

    @rule(data=st.data())
    def expand(self, data: st.DataObject) -> None:
        node = self.pick(data, type_id=COMPONENT)
        if node:
            self.document.expand(node)

    @rule(data=st.data(), place=PLACES, action=st.sampled_from(("add", "move", "remove", "set")))
    def edit_within(self, data: st.DataObject, place: tuple[int, int], action: str) -> None:
        component = self.pick(data, type_id=COMPONENT)
        if not component:
            return
        view = self.document.view(component)
        inner = sorted(view.workflow.nodes)
        if action == "add" or not inner:
            view.add_node("sorter", place)
        elif action == "move":
            self.document.move({f"{component}/{inner[0]}": place})
        elif action == "remove":
            view.remove([inner[0]])
        else:
            view.set_parameter(inner[0], "new", place[0])

    @rule(count=st.integers(1, 4))
    def undo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.undo()

    @rule(count=st.integers(1, 4))
    def redo(self, count: int) -> None:
        for _ in range(count):
            self.document.undo_stack.redo()

    @rule()
    def save(self) -> None:
        path = Path(self.folder.name) / "saved.json"
        text = self.document.to_text()
        self.document.save(path)
        assert path.read_text(encoding="utf-8") == text
        assert dumps(load(path)) == text

    # -- what must hold -------------------------------------------------------------------------

    @invariant()
    def shows_what_there_is(self) -> None:
        workflow, scene = self.document.workflow, self.scene
        assert list(scene.nodes.keys() - workflow.nodes.keys()) == []
        assert set(scene.nodes) == set(workflow.nodes)
        assert set(scene.wires) == set(workflow.connections)
        for node, place in workflow.layout.items():
            assert [scene.nodes[node].x(), scene.nodes[node].y()] == place
        for node, item in scene.nodes.items():
            declared = self.document.declaration_of(node)
            assert [name for name, _ in item.face.inputs] == [one["name"] for one in declared["inputs"]]
            assert item.face.title == (workflow.nodes[node].label or declared["name"])
        assert {wire for item in scene.nodes.values() for wire in item.wires} == set(scene.wires.values())
        assert [item.index for item in scene.notes] == list(range(len(workflow.notes)))

    steps = 0

    @invariant()
    def is_counted(self) -> None:
        Editing.steps += 1

    @invariant()
    def can_be_written_and_read(self) -> None:
        text = self.document.to_text()
        assert dumps(loads(text)) == text
        assert not [w for w in self.document.workflow.connections if w.source == w.target]


@pytest.fixture
def quiet_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journal, "touch", lambda self: None)


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_random_edits_keep_model_scene_and_file_together(qapp: object, quiet_journal: None) -> None:
    run_state_machine_as_test(
        Editing,
        settings=settings(max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=QUIET),
    )


@pytest.mark.slow
def test_two_thousand_random_edits(qapp: object, quiet_journal: None) -> None:
    Editing.steps = 0
    while Editing.steps < 2_000:
        run_state_machine_as_test(
            Editing,
            settings=settings(
                max_examples=25,
                stateful_step_count=80,
                deadline=None,
                suppress_health_check=QUIET,
                database=None,
            ),
        )
