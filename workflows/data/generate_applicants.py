"""Writes applicants.csv: made-up applicants that behave like real ones, the same on every machine.

    python workflows/data/generate_applicants.py

Each applicant has one hidden ability; every score is that ability plus noise of its own, and the chance of
admission follows from the scores. A few values are missing, in the two ways such files really have:
a GRE score of 0, and an empty university rating.
"""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "Serial No.",
    "GRE Score",
    "TOEFL Score",
    "University Rating",
    "SOP",
    "LOR ",
    "CGPA",
    "Research",
    "Chance of Admit ",
)
APPLICANTS = 500
WITHOUT_GRE = 20
WITHOUT_RATING = 2
SEED = 20240229


def rows() -> Iterator[list[str]]:
    """The applicants as lines of text fields, without the header."""
    chance = random.Random(SEED)
    numbers = range(1, APPLICANTS + 1)
    without_gre = set(chance.sample(numbers, WITHOUT_GRE))
    without_rating = set(chance.sample(sorted(set(numbers) - without_gre), WITHOUT_RATING))
    for number in numbers:
        gre, *others, rating, sop, lor, cgpa, research, admission = applicant(chance)
        yield [
            str(number),
            "0" if number in without_gre else format(gre, "g"),
            *(format(value, "g") for value in others),
            "" if number in without_rating else format(rating, "g"),
            *(format(value, "g") for value in (sop, lor, cgpa, research, admission)),
        ]


def applicant(chance: random.Random) -> tuple[float, ...]:
    """One applicant's values, in the order of the header from the GRE score on."""
    ability = chance.gauss(0, 1)
    standing = 0.8 * ability + chance.gauss(0, 0.6)  # of the school, which marks essays and letters too

    gre = stepped(316.5 + 11.4 * (0.91 * ability + chance.gauss(0, 0.41)), 1, 290, 340)
    toefl = stepped(107.2 + 6.1 * (0.90 * ability + chance.gauss(0, 0.44)), 1, 92, 120)
    rating = stepped(3.1 + 1.15 * (0.86 * standing + chance.gauss(0, 0.51)), 1, 1, 5)
    sop = stepped(3.4 + 1.0 * (0.87 * standing + chance.gauss(0, 0.49)), 0.5, 1, 5)
    lor = stepped(3.5 + 0.93 * (0.76 * standing + chance.gauss(0, 0.65)), 0.5, 1, 5)
    cgpa = stepped(8.58 + 0.6 * (0.78 * ability + 0.20 * standing + chance.gauss(0, 0.36)), 0.01, 6.8, 9.92)
    research = float(0.75 * ability + chance.gauss(0, 0.8) > -0.13)

    admission = (
        0.695
        + 0.0021 * (gre - 316.5)
        + 0.0030 * (toefl - 107.2)
        + 0.009 * (rating - 3.1)
        + 0.006 * (sop - 3.4)
        + 0.015 * (lor - 3.5)
        + 0.110 * (cgpa - 8.58)
        + 0.026 * research
        # the unexplained part leans downwards: a refusal surprises more often than an admission
        + 0.08 * (0.75 - chance.betavariate(3, 1))
    )
    admission += chance.gauss(0, 0.055)
    return gre, toefl, rating, sop, lor, cgpa, research, stepped(admission, 0.01, 0.34, 0.97)


def stepped(value: float, step: float, low: float, high: float) -> float:
    """`value` on the nearest multiple of `step`, between `low` and `high`."""
    return min(max(round(round(value / step) * step, 2), low), high)


def main() -> None:
    """Write the file beside this script."""
    with (Path(__file__).parent / "applicants.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows())


if __name__ == "__main__":
    main()
