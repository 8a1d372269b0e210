"""What is picked in one view stands out in all others of the same data, whichever way it was picked."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from nodeflow_gui.inspector.marking import Role, marks_of_rows
from nodeflow_gui.inspector.selections import Rows
from nodeflow_gui.inspector.telling import filter_of_rows
from nodeflow_nodes.manipulation.row_filter import RowFilter
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

import nodeflow as nf
from nodeflow.values.selection import Selection

X = [1, 2, 3, 4, 5, 6]
Y = [1.0, 5.0, 2.0, 4.0, 3.0, None]
PAY = [10, 100, 1000, 10, 100, 1000]
TOWN = ["Bern", "Chur", "Bern", "Chur", "Bern", "Chur"]


def points() -> nf.Workflow:
    workflow = nf.Workflow("points")
    columns = [
        {"name": "x", "type": "integer", "cells": [str(one) for one in X]},
        {"name": "y", "type": "number", "cells": ["" if one is None else str(one) for one in Y]},
        {"name": "pay", "type": "number", "cells": [str(one) for one in PAY]},
        {"name": "town", "type": "text", "cells": TOWN},
    ]
    rows = workflow.add("table_creator", id="rows", columns=columns)
    workflow.add("scatter_plot", rows, id="xy", x="x", y="y")
    workflow.add("scatter_plot", rows, id="xpay", x="x", y="pay", y_scale="logarithmic")
    workflow.add("line_plot", rows, id="line", x="x", y=["y"])
    workflow.add("histogram", rows, id="hist", column="x", bins=3)
    workflow.add("bar_chart", rows, id="bars", group="town")
    return workflow


@pytest.fixture
def looked(inspect: Any, ran: Any, qtbot: Any) -> Callable[..., Any]:
    """An inspector on the points, which have been computed; views of nodes are opened apart."""
    inspector = inspect(points())
    ran(inspector.session)

    def show(node: str) -> Any:
        shown = inspector.table.shown if node == "rows" else inspector.chart.shown
        with qtbot.waitSignal(shown, timeout=60_000):
            inspector.show_node(node)
        return inspector

    def apart(node: str) -> Any:
        show(node)
        inspector.open_apart.click()
        view = inspector.apart[-1].inspector
        page = view.table if node == "rows" else view.chart
        qtbot.waitUntil(
            lambda: (
                view.table.model.source is not None
                and (node == "rows" or (page.plot is not None and page.plot._drawing is not None))
            ),
            timeout=60_000,
        )
        return view

    show.apart = apart  # type: ignore[attr-defined]
    return show


def marked(view: Any) -> list[int]:
    """The numbers of the marks that stand out, from left to right."""
    plot = view.chart.plot
    marks = plot._marks
    if marks is None:
        return []
    if hasattr(marks, "getData"):
        across = marks.getData()[0]
        return sorted(int(np.flatnonzero(plot._drawing.x == x)[0]) for x in across)
    return [
        place
        for place, (left, bottom, right, top) in enumerate(plot._drawing.boxes)
        if marks.path().contains(QPointF((left + right) / 2, (bottom + top) / 2))
    ]


def click_row(view: Any, row: int, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """Click on the number of a row."""
    head = view.table.view.verticalHeader()
    spot = QPoint(head.width() // 2, head.sectionViewportPosition(row) + 6)
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, modifier, spot)


def drag_line(view: Any, corners: list[tuple[float, float]]) -> None:
    """Draw a line over the plot with the mouse, by places on its axes."""
    plot = view.chart.plot
    places = [plot.mapFromScene(plot._box.mapViewToScene(QPointF(x, y))) for x, y in corners]
    way = [
        start + (end - start) * (step / 6) for start, end in pairwise(places) for step in range(6)
    ] + places[-1:]
    target: QWidget = plot.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, place, button, held in (
        (QEvent.Type.MouseButtonPress, way[0], left, left),
        *((QEvent.Type.MouseMove, place, none, left) for place in way[1:]),
        (QEvent.Type.MouseButtonRelease, way[-1], left, none),
    ):
        QTest.qWait(8)  # the plot looks at the mouse so often
        spot = QPointF(place)
        event = QMouseEvent(
            kind, spot, target.mapToGlobal(spot), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(target, event)


def kept_by(parameters: Any, frame: pl.DataFrame) -> list[int]:
    """The numbers of the rows that a Row Filter keeps."""
    node, faults = RowFilter.decode(dict(parameters))
    assert not faults
    rows = node.run(nw.from_native(frame.with_row_index("row").lazy())).to_native().collect()
    return list(rows["row"])


def mode(view: Any, name: str) -> None:
    next(one for one in view.chart.modes.buttons() if one.property("mode") == name).click()


def test_rows_picked_in_a_table_are_marked_in_every_chart_of_it(looked: Any, qtbot: Any) -> None:
    xy, xpay, hist, bars = (looked.apart(one) for one in ("xy", "xpay", "hist", "bars"))
    table = looked("rows")
    table.show_page("table")
    click_row(table, 1)
    click_row(table, 4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: marked(xy) == [1, 4], timeout=10_000)
    qtbot.waitUntil(lambda: marked(xpay) == [1, 4], timeout=10_000)
    qtbot.waitUntil(lambda: len(marked(hist)) == 2, timeout=10_000)
    qtbot.waitUntil(lambda: marked(bars) == [0, 1], timeout=10_000)
    click_row(table, 0)
    qtbot.waitUntil(lambda: marked(xy) == [0], timeout=10_000)
    qtbot.waitUntil(lambda: len(marked(bars)) == 1, timeout=10_000)
    table.table.unpick.click()
    qtbot.waitUntil(lambda: marked(xy) == marked(bars) == [], timeout=10_000)
    table.table.select_cell(2, 1)
    qtbot.keyClick(table.table.view, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: marked(xy) == [2], timeout=10_000)


def test_a_line_around_points_picks_exactly_those_rows_everywhere(looked: Any, qtbot: Any) -> None:
    xpay = looked.apart("xpay")
    view = looked("xy")
    mode(view, "lasso")
    # around (1, 1), (3, 2) and (5, 3), below (2, 5) and (4, 4), which lie in the ranges that it spans
    drag_line(view, [(0.9, 0.9), (5.3, 2.6), (5.3, 3.4), (2.9, 2.4), (0.9, 1.5)])
    qtbot.waitUntil(lambda: view.table.picked_mask is not None, timeout=10_000)
    assert view.table.picked_mask.to_list() == [True, False, True, False, True, False]
    assert marked(view) == [0, 2, 4]
    qtbot.waitUntil(lambda: marked(xpay) == [0, 2, 4], timeout=10_000)
    with qtbot.waitSignal(view.filter_made, timeout=5_000) as made:
        view.chart.keep.click()
    document = view.session.document
    node = document.workflow.nodes[made.args[0]]
    assert [one["column"] for one in node.parameters["conditions"]] == ["x", "y"]
    assert kept_by(node.parameters, pl.DataFrame({"x": X, "y": Y})) == [0, 2, 4]
    document.undo_stack.undo()
    assert made.args[0] not in document.workflow.nodes


def test_a_line_on_an_axis_of_powers_is_exact_as_well(looked: Any, qtbot: Any) -> None:
    view = looked("xpay")
    mode(view, "lasso")
    drag_line(view, [(0.9, 0.95), (1.2, 0.95), (6.1, 2.9), (6.1, 3.04), (5.8, 3.04), (0.9, 1.1)])
    qtbot.waitUntil(lambda: view.table.picked_mask is not None, timeout=10_000)
    assert view.table.picked_mask.to_list() == [True, False, False, False, False, True]
    assert marked(view) == [0, 5]


def test_a_brush_over_bars_picks_their_rows_and_marks_points(looked: Any, qtbot: Any) -> None:
    xy = looked.apart("xy")
    view = looked("bars")
    mode(view, "brush")
    drawing = view.chart.plot._drawing
    (role,) = (role for role in "xy" if drawing.chart[role]["labels"])
    bern = drawing.chart[role]["labels"].index("Bern")
    left, bottom, right, top = drawing.boxes[np.argmin(abs(getattr(drawing, role) - bern))]
    drag_line(view, [(left + 0.1, bottom + 0.1), (right - 0.1, top - 0.1)])
    qtbot.waitUntil(lambda: view.table.picked_mask is not None, timeout=10_000)
    assert view.table.picked_mask.to_list() == [town == "Bern" for town in TOWN]
    qtbot.waitUntil(lambda: marked(xy) == [0, 2, 4], timeout=10_000)


def test_a_brush_over_a_line_picks_what_lies_between(looked: Any, qtbot: Any) -> None:
    view = looked("line")
    mode(view, "brush")
    drag_line(view, [(1.6, 1.2), (4.4, 4.9)])
    qtbot.waitUntil(lambda: view.table.picked_mask is not None, timeout=10_000)
    assert view.table.picked_mask.to_list() == [False, False, True, True, False, False]


def test_picked_rows_become_a_filter_by_what_tells_them_apart(looked: Any, qtbot: Any) -> None:
    table = looked("rows")
    click_row(table, 2)
    click_row(table, 5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: table.table.picked_mask is not None, timeout=10_000)
    with qtbot.waitSignal(table.filter_made, timeout=10_000) as made:
        table.table.keep.click()
    node = table.session.document.workflow.nodes[made.args[0]]
    assert node.parameters["conditions"] == [{"column": "x", "test": "is one of", "listed": ["3", "6"]}]


def test_rows_of_another_table_are_no_longer_picked(looked: Any, ran: Any, qtbot: Any) -> None:
    table = looked("rows")
    click_row(table, 2)
    qtbot.waitUntil(lambda: table.table.picked_mask is not None, timeout=10_000)
    cells = table.session.document.workflow.nodes["rows"].parameters["columns"]
    changed = [dict(one) for one in cells]
    changed[0]["cells"] = list(reversed(changed[0]["cells"]))
    table.session.document.set_parameter("rows", "columns", changed)
    ran(table.session)
    qtbot.waitUntil(lambda: table.table.model.index(0, 0).data() == "6", timeout=10_000)
    qtbot.waitUntil(lambda: table.table.picked_mask is None, timeout=10_000)


@pytest.mark.parametrize("picked", [[0], [1, 2], [0, 3], [2], [5], [0, 1, 2, 3, 4]])
def test_a_filter_of_rows_keeps_them_and_few_others(picked: list[int]) -> None:
    frame = pl.DataFrame(
        {
            "a": [1, 1, 2, 2, None, 3],
            "b": ["x", "y", "x", "y", "x", "x"],
            "c": [0.5, math.nan, 1.5, 2.5, 3.5, 0.5],
            "d": [True] * 6,
        }
    )
    mask = pl.Series([row in picked for row in range(6)])
    parameters, others = filter_of_rows(frame, mask)
    kept = kept_by(parameters, frame)
    assert set(picked) <= set(kept)
    assert len(kept) - len(picked) == others == 0


def test_equal_rows_cannot_be_told_apart_and_that_is_counted() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2]})
    parameters, others = filter_of_rows(frame, pl.Series([True, False, False]))
    assert others == 1
    assert parameters == {"condition": "(`a` == 1)"}


def test_marks_of_ranges_hold_their_start_and_the_last_its_end() -> None:
    low, high = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    role = Role("v", "number", [], low, high)
    frame = pl.DataFrame({"v": [0.0, 1.0, 3.0, None, 9.0]})
    for row, marks in enumerate([[0], [1], [2], [], []]):
        mask = pl.Series([place == row for place in range(5)])
        assert marks_of_rows([role], frame, mask).tolist() == marks


def test_rows_are_the_same_by_their_numbers_and_their_table() -> None:
    assert Rows(pl.Series([1, 2]), "a") == Rows(pl.Series([1, 2]), "a")
    assert Rows(pl.Series([1, 2]), "a") != Rows(pl.Series([1, 2]), "b")
    assert Rows(pl.Series([1, 2]), "a") != Selection()
    assert not Rows(pl.Series([], dtype=pl.UInt32), "a")
