"""A table as HTML for notebooks; every value is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodeflow.values.table import Table

LONGEST = 100


def table_html(table: Table, rows: int = 10) -> str:
    """The first rows under names and types, numbers to the right, missing values as a quiet mark."""
    head = table.head(rows)
    numeric = [dtype.is_numeric() for dtype in head.dtypes]
    names = "".join(
        f'<th style="text-align:{"right" if right else "left"}">{escape(_shortened(name))}<br>'
        f'<small style="font-weight:normal;opacity:.6">{escape(str(dtype))}</small></th>'
        for name, dtype, right in zip(head.columns, head.dtypes, numeric, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(_cell(value, right) for value, right in zip(row, numeric, strict=True)) + "</tr>"
        for row in head.rows()
    )
    count = table.rows
    shown = f"{count:,} row{'s' if count != 1 else ''}" + (
        f", the first {head.height} shown" if count > head.height else ""
    )
    return (
        f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
        f"<small>{shown}, {len(head.columns)} columns</small>"
    )


def _cell(value: Any, right: bool) -> str:
    if value is None:
        return '<td style="opacity:.4">–</td>'
    align = ' style="text-align:right"' if right else ""
    text = f"{value:,.6g}" if isinstance(value, float) else str(value)
    return f"<td{align}>{escape(_shortened(text))}</td>"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
