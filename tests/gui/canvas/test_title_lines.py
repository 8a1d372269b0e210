"""Titles on two lines: nothing is lost, and words are parted where people part them."""

from __future__ import annotations

import pytest
from nodeflow_gui.canvas.title_lines import two_lines

ROOM = 16


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Row Filter", ["Row Filter"]),
        ("Hierarchical Clustering", ["Hierarchical", "Clustering"]),
        ("Deep-Learning-Vorhersage", ["Deep-Learning-", "Vorhersage"]),
        ("Datum/Zeit-Differenz", ["Datum/Zeit-", "Differenz"]),
        ("Zusammenhangskomponenten", ["Zusammenhangs-", "komponenten"]),
        ("Silhouettendiagramm", ["Silhouettendia-", "gramm"]),
        ("Entscheidungsfläche", ["Entscheidungs-", "fläche"]),
        ("Lineare Diskriminanzanalyse", ["Lineare Diskri-", "minanzanalyse"]),
        ("Neighborhood Components of it", ["Neighborhood", "Components of it"]),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaaaaaaaaaaaaaaaa"]),
        ("", [""]),
    ],
)
def test_a_title_is_parted_between_words_after_hyphens_and_between_syllables(
    title: str, lines: list[str]
) -> None:
    assert two_lines(title, len, ROOM) == lines


def test_no_letter_is_lost() -> None:
    title = "Lerner für regularisierte Regression"
    first, second = two_lines(title, len, 20)
    assert f"{first.removesuffix('-')}{second}".replace(" ", "") == title.replace(" ", "")


def test_what_does_not_fit_on_two_lines_is_parted_between_words() -> None:
    first, second = two_lines("What was learned from all of the applicants of last year", len, ROOM)
    assert (first, len(second) > ROOM) == ("What was learned", True)
