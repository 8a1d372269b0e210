"""The JSON Schema of workflow files, with the parameters of every registered node type."""

from __future__ import annotations

from typing import Any

from nodeflow.document import FORMAT
from nodeflow.registry import Registry
from nodeflow.workflow import COMPONENT


def workflow_schema(registry: Registry) -> dict[str, Any]:
    """JSON Schema (2020-12) of a workflow file. Node types that are not registered are accepted as they are."""
    kinds = [
        {
            "if": {"properties": {"type": {"const": one.id}}, "required": ["type"]},
            "then": {"properties": {"parameters": _parameters(one.declaration["parameters"])}},
        }
        for one in registry
    ]
    text = {"type": "string"}
    names = {"type": "object", "additionalProperties": text}
    workflow = {
        "type": "object",
        "properties": {
            "name": text,
            "description": text,
            "variables": {"type": "object", "description": "Named values that parameters may refer to."},
            "nodes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/node"}},
            "connections": {
                "type": "array",
                "items": {"type": "string", "pattern": r"^.+\.[^.]+ -> .+\.[^.]+$"},
                "description": "Wires, each as node.output -> node.input.",
            },
            "layout": {"type": "object", "description": "Where each node is drawn: [x, y]."},
            "notes": {"type": "array"},
            "inputs": {
                "type": "object",
                "additionalProperties": {"anyOf": [text, {"type": "array", "items": text}]},
                "description": "Of a component: its inputs, and the node.input each leads to.",
            },
            "outputs": names
            | {"description": "Of a component: its outputs, and the node.output each comes from."},
            "expose": names
            | {"description": "Of a component: its parameters, and the node.parameter each sets."},
        },
    }
    node = {
        "type": "object",
        "properties": {
            "type": text | {"description": "The id of a node type."},
            "version": {"type": "integer"},
            "label": text,
            "parameters": {"type": "object"},
            "workflow": {"anyOf": [text, {"$ref": "#/$defs/workflow"}]},
        },
        "required": ["type"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": COMPONENT}}, "required": ["type"]},
                "then": {"required": ["workflow"]},
            },
            *kinds,
        ],
    }
    variable = {
        "type": "object",
        "properties": {"variable": text},
        "required": ["variable"],
        "additionalProperties": False,
        "description": "Stands for the value of a variable.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nodeflow workflow",
        "allOf": [{"$ref": "#/$defs/workflow"}],
        "properties": {"nodeflow": {"type": "integer", "minimum": 0, "maximum": FORMAT}},
        "required": ["nodeflow", "nodes"],
        "$defs": {"workflow": workflow, "node": node, "variable": variable},
    }


def _parameters(declared: list[dict[str, Any]]) -> dict[str, Any]:
    required = [one["name"] for one in declared if one["required"]]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {one["name"]: one["schema"] for one in declared},
        "additionalProperties": False,
    }
    return schema | ({"required": required} if required else {})
