"""Pieces of Polars source text for exported scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


def is_pattern(name: str) -> bool:
    """Whether Polars would read this column name as a pattern."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def col(script: PythonScript, name: str) -> str:
    """Source of one column by its literal name."""
    script.require("import polars as pl")
    if is_pattern(name):
        script.require("import polars.selectors as cs")
        return f"cs.by_name({name!r}).as_expr()"
    return f"pl.col({name!r})"


def cols(script: PythonScript, names: Iterable[str]) -> str:
    """Source of a list of columns, plain names where Polars takes them as they are."""
    names = list(names)
    if any(is_pattern(name) for name in names):
        return "[" + ", ".join(col(script, name) for name in names) + "]"
    script.require("import polars as pl")
    return repr(names)
