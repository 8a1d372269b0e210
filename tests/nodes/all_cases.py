"""Collects what the files `cases_*.py` say of each node: how its contract is checked, what it must give.

`CONTRACT` maps a node id to the arguments of `check_node`, or to a function of a folder that gives them.
`PORTABLE` maps a name to a `Portable` case, which runs on every engine.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nodeflow.node import Node


@dataclass
class Portable:
    """A node, its input tables in the order of its ports, and the rows it must give, in order.

    For a node with several outputs `rows` has a list for each. `columns` names the columns that must come.
    """

    node: Node
    tables: Sequence[pl.DataFrame]
    rows: Sequence[Any]
    columns: Sequence[str] | None = None


def cases(name: str) -> dict[str, Any]:
    """The cases called `name` of every file; an id that two files speak of is an error."""
    found: dict[str, Any] = {}
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        more = getattr(importlib.import_module(path.stem), name, {})
        twice = found.keys() & more.keys()
        assert not twice, f"{path.name}: {sorted(twice)} is in another file already"
        found |= more
    return found
