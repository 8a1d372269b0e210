"""The canvas bears what a file may hold, and what changes while something is dragged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from nodeflow_gui.canvas import card_faces
from nodeflow_gui.canvas.pointing import tip_at
from nodeflow_gui.canvas.zoom_view import view_point
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QGraphicsItem
from strokes import drag, output

from nodeflow.document import loads
from nodeflow.execution.messages import Place
from nodeflow.workflow import Connection

if TYPE_CHECKING:
    from pathlib import Path

    from nodeflow_gui.canvas import CanvasView
    from pytestqt.qtbot import QtBot

TWO = {
    "read": {"type": "csv_reader", "parameters": {"path": "people.csv"}},
    "keep": {"type": "row_filter", "parameters": {"condition": "age >= 18"}},
}


def show(view: CanvasView, **members: Any) -> None:
    view.document.new(loads(json.dumps({"nodeflow": 1, "nodes": TWO, **members})))


def drawn(view: CanvasView) -> dict[str, tuple[float, float]]:
    return {name: (item.x(), item.y()) for name, item in view.canvas_scene.nodes.items()}


@pytest.mark.parametrize("place", ["none", "here", 5, [1], [1, "x"], None, [1e300, 0], {}], ids=str)
def test_cards_stand_where_the_document_says_whatever_the_file_says(view: CanvasView, place: object) -> None:
    show(view, layout={} if place == "none" else {"read": place, "keep": [0, 0]})
    stack, before = view.document.undo_stack, drawn(view)
    assert before == view.document.places()
    view.document.move({"read": (800, 800)})
    assert drawn(view) == view.document.places()
    stack.undo()
    assert drawn(view) == before
    view.document.remove(["read"])
    stack.undo()
    assert drawn(view) == before


@pytest.mark.parametrize("from_port", [False, True], ids=["card", "port"])
def test_undo_while_dragging_ends_the_gesture(view: CanvasView, qtbot: QtBot, from_port: bool) -> None:
    node = view.document.add_node("csv_reader", (0, 300))
    card = view_point(view, view.canvas_scene.nodes[node].scene_card().center())
    start = output(view, node, "table") if from_port else card
    drag(qtbot, view, start, start + QPoint(60, 60), release=False)
    assert view.gesture is not None
    view.document.undo_stack.undo()
    assert view.gesture is None
    bounds = view.canvas_scene.nodes_rect()
    qtbot.mouseMove(view.viewport(), start + QPoint(90, 90))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(90, 90))
    view.grab()
    assert view.canvas_scene.nodes_rect() == bounds
    assert not view.document.is_modified


def test_undo_while_a_note_is_dragged_moves_no_other_note(view: CanvasView, qtbot: QtBot) -> None:
    first = view.document.add_note("first", (0, 300))
    second = view.document.add_note("second", (300, 300))
    item = view.canvas_scene.notes[second]
    start = view_point(view, item.scene_area().center())
    drag(qtbot, view, start, start + QPoint(40, 40), release=False)
    view.document.undo_stack.undo()
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(40, 40))
    assert [one["at"] for one in view.document.workflow.notes] == [[0, 300]]
    assert view.canvas_scene.notes[first].pos() == QPointF(0, 300)


def test_what_is_longer_than_a_card_is_not_measured(view: CanvasView) -> None:
    long = "words " * 200_000
    nodes = {**TWO, "keep": {"type": "row_filter", "label": long, "parameters": {"condition": long}}}
    show(view, nodes=nodes)
    face = view.canvas_scene.nodes["keep"].face
    assert max(len(face.title), len(face.summary)) <= 200
    assert len(view.document.title_of("keep")) <= 200


def test_pictures_of_cards_do_not_fill_the_memory_while_one_zooms(view: CanvasView) -> None:
    item: QGraphicsItem = view.canvas_scene.nodes["keep"]
    for step in range(150):
        view.zoom_to(2.5 + 0.01 * step)
        view.centerOn(item)
        view.grab()
    held = sum(one.width() * one.height() * 4 for one in card_faces._pictures.values())
    assert 0 < held <= card_faces.MOST


def test_a_damaged_result_has_no_rows_to_show_under_the_pointer(view: CanvasView, tmp_path: Path) -> None:
    pytest.importorskip("polars")
    (tmp_path / "damaged.arrow").write_bytes(b"ARROW1\0\0 and no more")
    place = Place("table", str(tmp_path / "damaged.arrow"), b"", {"rows": 3})
    view.status.place_of = lambda node, port: place
    port = view.canvas_scene.nodes["read"].port_point("table", True)
    assert "table" in tip_at(view, port)


def test_wires_are_drawn_within_a_component_too(view: CanvasView, qtbot: QtBot) -> None:
    part = view.document.collapse(["read", "keep", "sort"], "Part")
    view.enter(part)
    view.zoom_to(1.0)
    view.canvas_scene.animates = False
    end = view_point(view, view.canvas_scene.nodes["sort"].port_point("table", False))
    drag(qtbot, view, output(view, "keep", "table"), end)
    assert Connection.parse("keep.table -> sort.table") in view.level_document.workflow.connections


def test_undo_and_redo_in_quick_succession_leave_the_cards_where_they_belong(view: CanvasView) -> None:
    view.canvas_scene.animates = True
    view.document.move({"read": (0, 400)})
    view.canvas_scene.finish_moving()
    view.document.undo_stack.undo()
    view.document.undo_stack.redo()
    view.canvas_scene.finish_moving()
    assert drawn(view) == view.document.places()


def test_another_component_in_the_place_of_the_one_that_is_shown_is_drawn(view: CanvasView) -> None:
    inner = {"type": "component", "label": "In order", "workflow": {"nodes": {"deep": {"type": "sorter"}}}}
    show(view, nodes={"part": {"type": "component", "workflow": {"nodes": {"part": inner}}}})
    view.document.expand("part")
    assert view.canvas_scene.nodes["part"].face.title == "In order"
    view.document.undo_stack.undo()
    view.enter("part")
    view.document.expand("part")
    assert view.level == ("part",)
    assert set(drawn(view)) == {"deep"}
    view.document.undo_stack.undo()
    assert set(drawn(view)) == {"part"}
