"""The editor and the nodes in it speak German, completely; texts with numbers are right in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodeflow_gui import translations
from nodeflow_gui.document.document import EditorDocument
from nodeflow_gui.document.fixing import fix_words
from nodeflow_gui.palette.finding import NodeFinder
from nodeflow_gui.palette.rows import browsing_rows, found_rows
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.running.wording import reworded
from nodeflow_gui.settings.accepting import accepted
from nodeflow_gui.settings.simple import ChoiceEditor
from nodeflow_gui.translations import FOLDER, update
from nodeflow_gui.translations.nodes import alphabetical, spoken
from nodeflow_gui.window.main_window import MainWindow
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication, QLabel

from nodeflow.registry import Registry
from nodeflow.texts import file_of, read, texts_of

NODES = "nodeflow_nodes"


@pytest.fixture
def restored(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    translations.install(qapp, "en")


@pytest.fixture(scope="module")
def texts() -> dict[str, bool]:
    return update.collect()


def test_every_text_is_translated(texts: dict[str, bool]) -> None:
    known = update.read("de")
    assert [text for text in texts if not all(known.get(text, [""]))] == []
    english = update.read("en")
    assert [text for text, has_number in texts.items() if has_number and text not in english] == []


def test_translations_keep_what_is_filled_in(texts: dict[str, bool]) -> None:
    known = update.read("de")
    for text in texts:
        wanted = sorted(re.findall(r"\{\w*\}|%n", text))
        for form in known[text]:
            assert sorted(re.findall(r"\{\w*\}|%n", form)) == wanted, text


def test_the_compiled_files_are_those_of_the_sources(tmp_path: Path) -> None:
    for language in translations.LANGUAGES:
        made = update.compile_file(language, tmp_path / f"{language}.qm")
        assert made.read_bytes() == (FOLDER / f"{language}.qm").read_bytes(), (
            "run nodeflow_gui.translations.update"
        )


def test_german_is_spoken_when_it_is_chosen(restored: QApplication) -> None:
    assert translations.install(restored, "de") is not None
    assert QCoreApplication.translate("Palette", "Search nodes") == "Knoten suchen"
    assert QCoreApplication.translate("StatusBar", "%n problem(s)", "", 1) == "1 Problem"
    assert QCoreApplication.translate("StatusBar", "%n problem(s)", "", 2) == "2 Probleme"
    assert QLocale().language() == QLocale.Language.German


def test_numbers_are_right_in_english_too(restored: QApplication) -> None:
    translations.install(restored, "en")
    assert QCoreApplication.translate("StatusBar", "%n problem(s)", "", 1) == "1 problem"
    assert QCoreApplication.translate("Anything", "a text nobody translated") == "a text nobody translated"


def test_an_unknown_language_is_english(restored: QApplication) -> None:
    translations.install(restored, "xx")
    assert QCoreApplication.translate("Palette", "Search nodes") == "Search nodes"


# -- the nodes --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


@pytest.fixture(scope="module")
def german(registry: Registry) -> dict[str, str]:
    len(registry)
    return read(file_of(registry.folders[NODES], "de"))


@pytest.fixture
def speaking(restored: QApplication, registry: Registry) -> Registry:
    """The registry in a German editor."""
    translations.install(restored, "de")
    return spoken(registry)


def test_every_text_of_a_node_is_translated(registry: Registry, german: dict[str, str]) -> None:
    declarations = [one.declaration for one in registry if one.package == NODES]
    wanted = texts_of(declarations)
    missing = [text for text in wanted if not german.get(text)]
    assert missing == [], (
        f"run `python -m nodeflow_gui.translations.update` and give these texts their German in "
        f"{file_of(registry.folders[NODES], 'de')}; what is the same in German stands there all the same"
    )
    told = {*wanted, *(one["category"] for one in declarations)}
    told |= {f"{one['id']}: {text}" for one in declarations for text in texts_of([one])}
    assert german.keys() <= told, (
        "no node says this any more; run `python -m nodeflow_gui.translations.update`"
    )


def marks(text: str) -> Counter[str]:
    """What has to be the same in every language: code, links, bold words, and the shape of tables and paragraphs."""
    rows = [f"row of {line.count('|')}" for line in text.splitlines() if line.startswith("|")]
    paragraphs = len(re.split(r"\n\s*\n", text.strip()))
    return Counter(
        [
            *re.findall(r"`[^`]+`", text),
            *re.findall(r"https?://[^\s)]+", text),
            *re.findall(r"\*\*", text),
            *re.findall(r"^#+ |^[-*] ", text, re.MULTILINE),
            *rows,
            *[f"paragraph {number}" for number in range(paragraphs)],
        ]
    )


def test_translations_of_nodes_keep_code_and_tables(german: dict[str, str]) -> None:
    differing = {
        text: (dict(marks(text) - marks(other)), dict(marks(other) - marks(text)))
        for text, other in german.items()
        if marks(text) != marks(other)
    }
    assert differing == {}


def test_other_nodes_are_named_as_they_are_shown(registry: Registry, german: dict[str, str]) -> None:
    """A name of several words in capitals is a node's; in German it has its German name wherever it stands."""
    names = [one.declaration["name"] for one in registry if one.package == NODES]
    renamed = {name for name in names if " " in name and german[name] != name}
    known = sorted({*renamed, *(german[name] for name in names)}, key=len, reverse=True)
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, known)) + r")\b")
    texts = [*german.values(), *(form for forms in update.read("de").values() for form in forms)]
    # the English term may follow in brackets, to tell what the German one means
    prose = [re.sub(r"`[^`]+`|https?://\S+|\([^)]*\)", "", text) for text in texts]
    wrong = [(found, text) for text in prose for found in pattern.findall(text) if found in renamed]
    assert wrong == [], "these nodes have German names"


def test_nodes_of_different_names_have_different_german_names(
    registry: Registry, german: dict[str, str]
) -> None:
    names = {one.declaration["name"] for one in registry if one.package == NODES}
    counts = Counter(german[name] for name in names)
    assert [name for name, count in counts.items() if count > 1] == []


def test_english_needs_no_file(restored: QApplication, registry: Registry) -> None:
    translations.install(restored, "en")
    assert spoken(registry) is registry


def test_a_window_of_another_language_gets_the_other_words(
    speaking: Registry, restored: QApplication
) -> None:
    assert named(speaking, "row_filter") == "Zeilenfilter"
    assert spoken(speaking) is not speaking
    translations.install(restored, "en")
    assert named(spoken(speaking), "row_filter") == "Row Filter"


def named(registry: Registry, type_id: str) -> str:
    found = registry.get(type_id)
    assert found is not None
    return str(found.declaration["name"])


@pytest.mark.parametrize(
    "words",
    ["Zeilenfilter", "zeilenf", "Row Filter", "row filter", "zeilen filtern", "rule-based row filter"],
)
def test_nodes_are_found_by_german_english_and_other_names(speaking: Registry, words: str) -> None:
    assert "row_filter" in NodeFinder(speaking).find(words)[:3]


def test_german_is_found_as_it_is_written(speaking: Registry, german: dict[str, str]) -> None:
    finder = NodeFinder(speaking)
    lost = [
        one.declaration["name"]
        for one in speaking
        if one.id not in finder.find(one.declaration["name"])[:3] and one.package == NODES
    ]
    assert lost == []


def test_the_palette_has_german_groups_and_names(speaking: Registry, registry: Registry) -> None:
    rows = browsing_rows(speaking, (), [], [])
    headings = [row.text for row in rows if row.kind == "heading"]
    assert headings[:3] == ["Ein- / Ausgabe", "Bearbeitung", "Statistik"]
    assert "Zeile" in [row.text for row in rows if row.kind == "subheading"]
    found = found_rows(speaking, ["row_filter"], [])
    assert (found[0].text, found[0].aside, found[0].category) == (
        "Zeilenfilter",
        "Zeile",
        "Manipulation / Row",
    )
    assert [row.key for row in rows if row.kind != "node"] == [
        row.key for row in sorted_as(browsing_rows(registry, (), [], []), rows) if row.kind != "node"
    ]


def sorted_as(rows: list[Any], others: list[Any]) -> list[Any]:
    """Rows in the order of others with the same keys: what folds has the same keys in every language."""
    order = {row.key: place for place, row in enumerate(others)}
    return sorted(rows, key=lambda row: order[row.key])


def test_names_are_sorted_as_in_a_dictionary() -> None:
    names = ["Zeilenfilter", "Übersicht", "uhr", "Ähnlichkeit", "Addieren"]
    assert sorted(names, key=alphabetical) == ["Addieren", "Ähnlichkeit", "Übersicht", "uhr", "Zeilenfilter"]


def test_a_node_in_german_leaves_the_file_english(speaking: Registry) -> None:
    document = EditorDocument(speaking)
    node = document.add_node("row_filter", (0, 0))
    assert document.title_of(node) == "Zeilenfilter"
    document.set_parameter(node, "match", "any")
    english = EditorDocument(Registry.installed())
    other = english.add_node("row_filter", (0, 0))
    english.set_parameter(other, "match", "any")
    assert document.to_text() == english.to_text()
    assert "Zeilenfilter" not in document.to_text()
    document.close()
    english.close()


def test_a_choice_is_german_and_its_value_is_not(speaking: Registry, qtbot: Any) -> None:
    known = speaking.get("joiner")
    assert known is not None
    declared = next(one for one in known.declaration["parameters"] if one["kind"] == "choice")
    editor = ChoiceEditor(declared, None)  # type: ignore[arg-type]
    qtbot.addWidget(editor)
    shown = [editor.box.itemText(index) for index in range(editor.box.count())]
    values = [editor.box.itemData(index) for index in range(editor.box.count())]
    assert values == declared["choices"]
    assert shown == declared["choice_labels"] != values
    editor.set_value(values[1])
    assert editor.value() == values[1]


def test_common_problems_are_told_in_german(speaking: Registry) -> None:
    document = EditorDocument(speaking)
    reader = document.add_node("csv_reader", (0, 0))
    joiner = document.add_node("joiner", (300, 0))
    problems: list[dict[str, Any]] = [
        {
            "kind": "missing-parameter",
            "message": 'parameter "path" needs a value: the path of a file to read',
            "node": reader,
            "parameter": "path",
        },
        {
            "kind": "missing-input",
            "message": 'input "right" is not connected; it needs a table',
            "node": joiner,
            "port": "right",
            "fixes": [{"do": "connect", "connection": [reader, "table", joiner, "right"], "name": reader}],
        },
        {
            "kind": "missing-column",
            "message": 'no column "aeg"; did you mean "age"?',
            "node": joiner,
            "parameter": "keys[0].left",
        },
        {"kind": "cycle", "message": "the connections run in a circle"},
        {"kind": "missing-parameter", "message": "it needs a value", "node": "gone", "parameter": "x"},
    ]
    shown = reworded(problems, document.declaration_of)
    assert [one["message"] for one in shown] == [
        "eine Datei für „Pfad“ wählen",
        "der Eingang „rechts“ ist nicht verbunden; er braucht: Tabelle",
        "es gibt keine Spalte „aeg“",
        "the connections run in a circle",
        "it needs a value",
    ]
    assert fix_words(shown[1]["fixes"][0], document.title_of) == "„Tabelle“ von „CSV-Leser“ verbinden"
    document.close()


def test_what_a_setting_takes_is_german(speaking: Registry) -> None:
    declared = {
        (type_id, one["name"]): accepted(one)
        for type_id in ("csv_reader", "joiner", "k_means", "line_plot")
        if (known := speaking.get(type_id)) is not None
        for one in known.declaration["parameters"]
    }
    assert declared["csv_reader", "path"] == "eine Datei zum Lesen"
    assert declared["csv_reader", "max_rows"] == "eine ganze Zahl ab 0 (Zeilen), oder nichts"
    assert declared["joiner", "kind"] == "innere, links, rechts, volle, semi, anti oder Kreuz"
    assert declared["k_means", "clusters"].startswith("eine ganze Zahl von ")
    assert declared["line_plot", "x"] == "eine Spalte (Zahl, Datum oder Zeitpunkt)"


def test_a_german_window_shows_german_nodes(
    restored: QApplication, registry: Registry, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    for name in ("NODEFLOW_CONFIG_DIR", "NODEFLOW_CACHE_DIR", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    translations.install(restored, "de")
    window = MainWindow(registry, kept=Preferences(tmp_path / "config"))
    window.show()
    page = window.files.new()
    node = page.add_node("row_filter")
    page.go_to(node)
    labels = {label.text() for label in page.settings.findChildren(QLabel)}
    assert "Bedingungen" in labels
    assert page.canvas.canvas_scene.nodes[node].face.title == "Zeilenfilter"
    window.work.search_everywhere()
    search = window.work.search
    assert search is not None
    for words in ("zeilenfilter", "row filter"):
        search.field.setText(words)
        assert search.found[0].text == "Zeilenfilter"
    search.leave()
    page.document.undo_stack.setClean()
    window.close()
    QApplication.processEvents()
