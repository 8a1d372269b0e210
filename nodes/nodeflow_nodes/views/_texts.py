"""Texts as they are drawn: in lines of a width, without what would not be seen."""

from __future__ import annotations

import unicodedata

LETTER = 6.8
"""Pixels of a letter in the type of 12 pixels that texts are drawn in."""

_WIDE = ("W", "F")


def visible(text: str) -> str:
    """The text with control characters, and those that turn the direction of what follows, made plain."""
    return "".join(
        " "
        if one in "\t\r\n\x0b\x0c\u2028\u2029"
        else ("" if unicodedata.category(one) in ("Cc", "Cf") and one not in "\u200c\u200d" else one)
        for one in text
    )


def room_of(text: str) -> float:
    """About how wide a text is, in letters."""
    total = 0.0
    for one in text:
        if unicodedata.combining(one):
            continue
        total += (
            1.8
            if unicodedata.east_asian_width(one) in _WIDE
            else (0.55 if one in "iljtfr.,:;'|!()[] " else 1.0)
        )
        if one in "mwMW@%":
            total += 0.5
        elif one.isupper():
            total += 0.2
    return total


def lines_of(text: str, width: float, most: int) -> tuple[list[str], bool]:
    """The text in at most so many lines of about so many letters; and whether something was left out."""
    found: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line, used = "", 0.0
        for word in visible(paragraph).split():
            for piece in _pieces(word, width):
                room = room_of(piece)
                if line and used + 0.55 + room > width:
                    found.append(line)
                    line, used = piece, room
                else:
                    line, used = (f"{line} {piece}", used + 0.55 + room) if line else (piece, room)
                if len(found) > most:
                    return [*found[: most - 1], found[most - 1] + " …"], True
        found.append(line)
        if len(found) > most:
            return [*found[: most - 1], found[most - 1] + " …"], True
    while len(found) > 1 and not found[-1]:
        found.pop()
    return found, False


def _pieces(word: str, width: float) -> list[str]:
    """A word that is wider than a line in pieces."""
    if room_of(word) <= width:
        return [word]
    pieces, start, used = [], 0, 0.0
    for place, one in enumerate(word):
        room = room_of(one)
        if used + room > width and place > start:
            pieces.append(word[start:place])
            start, used = place, 0.0
        used += room
    return [*pieces, word[start:]]


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs to the left."""
    for one in text:
        direction = unicodedata.bidirectional(one)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False
