"""Writes customers.csv and new_customers.csv: made-up customers of a telephone company, some of whom left.

python workflows/data/generate_customers.py
"""

import csv
import math
import random
from pathlib import Path

FOLDER = Path(__file__).parent
HEADER = ["Customer", "Months", "Contract", "Monthly Fee", "Calls to Help Line", "Pays By", "Age", "Left"]


def customer(chance: random.Random, number: int) -> list[str]:
    """One line; whether they left depends on contract, time, calls and fee, and on luck."""
    contract = chance.choice(["monthly", "monthly", "one year", "two years"])
    months = chance.randrange(1, 73)
    fee = round(chance.gauss(55 if contract == "monthly" else 45, 12), 2)
    calls = min(int(chance.expovariate(0.6)), 9)
    pays = chance.choice(["transfer", "card", "check"])
    age = chance.randrange(18, 85)
    odds = -1.0 + {"monthly": 1.6, "one year": 0.0, "two years": -1.4}[contract]
    odds += 0.55 * calls - 0.045 * months + 0.03 * (fee - 50) + (0.4 if pays == "check" else 0.0)
    left = chance.random() < 1 / (1 + math.exp(-odds))
    row = [
        f"C{number:04d}",
        str(months),
        contract,
        f"{fee:.2f}",
        str(calls),
        pays,
        str(age),
        "yes" if left else "no",
    ]
    for place, share in ((3, 0.04), (5, 0.06), (6, 0.1)):
        if chance.random() < share:
            row[place] = ""
    return row


def write(name: str, rows: list[list[str]], width: int) -> None:
    """Write one table beside this file."""
    with open(FOLDER / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER[:width])
        writer.writerows(row[:width] for row in rows)


if __name__ == "__main__":
    chance = random.Random(3)
    write("customers.csv", [customer(chance, number) for number in range(1, 1201)], 8)
    write("new_customers.csv", [customer(chance, number) for number in range(1201, 1241)], 7)
