"""Small things a person notices while drawing: what is told where, what keeps the keys, what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from strokes import at, drag, entry, output

from nodeflow.workflow import Workflow

if TYPE_CHECKING:
    from nodeflow_gui.canvas import CanvasView
    from pytestqt.qtbot import QtBot

CTRL = Qt.KeyboardModifier.ControlModifier
PROBLEM = {"node": "sort", "severity": "error", "message": "choose a column", "fixes": []}


def tell_problem(view: CanvasView) -> None:
    view.status.problems = [PROBLEM]
    view.status.problems_changed.emit()


# -- while a gesture goes on --------------------------------------------------------------------


def test_what_was_pointed_at_before_a_drag_does_not_stand_out_after_it(
    qtbot: QtBot, view: CanvasView
) -> None:
    tell_problem(view)
    keep = view.canvas_scene.nodes["keep"]
    qtbot.mouseMove(view.viewport(), output(view, "keep", "table"))
    assert keep.is_hovered
    drag(qtbot, view, output(view, "keep", "table"), at(view, 320, 172))
    assert not keep.is_hovered
    assert view.canvas_scene.nodes["sort"].is_hovered, "the pointer is there now"


def test_a_problem_does_not_hide_the_ports_a_wire_may_go_to(qtbot: QtBot, view: CanvasView) -> None:
    tell_problem(view)
    sort = view.canvas_scene.nodes["sort"]
    view.canvas_scene.select(["sort"])
    told = sort.problem_area().height()
    drag(qtbot, view, output(view, "keep", "table"), at(view, 320, 400), release=False)
    assert sort.problem_area().height() < told
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert sort.problem_area().height() == told
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton)


def test_problems_are_told_in_full_for_one_node_not_for_many(view: CanvasView) -> None:
    tell_problem(view)
    sort = view.canvas_scene.nodes["sort"]
    view.canvas_scene.select(["sort"])
    alone = sort.problem_area().height()
    view.canvas_scene.select(["sort", "keep", "read"])
    assert 0 < sort.problem_area().height() < alone
    view.canvas_scene.select(["sort"])
    assert sort.problem_area().height() == alone


def test_a_wire_names_the_node_it_would_go_to_as_people_know_it(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, output(view, "keep", "table"), entry(view, "sort", "table"), release=False)
    assert view.hint == "Sorter · table"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.hint == ""
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton)


def test_nodes_of_one_name_are_told_apart(view: CanvasView) -> None:
    document = view.document
    first = document.add_node("sorter", (0, 400))
    assert document.title_of("look") == "Statistics"
    assert document.title_of("sort") == "Sorter (sort)"
    assert document.title_of(first) == f"Sorter ({first})"
    document.set_label("sort", "By age")
    assert (document.title_of("sort"), document.title_of(first)) == ("By age", "Sorter")


# -- the keys stay with the canvas --------------------------------------------------------------


def test_after_a_name_is_written_the_keys_work_on_the_canvas(qtbot: QtBot, view: CanvasView) -> None:
    view.setFocus()
    view.canvas_scene.select(["sort"])
    qtbot.keyClick(view, Qt.Key.Key_F2)
    field = view.text_editor.field
    assert field is not None
    qtbot.keyClicks(field, "By age")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert view.document.workflow.nodes["sort"].label == "By age"
    assert QApplication.focusWidget() is view
    qtbot.keyClick(view, Qt.Key.Key_G, CTRL)
    field = view.text_editor.field
    assert field is not None
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Return, CTRL)
    assert view.level == ("component",)


# -- what lies over the canvas ------------------------------------------------------------------


def test_an_empty_workflow_has_no_overview(view: CanvasView) -> None:
    view.document.new(Workflow())
    assert not view.minimap.isVisible()


def test_the_path_bar_stays_readable_when_something_changes(view: CanvasView, qtbot: QtBot) -> None:
    made = view.document.collapse(["read", "keep"], "Reading")
    view.enter(made)
    qtbot.wait(20)
    width = view.path_bar.width()
    view.document.set_label(made, "Reading of the file")
    assert view.path_bar.width() > width
    assert view.path_bar.rect().contains(view.path_bar.childrenRect())
