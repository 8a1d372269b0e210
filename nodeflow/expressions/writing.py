"""Names and values as formulas write them."""

from __future__ import annotations

import datetime
import json
from typing import Any


def quoted(name: str) -> str:
    """A column name as formulas write it."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: Any) -> str:
    """A number, text, truth value, day, moment or None as formulas write it."""
    if value is None:
        return "missing"
    if isinstance(value, datetime.datetime):
        return f'datetime("{value:%Y-%m-%d %H:%M:%S}")'
    if isinstance(value, datetime.date):
        return f'date("{value:%Y-%m-%d}")'
    return json.dumps(value, ensure_ascii=False)
