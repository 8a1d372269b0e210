"""Which reader a dropped data file gets, and with which settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodeflow.registry import Registry
from nodeflow_gui.document.paths import relative

_FIRST = ("csv_reader", "excel_reader", "parquet_reader", "json_reader", "arrow_reader")
"""Who reads a file that several readers could."""


def reader_for(registry: Registry, path: Path, folder: Path | None) -> tuple[str, dict[str, Any]] | None:
    """The id of the node type that reads the file, and its parameters; None if none does."""
    name = path.name.casefold()
    fitting: list[tuple[int, int, str, str]] = []
    for one in registry:
        declaration = one.declaration
        if declaration["inputs"] or not declaration["outputs"]:
            continue
        for declared in declaration["parameters"]:
            if declared["kind"] != "path" or declared.get("writes"):
                continue
            longest = max((len(end) for end in declared.get("suffixes", ()) if name.endswith(end)), default=0)
            if longest:
                rank = _FIRST.index(one.id) if one.id in _FIRST else len(_FIRST)
                fitting.append((-longest, rank, one.id, declared["name"]))
    if not fitting:
        return None
    _, _, type_id, parameter = min(fitting)
    return type_id, {parameter: relative(path, folder)}


def is_workflow(path: Path) -> bool:
    """Whether a file is one of our workflows, by its first characters."""
    if path.suffix.casefold() != ".json" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(200)
    except OSError:
        return False
    return b'"nodeflow"' in head
