"""Writes names.conll: made-up sentences in which the word after a name tells whether it is one.

python workflows/data/generate_names.py
"""

import random
from pathlib import Path

FOLDER = Path(__file__).parent
COUNT = 1_200
FIRST = ["Teddy", "Rose", "Mark", "Grace", "Will", "Jack"]
LAST = ["Roosevelt", "Miller", "Young", "Baker", "Stone", "Hill"]
THINGS = ["bears", "gardens", "sheets", "notes", "papers", "pots"]
BEFORE = ["", "he said that", "we know that", "they saw that", "today", "in Rome"]
AFTER = ["are here now", "was there", "came late", "had been sold", "were found in Rome", "may be seen"]


def main() -> None:
    """A first name is a person before a last name, and no name at all before a thing, as in teddy bears."""
    chance = random.Random(7)
    with open(FOLDER / "names.conll", "w", encoding="utf-8", newline="\n") as file:
        for _ in range(COUNT):
            is_person = chance.random() < 0.5
            second = chance.choice(LAST if is_person else THINGS)
            tags = ("B-PER", "I-PER") if is_person else ("O", "O")
            lines = [(word, tag_of(word)) for word in chance.choice(BEFORE).split()]
            lines += zip((chance.choice(FIRST), second), tags, strict=True)
            lines += [(word, tag_of(word)) for word in chance.choice(AFTER).split()]
            file.writelines(f"{word} {tag}\n" for word, tag in [*lines, (".", "O")])
            file.write("\n")


def tag_of(word: str) -> str:
    """The tag of a word that is always the same."""
    return "B-LOC" if word == "Rome" else "O"


if __name__ == "__main__":
    main()
