"""A canvas of 1,100 x 700 pixels with the small workflow, at its own size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nodeflow_gui.canvas import CanvasView
    from pytestqt.qtbot import QtBot

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path) -> Iterator[CanvasView]:
    from nodeflow_gui.canvas import CanvasView
    from nodeflow_gui.document import EditorDocument
    from PySide6.QtCore import QPointF
    from strokes import TEXT, Said

    from nodeflow.document import loads

    document = EditorDocument(recovery=tmp_path / "recovery")
    document.new(loads(TEXT))
    view = CanvasView(document, Said())
    qtbot.addWidget(view)
    view.resize(1100, 700)
    with qtbot.waitExposed(view):
        view.show()
    view.zoom_to(1.0)
    view.centerOn(QPointF(360, 120))
    view.canvas_scene.animates = False
    yield view
    document.close()
