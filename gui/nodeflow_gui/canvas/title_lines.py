"""A title on two lines: between words, after a hyphen, or, in a word that is too long, between two syllables."""

from __future__ import annotations

import re
from collections.abc import Callable

_PARTS = re.compile(r"[^\s/-]*[/-]+|[^\s/-]+")
_SYLLABLE = re.compile(
    r"(?:sch|ch|ph|qu|th|[bcfgkp]l|[bcdfgkpt]r|[bcdfghj-np-tv-xzß])(?=[aeiouyäöü])", re.IGNORECASE
)
"""What a syllable may begin with, before its vowel."""
_LEAST = 3
"""So many letters of a word stand together at least."""


def two_lines(text: str, width_of: Callable[[str], float], room: float) -> list[str]:
    """The title in at most two lines, as much as fits on the first; the second may still be too long."""
    if width_of(text) <= room:
        return [text]
    ends = [found.end() for found in _PARTS.finditer(text)][:-1]
    fitting = [end for end in ends if width_of(text[:end]) <= room]
    end = fitting[-1] if fitting else 0
    first, rest = text[:end], text[end:].lstrip()
    if width_of(rest) <= room:
        return [first, rest]
    # a long word begins on the first line
    lead = first + " " if first and text[end].isspace() else first
    word = re.split(r"[\s/-]", rest, maxsplit=1)[0]
    for place in reversed(_between_syllables(word)):
        begun = f"{lead}{word[:place]}-"
        if width_of(begun) <= room and (not first or width_of(rest[place:]) <= room):
            return [begun, rest[place:]]
    return [first, rest] if first else [rest]


def _between_syllables(word: str) -> list[int]:
    """Where a word may be parted."""
    starts = [found.start() for found in _SYLLABLE.finditer(word)]
    return [place for place in starts if _LEAST <= place <= len(word) - _LEAST]
