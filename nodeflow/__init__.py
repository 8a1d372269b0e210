"""nodeflow: a visual workflow engine for data analysis and machine learning.

    import nodeflow as nf

    workflow = nf.load("workflow.json")
    result = workflow.run(parameters={"split.fraction": 0.7})
    result["score"].table.to_pandas()

What is listed in `__all__` is the public surface; the rest may change. Names load on first use, so
that importing nodeflow costs a few milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodeflow.document import load, loads, save
    from nodeflow.errors import Cancelled as Cancelled
    from nodeflow.errors import (
        DocumentError,
        FormulaError,
        NodeFailed,
        NodeflowError,
        ParameterError,
        TrustError,
        WorkflowError,
    )
    from nodeflow.execution.events import Event
    from nodeflow.execution.result import Result
    from nodeflow.execution.run import Cancellation, plan, run, validate
    from nodeflow.node import Context, Node
    from nodeflow.parameters import (
        Code,
        Colour,
        Column,
        Columns,
        Expression,
        Fault,
        Host,
        InputPath,
        OutputPath,
        Record,
        Secret,
        Seed,
        parameter,
    )
    from nodeflow.problems import Problem
    from nodeflow.registry import Registry
    from nodeflow.values import (
        Chart,
        ChartSpec,
        Model,
        ModelSpec,
        Table,
        TableSpec,
        Tensors,
        TensorsSpec,
        Variables,
        VariablesSpec,
    )
    from nodeflow.workflow import Workflow

__version__ = "0.1.0"

HOMES = {
    name: module
    for module, names in {
        "nodeflow.document": "load loads save",
        "nodeflow.errors": "Cancelled DocumentError FormulaError NodeFailed NodeflowError ParameterError "
        "TrustError WorkflowError",
        "nodeflow.execution.events": "Event",
        "nodeflow.execution.result": "Result",
        "nodeflow.execution.run": "Cancellation plan run validate",
        "nodeflow.node": "Context Node",
        "nodeflow.parameters": "Code Colour Column Columns Expression Fault Host InputPath OutputPath Record "
        "Secret Seed parameter",
        "nodeflow.problems": "Problem",
        "nodeflow.registry": "Registry",
        "nodeflow.values": "Chart ChartSpec Model ModelSpec Table TableSpec Tensors TensorsSpec Variables "
        "VariablesSpec",
        "nodeflow.workflow": "Workflow",
    }.items()
    for name in names.split()
}
"""The module that defines each public name."""

__all__ = [
    "Cancellation",
    "Cancelled",
    "Chart",
    "ChartSpec",
    "Code",
    "Colour",
    "Column",
    "Columns",
    "Context",
    "DocumentError",
    "Event",
    "Expression",
    "Fault",
    "FormulaError",
    "Host",
    "InputPath",
    "Model",
    "ModelSpec",
    "Node",
    "NodeFailed",
    "NodeflowError",
    "OutputPath",
    "ParameterError",
    "Problem",
    "Record",
    "Registry",
    "Result",
    "Secret",
    "Seed",
    "Table",
    "TableSpec",
    "Tensors",
    "TensorsSpec",
    "TrustError",
    "Variables",
    "VariablesSpec",
    "Workflow",
    "WorkflowError",
    "load",
    "loads",
    "parameter",
    "plan",
    "run",
    "save",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        value = getattr(importlib.import_module(HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
