"""What the shell offers when a name is half typed: nodes, parameters and variables of the workflow at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from nodeflow.errors import NodeflowError

if TYPE_CHECKING:
    from nodeflow.registry import Registry
    from nodeflow.workflow import Workflow

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _of_workflow(names: Callable[[Workflow, Registry], Iterable[str]]) -> Complete:
    """A completion by names in the file that the command line gives; of a faulty file none."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        from nodeflow.cli.options import registry_of
        from nodeflow.document import load

        # an option whose value is still to come keeps click from telling the arguments apart
        file = context.params.get("file") or next(iter(context.args), None)
        if file is None:
            return []
        try:
            found = names(load(file), registry_of(context.params.get("nodes_path") or ()))
        except (NodeflowError, OSError):
            return []
        return [name for name in found if name.startswith(incomplete)]

    return complete


def _settings(workflow: Workflow, registry: Registry) -> Iterable[str]:
    for name, node in workflow.nodes.items():
        known = registry.get(node.type)
        declared = known.declaration["parameters"] if known is not None else ()
        inner = getattr(node.workflow, "expose", ())
        for parameter in dict.fromkeys([*(one["name"] for one in declared), *node.parameters, *inner]):
            yield f"{name}.{parameter}="


def node_types(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The ids of the installed node types."""
    from nodeflow.cli.options import registry_of

    registry = registry_of(context.params.get("nodes_path") or ())
    return [one.declaration["id"] for one in registry if one.declaration["id"].startswith(incomplete)]


nodes = _of_workflow(lambda workflow, registry: workflow.nodes)
settings = _of_workflow(_settings)
variables = _of_workflow(lambda workflow, registry: (f"{name}=" for name in workflow.variables))
