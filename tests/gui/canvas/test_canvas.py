"""A person draws a workflow: with the mouse and with the keys alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from nodeflow_gui.canvas import CanvasView
from nodeflow_gui.canvas.adding import MIME
from nodeflow_gui.canvas.facts import Idle
from nodeflow_gui.canvas.zoom_view import view_point
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from strokes import Said, at, drag, entry, matches, output, wires

from nodeflow.workflow import Connection

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

# -- the mouse ----------------------------------------------------------------------------------


def test_a_wire_is_drawn_from_port_to_port(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, output(view, "read", "table"), entry(view, "sort", "table"))
    assert "read.table -> sort.table" in wires(view)
    matches(view)
    view.document.undo_stack.undo()
    assert "read.table -> sort.table" not in wires(view)
    matches(view)


def test_while_a_wire_is_drawn_only_fitting_ports_are_lit(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, output(view, "learn", "model"), at(view, 300, 300), release=False)
    lit = {name: item.lit_ports for name, item in view.canvas_scene.nodes.items()}
    assert lit["sort"] == frozenset()
    assert lit["read"] == frozenset()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert all(item.lit_ports is None for item in view.canvas_scene.nodes.values())
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton)
    drag(qtbot, view, output(view, "keep", "table"), at(view, 300, 300), release=False)
    assert ("table", False) in (view.canvas_scene.nodes["sort"].lit_ports or ())
    assert view.canvas_scene.nodes["read"].lit_ports == frozenset(), "it would run in a circle"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.document.undo_stack.count() == 0


def test_a_wire_does_not_go_to_a_port_that_does_not_fit(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, output(view, "learn", "model"), entry(view, "sort", "table"))
    assert len(wires(view)) == 2


def test_a_wire_dropped_on_empty_space_asks_for_a_node_that_fits(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, output(view, "learn", "model"), at(view, 700, 330))
    assert view.quick_add.isVisible()
    names = [view.quick_add.list.item(row).text() for row in range(view.quick_add.list.count())]
    assert names[0] == "Predictor"
    assert "Sorter" not in names
    qtbot.keyClicks(view.quick_add.field, "predictor")
    qtbot.keyClick(view.quick_add.field, Qt.Key.Key_Return)
    assert "learn.model -> predictor.model" in wires(view)
    assert view.canvas_scene.selected_nodes() == ["predictor"]
    assert view.document.undo_stack.count() == 1
    matches(view)


def test_the_end_of_a_wire_is_dragged_to_another_port(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, entry(view, "look", "table"), entry(view, "sort", "table"))
    assert wires(view) == ["read.table -> keep.table", "keep.table -> sort.table"]
    assert view.document.undo_stack.count() == 1
    drag(qtbot, view, entry(view, "sort", "table"), at(view, 200, 300))
    assert wires(view) == ["read.table -> keep.table"], "dropped on nothing, it is gone"
    matches(view)


def test_a_node_is_dragged_on_the_grid_and_its_wires_follow(qtbot: QtBot, view: CanvasView) -> None:
    wire = view.canvas_scene.wires[Connection.parse("read.table -> keep.table")]
    before = wire.boundingRect()
    drag(qtbot, view, at(view, 100, 30), at(view, 133, 190))
    x, y = view.document.workflow.layout["read"]
    assert (x % 8, y) == (0, 160)
    assert wire.boundingRect() != before
    assert wire.ends()[0] == view.canvas_scene.nodes["read"].port_point("table", True)
    assert view.document.undo_stack.count() == 1
    matches(view)


def test_escape_takes_a_drag_back(qtbot: QtBot, view: CanvasView) -> None:
    drag(qtbot, view, at(view, 100, 30), at(view, 133, 190), release=False)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    matches(view)
    assert view.document.undo_stack.count() == 0


def test_selected_nodes_move_together(qtbot: QtBot, view: CanvasView) -> None:
    view.canvas_scene.select(["sort", "learn"])
    drag(qtbot, view, at(view, 300, 190), at(view, 300, 270))
    layout = view.document.workflow.layout
    assert (layout["sort"], layout["learn"], layout["read"]) == ([264, 240], [528, 240], [0, 0])


def test_a_node_dropped_on_a_wire_is_inserted(qtbot: QtBot, view: CanvasView) -> None:
    view.document.move({"look": (800, 0)})
    drag(qtbot, view, at(view, 300, 190), at(view, 580, 32))
    assert set(wires(view)) == {
        "read.table -> keep.table",
        "keep.table -> sort.table",
        "sort.table -> look.table",
    }
    view.document.undo_stack.undo()
    assert "keep.table -> look.table" in wires(view)
    matches(view)


def test_a_rubber_band_selects_what_it_touches(qtbot: QtBot, view: CanvasView) -> None:
    told: list[list[str]] = []
    view.selection_changed.connect(told.append)
    drag(qtbot, view, at(view, 240, -60), at(view, 560, 240))
    assert view.canvas_scene.selected_nodes() == ["keep", "sort", "learn", "look"]
    assert told[-1] == ["keep", "sort", "learn", "look"]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 200, 300))
    assert told[-1] == []


def test_shift_click_adds_to_the_selection_and_takes_away(qtbot: QtBot, view: CanvasView) -> None:
    area, shift = view.viewport(), Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=at(view, 100, 30))
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, shift, at(view, 300, 30))
    assert view.canvas_scene.selected_nodes() == ["read", "keep"]
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, shift, at(view, 100, 30))
    assert view.canvas_scene.selected_nodes() == ["keep"]


def test_the_canvas_is_panned_by_the_middle_button_and_by_space(qtbot: QtBot, view: CanvasView) -> None:
    before = view.visible_rect().topLeft()
    area = view.viewport()
    qtbot.mousePress(area, Qt.MouseButton.MiddleButton, pos=QPoint(400, 400))
    qtbot.mouseMove(area, QPoint(430, 420))
    qtbot.mouseMove(area, QPoint(460, 440))
    qtbot.mouseRelease(area, Qt.MouseButton.MiddleButton, pos=QPoint(460, 440))
    assert (view.visible_rect().topLeft() - before) == QPointF(-60, -40)
    told: list[str] = []
    view.port_activated.connect(lambda node, port: told.append(f"{node}.{port}"))
    view.canvas_scene.select(["read"])
    qtbot.keyPress(view, Qt.Key.Key_Space)
    drag(qtbot, view, QPoint(400, 400), QPoint(340, 360))
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert view.visible_rect().topLeft() == before
    assert told == [], "space was for panning"


def test_a_node_dragged_from_the_palette_lands_where_it_was_dropped(qtbot: QtBot, view: CanvasView) -> None:
    data = QMimeData()
    data.setData(MIME, b"csv_writer")
    event = QDropEvent(
        QPointF(at(view, 760, 320)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view.dropEvent(event)
    assert view.document.workflow.nodes["csv_writer"].type == "csv_writer"
    assert view.canvas_scene.nodes["csv_writer"].scene_card().contains(QPointF(760, 320))
    data.setData(MIME, b"sorter")
    event = QDropEvent(
        QPointF(at(view, 224, 31)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view.dropEvent(event)
    assert "read.table -> sorter.table" in wires(view), "dropped on a wire, it is inserted"


def test_a_click_on_an_output_asks_for_its_data(qtbot: QtBot, view: CanvasView) -> None:
    told: list[tuple[str, str]] = []
    view.port_activated.connect(lambda node, port: told.append((node, port)))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=output(view, "keep", "table"))
    assert told == [("keep", "table")]


def test_a_fix_under_a_card_can_be_clicked(qtbot: QtBot, view: CanvasView) -> None:
    fix = {"do": "show parameter", "node": "learn", "parameter": "target"}
    status = view.status
    assert isinstance(status, Said)
    status.problems = [{"node": "learn", "message": "choose a target", "parameter": "target", "fixes": [fix]}]
    status.problems_changed.emit()
    item = view.canvas_scene.nodes["learn"]
    assert item.face.state == "needs settings"
    assert item.face.problem == "Choose a target"
    view.canvas_scene.select(["learn"])
    told: list[object] = []
    view.fix_requested.connect(told.append)
    link = item._links[0][0].center() + item.pos()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view_point(view, link))
    assert told == [fix]


def test_the_wheel_zooms_at_the_pointer(qtbot: QtBot, view: CanvasView) -> None:
    anchor = QPointF(700, 200)
    before = view.to_scene(anchor)
    view.zoom_to(0.5, anchor)
    after = view.to_scene(anchor)
    assert abs(after.x() - before.x()) < 2.5
    assert abs(after.y() - before.y()) < 2.5
    assert view.scale_factor() == pytest.approx(0.5)


# -- the keys -----------------------------------------------------------------------------------


def test_a_workflow_is_built_by_keys_alone(qtbot: QtBot, view: CanvasView) -> None:
    view.document.new()
    for name in ("csv reader", "row filter", "statistics"):
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        qtbot.keyClicks(view.quick_add.field, name)
        qtbot.keyClick(view.quick_add.field, Qt.Key.Key_Return)
    assert wires(view) == ["csv_reader.table -> row_filter.table", "row_filter.table -> statistics.table"]
    told: list[str] = []
    view.node_activated.connect(told.append)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert told == ["row_filter", "csv_reader"]
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert wires(view) == ["csv_reader.table -> statistics.table"]
    matches(view)


def test_space_looks_at_one_output_after_the_other(qtbot: QtBot, view: CanvasView) -> None:
    told: list[str] = []
    view.port_activated.connect(lambda node, port: told.append(port))
    view.canvas_scene.select(["learn"])
    for _ in range(2):
        qtbot.keyClick(view, Qt.Key.Key_Space)
    assert told == [port for port, _ in view.canvas_scene.nodes["learn"].face.outputs][:2]


def test_arrow_keys_with_ctrl_move_the_selection(qtbot: QtBot, view: CanvasView) -> None:
    view.canvas_scene.select(["sort"])
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert view.document.workflow.layout["sort"] == [288, 160]
    assert view.document.undo_stack.count() == 1
    matches(view)


def test_copy_and_paste_go_through_the_clipboard_as_text(qtbot: QtBot, view: CanvasView) -> None:
    view.canvas_scene.select(["read", "keep"])
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert '"read.table -> keep.table"' in QGuiApplication.clipboard().text()
    qtbot.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert view.canvas_scene.selected_nodes() == ["read_2", "keep_2"]
    assert "read_2.table -> keep_2.table" in wires(view)
    qtbot.keyClick(view, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    matches(view)
    told: list[str] = []
    view.message.connect(told.append)
    QGuiApplication.clipboard().setText("no nodes")
    qtbot.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert told == ["The clipboard has no nodes; copy some nodes first"]


# -- notes, components, finding -----------------------------------------------------------------


def test_a_note_is_written_where_it_stands(qtbot: QtBot, view: CanvasView) -> None:
    view.editing.add_note(QPointF(0, 160))
    field = view.text_editor.field
    assert isinstance(field, QPlainTextEdit)
    qtbot.keyClicks(field, "Mind the gap")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert view.document.workflow.notes == [{"text": "Mind the gap", "at": [0, 160], "size": [240, 96]}]
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 60, 200))
    field = view.text_editor.field
    assert isinstance(field, QPlainTextEdit)
    qtbot.keyClicks(field, " here")
    qtbot.keyClick(field, Qt.Key.Key_Escape)  # a long text is not thrown away by one key; undo can do that
    assert view.document.workflow.notes[0]["text"] == "Mind the gap here"


def test_a_frame_takes_along_what_lies_in_it(qtbot: QtBot, view: CanvasView) -> None:
    view.canvas_scene.select(["read", "keep"])
    view.editing.add_frame()
    field = view.text_editor.field
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "Read")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    frame = view.canvas_scene.notes[0]
    assert frame.note.text == "Read"
    head = frame.scene_area().topLeft() + QPointF(200, 12)
    start = view_point(view, head)
    drag(qtbot, view, start, start + QPoint(0, -80))
    assert view.document.workflow.layout["read"] == [0, -80]
    assert view.document.workflow.layout["keep"] == [264, -80]
    assert view.document.workflow.layout["look"] == [528, 0]
    corner = view_point(view, view.canvas_scene.notes[0].scene_area().bottomRight() - QPointF(4, 4))
    drag(qtbot, view, corner, corner + QPoint(80, 40))
    assert view.document.workflow.notes[0]["size"][0] > 520


def test_a_component_is_made_entered_edited_and_left(qtbot: QtBot, view: CanvasView) -> None:
    view.canvas_scene.select(["keep", "look"])
    qtbot.keyClick(view, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    field = view.text_editor.field
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "Grown up")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    (made,) = set(view.document.workflow.nodes) - {"read", "sort", "learn"}
    assert view.document.workflow.nodes[made].label == "Grown up"
    matches(view)
    qtbot.mouseDClick(
        view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=view_point(view, view.canvas_scene.nodes[made].scene_card().center()),
    )
    assert view.level == (made,)
    assert view.path_bar.isVisible()
    matches(view)
    told: list[list[str]] = []
    view.selection_changed.connect(told.append)
    view.canvas_scene.select(["keep"])
    assert told[-1] == [f"{made}/keep"]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    matches(view)
    for _ in range(3):
        view.document.undo_stack.undo()
    assert view.level == (), "with the component undone, the canvas shows the workflow again"
    assert set(view.canvas_scene.nodes) == {"read", "keep", "look", "sort", "learn"}
    matches(view)


def test_a_node_is_found_by_a_part_of_its_name(qtbot: QtBot, view: CanvasView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_F)
    qtbot.keyClicks(view.find_bar.field, "forest")
    assert view.canvas_scene.selected_nodes() == ["learn"]
    assert view.find_bar.count.text() == "1 of 1"
    view.find_bar.field.setText("e")
    first = view.canvas_scene.selected_nodes()
    qtbot.keyClick(view.find_bar.field, Qt.Key.Key_Return)
    assert view.canvas_scene.selected_nodes() != first
    qtbot.keyClick(view.find_bar.field, Qt.Key.Key_Escape)
    assert not view.find_bar.isVisible()


def test_the_state_of_a_node_is_shown_and_inactive_wires_are_dashed(qtbot: QtBot, view: CanvasView) -> None:
    status = view.status
    assert isinstance(status, Said)
    status.states = {"keep": Idle("running", progress=0.5), "look": Idle("skipped")}
    for node in status.states:
        status.node_changed.emit(node)
    qtbot.waitUntil(lambda: view.canvas_scene.nodes["keep"].face.progress == 0.5)
    assert view.canvas_scene.wires[Connection.parse("keep.table -> look.table")].is_inactive
    assert not view.canvas_scene.wires[Connection.parse("read.table -> keep.table")].is_inactive


def test_why_a_node_failed_stands_below_its_card(qtbot: QtBot, view: CanvasView) -> None:
    status = view.status
    assert isinstance(status, Said)
    status.states = {"keep": Idle("failed", reason="the disk is full")}
    status.node_changed.emit("keep")
    qtbot.waitUntil(lambda: view.canvas_scene.nodes["keep"].face.problem == "The disk is full")


def test_seen_from_afar_the_same_is_painted_in_a_batch(qtbot: QtBot, view: CanvasView) -> None:
    view.zoom_to(0.12)
    assert view.is_batched()
    view.centerOn(QPointF(360, 120))
    picture = view.viewport().grab().toImage()
    point = at(view, 92, 30)
    near = {picture.pixelColor(point.x() + dx, point.y()).name() for dx in (-4, 0, 4)}
    category = view.canvas_scene.nodes["read"].face.category
    from nodeflow_gui.look import theme

    assert theme().group(category).name() in near
    view.canvas_scene.select(["read"])
    assert view.viewport().grab().toImage() != picture


def test_a_few_cards_keep_their_names_longer_than_many(qtbot: QtBot, view: CanvasView) -> None:
    view.zoom_to(0.3)
    assert not view.is_batched()
    nodes = {f"n{number}": {"type": "sorter", "parameters": {}} for number in range(200)}
    view.document.paste(json.dumps({"nodeflow": 1, "nodes": nodes}), (0.0, 400.0))
    view.zoom_to(0.3)
    assert view.is_batched()


def test_menus_offer_what_can_be_done(qtbot: QtBot, view: CanvasView) -> None:
    from nodeflow_gui.canvas.menus import menu_for

    view.canvas_scene.select(["read", "keep"])
    menu = menu_for(view, view.canvas_scene.nodes["read"], QPointF())
    texts = {action.text(): action for action in menu.actions()}
    assert {"Make a component", "Delete and join the neighbours", "Duplicate"} <= set(texts)
    assert not texts["Rename"].isEnabled()
    texts["Delete"].trigger()
    assert set(view.document.workflow.nodes) == {"sort", "learn", "look"}
    menu.deleteLater()


def test_a_port_tells_its_schema_and_first_rows_with_everything_escaped(view: CanvasView) -> None:
    import polars as pl
    from nodeflow_gui.canvas.pointing import tip_at

    class Place:
        kind = "table"
        path = ""
        data = b""

    class Told(Said):
        def spec_of(self, node: str, port: str) -> dict[str, object]:
            return {"columns": {"<b>age</b>": "Int64", "name": "String"}}

        def facts_of(self, node: str, port: str) -> str:
            return "2 rows"

        def place_of(self, node: str, port: str) -> Place:
            return Place()

    buffer = pl.DataFrame({"<b>age</b>": [36, None], "name": ["Ada", "<i>"]}).write_ipc(None)
    Place.data = buffer.getvalue()
    view.status = Told()
    tip = tip_at(view, view.canvas_scene.nodes["read"].port_point("table", True))
    assert "&lt;b&gt;age&lt;/b&gt;" in tip
    assert "<b>2 rows</b>" in tip
    assert "Int64" in tip
    assert "Ada" in tip
    assert "&lt;i&gt;" in tip
    assert tip_at(view, view.canvas_scene.nodes["keep"].port_point("table", False)).count("Int64") == 1
    assert "Row Filter" in tip_at(view, QPointF(350, 30))
    assert tip_at(view, QPointF(350, 400)) == ""


def test_all_that_was_laid_out_is_seen(view: CanvasView, qtbot: QtBot) -> None:
    view.canvas_scene.animates = True
    view.document.move({name: (5000 * number, -3000) for number, name in enumerate(view.canvas_scene.nodes)})
    view.canvas_scene.finish_moving()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert view.visible_rect().contains(view.canvas_scene.content_rect())


def test_a_long_name_takes_two_lines_before_it_is_cut(view: CanvasView) -> None:
    item = next(iter(view.canvas_scene.nodes.values()))
    name = "What was learned from all of the applicants of the last year"
    view.document.set_label(item.node, name)
    view.grab()
    first, second = item.title_lines()
    assert name.startswith(f"{first} ")
    assert second.endswith("…")
    high = item._texts[0].size().height()
    view.document.set_label(item.node, "short")
    view.grab()
    assert item.title_lines() == ["short"]
    assert high > 1.5 * item._texts[0].size().height()
