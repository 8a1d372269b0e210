"""What the tests of the canvas share: a small workflow, and a hand that drags."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nodeflow_gui.canvas.facts import Idle, NoStatus
from nodeflow_gui.canvas.zoom_view import view_point
from PySide6.QtCore import QPoint, QPointF, Qt

if TYPE_CHECKING:
    from nodeflow_gui.canvas import CanvasView
    from pytestqt.qtbot import QtBot

TEXT = """{"nodeflow": 1, "name": "People",
  "nodes": {
    "read": {"type": "csv_reader", "parameters": {"path": "people.csv"}},
    "keep": {"type": "row_filter", "parameters": {"condition": "age >= 18"}},
    "sort": {"type": "sorter", "parameters": {}},
    "learn": {"type": "random_forest_learner", "parameters": {}},
    "look": {"type": "statistics", "parameters": {}}
  },
  "connections": ["read.table -> keep.table", "keep.table -> look.table"],
  "layout": {"read": [0, 0], "keep": [264, 0], "look": [528, 0], "sort": [264, 160], "learn": [528, 160]}
}"""


class Said(NoStatus):
    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, Idle] = {}
        self.problems = []

    def of(self, node: str) -> Idle:
        return self.states.get(node, Idle())


def at(view: CanvasView, x: float, y: float) -> QPoint:
    return view_point(view, QPointF(x, y))


def output(view: CanvasView, node: str, port: str) -> QPoint:
    return view_point(view, view.canvas_scene.nodes[node].port_point(port, True))


def entry(view: CanvasView, node: str, port: str) -> QPoint:
    return view_point(view, view.canvas_scene.nodes[node].port_point(port, False))


def drag(
    qtbot: QtBot,
    view: CanvasView,
    *points: QPoint,
    release: bool = True,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    area = view.viewport()
    qtbot.mousePress(area, Qt.MouseButton.LeftButton, keys, points[0])
    for start, end in pairwise(points):
        for step in (0.3, 0.7, 1.0):
            qtbot.mouseMove(area, start + (end - start) * step)
    if release:
        qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, keys, points[-1])


def wires(view: CanvasView) -> list[str]:
    return [str(one) for one in view.document.workflow.connections]


def matches(view: CanvasView) -> None:
    """The scene shows exactly what the document holds."""
    workflow, scene = view.level_document.workflow, view.canvas_scene
    assert set(scene.nodes) == set(workflow.nodes)
    assert set(scene.wires) == set(workflow.connections)
    for node, place in view.level_document.places().items():
        assert (scene.nodes[node].x(), scene.nodes[node].y()) == place
