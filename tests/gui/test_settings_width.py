"""The settings fit a narrow panel: nothing is cut off at its right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.look.theme import apply
from nodeflow_gui.running.status import Status
from nodeflow_gui.settings.panel import SettingsPanel
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nodeflow.registry import Registry

REGISTRY = Registry.installed()
NARROW = 260
MARGINS = 2 * 16 + 10
"""Those of the panel, and its scroll bar."""


@pytest.fixture
def panel(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[SettingsPanel]:
    apply(qapp, "light")
    document = EditorDocument(REGISTRY, recovery=tmp_path)
    document.new()
    made = SettingsPanel(document, Status())
    qtbot.addWidget(made)
    made.resize(NARROW, 800)
    made.show()
    yield made
    document.close()


def test_every_setting_fits_a_narrow_panel(panel: SettingsPanel) -> None:
    assert panel.width() == NARROW
    panel._shows_advanced = True
    too_wide = {}
    for type_id in REGISTRY.names():
        panel.show_node(panel.document.add_node(type_id, (0, 0)))
        for name, row in panel.rows.items():
            if row.minimumSizeHint().width() > NARROW - MARGINS:
                too_wide[f"{type_id}.{name}"] = row.minimumSizeHint().width()
    assert too_wide == {}


def test_a_variable_with_a_long_name_fits_too(panel: SettingsPanel) -> None:
    document = panel.document
    document.set_variable("a_name_that_is_much_longer_than_the_panel_is_wide", 3)
    panel.show_node(document.add_node("random_forest_learner", (0, 0)))
    panel.rows["trees"].take_variable("a_name_that_is_much_longer_than_the_panel_is_wide")
    row = panel.rows["trees"]
    assert row.minimumSizeHint().width() <= NARROW - MARGINS
