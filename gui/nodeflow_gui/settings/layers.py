"""What the layers of a network can be told: the settings of their own nodes, offered where layers are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nodeflow.registry import Registry


def layer_options(registry: Registry, record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The declared settings of the layer that a record names; none if it names none that has a node."""
    layer = record.get("layer")
    known = registry.get(f"layer_{layer}") if isinstance(layer, str) else None
    if known is None:
        return ()
    parameters: Sequence[Mapping[str, Any]] = known.declaration["parameters"]
    return [_as_entry(one) for one in parameters if one["name"] != "layer_name"]


def _as_entry(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same where several numbers are a text with commas."""
    if declared["kind"] != "list":
        return declared
    numbers = ", ".join(map(str, declared.get("default", ())))
    return {name: one for name, one in declared.items() if name != "schema"} | {
        "kind": "text",
        "default": numbers,
    }
