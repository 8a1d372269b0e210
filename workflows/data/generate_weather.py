"""Writes weather.csv: a made-up year of hourly weather at a made-up place, with gaps as such files have.

python workflows/data/generate_weather.py
"""

import csv
import datetime
import math
import random
from pathlib import Path

FOLDER = Path(__file__).parent
HEADER = ["origin", "hour", "temp", "dewp", "pressure", "time_hour"]
HOURS = 24 * 365
LEAD = 12


def main() -> None:
    """Seasons and days as the sun makes them, fronts that come and go, and a sensor that fails now and then."""
    chance = random.Random(13)
    start = datetime.datetime(2013, 1, 1)
    coming: list[float] = [0.0]
    for _ in range(HOURS + LEAD):  # fronts pass within some days
        coming.append(0.98 * coming[-1] + chance.gauss(0, 0.9))
    gust = 0.0
    rows = []
    for number in range(HOURS):
        moment = start + datetime.timedelta(hours=number)
        gust = 0.9 * gust + chance.gauss(0, 0.8)
        season = -22 * math.cos(2 * math.pi * (number / HOURS - 0.05))
        day = -7 * math.cos(2 * math.pi * (moment.hour - 3) / 24)
        temperature = 54 + season + day + 1.5 * coming[number] + gust
        humidity = min(100.0, max(12.0, 64 - 1.2 * day + chance.gauss(0, 6)))
        dew = temperature - (100 - humidity) * 0.36
        pressure = (
            1017 - 1.2 * coming[number + LEAD] + chance.gauss(0, 0.7)
        )  # tells of a front before it is there
        if chance.random() < 0.0008:
            continue  # no line for this hour
        known = "" if chance.random() < 0.06 else f"{pressure:.1f}"
        shown = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        rows.append(["X", moment.hour, f"{temperature:.1f}", f"{dew:.1f}", known, shown])
    with open(FOLDER / "weather.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])


if __name__ == "__main__":
    main()
