"""Writes orders.csv and shops.csv: made-up orders as untidy as real ones, and the shops they came from.

Writes shop.sqlite as well, a database with the same shops and with orders as a till would have stored them.

python workflows/data/generate_orders.py
"""

import csv
import random
import sqlite3
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent
PRODUCTS = {"Green Tea": 4.5, "Black Tea": 3.9, "Coffee": 8.25, "Cocoa": 5.6}
TOWNS = ["Ulm", "Bonn", "Graz", "Bern", "Basel"]
ORDERS = 600


def untidy(chance: random.Random, text: str) -> str:
    """The text as somebody may have typed it."""
    text = chance.choice([text, text, text.upper(), text.lower()])
    return (
        chance.choice(["", "", " ", "  "])
        + text.replace(" ", chance.choice([" ", " ", "  "]))
        + chance.choice(["", "", " "])
    )


def orders(chance: random.Random) -> list[list[str]]:
    """The lines of the orders, without the header."""
    rows = []
    for number in range(1, ORDERS + 1):
        product = chance.choice(list(PRODUCTS))
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(366))
        price = f"{PRODUCTS[product] * chance.choice([1, 1, 1, 1.1]):.2f}".replace(".", ",")
        rows.append(
            [
                str(number),
                chance.choice([day.isoformat(), day.isoformat(), day.strftime("%d.%m.%Y")]),
                f"S{chance.randrange(1, 13):02d}" if chance.random() > 0.03 else "",
                untidy(chance, product),
                str(chance.randrange(1, 9)) if chance.random() > 0.04 else chance.choice(["?", "n/a", ""]),
                f"{price} €" if chance.random() > 0.5 else price,
            ]
        )
        if chance.random() < 0.05:  # sent twice
            rows.append(list(rows[-1]))
    return rows


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """Write one table beside this file."""
    with open(FOLDER / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def store(shops: list[list[str]]) -> None:
    """Write the database beside this file."""
    chance = random.Random(11)
    path = FOLDER / "shop.sqlite"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE shops (shop TEXT PRIMARY KEY, name TEXT NOT NULL, town TEXT NOT NULL)")
    database.execute(
        "CREATE TABLE orders (no INTEGER PRIMARY KEY, day DATE NOT NULL, shop TEXT REFERENCES shops, "
        "product TEXT NOT NULL, quantity INTEGER NOT NULL, price REAL NOT NULL)"
    )
    database.executemany("INSERT INTO shops VALUES (?, ?, ?)", shops)
    for number in range(1, ORDERS + 1):
        product = chance.choice(list(PRODUCTS))
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(366))
        shop = chance.choice(shops)[0] if chance.random() > 0.03 else None
        row = (number, day.isoformat(), shop, product, chance.randrange(1, 9), PRODUCTS[product])
        database.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
    database.commit()
    database.close()


if __name__ == "__main__":
    chance = random.Random(7)
    write("orders.csv", ["Order No", "Day", "Shop", "Product", "Quantity", "Unit Price"], orders(chance))
    shops = [[f"S{i:02d}", f"Shop {i}", TOWNS[i % 5]] for i in range(1, 11)]
    write("shops.csv", ["Shop", "Name", "Town"], shops)
    store(shops)
