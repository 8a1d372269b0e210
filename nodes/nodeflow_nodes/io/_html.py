"""Tables of a web page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_WIDEST = 1000  # columns that one cell may span, as browsers have it


@dataclass(frozen=True)
class HtmlTable:
    """The cells of a table as texts, every cell in each row and column it spans."""

    head: list[list[str]]
    body: list[list[str]]

    def contains(self, text: str) -> bool:
        """Whether a cell has this text in it."""
        return any(text in cell for row in (*self.head, *self.body) for cell in row)

    def names(self) -> list[str]:
        """A name for each column, each once."""
        width = max(map(len, (*self.head, *self.body)), default=0)
        found: list[str] = []
        for place in range(width):
            parts = [row[place] for row in self.head if place < len(row) and row[place]]
            name = " ".join(dict.fromkeys(parts)) or f"column_{place + 1}"
            new, number = name, 1
            while new in found:
                number += 1
                new = f"{name}_{number}"
            found.append(new)
        return found


def tables_in(page: str) -> list[HtmlTable]:
    """The tables of a page in their order, those within others too; tables without cells are left out."""
    from lxml import etree, html

    try:
        root = html.document_fromstring(page)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    found = [_table(one) for one in root.iter("table")]
    return [one for one in found if one.head or one.body]


def _table(table: Any) -> HtmlTable:
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    grid: list[list[str]] = []
    heads: list[bool] = []
    spanning: dict[int, tuple[int, str]] = {}
    for row in rows:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        line: list[str] = []
        for cell in cells:
            _fill(line, spanning)
            text = " ".join("".join(cell.itertext()).split())
            for _ in range(_span(cell, "colspan")):
                if (more := _span(cell, "rowspan") - 1) > 0:
                    spanning[len(line)] = (more, text)
                line.append(text)
        _fill(line, spanning)
        if line:
            grid.append(line)
            in_head = any(one.tag == "thead" for one in row.iterancestors("thead", "table"))
            heads.append(in_head or (bool(cells) and all(cell.tag == "th" for cell in cells)))
    count = heads.index(False) if False in heads else len(heads)
    return HtmlTable(grid[:count], grid[count:])


def _fill(line: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    """Add the cells that reach down into this place from rows above."""
    while len(line) in spanning:
        place = len(line)
        left, text = spanning.pop(place)
        if left > 1:
            spanning[place] = (left - 1, text)
        line.append(text)


def _span(cell: Any, name: str) -> int:
    text = cell.get(name, "1").strip()
    return min(max(int(text), 1), _WIDEST) if text.isascii() and text.isdigit() and len(text) < 6 else 1
