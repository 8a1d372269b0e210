"""Formulas while they are typed: faults at the character, and what could come next."""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Mapping
from typing import Any

from nodeflow.errors import FormulaError, NodeflowError
from nodeflow.expressions.writing import quoted

_WORD = re.compile(r"(`[^`]*|[^\W\d]\w*)$")
_MOST = 50


def check_formula(text: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """The fault of a formula with its character, or the columns it uses and that it is sound."""
    import polars as pl

    from nodeflow.expressions.formula import parse

    types = {
        "integer": pl.Int64(), "float": pl.Float64(), "number": pl.Float64(), "text": pl.String(),
        "boolean": pl.Boolean(), "date": pl.Date(), "datetime": pl.Datetime("us"), "time": pl.Time(),
        "duration": pl.Duration("us"), "category": pl.Categorical(),
    }  # fmt: skip
    schema: dict[str, pl.DataType] = {name: types.get(kind, pl.String()) for name, kind in columns.items()}
    try:
        formula = parse(text)
        formula.check(schema)
    except FormulaError as error:
        return {"fault": error.message, "position": error.position}
    except NodeflowError as error:
        return {"fault": str(error), "position": 0}
    return {"fault": "", "columns": sorted(formula.columns)}


def complete_formula(text: str, position: int, columns: Mapping[str, str]) -> dict[str, Any]:
    """What could stand at the position: `start` of the word, and items with "text", "kind" and "help"."""
    found = _WORD.search(text[:position])
    word = found[1].lstrip("`") if found is not None else ""
    start = found.start(1) if found is not None else position
    in_quotes = found is not None and found[1].startswith("`")
    wanted = word.casefold()
    items = [
        {"text": quoted(name) if in_quotes else written(name), "name": name, "kind": "column", "help": family}
        for name, family in columns.items()
        if wanted in name.casefold()
    ]
    items.sort(key=lambda one: not str(one["name"]).casefold().startswith(wanted))
    if not in_quotes:
        items += [one for one in _functions() if str(one["name"]).casefold().startswith(wanted)]
    return {"start": start, "items": items[:_MOST]}


def written(name: str) -> str:
    """A column's name as one writes it: quoted only where it must be."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and name not in ("missing", "true", "false")
    return name if plain else quoted(name)


@functools.cache
def _functions() -> list[dict[str, str]]:
    from nodeflow.expressions.reference import reference

    return [
        {
            "text": f"{one['name']}(",
            "name": one["name"],
            "kind": "function",
            "help": f"{one['usage']}: {one['help']}",
        }
        for group in reference()
        for one in group["functions"]
    ]
