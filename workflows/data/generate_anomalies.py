"""Writes planted_anomalies.csv: waves with real noise, into which six odd stretches are planted in the second half.

python workflows/data/generate_anomalies.py
"""

import csv
import math
from pathlib import Path
from statistics import mean, pstdev

FOLDER = Path(__file__).parent
ROWS = 2000
DAY, WEEK = 24, 168
# where each odd stretch starts, how long it is, and what is odd about it
PLANTED = [
    (1080, 24, "flat"),
    (1230, 24, "faster"),
    (1380, 24, "upside down"),
    (1530, 16, "noisy"),
    (1680, 24, "shifted"),
    (1830, 24, "smaller"),
]


def real_noise() -> list[float]:
    """What is left of the carbon dioxide on Mauna Loa without its trend and its season, as a standard noise."""
    with open(FOLDER / "co2_weekly.csv", encoding="utf-8", newline="") as file:
        found = [float(row["co2"]) for row in csv.DictReader(file) if row["co2"]]
    trend = [mean(found[place - 26 : place + 27]) for place in range(26, len(found) - 26)]
    without = [value - level for value, level in zip(found[26:], trend, strict=False)]
    season = [mean(without[week::52]) for week in range(52)]
    left = [value - season[place % 52] for place, value in enumerate(without)]
    width = pstdev(left)
    return [value / width for value in left[:ROWS]]


def wave(hour: float) -> float:
    """A day and a week."""
    return math.sin(2 * math.pi * hour / DAY) + 0.4 * math.sin(2 * math.pi * hour / WEEK)


def odd(kind: str, hour: int, start: int, noise: float) -> float:
    """The value of an hour in an odd stretch."""
    slow = 0.4 * math.sin(2 * math.pi * hour / WEEK)
    day = math.sin(2 * math.pi * hour / DAY)
    return {
        "flat": wave(start),
        "faster": slow + math.sin(2 * math.pi * hour / 8),
        "upside down": slow - day,
        "noisy": wave(hour) + 0.9 * noise,
        "shifted": slow + math.sin(2 * math.pi * (hour + 8) / DAY),
        "smaller": slow + 0.2 * day,
    }[kind]


def main() -> None:
    """Write the table."""
    noise = real_noise()
    kinds = {hour: (kind, start) for start, length, kind in PLANTED for hour in range(start, start + length)}
    with open(FOLDER / "planted_anomalies.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hour", "value", "planted"])
        for hour, own in enumerate(noise):
            kind, start = kinds.get(hour, ("", 0))
            value = odd(kind, hour, start, own) if kind else wave(hour)
            writer.writerow([hour, f"{value + 0.08 * own:.4f}", "odd" if kind else "usual"])


if __name__ == "__main__":
    main()
