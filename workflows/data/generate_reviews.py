"""Writes reviews.csv: made-up reviews of films whose mood turns on the place of the word not.

python workflows/data/generate_reviews.py
"""

import csv
import random
from pathlib import Path

FOLDER = Path(__file__).parent
COUNT = 3_000
FILMS = ["film", "movie", "picture", "story"]
OTHERS = ["music", "sound", "cast", "weather", "cinema", "poster"]
GOOD = ["good", "great", "funny", "moving", "clever", "lovely"]
BAD = ["bad", "dull", "silly", "poor", "boring", "awful"]
DEGREES = ["", "very", "really", "so"]


def main() -> None:
    """The label is that of the film alone; what is said of anything else is beside the point."""
    chance = random.Random(5)
    with open(FOLDER / "reviews.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "mood"])
        for _ in range(COUNT):
            is_good = chance.random() < 0.5
            about_film = said(chance, chance.choice(FILMS), is_good)
            about_other = said(chance, chance.choice(OTHERS), chance.random() < 0.5)
            parts = [about_film, about_other]
            if chance.random() < 0.5:
                parts.reverse()
            text = f"{parts[0]} {chance.choice(['and', 'but', 'while'])} {parts[1]}."
            writer.writerow([text[0].upper() + text[1:], "good" if is_good else "bad"])


def said(chance: random.Random, thing: str, is_good: bool) -> str:
    """A clause that praises or blames a thing; four times in ten by saying what it is not."""
    turned = chance.random() < 0.4
    word = chance.choice(GOOD if is_good != turned else BAD)
    degree = chance.choice(DEGREES)
    words = ["the", thing, "was", "not" if turned else "", degree, word]
    return " ".join(one for one in words if one)


if __name__ == "__main__":
    main()
