"""The inspector shows what nodes gave, as a person would look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPainterPath

import nodeflow as nf
from nodeflow.values.selection import Selection


def people() -> nf.Workflow:
    workflow = nf.Workflow("people")
    columns = [
        {"name": "age", "type": "integer", "cells": ["30", "", "25", "41"]},
        {"name": "pay", "type": "number", "cells": ["1.5", "2.25", "3", "4"]},
        {"name": "town", "type": "text", "cells": ["Bern", "Chur", "Bern", ""]},
    ]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    workflow.add("scatter_plot", rows, id="plot", x="age", y="pay")
    workflow.add("pie_chart", rows, id="pie", group="town")
    workflow.add("linear_regression_learner", rows, id="learn", target="pay")
    return workflow


def shown_texts(inspector: Any) -> list[list[str]]:
    model = inspector.table.model
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_a_table_shows_with_equal_decimals_and_quiet_marks(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    assert shown_texts(inspector) == [
        ["30", "1.50", "Bern"],
        ["·", "2.25", "Chur"],
        ["25", "3.00", "Bern"],
        ["41", "4.00", "·"],
    ]
    assert "4 rows × 3 columns" in inspector.title.text()
    qtbot.waitUntil(lambda: len(inspector.statistics.statistics.facts) == 3, timeout=10_000)
    model = inspector.statistics.statistics
    assert model.index(0, 3).data() == "1 (25.0 %)"
    assert model.index(1, 7).data() == "2.6875"
    inspector.show_page("statistics")
    qtbot.keyClick(inspector.statistics, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, *lines = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t")[:3] == ["Column", "Type", "Missing"]
    assert [line.split("\t")[0] for line in lines] == ["age", "pay", "town"]


def test_a_click_on_the_head_sorts_and_a_third_takes_it_back(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    head = inspector.table.head
    spot = head.viewport().rect().topLeft()
    spot.setX(head.sectionViewportPosition(0) + 20)
    spot.setY(10)
    for expected in (["25", "30", "41", "·"], ["41", "30", "25", "·"], ["30", "·", "25", "41"]):
        qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        qtbot.waitUntil(
            lambda wanted=expected: [row[0] for row in shown_texts(inspector)] == wanted, timeout=5_000
        )


def test_search_and_filter_keep_fitting_rows(inspect: Any, ran: Any, qtbot: Any, qapp: Any) -> None:
    from nodeflow_gui.look import apply, theme

    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    qtbot.keyClicks(inspector.table.search, "bern")
    qtbot.waitUntil(lambda: inspector.table.model.rowCount() == 2, timeout=5_000)
    qtbot.keyClicks(inspector.table.filter, "pay > 2")
    qtbot.waitUntil(lambda: shown_texts(inspector) == [["25", "3.00", "Bern"]], timeout=5_000)
    assert inspector.table.count.text() == "1 of 4 rows"
    inspector.table.filter.setText("nothing > 2")
    field = inspector.table.filter
    qtbot.waitUntil(lambda: bool(field.property("faulty")), timeout=5_000)
    assert "nothing" in field.toolTip()
    inspector.table.search.setFocus()  # a field that is written in has the frame of the focus
    apply(qapp, "light")
    picture = field.grab().toImage()
    frame = {picture.pixelColor(x, 0).name() for x in range(10, picture.width() - 10)}
    assert frame == {theme().colour("failed").name()}


def test_copied_cells_are_a_table_for_spreadsheets(
    inspect: Any, ran: Any, qtbot: Any, tmp_path: Path
) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    inspector.table.copy()
    copied = QGuiApplication.clipboard().text()
    assert copied == "age\tpay\ttown\n30\t1.5\tBern\n\t2.25\tChur\n25\t3.0\tBern\n41\t4.0\t\n"
    inspector.table.export(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: (tmp_path / "out.csv").exists(), timeout=5_000)
    assert pl.read_csv(tmp_path / "out.csv").height == 4


def test_a_brush_over_points_picks_rows_in_the_table_and_makes_a_filter(
    inspect: Any, ran: Any, qtbot: Any
) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.chart.shown, timeout=60_000):
        inspector.show_node("plot")
    assert inspector.current() == "chart"
    drawing = inspector.chart.plot._drawing
    assert sorted(drawing.x) == [25.0, 30.0, 41.0]
    path = QPainterPath()
    path.addRect(24, 1, 8, 2.5)
    inspector.chart.plot._pick(path)
    assert inspector.chart._selection == Selection({"age": (25, 30), "pay": (1.5, 3.0)})
    qtbot.waitUntil(lambda: inspector.table._mask is not None, timeout=10_000)
    assert inspector.table._mask.to_list() == [True, False, True, False]
    with qtbot.waitSignal(inspector.filter_made, timeout=5_000) as made:
        inspector.chart.keep.click()
    node = inspector.session.document.workflow.nodes[made.args[0]]
    assert node.type == "row_filter"
    assert [one["column"] for one in node.parameters["conditions"]] == ["age", "pay"]
    inspector.session.document.undo_stack.undo()
    assert made.args[0] not in inspector.session.document.workflow.nodes


def test_a_legend_that_is_too_long_is_told_whole(qtbot: Any) -> None:
    from nodeflow_gui.inspector.chart_page import ChartPage

    page = ChartPage()
    qtbot.addWidget(page)
    page._chart = {"legend": [(f"<group {number}>", "#0072b2") for number in range(20)]}
    page._write_legend()
    assert "…" in page.legend.text()
    assert "group 19" not in page.legend.text()
    assert "&lt;group 19&gt;" in page.legend.toolTip()


def test_what_has_no_shapes_is_drawn_as_a_picture(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.chart.shown, timeout=60_000):
        inspector.show_node("pie")
    assert inspector.chart.stack.currentWidget() is inspector.chart.picture
    assert inspector.chart.picture._renderer.isValid()
    qtbot.mouseClick(inspector.open_apart, Qt.MouseButton.LeftButton)
    (window,) = inspector.apart
    large = window.inspector.chart
    qtbot.waitUntil(lambda: large.stack.currentWidget() is large.picture, timeout=60_000)
    assert window.isWindow()
    assert large.picture.height() > inspector.chart.picture.height()
    window.close()
    assert inspector.apart == []


def test_a_model_is_described(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    inspector.show_node("learn")
    qtbot.waitUntil(lambda: inspector.current() == "details", timeout=60_000)
    text = inspector.details.toPlainText()
    assert "regression" in text
    assert "age" in text


def test_what_has_not_run_offers_to_run(inspect: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    inspector.show_node("learn")
    qtbot.waitUntil(lambda: inspector.run_here.isVisible(), timeout=20_000)
    with qtbot.waitSignal(inspector.session.ended, timeout=60_000):
        qtbot.mouseClick(inspector.run_here, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: inspector.current() == "details", timeout=60_000)


def test_errors_stand_in_the_log_and_on_its_tab(inspect: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    inspector.session.log.emit("error", "It broke", "")
    inspector.session.log.emit("info", "All is well", "")
    assert inspector.tabs.tabText(inspector._tab("log")) == "Log (1)"
    inspector.show_page("log")
    assert "It broke" in inspector.log.text.toPlainText()
    inspector.log.level.setCurrentIndex(3)
    assert "All is well" not in inspector.log.text.toPlainText()


def test_a_picture_is_zoomed_moved_and_shown_whole_again(qtbot: Any) -> None:
    from nodeflow_gui.inspector.picture import Picture
    from PySide6.QtCore import QPointF, QRectF
    from PySide6.QtTest import QTest

    picture = Picture()
    qtbot.addWidget(picture)
    picture.resize(400, 300)
    picture.show_svg(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>'
    )
    picture.show()
    whole = picture.place()
    assert whole == QRectF(0, 0, 400, 300)
    picture.zoom_by(2, QPointF(100, 100))
    assert picture.place().topLeft() == QPointF(-100, -100)  # what was at the mouse still is
    start = picture.rect().center()
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(picture, start + QPoint(30, 20))
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 20))
    assert picture.place().topLeft() == QPointF(-70, -80)
    picture.zoom_by(0.01, QPointF(0, 0))
    assert picture.place() == whole  # never smaller than there is room
    qtbot.keyClick(picture, Qt.Key.Key_Plus)
    assert picture.zoom > 1
    QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=start)
    assert picture.place() == whole


def test_the_keys_for_finding_go_to_the_search_of_the_table(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    inspector.table.view.setFocus()
    qtbot.keyClick(inspector.table.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(inspector.table.search.hasFocus, timeout=5_000)
    qtbot.keyClicks(inspector.table.search, "chur")
    qtbot.waitUntil(lambda: inspector.table.model.rowCount() == 1, timeout=5_000)
    qtbot.keyClick(inspector.table.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: inspector.table.model.rowCount() == 4, timeout=5_000)


def test_files_that_cannot_be_written_are_told(inspect: Any, ran: Any, qtbot: Any, tmp_path: Path) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.chart.shown, timeout=60_000):
        inspector.show_node("plot")
    with qtbot.waitSignal(inspector.message, timeout=60_000) as told:
        inspector.chart.save(tmp_path / "plot.png")
    assert str(tmp_path / "plot.png") in told.args[0]
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    for page, name in ((inspector.chart.save, "plot.svg"), (inspector.table.export, "rows.csv")):
        with qtbot.waitSignal(inspector.failed, timeout=60_000) as told:
            page(tmp_path / "no such folder" / name)
        assert "no such folder" in told.args[0]


def test_lists_and_bytes_have_a_place_in_a_csv_file(tmp_path: Path) -> None:
    from nodeflow_gui.inspector.writing import write_csv

    frame = pl.DataFrame({"l": [[1, 2], None], "s": [{"a": 1}, {"a": None}], "b": [b"x", b"\xff"]})
    told = write_csv(frame, pl.Series([1, 0]), tmp_path / "out.csv", "{0} rows in {1}")
    assert told == f"2 rows in {tmp_path / 'out.csv'}"
    assert pl.read_csv(tmp_path / "out.csv")["l"].to_list() == [None, "[1, 2]"]


def test_nothing_is_shown_of_a_node_that_is_gone(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    with qtbot.waitSignal(inspector.chart.shown, timeout=60_000):
        inspector.show_node("plot")
    inspector.open_apart.click()
    apart = inspector.apart[0].inspector
    with qtbot.waitSignal(apart.chart.shown, timeout=60_000):
        pass
    document = inspector.session.document
    document.remove(["plot"], [])
    assert inspector.node == ""
    assert inspector.sentence.isVisible()
    assert not inspector.run_here.isVisible()
    assert "not there any more" in apart.sentence.text()
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: apart.stack.currentWidget() is apart.chart, timeout=20_000)


def test_a_filter_is_made_on_the_level_where_the_chart_is(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    document = inspector.session.document
    within = document.collapse(["plot", "pie"], "charts")
    outside = document.collapse(["rows"], "data")
    ran(inspector.session)
    with qtbot.waitSignal(inspector.chart.shown, timeout=60_000):
        inspector.show_node(f"{within}/plot")
    path = QPainterPath()
    path.addRect(24, 1, 8, 2.5)
    inspector.chart.plot._pick(path)
    with qtbot.waitSignal(inspector.filter_made, timeout=5_000) as made:
        inspector.chart.keep.click()
    assert made.args == ["row_filter"]
    assert [str(one) for one in document.workflow.connections if one.target == "row_filter"] == [
        f"{outside}.table -> row_filter.table"
    ]
    document.undo_stack.undo()
    with qtbot.waitSignal(inspector.table.shown, timeout=60_000):
        inspector.show_node(outside)
    qtbot.waitUntil(lambda: inspector.table.picked_mask is not None, timeout=10_000)
    inspector.show_page("table")
    with qtbot.waitSignal(inspector.filter_made, timeout=5_000) as made:
        inspector.table.keep.click()
    assert made.args == ["row_filter"]
    (wire,) = (one for one in document.workflow.connections if one.target == "row_filter")
    assert wire.source == outside


def test_the_log_is_searched_and_its_lines_lead_to_their_nodes(inspect: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    inspector.session.log.emit("warning", "Learner: 2 rows are <left> out", "learn")
    inspector.session.log.emit("info", "All: is well", "")
    inspector.show_page("log")
    page = inspector.log
    assert [line.split("  ", 1)[1] for line in page.text.toPlainText().splitlines()] == [
        "! Learner: 2 rows are <left> out",
        "· All: is well",
    ]
    cursor = page.text.document().find("Learner")
    spot = page.text.cursorRect(cursor).center() - QPoint(12, 0)
    with qtbot.waitSignal(inspector.node_wanted, timeout=5_000) as wanted:
        qtbot.mouseClick(page.text.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert wanted.args == ["learn"]
    qtbot.keyClicks(page.search, "LEFT")
    assert "All" not in page.text.toPlainText()
    page.search.clear()
    assert "All" in page.text.toPlainText()


def test_who_reads_the_log_goes_on_unless_a_port_is_asked_for(inspect: Any, ran: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    ran(inspector.session)
    inspector.show_page("log")
    with qtbot.waitSignal(inspector.table.shown, timeout=20_000):
        inspector.show_node("rows")
    assert inspector.current() == "log"
    inspector.look_at("rows", "table")
    qtbot.waitUntil(lambda: inspector.current() == "table", timeout=20_000)


def test_figures_become_curves_while_a_node_trains(inspect: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    inspector.show_node("learn")
    for epoch in range(1, 4):
        figures = {"epoch": float(epoch), "loss": 1.0 / epoch, "val_loss": None}
        inspector.status.figures_changed.emit("learn", (epoch / 3, figures))
    assert inspector.curves.curves["loss"] == [1.0, 0.5, 1 / 3]
    assert inspector.curves.places["loss"] == [1.0, 2.0, 3.0]
    assert "epoch" not in inspector.curves.curves
    qtbot.waitUntil(lambda: inspector.curves._plot is not None, timeout=30_000)


def test_losses_are_drawn_first_and_others_by_a_tick(inspect: Any, qtbot: Any) -> None:
    inspector = inspect(people())
    inspector.resize(700, 300)
    inspector.show()
    inspector.show_node("learn")
    others = {f"a figure with a long name {number}": 1.0 for number in range(20)}
    for batch in range(4):
        figures = {"epoch": batch / 2, "loss": 1.0, **({"val_loss": 2.0, **others} if batch % 2 else {})}
        inspector.status.figures_changed.emit("learn", (batch / 4, figures))
    page = inspector.curves
    qtbot.waitUntil(lambda: page._plot is not None and page.figures.count() == 22, timeout=30_000)
    assert page.drawn() == ["loss", "val_loss"]
    assert page.places["val_loss"] == [0.5, 1.5]
    page.figures.item(5).setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: len(page._plot.plotItem.listDataItems()) == 3, timeout=5_000)
    # neither the figures nor their tab push anything out of sight
    assert inspector.minimumSizeHint().width() <= 640
    tab = inspector.tabs.tabRect(0)
    assert tab.left() >= 0
    assert tab.width() > 0
