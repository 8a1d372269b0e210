"""The look: readable colours, icons that are all there, one place for themes."""

from __future__ import annotations

import pytest
from nodeflow_gui.look import apply, font, group_icon_name, icon, icon_path, spacing, theme
from nodeflow_gui.look.colours import DARK, GROUPS, LIGHT, contrast
from nodeflow_gui.look.drawings import ACTIONS
from nodeflow_gui.look.drawings import GROUPS as GROUP_ICONS
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text", "window"),
        ("text", "canvas"),
        ("text", "card"),
        ("text", "field"),
        ("text", "selection"),
        ("muted", "panel"),
        ("muted", "canvas"),
        ("muted", "card"),
        ("accent", "panel"),
        ("failed", "panel"),
        ("on accent", "accent"),
        ("on tooltip", "tooltip"),
    ],
)
def test_texts_can_be_read_on_their_grounds(colours: dict[str, str], text: str, ground: str) -> None:
    assert contrast(colours[text], colours[ground]) >= (4.0 if text == "failed" else 4.5)


def test_both_themes_have_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_every_icon_can_be_drawn(qapp: QApplication) -> None:
    for name in (*ACTIONS, *GROUP_ICONS):
        area = icon_path(name).boundingRect()
        assert not area.isEmpty() or name in ("remove",), name
        assert area.left() >= 0
        assert area.right() <= 24
        assert area.top() >= 0
        assert area.bottom() <= 24
        assert not icon(name).isNull()


def test_every_group_has_an_icon_of_its_own() -> None:
    assert all(group_icon_name(group) != "other" for group in GROUPS)
    assert group_icon_name("Mining / Trees") == "mining"
    assert group_icon_name("Something new") == "other"


def test_a_theme_changes_palette_and_colours_at_once(qapp: QApplication) -> None:
    apply(qapp, "light")
    light = theme().colour("window").name()
    told = []
    theme().theme_changed.connect(lambda: told.append(theme().is_dark))
    apply(qapp, "dark")
    assert told == [True]
    assert theme().colour("window").name() != light
    assert qapp.palette().window().color() == theme().colour("window")
    apply(qapp, "light")


def test_small_marks_are_seen_on_dark_ground(qapp: QApplication) -> None:
    deep, bright = QColor("#440154"), QColor("#fde725")
    assert theme().seen(deep) == deep
    try:
        apply(qapp, "dark")
        lighter = theme().seen(deep)
        assert lighter.hue() == deep.hue()
        assert contrast(lighter.name(), DARK["panel"]) > 2 > contrast(deep.name(), DARK["panel"])
        assert theme().seen(bright) == bright
    finally:
        apply(qapp, "light")


def test_distances_lie_on_the_grid() -> None:
    assert [spacing(steps) for steps in (1, 2, 2.5, 4)] == [4, 8, 10, 16]


def test_the_type_scale_has_two_weights(qapp: QApplication) -> None:
    assert font("body").weight() < font("strong").weight() == font("title").weight()
    assert font("small").pixelSize() < font("body").pixelSize() < font("title").pixelSize()
