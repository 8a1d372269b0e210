"""Small things a person notices while drawing: what is told where, what keeps the keys, what is in the way."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from nodeflow_gui.canvas.adding import MIME
from nodeflow_gui.canvas.menus import menu_for
from nodeflow_gui.canvas.node_item import NodeItem
from nodeflow_gui.canvas.paints import paints
from nodeflow_gui.canvas.pointing import tip_at
from nodeflow_gui.canvas.zoom_view import view_point
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QFontMetricsF
from PySide6.QtWidgets import QApplication, QGraphicsItem, QPlainTextEdit
from strokes import at, drag, entry, matches, output, wires

from nodeflow.workflow import Workflow

if TYPE_CHECKING:
    from nodeflow_gui.canvas import CanvasView
    from PySide6.QtGui import QAction
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
    assert view.hint.text == "Sorter · table"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.hint.text == ""
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


def test_after_a_click_into_the_overview_it_shows_what_is_seen(view: CanvasView, qtbot: QtBot) -> None:
    view.zoom_to(2.0)
    told: list[float] = []
    view.zoom_changed.connect(told.append)
    qtbot.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert told, "the frame in the overview is drawn anew when the view tells that it moved"


# -- the menu of a port -------------------------------------------------------------------------


def entries(view: CanvasView, node: str, port: str, *, is_output: bool) -> dict[str, QAction]:
    item = view.canvas_scene.nodes[node]
    view.canvas_scene.select([node])
    menu = menu_for(view, item, item.port_point(port, is_output))
    view.menu_under_test = menu  # type: ignore[attr-defined]  # keeps it alive
    return {action.text(): action for action in menu.actions() if action.text()}


def test_a_port_has_a_menu_of_its_own(view: CanvasView) -> None:
    told: list[tuple[str, str]] = []
    view.port_activated.connect(lambda node, port: told.append((node, port)))
    given = entries(view, "keep", "table", is_output=True)
    given["Look at the data"].trigger()
    assert told == [("keep", "table")]
    given["Add a node here"].trigger()
    assert view.quick_add.isVisible()
    view.quick_add.dismiss()
    given["Remove its connections"].trigger()
    assert wires(view) == ["read.table -> keep.table"]
    assert not entries(view, "keep", "table", is_output=True)["Remove its connections"].isEnabled()
    entries(view, "keep", "table", is_output=False)["Remove its connections"].trigger()
    assert wires(view) == []
    view.document.undo_stack.undo()
    view.document.undo_stack.undo()
    assert len(wires(view)) == 2


def test_a_node_is_added_before_an_input_by_its_menu(view: CanvasView, qtbot: QtBot) -> None:
    entries(view, "sort", "table", is_output=False)["Add a node here"].trigger()
    qtbot.keyClicks(view.quick_add.field, "csv reader")
    qtbot.keyClick(view.quick_add.field, Qt.Key.Key_Return)
    assert "csv_reader.table -> sort.table" in wires(view)


def test_within_a_component_a_port_is_offered_by_its_menu(view: CanvasView) -> None:
    view.enter(view.document.collapse(["sort", "learn"], "Two"))
    entries(view, "sort", "table", is_output=True)["Output of the component"].trigger()
    assert list(view.level_document.workflow.outputs.values()) == ["sort.table"]
    entries(view, "sort", "table", is_output=True)["Output of the component"].trigger()
    assert view.level_document.workflow.outputs == {}


# -- pasting ------------------------------------------------------------------------------------


def test_what_is_pasted_is_seen(view: CanvasView) -> None:
    view.canvas_scene.select(["read", "keep"])
    view.editing.copy()
    view.document.new(Workflow())
    view.document.add_node("sorter", (6000, 3000))
    view.canvas_scene.fit_scene_rect()
    view.zoom_to(1.0)
    view.centerOn(QPointF(6000, 3000))
    view.editing.paste()
    chosen = view.canvas_scene.selected_nodes()
    assert len(chosen) == 2
    assert all(view.visible_rect().contains(view.canvas_scene.nodes[node].scene_card()) for node in chosen), (
        "its place in the other workflow is far from what is looked at"
    )


def test_what_is_new_is_not_covered_by_the_overview(view: CanvasView, qtbot: QtBot) -> None:
    view.zoom_to(2.0)
    assert view.minimap.isVisible()
    corner = view.to_scene(QPointF(view.minimap.geometry().topLeft()))
    node = view.document.add_node("sorter", (corner.x() - 60, corner.y()))
    view.show_added(node)
    card = view.viewportTransform().mapRect(view.canvas_scene.nodes[node].scene_card())
    assert view.viewport().rect().contains(card.toRect())
    assert not card.intersects(QRectF(view.minimap.geometry()))


def test_walking_moves_the_frame_in_the_overview(view: CanvasView, qtbot: QtBot) -> None:
    view.document.move({"look": (3000, 0)})
    told: list[float] = []
    view.canvas_scene.select(["keep"])
    view.zoom_changed.connect(told.append)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.current_node == "look"
    assert told


def test_a_copied_note_does_not_lie_on_the_original_and_is_selected(view: CanvasView) -> None:
    view.document.add_note("why", (0, 320))
    view.canvas_scene.select(notes=[0])
    view.editing.duplicate()
    first, second = view.document.workflow.notes
    assert first["at"] != second["at"]
    assert view.canvas_scene.selected_notes() == [1]
    view.editing.copy()
    view.editing.paste()
    assert len({tuple(note["at"]) for note in view.document.workflow.notes}) == 3
    assert view.canvas_scene.selected_notes() == [2]


# -- notes --------------------------------------------------------------------------------------


def test_a_new_note_lies_beside_what_is_there(view: CanvasView, qtbot: QtBot) -> None:
    view.centerOn(view.canvas_scene.nodes["keep"].scene_card().center())
    qtbot.keyClick(view, Qt.Key.Key_N)
    note = view.canvas_scene.notes[0].scene_area()
    assert not any(note.intersects(item.scene_card()) for item in view.canvas_scene.nodes.values())
    assert view.visible_rect().contains(note)


def test_a_note_without_a_text_does_not_stay(view: CanvasView, qtbot: QtBot) -> None:
    before = view.document.to_text()
    qtbot.keyClick(view, Qt.Key.Key_N)
    field = view.text_editor.field
    assert field is not None
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert view.document.to_text() == before
    assert not view.document.is_modified


def test_a_name_that_is_written_can_be_taken_back(view: CanvasView, qtbot: QtBot) -> None:
    view.canvas_scene.select(["sort"])
    qtbot.keyClick(view, Qt.Key.Key_F2)
    field = view.text_editor.field
    assert field is not None
    qtbot.keyClicks(field, "By age")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert view.document.workflow.nodes["sort"].label == ""


def test_a_note_grows_with_its_text(view: CanvasView, qtbot: QtBot) -> None:
    view.document.add_note("", (0, 320))
    before = view.document.to_text()
    view.editing.edit_note(view.canvas_scene.notes[0])
    field = view.text_editor.field
    assert isinstance(field, QPlainTextEdit)
    field.setPlainText("\n".join(f"line {number}" for number in range(20)))
    view.text_editor.finish()
    item = view.canvas_scene.notes[0]
    assert item.size.y() > 20 * QFontMetricsF(paints().small_font).height()
    assert item.size.x() == 240
    view.document.undo_stack.undo()
    assert view.document.to_text() == before, "text and size are one step"


def test_notes_and_frames_have_colours(view: CanvasView) -> None:
    view.document.add_note("why", (0, 320))
    view.document.add_frame("Reading", (-40, -60))
    view.canvas_scene.select(notes=[0, 1])
    item = view.canvas_scene.notes[0]
    menu = menu_for(view, item, item.scene_area().center())
    colours = next(action.menu() for action in menu.actions() if action.text() == "Colour")
    before, plain = view.grab().toImage(), view.document.to_text()
    next(action for action in colours.actions() if action.text() == "Green").trigger()
    assert [note["colour"] for note in view.document.workflow.notes] == ["green", "green"]
    assert view.grab().toImage() != before
    view.document.undo_stack.undo()
    assert view.document.to_text() == plain


def test_a_colour_of_another_program_is_shown_or_passed_over(view: CanvasView) -> None:
    for colour in ("#aabbcc", "no colour at all", 7):
        view.document.add_note("why", (0, 320))
        index = len(view.document.workflow.notes) - 1
        view.document.change_note(index, colour=colour)
    view.grab()
    assert [note["colour"] for note in view.document.workflow.notes] == ["#aabbcc", "no colour at all", 7]


# -- layout -------------------------------------------------------------------------------------


def test_cards_on_top_of_each_other_are_spread_out(view: CanvasView) -> None:
    view.document.move({"read": (0, 0), "keep": (4, 0), "look": (8, 0)})
    view.document.distribute(["read", "keep", "look"], "horizontally")
    cards = sorted(
        (view.canvas_scene.nodes[node].scene_card() for node in ("read", "keep", "look")), key=QRectF.left
    )
    gaps = {round(after.left() - before.right()) for before, after in pairwise(cards)}
    assert len(gaps) == 1
    assert gaps.pop() > 0
    assert cards[0].left() == 0


# -- by keys ------------------------------------------------------------------------------------


def test_selected_nodes_are_connected_by_a_key(view: CanvasView, qtbot: QtBot) -> None:
    joined = view.document.add_node("joiner", (800, 80))
    view.canvas_scene.select(["sort", joined])
    qtbot.keyClick(view, Qt.Key.Key_C)
    view.canvas_scene.select(["keep", joined])
    qtbot.keyClick(view, Qt.Key.Key_C)
    assert wires(view)[2:] == [f"sort.table -> {joined}.left", f"keep.table -> {joined}.right"]
    view.document.undo_stack.undo()
    assert len(wires(view)) == 3
    before = view.document.to_text()
    told: list[str] = []
    view.message.connect(told.append)
    view.canvas_scene.select(["read", "keep"])
    qtbot.keyClick(view, Qt.Key.Key_C)
    view.canvas_scene.select(["learn"])
    qtbot.keyClick(view, Qt.Key.Key_C)
    assert view.document.to_text() == before
    assert len(told) == 2


def test_a_row_of_nodes_is_connected_in_one_step(view: CanvasView, qtbot: QtBot) -> None:
    view.document.remove([], list(view.document.workflow.connections))
    view.canvas_scene.select(["read", "keep", "look"])
    qtbot.keyClick(view, Qt.Key.Key_C)
    assert wires(view) == ["read.table -> keep.table", "keep.table -> look.table"]
    view.document.undo_stack.undo()
    assert wires(view) == []


def test_alt_and_up_leave_the_component(view: CanvasView, qtbot: QtBot) -> None:
    view.enter(view.document.collapse(["sort"], "One"))
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert view.level == ()


def test_a_wire_tells_what_it_carries(view: CanvasView) -> None:
    (wire, *_) = view.canvas_scene.wires.values()
    assert "<b>table</b>" in tip_at(view, wire.line().pointAtPercent(0.5))


def test_the_search_on_the_canvas_fits_into_a_low_window(view: CanvasView, qtbot: QtBot) -> None:
    view.resize(500, 260)
    drag(qtbot, view, output(view, "keep", "table"), output(view, "keep", "table") + QPoint(20, 60))
    assert view.rect().contains(view.quick_add.geometry())
    assert view.quick_add.about.geometry().bottom() <= view.quick_add.rect().bottom()
    view.quick_add.dismiss()
    view.resize(1100, 700)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.quick_add.height() == 360


def test_the_dropped_wire_is_seen_while_one_searches(view: CanvasView, qtbot: QtBot) -> None:
    end = at(view, 360, 420)
    before = view.grab().toImage()
    drag(qtbot, view, output(view, "keep", "table"), end)
    assert view.quick_add.isVisible()
    beside = end + QPoint(-6, 0)  # the search itself begins at the wire's end
    assert view.quick_add.geometry().left() > beside.x()
    shown = view.grab().toImage()
    area = QRect(end + QPoint(-30, -6), QSize(24, 12))
    assert shown.copy(area) != before.copy(area)
    view.quick_add.dismiss()
    assert view.grab().toImage().copy(area) == before.copy(area)


def test_a_wire_says_why_it_cannot_go_to_a_node(view: CanvasView, qtbot: QtBot) -> None:
    drag(qtbot, view, output(view, "look", "table"), at(view, 90, 30), release=False)
    assert view.hint.text == "CSV Reader has no input."
    qtbot.mouseMove(view.viewport(), at(view, 350, 30))
    assert view.hint.text == "The connections would run in a circle."
    qtbot.mouseMove(view.viewport(), at(view, 350, 100))
    assert view.hint.text == ""
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton)
    drag(qtbot, view, output(view, "learn", "model"), at(view, 350, 190), release=False)
    assert "takes a table" in view.hint.text
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 350, 190))
    assert view.hint.text == ""
    assert len(wires(view)) == 2


def test_a_wire_led_to_a_node_that_it_does_not_fit_stays(view: CanvasView, qtbot: QtBot) -> None:
    before = wires(view)
    drag(qtbot, view, entry(view, "keep", "table"), at(view, 60, 30))  # back onto its own source
    drag(qtbot, view, entry(view, "look", "table"), at(view, 90, 30))
    assert wires(view) == before
    drag(qtbot, view, entry(view, "look", "table"), at(view, 90, 430))
    assert wires(view) == before[:1], "only on empty space it goes"


# -- a change in the middle of a gesture --------------------------------------------------------


@pytest.mark.parametrize("level", ["", "component"])
@pytest.mark.parametrize("change", ["delete", "undo", "new", "parameter"])
def test_what_is_dragged_may_change_meanwhile(
    view: CanvasView, qtbot: QtBot, change: str, level: str
) -> None:
    document = view.document
    if level:
        view.enter(document.collapse(["read", "keep", "look", "sort", "learn"], "All"))
        view.zoom_to(1.0)
    shown = view.level_document
    added = shown.add_node("sorter", (0, 300))
    view.centerOn(QPointF(360, 120))
    view.canvas_scene.select([added, "keep"])
    drag(qtbot, view, at(view, 90, 330), at(view, 250, 350), release=False)
    match change:
        case "delete":
            qtbot.keyClick(view, Qt.Key.Key_Delete)
        case "undo":
            document.undo_stack.undo()
        case "new":
            document.new(Workflow())
        case "parameter":
            shown.set_parameter("keep", "condition", "age > 3")
    qtbot.mouseMove(view.viewport(), at(view, 260, 360))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 260, 360))
    view.grab()
    matches(view)
    if change == "undo":
        assert shown.places()["keep"] == (264, 0), "the drag was given up"
    if change == "parameter":
        assert shown.places()["keep"] != (264, 0), "this has nothing to do with it"


def test_a_wire_is_drawn_from_a_node_that_goes_meanwhile(view: CanvasView, qtbot: QtBot) -> None:
    for start, node in ((output(view, "sort", "table"), "sort"), (entry(view, "look", "table"), "keep")):
        drag(qtbot, view, start, start + QPoint(40, 60), release=False)
        view.document.remove([node], [])
        qtbot.mouseMove(view.viewport(), start + QPoint(50, 70))
        qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(50, 70))
        view.grab()
        matches(view)
        assert all(item.lit_ports is None for item in view.canvas_scene.nodes.values())
        view.document.undo_stack.undo()


def test_notes_may_go_while_they_are_moved_or_resized(view: CanvasView, qtbot: QtBot) -> None:
    view.document.add_note("why", (0, 300))
    area = view.canvas_scene.notes[0].scene_area()
    for point in (area.center(), area.bottomRight() - QPointF(4, 4)):
        start = view_point(view, point)
        drag(qtbot, view, start, start + QPoint(30, 30), release=False)
        view.document.remove_notes([0])
        qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(40, 40))
        assert view.document.workflow.notes == []
        view.document.undo_stack.undo()


def test_a_copy_of_a_note_is_dragged_with_alt(view: CanvasView, qtbot: QtBot) -> None:
    view.document.add_note("why", (0, 300))
    start = view_point(view, view.canvas_scene.notes[0].scene_area().center())
    drag(qtbot, view, start, start + QPoint(320, 40), keys=Qt.KeyboardModifier.AltModifier)
    assert [note["at"] for note in view.document.workflow.notes] == [[0, 300], [320, 336]]


def test_a_dragged_copy_is_one_step_and_escape_leaves_none(view: CanvasView, qtbot: QtBot) -> None:
    document, stack = view.document, view.document.undo_stack
    before, step = document.to_text(), stack.index()
    start = view_point(view, view.canvas_scene.nodes["sort"].scene_card().center())
    drag(qtbot, view, start, start + QPoint(40, 240), keys=Qt.KeyboardModifier.AltModifier, release=False)
    assert len(document.workflow.nodes) == len(view.canvas_scene.nodes)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert (document.to_text(), stack.index()) == (before, step)
    drag(qtbot, view, start, start + QPoint(40, 240), keys=Qt.KeyboardModifier.AltModifier)
    assert stack.index() == step + 1
    (copy,) = view.canvas_scene.selected_nodes()
    assert copy != "sort"
    away = QPointF(*document.places()[copy]) - QPointF(*document.places()["sort"])
    assert (away - QPointF(40, 240) / view.scale_factor()).manhattanLength() < 40
    after = document.to_text()
    stack.undo()
    assert document.to_text() == before
    stack.redo()
    assert document.to_text() == after


def test_what_is_written_on_may_go_meanwhile(view: CanvasView, qtbot: QtBot) -> None:
    view.document.add_note("why", (0, 300))
    view.editing.edit_note(view.canvas_scene.notes[0])
    view.document.undo_stack.undo()
    qtbot.keyClicks(view.text_editor.field, "not")
    view.text_editor.finish()
    assert view.document.workflow.notes == []
    view.editing.rename("sort")
    view.document.remove(["sort"], [])
    qtbot.keyClicks(view.text_editor.field, "gone")
    view.text_editor.finish()
    assert "sort" not in view.document.workflow.nodes


def test_a_card_tells_of_its_change_of_size_before_it_changes(
    view: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scene takes an item out of its index by the area that it covered; told too late, it keeps a dead one."""
    sort = view.canvas_scene.nodes["sort"]
    told: list[QRectF] = []

    def spy(item: NodeItem) -> None:
        if item is sort:
            told.append(item.boundingRect())
        QGraphicsItem.prepareGeometryChange(item)

    monkeypatch.setattr(NodeItem, "prepareGeometryChange", spy)
    changes = [
        lambda: tell_problem(view),
        lambda: sort.set_hovered(True, None),
        lambda: sort.set_hovered(False, None),
        lambda: view.canvas_scene.select(["sort"]),
        lambda: sort.light(frozenset()),
        lambda: sort.light(None),
        lambda: view.canvas_scene.select(["sort", "keep"]),
        lambda: view.document.add_node("joiner", (0, 500), source=("sort", "table")),
    ]
    sizes = []
    for change in changes:
        before = sort.boundingRect()
        told.clear()
        change()
        if sort.boundingRect() != before:
            assert told[0] == before
        sizes.append(sort.boundingRect().height())
    assert len(set(sizes)) == 2, "with the whole problem and with its first words"


def test_a_wire_is_no_longer_lit_when_a_dragged_type_leaves_the_canvas(view: CanvasView) -> None:
    data = QMimeData()
    data.setData(MIME, b"row_filter")
    (wire, *_) = view.canvas_scene.wires.values()
    point = view_point(view, wire.line().pointAtPercent(0.5))
    held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view.dragEnterEvent(QDragEnterEvent(point, Qt.DropAction.CopyAction, data, *held))
    view.dragMoveEvent(QDragMoveEvent(point, Qt.DropAction.CopyAction, data, *held))
    lit = view.grab().toImage()
    view.dragLeaveEvent(QDragLeaveEvent())
    assert view.grab().toImage() != lit
