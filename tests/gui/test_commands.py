"""Each action of a user can be undone and done again, and the file is then what it was, byte for byte."""

from __future__ import annotations

import gc
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nodeflow_gui.document import Change, EditorDocument
from nodeflow_gui.document import command as command_module
from nodeflow_gui.document.fixing import carry_out
from nodeflow_gui.document.geometry import room_between

from nodeflow.document import dumps, loads
from nodeflow.errors import NodeflowError
from nodeflow.workflow import Connection, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = """{
  "nodeflow": 1,
  "name": "People",
  "variables": {
    "share": 0.5
  },
  "nodes": {
    "read": {
      "type": "csv_reader",
      "parameters": {
        "path": "people.csv"
      }
    },
    "keep": {
      "type": "row_filter",
      "label": "grown up",
      "parameters": {
        "condition": "age >= 18"
      }
    },
    "split": {
      "type": "partition",
      "parameters": {
        "fraction": {"variable": "share"},
        "seed": 1
      }
    },
    "look": {
      "type": "statistics",
      "parameters": {}
    },
    "join": {
      "type": "concatenate",
      "parameters": {}
    },
    "odd": {
      "type": "from_another_package",
      "parameters": {
        "kept": [1, {"as": "it is"}]
      }
    },
    "free": {
      "type": "sorter",
      "parameters": {}
    },
    "part": {
      "type": "component",
      "workflow": {"name": "Sorted", "inputs": {"people": ["sort.table"]}, "outputs": {"people": "sort.table"}, "nodes": {"sort": {"type": "sorter", "parameters": {"by": [{"column": "age"}]}}}, "connections": [], "layout": {"sort": [40, 40]}},
      "parameters": {}
    }
  },
  "connections": [
    "read.table -> keep.table",
    "keep.table -> split.table",
    "split.first -> look.table",
    "split.first -> join.tables",
    "split.second -> join.tables",
    "join.table -> odd.input",
    "keep.table -> part.people"
  ],
  "layout": {
    "read": [0, 0],
    "keep": [264, 0],
    "split": [528, 0],
    "look": [792, -100],
    "join": [792, 100],
    "odd": [1056, 100],
    "free": [0, 600],
    "part": [528, 200]
  },
  "notes": [
    "Written by hand.",
    {"kind": "frame", "text": "Read and clean", "at": [-20, -40], "size": [480, 140]},
    {"text": "Mind the gap", "at": [0, 200], "size": [200, 80], "mood": "kept"}
  ]
}
"""


@pytest.fixture
def document(qapp: object, tmp_path: Path) -> Iterator[EditorDocument]:
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(loads(TEXT))
    yield document
    document.close()


def wire(text: str) -> Connection:
    return Connection.parse(text)


def keep_paths(document: EditorDocument) -> None:
    document.workflow.folder = Path.cwd()
    document.keep_paths(Path.cwd() / "elsewhere")


ACTIONS: dict[str, Callable[[EditorDocument], object]] = {
    "add a node": lambda d: d.add_node("sorter", (40, 400)),
    "add a node with settings": lambda d: d.add_node(
        "row_filter", (40, 400), parameters={"condition": "age > 3"}
    ),
    "add a node to an output": lambda d: d.add_node("sorter", (40, 400), source=("keep", "table")),
    "add a node to an input that is taken": lambda d: d.add_node(
        "sorter", (0, 400), target=("look", "table")
    ),
    "insert a new node on a wire": lambda d: d.insert_on_connection(
        "sorter", wire("read.table -> keep.table"), (130, 0)
    ),
    "insert a node on a wire": lambda d: d.insert_on_connection(
        "free", wire("split.first -> look.table"), (700, 0)
    ),
    "connect": lambda d: d.connect("read", "table", "join", "tables"),
    "connect and replace": lambda d: d.connect("read", "table", "look", "table", replace=True),
    "reconnect the target": lambda d: d.reconnect(
        wire("split.first -> look.table"), wire("split.second -> look.table")
    ),
    "reconnect to a taken input": lambda d: d.reconnect(
        wire("keep.table -> split.table"), wire("keep.table -> look.table")
    ),
    "remove nodes": lambda d: d.remove(["keep", "join"]),
    "remove a connection": lambda d: d.remove([], [wire("split.first -> join.tables")]),
    "remove everything": lambda d: d.remove(list(d.workflow.nodes)),
    "remove and heal": lambda d: d.remove(["keep", "split"], heal=True),
    "remove a component": lambda d: d.remove(["part"]),
    "remove a node within a component": lambda d: d.remove(["part/sort"]),
    "move": lambda d: d.move({"read": (8, 16), "keep": (300, 40)}, {1: (-28, -48)}),
    "move within a component": lambda d: d.move({"part/sort": (80, 80)}),
    "set a parameter": lambda d: d.set_parameter("keep", "condition", "age > 21"),
    "set a parameter that was not set": lambda d: d.set_parameter("keep", "keep", "others"),
    "set a parameter within a component": lambda d: d.set_parameter("part/sort", "by", []),
    "set a parameter to a variable": lambda d: d.set_parameter("split", "seed", {"variable": "share"}),
    "reset a parameter": lambda d: d.reset_parameter("split", "fraction"),
    "label": lambda d: d.set_label("read", "read the people"),
    "retype": lambda d: d.retype("keep", "sorter"),
    "retype to other ports": lambda d: d.retype("split", "statistics"),
    "add a variable": lambda d: d.set_variable("k", 5, "How many."),
    "change a variable": lambda d: d.set_variable("share", 0.75),
    "remove a variable": lambda d: d.remove_variable("share"),
    "details": lambda d: d.set_details(name="All people", description="Who they are."),
    "paste": lambda d: d.paste(d.copy_text(["read", "keep"], [2])),
    "paste a component": lambda d: d.paste(d.copy_text(["part"]), (0, 500)),
    "duplicate": lambda d: d.duplicate(["split", "join", "odd"]),
    "align": lambda d: d.align(["look", "join", "part"], "left"),
    "distribute": lambda d: d.distribute(["read", "split", "look", "join"], "horizontally"),
    "arrange": lambda d: d.arrange(),
    "arrange some": lambda d: d.arrange(["split", "look", "join"]),
    "add a note": lambda d: d.add_note("Look here", (10, 10)),
    "add a frame": lambda d: d.add_frame("Clean", (10, 10)),
    "change a note written by hand": lambda d: d.change_note(0, at=[0, 300]),
    "change a frame": lambda d: d.change_note(1, text="Read", size=[600, 300]),
    "remove notes": lambda d: d.remove_notes([0, 2]),
    "make a component": lambda d: d.collapse(["split", "join"], "Halves"),
    "make a component of a component": lambda d: d.collapse(["keep", "part"], "Grown up"),
    "expand a component": lambda d: d.expand("part"),
    "add a port": lambda d: d.view("part").set_port("outputs", "again", "sort.table"),
    "remove a port": lambda d: d.view("part").remove_port("inputs", "people"),
    "keep paths": keep_paths,
    "rename a port": lambda d: d.view("part").set_port("inputs", "people", ["sort.table"], "rows"),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_undone_and_redone_byte_for_byte(name: str, document: EditorDocument) -> None:
    before = document.to_text()
    ACTIONS[name](document)
    after = document.to_text()
    assert after != before
    assert document.undo_stack.count() == 1
    for _ in range(2):
        document.undo_stack.undo()
        assert document.to_text() == before
        document.undo_stack.redo()
        assert document.to_text() == after
    assert dumps(loads(after)) == after


def test_every_action_in_a_row_is_undone_to_the_first_byte(document: EditorDocument) -> None:
    states = [document.to_text()]
    for name in ("make a component of a component", "add a note", "set a parameter that was not set"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command_module, "MERGE_SECONDS", -1.0)
            if name.startswith("set"):
                document.set_parameter("component/keep", "keep", "others")
            else:
                ACTIONS[name](document)
        states.append(document.to_text())
    while document.undo_stack.canUndo():
        assert document.to_text() == states.pop()
        document.undo_stack.undo()
    assert [document.to_text()] == states


def test_an_action_that_changes_nothing_is_no_step(document: EditorDocument) -> None:
    document.set_parameter("keep", "condition", "age >= 18")
    document.reset_parameter("look", "anything")
    document.move({"read": (0, 0)})
    document.set_label("keep", "grown up")
    document.set_variable("share", 0.5)
    document.set_details(name="People")
    document.align(["read"], "left")
    assert document.undo_stack.count() == 0


def test_a_value_of_another_json_type_is_a_change(document: EditorDocument) -> None:
    document.set_parameter("split", "seed", 1.0)
    document.set_parameter("split", "seed", True)
    assert '"seed": true' in document.to_text()


def test_a_variable_taken_away_and_declared_anew_is_undone_to_where_it_was(document: EditorDocument) -> None:
    document.set_variable("k", 5)
    before = document.to_text()
    held = document.workflow.variables["share"]
    document.remove_variable("share")
    document.set_variable("share", held.default, held.help)
    after = document.to_text()
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.to_text() == before
    document.undo_stack.redo()
    document.undo_stack.redo()
    assert document.to_text() == after


def test_edits_of_one_parameter_in_quick_succession_are_one_step(
    document: EditorDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(command_module, "clock", lambda: now[0])
    before = document.to_text()
    for text in ("age > 2", "age > 20", "age > 200"):
        document.set_parameter("keep", "condition", text)
        now[0] += 0.5
    document.set_parameter("keep", "keep", "others")
    assert document.undo_stack.count() == 2
    now[0] += 60
    document.set_parameter("keep", "keep", "matching")
    assert document.undo_stack.count() == 3
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.to_text() == before
    document.undo_stack.redo()
    assert document.node("keep").parameters == {"condition": "age > 200"}


def test_steps_of_the_arrow_keys_are_one_step(document: EditorDocument) -> None:
    before = document.to_text()
    for step in range(1, 6):
        document.move({"read": (0, 8 * step), "keep": (264, 8 * step)})
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.to_text() == before


def test_parameters_stand_in_the_order_of_the_declaration(document: EditorDocument) -> None:
    document.set_parameter("split", "method", "first")
    assert list(document.node("split").parameters) == ["fraction", "method", "seed"]


def test_a_command_does_not_share_the_value_it_was_given(document: EditorDocument) -> None:
    value = [{"column": "age"}]
    document.set_parameter("part/sort", "by", [])
    document.set_parameter("part/sort", "by", value)
    value[0]["column"] = "name"
    assert document.node("part/sort").parameters == {"by": [{"column": "age"}]}


# -- what the actions mean ----------------------------------------------------------------------


def wires(document: EditorDocument) -> list[str]:
    return [str(one) for one in document.workflow.connections]


def test_a_node_dropped_on_a_wire_stands_between(document: EditorDocument) -> None:
    node = document.insert_on_connection("sorter", wire("keep.table -> split.table"), (400, 0))
    assert wires(document)[1] == "sorter.table -> split.table"
    assert f"keep.table -> {node}.table" in wires(document)
    assert "keep.table -> split.table" not in wires(document)


def test_a_node_between_neighbours_makes_room_for_itself(document: EditorDocument) -> None:
    document.move({"read": (0, 0), "keep": (264, 0), "split": (528, 0), "look": (264, 200)})
    before = document.to_text()
    steps = document.undo_stack.index()
    node = document.insert_on_connection("sorter", wire("keep.table -> split.table"), (400, 0))
    places = document.places()
    assert (places["keep"], places[node], places["split"]) == ((264, 0), (528, 0), (792, 0))
    assert places["look"] == (264, 200)
    cards = sorted(x for x, y in places.values() if y == 0)
    assert all(right - left >= 224 for left, right in itertools.pairwise(cards))
    assert document.undo_stack.index() == steps + 1
    document.undo_stack.undo()
    assert document.to_text() == before


@pytest.mark.parametrize(
    ("before", "after", "wanted", "place", "shift"),
    [
        ((0, 0), (264, 0), (120, 0), (264, 0), 264),  # no room
        ((0, 0), (800, 0), (300, 0), (304, 0), 0),  # room enough
        ((0, 0), (800, 0), (100, 0), (224, 0), 0),  # too near to the one before
        ((0, 0), (800, 0), (700, 0), (576, 0), 0),  # too near to the one behind
        ((0, 0), (264, 200), (120, 100), (120, 96), 0),  # a row of its own
        ((264, 0), (0, 0), (120, 0), (120, 0), 0),  # the wire leads back
    ],
)
def test_room_between_cards(
    before: tuple[float, float],
    after: tuple[float, float],
    wanted: tuple[float, float],
    place: tuple[float, float],
    shift: float,
) -> None:
    assert room_between(before, after, wanted) == (place, shift)


def test_insertion_keeps_the_order_of_tables_that_are_put_together(document: EditorDocument) -> None:
    document.insert_on_connection("sorter", wire("split.first -> join.tables"), (700, 50))
    held = [one for one in wires(document) if one.endswith("join.tables")]
    assert held == ["sorter.table -> join.tables", "split.second -> join.tables"]


def test_deleting_and_healing_joins_the_neighbours(document: EditorDocument) -> None:
    document.remove(["keep", "split"], heal=True)
    assert wires(document) == [
        "read.table -> look.table",
        "read.table -> join.tables",
        "join.table -> odd.input",
        "read.table -> part.people",
    ]


def test_a_connection_that_cannot_be_says_why(document: EditorDocument) -> None:
    learner = document.add_node("random_forest_learner", (0, 600))
    assert document.can_connect("read", "table", "join", "tables") == ""
    document.remove([], [wire("read.table -> keep.table")])
    assert document.can_connect("join", "table", "keep", "table") == "The connections would run in a circle."
    assert 'takes a table, but "model" gives a model' in document.can_connect(
        learner, "model", "keep", "table"
    )
    assert 'is taken by "Partition"' in document.can_connect("read", "table", "look", "table")
    assert 'has no input "tabel"' in document.can_connect("read", "table", "look", "tabel")
    with pytest.raises(NodeflowError, match="is taken by"):
        document.connect("read", "table", "look", "table")


def test_the_ports_that_fit_are_those_that_can_be_connected(document: EditorDocument) -> None:
    free = document.fitting("split", "first", is_output=True)
    for node in document.workflow.nodes:
        for port in document.declaration_of(node)["inputs"]:
            end = node, port["name"]
            holders = [one for one in document.workflow.connections if (one.target, one.input) == end]
            if not port["variadic"]:
                assert (
                    document.can_connect("split", "first", *end, replacing=holders) == "" or end not in free
                )
            reason = document.can_connect("split", "first", *end)
            assert (reason == "") == free.get(end, False), (end, reason)


def test_a_component_has_the_ports_its_wires_need(document: EditorDocument) -> None:
    node = document.collapse(["split", "join"], "Halves")
    inner = document.view(node).workflow
    assert inner.inputs == {"table": ["split.table"]}
    assert inner.outputs == {"first": "split.first", "table": "join.table"}
    assert inner.variables["share"].default == 0.5
    assert document.node(node).parameters == {"share": {"variable": "share"}}
    assert f"{node}.first -> look.table" in wires(document)
    declared = document.declaration_of(node)
    assert [(one["name"], one["type"]) for one in declared["outputs"]] == [
        ("first", "table"),
        ("table", "table"),
    ]


def test_expanding_gives_back_what_was_collapsed(document: EditorDocument) -> None:
    nodes = {name: one.parameters for name, one in document.workflow.nodes.items()}
    before = sorted(wires(document))
    node = document.collapse(["split", "join"], "Halves")
    document.expand(node)
    assert {name: one.parameters for name, one in document.workflow.nodes.items()} == nodes
    assert sorted(wires(document)) == before
    assert [one for one in wires(document) if one.endswith("join.tables")] == [
        "split.first -> join.tables",
        "split.second -> join.tables",
    ]


def test_a_component_within_a_component_is_expanded_with_its_ports_and_settings(
    document: EditorDocument,
) -> None:
    before = sorted(wires(document))
    outer = document.collapse(["split", "join"], "Outer")
    view = document.view(outer)
    held = view.workflow.inputs, view.workflow.outputs
    view.workflow.expose["fraction"] = "split.fraction"
    text = document.to_text()
    inner = view.collapse(["split", "join"], "Inner")
    assert view.workflow.expose == {"fraction": f"{inner}.fraction"}
    view.expand(inner)
    assert (view.workflow.inputs, view.workflow.outputs) == held
    assert view.workflow.expose == {"fraction": "split.fraction"}
    for _ in range(2):
        document.undo_stack.undo()
    assert document.to_text() == text
    for _ in range(2):
        document.undo_stack.redo()
    document.expand(outer)
    assert sorted(wires(document)) == before


def test_a_component_around_another_node_is_refused(document: EditorDocument) -> None:
    with pytest.raises(
        NodeflowError, match='"Partition" comes after one of these nodes and before "Concatenate"'
    ):
        document.collapse(["keep", "join"], "No")


def test_a_copied_node_can_be_pasted_into_another_document(document: EditorDocument, tmp_path: Path) -> None:
    text = document.copy_text(["keep", "split", "part"])
    other = EditorDocument(document.registry, recovery=tmp_path / "other")
    assert other.paste(f"\n{text}\n", (100, 100)) == ["keep", "split", "part"]
    assert wires(other) == ["keep.table -> split.table", "keep.table -> part.people"]
    assert min(other.workflow.layout.values()) == [100, 100]
    again = other.paste(text)
    assert again == ["keep_2", "split_2", "part_2"]
    with pytest.raises(NodeflowError, match="the clipboard has no nodes"):
        other.paste("Dear Ada, how are you?")
    other.close()


def test_an_unknown_node_shows_the_ports_in_use_and_is_kept(document: EditorDocument) -> None:
    declared = document.declaration_of("odd")
    assert declared["unknown"]
    assert [one["name"] for one in declared["inputs"]] == ["input"]
    document.move({"odd": (0, 0)})
    assert '"kept": [1, {"as": "it is"}]' in document.to_text()


def test_what_changed_is_told_once_a_kind_with_full_ids(document: EditorDocument) -> None:
    told: list[Change] = []
    inner_told: list[Change] = []
    document.changed.connect(told.append)
    view = document.view("part")
    view.changed.connect(inner_told.append)
    document.remove(["keep"])
    assert [one.kind for one in told] == ["nodes removed", "moved", "connections changed"]
    told.clear()
    view.set_parameter("sort", "by", [])
    assert told == [Change("node changed", ("part/sort",))]
    assert inner_told == [Change("node changed", ("sort",))]


def test_a_node_within_a_component_is_edited_through_either_document(document: EditorDocument) -> None:
    view = document.view(document.open_component("part"))
    new = view.add_node("row_filter", (300, 40), source=("sort", "table"))
    assert document.node(f"part/{new}").type == "row_filter"
    document.undo_stack.undo()
    assert new not in view.workflow.nodes
    with pytest.raises(NodeflowError, match="do not lie in one component"):
        document.move({"part/sort": (0, 0), "read": (1, 1)})


def test_wires_outside_follow_the_ports_of_a_component(document: EditorDocument) -> None:
    view = document.view("part")
    view.set_port("inputs", "people", ["sort.table"], "rows")
    assert "keep.table -> part.rows" in wires(document)
    new = view.add_node("row_filter", (300, 40), source=("sort", "table"))
    assert view.offer_port(new, "table", is_output=True) == "table"
    assert [one["name"] for one in document.declaration_of("part")["outputs"]] == ["people", "table"]
    reason = view.can_connect(new, "table", "sort", "table")
    assert reason == '"table" is fed by the input "rows" of the component.'
    assert ("sort", "table") not in view.fitting(new, "table", is_output=True)
    view.remove(["sort"])
    assert not [one for one in wires(document) if "part" in one]
    assert view.workflow.inputs == {}


def test_a_variable_that_was_taken_away_and_set_anew_comes_back_to_its_place(
    qapp: object, tmp_path: Path
) -> None:
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(loads('{"nodeflow": 1, "variables": {"first": 1, "second": 2}, "nodes": {}}'))
    before = document.to_text()
    document.remove_variable("first")
    document.set_variable("first", 5)
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.to_text() == before
    document.close()


def test_a_fix_whose_connection_has_gone_is_refused_and_no_step(document: EditorDocument) -> None:
    gone = {"do": "insert", "type": "cast_types", "connection": ["read", "table", "free", "table"]}
    with pytest.raises(NodeflowError, match="not there any more"):
        carry_out(document, gone)
    assert not document.undo_stack.canUndo()


@pytest.mark.parametrize("at", ["here", 5, [1], ["left", "top"], {"x": 1}, None])
def test_notes_at_no_place_do_not_keep_a_component_from_being_expanded(
    document: EditorDocument, at: object
) -> None:
    document.workflow.nodes["part"].workflow.notes = [{"text": "odd", "at": at}]
    document.expand("part")
    assert {"text": "odd", "at": at} in document.workflow.notes


@pytest.mark.parametrize(
    "action",
    [
        lambda one: one.move({"look": (900, 900)}),
        lambda one: one.add_node("sorter", (900, 900), source=("read", "table")),
        lambda one: one.remove(["look"]),
        lambda one: one.connect("read", "table", "free", "table"),
        lambda one: one.collapse(["keep", "look"], "Part"),
    ],
    ids=["move", "add", "remove", "connect", "collapse"],
)
def test_what_is_drawn_on_in_a_file_without_places_keeps_the_places_that_were_seen(
    action: Callable[[EditorDocument], object], qapp: object, tmp_path: Path
) -> None:
    nodes = {name: {"type": "row_filter", "parameters": {}} for name in ("keep", "look", "free", "loose")}
    wires = ["read.table -> keep.table", "keep.table -> look.table"]
    text = json.dumps(
        {"nodeflow": 1, "nodes": {"read": {"type": "csv_reader"}, **nodes}, "connections": wires}
    )
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(loads(text))
    before, seen = document.to_text(), document.places()
    action(document)
    document.save(tmp_path / "drawn.json")
    again = EditorDocument(recovery=tmp_path / "recovery")
    again.load(tmp_path / "drawn.json")
    after = again.places()
    assert {name: after[name] for name in ("read", "loose")} == {
        name: seen[name] for name in ("read", "loose")
    }
    document.undo_stack.undo()
    assert document.to_text() == before
    assert document.places() == seen
    for one in (document, again):
        one.close()


def test_a_component_is_called_by_the_name_within(document: EditorDocument) -> None:
    told: list[Change] = []
    document.changed.connect(told.append)
    assert document.title_of("part") == "Sorted"
    document.view("part").set_details(name="In order")
    assert document.title_of("part") == "In order"
    assert Change("node changed", ("part",)) in told


def test_a_component_that_comes_again_is_looked_into_again(document: EditorDocument) -> None:
    assert document.declaration_of("part/sort")["id"] == "sorter"
    document.remove(["part"])
    other = '{"nodeflow": 1, "nodes": {"part": {"type": "component", "workflow": {"nodes": {"sort": {"type": "statistics"}}}}}}'
    assert document.paste(other) == ["part"]
    assert document.declaration_of("part/sort")["id"] == "statistics"


def test_wires_outside_a_component_that_go_leave_the_places_there_as_they_were(
    qapp: object, tmp_path: Path
) -> None:
    document = EditorDocument(recovery=tmp_path / "recovery")
    held = '{"nodes": {"sort": {"type": "sorter"}}, "inputs": {"rows": ["sort.table"]}}'
    nodes = f'"read": {{"type": "csv_reader"}}, "part": {{"type": "component", "workflow": {held}}}'
    document.new(
        loads(f'{{"nodeflow": 1, "nodes": {{{nodes}}}, "connections": ["read.table -> part.rows"]}}')
    )
    before, seen = document.to_text(), document.places()
    document.remove(["part/sort"])
    assert document.workflow.connections == []
    assert document.places() == seen
    document.undo_stack.undo()
    assert document.to_text() == before
    document.close()


def test_healing_within_a_component_keeps_its_ports(document: EditorDocument) -> None:
    document.new()
    nodes = [document.add_node("sample_data", (0, 0))]
    for type_id in ("column_filter", "sorter", "row_number", "statistics"):
        nodes.append(document.add_node(type_id, (0, 0), source=(nodes[-1], "table")))
    outer = document.collapse(nodes[1:4], "Middle")
    before, text = wires(document), document.to_text()
    view = document.view(outer)
    view.remove(["column_filter"], [], heal=True)
    assert view.workflow.inputs == {"table": ["sorter.table"]}
    view.remove(["row_number"], [], heal=True)
    assert view.workflow.outputs == {"table": "sorter.table"}
    assert wires(document) == before
    view.remove(["sorter"], [], heal=True)
    assert (view.workflow.inputs, view.workflow.outputs) == ({}, {}), "an input cannot be an output"
    assert wires(document) == []
    for _ in range(3):
        document.undo_stack.undo()
    assert document.to_text() == text


def test_a_closed_document_can_be_collected_with_its_steps(qapp: object, tmp_path: Path) -> None:
    """Python frees steps that lie in a cycle with the document; Qt's stack must not hold them then."""
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(Workflow())
    for number in range(20):
        document.add_node("sorter", (0, 100 * number))
        document.set_label("sorter", f"step {number}")
    document.undo_stack.undo()
    document.close()
    assert document.undo_stack.count() == 0
    del document
    gc.collect()
