"""The scenes for pictures can be played."""

from __future__ import annotations

from pathlib import Path

import pytest
from nodeflow_gui import screenshots
from nodeflow_gui.look import apply
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication


def test_there_are_ten_scenes_of_different_names() -> None:
    assert len({scene.__name__ for scene in screenshots.SCENES}) == 10


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NODEFLOW_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "pictures"


def test_scenes_give_pictures_that_differ_in_light_and_dark(qapp: QApplication, own_folders: Path) -> None:
    made = screenshots.shoot(own_folders, [screenshots.empty, screenshots.formula])
    assert [path.name for path in made] == [
        "01_empty_light.png",
        "02_formula_light.png",
        "01_empty_dark.png",
        "02_formula_dark.png",
    ]
    light, dark = (QImage(str(made[index])).pixelColor(700, 200).lightness() for index in (1, 3))
    assert light > 200
    assert dark < 60
    apply(qapp, "light")
