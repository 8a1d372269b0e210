"""The values that travel on wires, their specs, and how each is stored and loaded safely.

Importing this package is cheap; the value classes load on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nodeflow.values.specs import ChartSpec, ModelSpec, Spec, TableSpec, VariablesSpec
from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

if TYPE_CHECKING:
    from nodeflow.values.chart import Chart
    from nodeflow.values.model import Model
    from nodeflow.values.network import Network, NetworkSpec
    from nodeflow.values.report import Report
    from nodeflow.values.table import Table
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.variables import Variables

__all__ = [
    "ArraySpec",
    "Chart",
    "ChartSpec",
    "Model",
    "ModelSpec",
    "Network",
    "NetworkSpec",
    "Report",
    "Spec",
    "Table",
    "TableSpec",
    "Tensors",
    "TensorsSpec",
    "Variables",
    "VariablesSpec",
]

_HOMES = {
    "Chart": "nodeflow.values.chart",
    "Model": "nodeflow.values.model",
    "Network": "nodeflow.values.network",
    "NetworkSpec": "nodeflow.values.network",
    "Report": "nodeflow.values.report",
    "Table": "nodeflow.values.table",
    "Tensors": "nodeflow.values.tensors",
    "Variables": "nodeflow.values.variables",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
