"""The editor's canvas: opening large workflows, panning over them from afar and from near, dragging a node.

A frame is what the person waits for: the pan or the drag, and all painting it causes, on an offscreen raster of
1600 x 1000. The process draws alone, without a graphics card.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import row

FRAMES = 60


def workflow_text(nodes: int) -> str:
    """Chains of ten nodes with a partition in each, laid out in a field."""
    types = ("csv_reader", "row_filter", "formula", "partition", "sorter", "column_filter", "statistics")
    made, wires, layout = {}, [], {}
    across = max(10, round((nodes * 0.45) ** 0.5))
    for index in range(nodes):
        column, line = index % across, index // across
        kind = types[0] if column == 0 else types[1 + index % 6] if column % 10 else types[0]
        made[f"n{index}"] = {
            "type": kind,
            "parameters": {"condition": "age >= 18"} if kind == "row_filter" else {},
        }
        layout[f"n{index}"] = [264 * column, 112 * line]
        if column and kind != "csv_reader":
            before = made[f"n{index - 1}"]["type"]
            port = "first" if before == "partition" else "table"
            wires.append(f"n{index - 1}.{port} -> n{index}.table")
    return json.dumps({"nodeflow": 1, "name": "large", "nodes": made, "connections": wires, "layout": layout})


def star_text(wires: int) -> str:
    """A node that feeds many, around it."""
    nodes = {"hub": {"type": "csv_reader", "parameters": {}}}
    layout = {"hub": [0, 0]}
    for index in range(wires):
        nodes[f"n{index}"] = {"type": "row_filter", "parameters": {}}
        layout[f"n{index}"] = [300 + 264 * (index % 4), 100 * (index // 4) - 600]
    connections = [f"hub.table -> n{index}.table" for index in range(wires)]
    return json.dumps(
        {"nodeflow": 1, "name": "star", "nodes": nodes, "connections": connections, "layout": layout}
    )


def median_frame(action: Callable[[int], None], frames: int = FRAMES) -> float:
    """The median time of an action with all the painting it causes, in seconds."""
    from PySide6.QtCore import QCoreApplication

    times = []
    for frame in range(frames):
        started = time.perf_counter()
        action(frame)
        QCoreApplication.processEvents()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rows(quick: bool) -> list[dict[str, Any]]:
    """Opening, panning and dragging."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from nodeflow_gui.canvas import CanvasView
    from nodeflow_gui.document import EditorDocument
    from nodeflow_gui.look import apply
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    apply(application, "light")
    found = []
    folder = Path(tempfile.mkdtemp())

    def opened(text: str) -> tuple[EditorDocument, CanvasView, float]:
        path = folder / "workflow.json"
        path.write_text(text, encoding="utf-8")
        document = EditorDocument(recovery=folder / "recovery")
        view = CanvasView(document)
        view.resize(1600, 1000)
        view.show()
        application.processEvents()
        document.registry.names()  # the window has read the catalogue by then
        started = time.perf_counter()
        document.load(path)
        application.processEvents()
        return document, view, time.perf_counter() - started

    def done(document: EditorDocument, view: CanvasView) -> None:
        document.close()
        view.close()
        view.deleteLater()
        application.processEvents()

    def pan(view: CanvasView) -> Callable[[int], None]:
        return lambda frame: view.pan(7 if frame % 20 < 10 else -7, 5 if frame % 20 < 10 else -5)

    document, view, seconds = opened(workflow_text(1_000))
    found.append(row("editor: open 1,000 nodes and show them", seconds, "s", 0.5))
    view.zoom_to(1.0)
    view.centerOn(QPointF(2000, 1500))
    application.processEvents()
    found.append(row("editor: a frame while panning at 1:1", median_frame(pan(view)), "s", 0.005))

    def repaint(frame: int) -> None:
        view.pan(7 if frame % 2 else -7, 5)
        view.viewport().repaint()

    found.append(row("editor: a frame at 1:1, all of it painted anew", median_frame(repaint), "s"))
    done(document, view)
    for count in (500,) if quick else (2_000, 10_000):
        document, view, seconds = opened(workflow_text(count))
        if count == 10_000:
            found.append(row("editor: open 10,000 nodes and show them", seconds, "s"))
        view.zoom_to_fit()
        application.processEvents()
        name = f"editor: a frame while panning {count:,} nodes from afar"
        found.append(row(name, median_frame(pan(view)), "s", 0.016))
        done(document, view)
    document, view, _ = opened(star_text(50))
    view.canvas_scene.animates = False
    hub = view.canvas_scene.nodes["hub"]

    def drag(frame: int) -> None:
        view.canvas_scene.move_items({hub: QPointF(-40 + 8 * (frame % 12), 4 * (frame % 9))})

    view.zoom_to(0.7)
    view.centerOn(QPointF(500, 0))
    application.processEvents()
    found.append(row("editor: a frame while dragging a node with 50 wires", median_frame(drag), "s", 0.016))
    done(document, view)
    return found
