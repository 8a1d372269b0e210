"""The palette: what a person types, finds, adds and drags."""

from __future__ import annotations

from pathlib import Path

import pytest
from nodeflow_gui.palette import NODE_MIME, Palette
from nodeflow_gui.palette.finding import OTHER_NAMES, NodeFinder
from nodeflow_gui.palette.suggesting import USUAL, suggestions
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.translations.nodes import TranslatedRegistry
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from nodeflow.registry import Registry


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


@pytest.fixture
def kept(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path)


@pytest.fixture
def palette(qtbot: QtBot, registry: Registry, kept: Preferences) -> Palette:
    made = Palette(registry, kept=kept)
    made.add_requested.connect(made.node_used)
    qtbot.addWidget(made)
    made.resize(240, 700)
    made.show()
    return made


def shown(palette: Palette) -> list[str]:
    return [row.text for row in palette.rows.rows if row.kind == "node"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("row filter", "row_filter"),
        ("CSV Reader", "csv_reader"),
        ("File Reader", "csv_reader"),
        ("GroupBy", "group_by"),
        ("Math Formula", "math_formula"),
        ("Partitioning", "partition"),
        ("Table Partitioner", "partition"),
        ("Decision Tree Predictor", "predictor"),
        ("Random Forest Learner", "random_forest_learner"),
        ("Random Forest Learner (Regression)", "random_forest_learner"),
        ("String to Date&Time", "date_time_parse"),
        ("Column Rename", "column_rename"),
        ("Numeric Scorer", "numeric_scorer"),
        ("RowID", "row_number"),
        ("math forumla", "math_formula"),
        ("zeilen filtern", "row_filter"),
        ("Table Manipulator", "column_filter"),
        ("Table Transposer", "transpose"),
    ],
)
def test_nodes_are_found_by_the_names_people_know(registry: Registry, words: str, first: str) -> None:
    assert NodeFinder(registry).find(words)[0] == first


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("missing", "missing_value"),
        ("fehlende", "missing_value"),
        ("row f", "row_filter"),
        ("zeilenf", "row_filter"),
    ],
)
def test_in_german_both_names_lead_to_the_same_node(registry: Registry, words: str, first: str) -> None:
    assert NodeFinder(TranslatedRegistry(registry, "de")).find(words)[0] == first


def test_what_is_used_daily_comes_before_the_rest(registry: Registry) -> None:
    found = NodeFinder(registry).find("row")
    assert found.index("row_filter") < found.index("row_sampling")
    assert NodeFinder(registry).find("normalizer")[0] == "normalizer"


def test_other_names_and_suggestions_speak_of_nodes_that_are_there(registry: Registry) -> None:
    assert all(registry.get(one) is not None for one in OTHER_NAMES)
    assert all(registry.get(one) is not None for one in USUAL)


def test_suggestions_can_be_connected(registry: Registry) -> None:
    for one in registry:
        outputs = {port["type"] for port in one.declaration["outputs"]}
        for type_id in suggestions(registry, one.declaration):
            known = registry.get(type_id)
            assert known is not None
            assert outputs & {port["type"] for port in known.declaration["inputs"]}


def test_typing_and_enter_adds_the_first_node(palette: Palette, qtbot: QtBot, kept: Preferences) -> None:
    palette.focus_search()
    qtbot.keyClicks(palette.search, "row fil")
    assert shown(palette)[0] == "Row Filter"
    with qtbot.waitSignal(palette.add_requested) as added:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert added.args == ["row_filter"]
    qtbot.waitUntil(lambda: kept.kept.recent_nodes == ["row_filter"])


def test_arrow_keys_choose_another_result(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "row fil")
    second = palette.rows.rows[1].key
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.current_type() == second
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.search.text() == ""


def test_words_that_fit_nothing_say_so(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "qqqqzzzz")
    assert shown(palette) == []
    assert "No node" in palette.rows.rows[0].text


def test_a_heading_folds_its_nodes_and_stays_folded(
    palette: Palette, qtbot: QtBot, registry: Registry, kept: Preferences
) -> None:
    place = next(i for i, row in enumerate(palette.rows.rows) if row.key == "Input / Output")
    assert palette.rows.rows[place + 1].kind == "node"
    area = palette.list.visualRect(palette.rows.index(place))
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert palette.rows.rows[place + 1].kind == "heading"
    again = Palette(registry, kept=Preferences(kept.path.parent))
    qtbot.addWidget(again)
    again.show()
    assert [row.folded for row in again.rows.rows if row.key == "Input / Output"] == [True]


def test_the_node_under_the_pointer_is_described(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "row filter")
    area = palette.list.visualRect(palette.rows.index(0))
    qtbot.mouseMove(palette.list.viewport(), QPoint(area.center()))
    qtbot.waitUntil(lambda: palette.description._name.text() == "Row Filter")
    assert "condition" in palette.description._summary.text()


def test_a_dragged_row_carries_the_type(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "row filter")
    data = palette.rows.mimeData([palette.rows.index(0)])
    assert bytes(data.data(NODE_MIME).data()) == b"row_filter"


def test_favourites_come_first_and_are_kept(palette: Palette, kept: Preferences) -> None:
    palette.toggle_favourite("joiner")
    assert Preferences(kept.path.parent).kept.favourites == ["joiner"]
    headings = [row.text for row in palette.rows.rows if row.kind == "heading"]
    assert headings.index("Favourites") < headings.index("Input / Output")
    palette.toggle_favourite("joiner")
    assert kept.kept.favourites == []


def test_what_follows_the_selected_node_is_suggested(palette: Palette, registry: Registry) -> None:
    assert palette.rows.rows[0].text == "Begin with"
    known = registry.get("partition")
    assert known is not None
    palette.suggest_after(known.declaration)
    assert palette.rows.rows[0].text == "Suggested next"
    assert palette.rows.rows[1].key == "random_forest_learner"


def test_a_damaged_file_of_preferences_costs_no_start(tmp_path: Path) -> None:
    (tmp_path / "editor.json").write_text('{"theme": 3')
    assert Preferences(tmp_path).kept.theme == "system"
