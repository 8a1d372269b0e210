"""The columns at an input of a node, from what is known of the outputs it is connected to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.parameters.columns import family_of_name
from nodeflow_gui.settings.editor import KnownColumn

if TYPE_CHECKING:
    EditorDocument = Any
    Status = Any


def columns_at(
    document: EditorDocument, status: Status, node: str, declaration: Mapping[str, Any], port: str
) -> list[KnownColumn] | None:
    """Names and families of types at an input port; for no port, at the first table. None if not known."""
    tables = [one["name"] for one in declaration["inputs"] if one["type"] == "table"]
    wanted = port or (tables[0] if tables else "")
    found: dict[str, str] | None = None
    for one in document.workflow.connections:
        if one.target == node and one.input == wanted:
            spec = status.spec_of(one.source, one.output)
            columns = spec.get("columns") if spec else None
            if isinstance(columns, Mapping):
                found = (found or {}) | {name: family_of_name(str(dtype)) for name, dtype in columns.items()}
    return None if found is None else list(found.items())
