"""The editor speaks German, completely; texts with numbers are right in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nodeflow_gui import translations
from nodeflow_gui.translations import FOLDER, update
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication


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
