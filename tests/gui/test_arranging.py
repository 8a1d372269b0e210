"""Laying out, aligning and distributing: pure functions over places."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_gui.canvas.routes import route
from nodeflow_gui.canvas.walking import neighbour
from nodeflow_gui.document.arranging import aligned, arranged, distributed, settled, spaced
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.geometry import (
    CARD_HEIGHT,
    CARD_WIDTH,
    COLUMN,
    GRID,
    card_height,
    free_place,
    places,
    snapped,
)
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from nodeflow.document import loads
from nodeflow.errors import NodeflowError
from nodeflow.registry import Registry
from nodeflow.workflow import Connection, NodeInstance, Workflow

WORKFLOWS = Path(__file__).parents[2] / "workflows"
HEIGHTS = {"a": 60.0, "b": 60.0, "c": 100.0}


def workflow(*wires: str, nodes: str = "") -> Workflow:
    made = Workflow()
    made.connections = [Connection.parse(one) for one in wires]
    names = [*nodes, *(end for w in made.connections for end in (w.source, w.target))]
    made.nodes = {name: NodeInstance("sorter") for name in dict.fromkeys(names)}
    return made


def test_aligned_nodes_share_an_edge_or_the_middle() -> None:
    here = {"a": (0.0, 0.0), "b": (300.0, 50.0), "c": (100.0, 200.0)}
    assert {x for x, _ in aligned(here, HEIGHTS, "right").values()} == {300.0}
    assert {y for _, y in aligned(here, HEIGHTS, "top").values()} == {0.0}
    bottoms = {y + HEIGHTS[name] for name, (_, y) in aligned(here, HEIGHTS, "bottom").items()}
    assert bottoms == {300.0}
    middles = {y + HEIGHTS[name] / 2 for name, (_, y) in aligned(here, HEIGHTS, "middle").items()}
    assert middles == {150.0}
    with pytest.raises(NodeflowError, match='not "diagonal"'):
        aligned(here, HEIGHTS, "diagonal")


def test_distributed_nodes_have_equal_gaps() -> None:
    here = {"a": (0.0, 0.0), "b": (10.0, 70.0), "c": (20.0, 400.0)}
    new = distributed(here, HEIGHTS, "vertically")
    assert (new["a"], new["c"]) == (here["a"], here["c"])
    assert new["b"][1] - 60 == 400 - (new["b"][1] + 60)


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(20, 200)), min_size=1, max_size=8))
def test_spaced_cards_keep_order_and_gap_and_move_no_further_than_needed(
    cards: list[tuple[float, float]],
) -> None:
    wanted, heights = [want for want, _ in cards], [height for _, height in cards]
    middles = spaced(wanted, heights)
    for index in range(1, len(cards)):
        room = middles[index] - heights[index] / 2 - (middles[index - 1] + heights[index - 1] / 2)
        assert room >= 36 - 1e-6
    assert sum(middles) == pytest.approx(sum(wanted), abs=1e-6), "least squares keeps the mean of each pool"


def test_a_layout_runs_from_left_to_right_and_a_chain_runs_straight() -> None:
    flow = workflow("a.t -> b.t", "b.t -> c.t", "a.t -> d.t", "d.t -> e.t")
    heights = dict.fromkeys(flow.nodes, CARD_HEIGHT)
    here = dict.fromkeys(flow.nodes, (104.0, 104.0))
    new = arranged(flow, here, set(flow.nodes), heights)
    assert min(x for x, _ in new.values()) == 104.0
    assert new["b"][0] - new["a"][0] == COLUMN
    assert new["b"][1] == new["c"][1]
    assert new["d"][1] == new["e"][1]
    assert len(set(new.values())) == len(new)


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=24))
def test_arranged_cards_never_overlap(pairs: list[tuple[int, int]]) -> None:
    flow = workflow(*{f"n{min(p)}.t -> n{max(p)}.t" for p in pairs if p[0] != p[1]})
    heights = {name: 60.0 + 20 * (int(name[1:]) % 3) for name in flow.nodes}
    new = arranged(flow, dict.fromkeys(flow.nodes, (0.0, 0.0)), set(flow.nodes), heights)
    names = list(new)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if new[one][0] == new[other][0]:
                upper, lower = sorted((one, other), key=lambda name: new[name][1])
                assert new[upper][1] + heights[upper] <= new[lower][1]
            else:
                assert abs(new[one][0] - new[other][0]) >= COLUMN
    for wire in flow.connections:
        assert new[wire.source][0] < new[wire.target][0]


def test_nodes_without_a_place_stand_beside_what_they_come_after() -> None:
    flow = workflow("a.t -> b.t", "b.t -> c.t")
    flow.layout = {"a": [0, 40], "gone": [1, 1], "c": "nowhere"}
    assert places(flow) == {"a": (0.0, 40.0), "b": (COLUMN, 40.0), "c": (2 * COLUMN, 40.0)}


def test_a_free_place_lies_on_no_other_card() -> None:
    assert free_place((3, 3), [(0.0, 0.0)])[1] >= CARD_HEIGHT
    assert free_place((3, 3), []) == snapped((3, 3)) == (0, 0)


def test_settled_keeps_columns() -> None:
    flow = workflow("a.t -> b.t")
    new = settled(flow, {"a": (0.0, 0.0), "b": (COLUMN, 300.0)}, {"a": 60.0, "b": 60.0})
    assert new["a"][1] == pytest.approx(new["b"][1])


def test_a_backward_wire_goes_round_both_cards() -> None:
    source, target = QRectF(500, 0, 184, 60), QRectF(0, 200, 184, 60)
    path = route(QPointF(684, 30), QPointF(0, 230), source, target)
    points = [path.pointAtPercent(step / 200) for step in range(201)]
    for card in (source, target):
        assert not [point for point in points if card.adjusted(2, 2, -2, -2).contains(point)]
    assert path.boundingRect().right() > 684
    assert path.boundingRect().left() < 0
    level = route(QPointF(684, 30), QPointF(0, 30), source, QRectF(0, 0, 184, 60))
    assert level.boundingRect().bottom() >= 60


def test_arrows_walk_along_wires_and_else_by_place() -> None:
    flow = workflow("a.t -> b.t", "a.t -> c.t")
    here = {"a": (0.0, 0.0), "b": (264.0, -80.0), "c": (264.0, 30.0), "d": (0.0, 100.0)}
    assert neighbour("a", "right", here, flow.connections) == "c"
    assert neighbour("b", "left", here, flow.connections) == "a"
    assert neighbour("a", "down", here, flow.connections) == "d"
    assert neighbour("b", "down", here, flow.connections) == "c"
    assert neighbour("b", "up", here, flow.connections) is None


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.json")), ids=lambda path: path.stem)
def test_no_card_of_an_example_lies_on_another(path: Path, qapp: QApplication) -> None:
    document = EditorDocument()
    document.load(path)
    here = document.places()
    boxes = [
        QRectF(*here[name], CARD_WIDTH, card_height(document.declaration_of(name)))
        for name in document.workflow.nodes
    ]
    document.close()
    assert not [(one, other) for one, other in itertools.combinations(boxes, 2) if one.intersects(other)]


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), max_size=30), st.integers(-40, 40))
def test_a_free_place_is_the_first_one_below_that_touches_no_card(
    spots: list[tuple[int, int]], at: int
) -> None:
    taken = {(8.0 * x, 8.0 * y) for x, y in spots}
    x, y = 8.0 * at, 0.0
    while any(abs(x - left) < CARD_WIDTH + GRID and abs(y - top) < CARD_HEIGHT + GRID for left, top in taken):
        y += 2 * GRID
    assert free_place((8.0 * at, 0.0), taken) == (x, y)


def test_many_nodes_without_places_in_a_file_that_has_some_are_laid_apart() -> None:
    part = workflow(nodes="")
    part.nodes = {f"n{number}": NodeInstance("sorter") for number in range(1000)}
    part.layout = {"n0": [0, 0]}
    spots = sorted(places(part).values())
    assert all(after[1] - before[1] >= CARD_HEIGHT for before, after in itertools.pairwise(spots))


def test_components_that_hold_the_same_ones_many_times_are_looked_into_once(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = ", ".join(f'"p{number}": ["inner.p{number}"]' for number in range(6))
    last = ", ".join(f'"p{number}": ["inner.table"]' for number in range(6))
    held = f'{{"nodes": {{"inner": {{"type": "sorter"}}}}, "inputs": {{{last}}}}}'
    for _ in range(18):
        held = f'{{"nodes": {{"inner": {{"type": "component", "workflow": {held}}}}}, "inputs": {{{ports}}}}}'
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(loads(f'{{"nodeflow": 1, "nodes": {{"all": {{"type": "component", "workflow": {held}}}}}}}'))
    assert [one["type"] for one in document.declaration_of("all")["inputs"]] == ["table"] * 6
    document.close()


def test_a_component_in_a_file_finds_its_own_components_beside_it(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    inner = '{"nodeflow": 1, "nodes": {"sort": {"type": "sorter"}}, "inputs": {"rows": ["sort.table"]}}'
    (tmp_path / "parts" / "inner.json").write_text(inner)
    outer = (
        '"nodes": {"part": {"type": "component", "workflow": "inner.json"}}, "inputs": {"all": ["part.rows"]}'
    )
    (tmp_path / "parts" / "outer.json").write_text(f'{{"nodeflow": 1, {outer}}}')
    main = '{"nodeflow": 1, "nodes": {"whole": {"type": "component", "workflow": "parts/outer.json"}}}'
    (tmp_path / "main.json").write_text(main)
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(tmp_path / "main.json")
    (port,) = document.declaration_of("whole")["inputs"]
    assert (port["name"], port["help"]) == (
        "all",
        Registry.installed().get("sorter").declaration["inputs"][0]["help"],
    )
    document.close()
