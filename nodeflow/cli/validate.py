"""`nodeflow validate`: every problem of a workflow, without reading data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nodeflow.cli import options


@click.command()
@options.workflow_file
@options.settings
@options.target
@options.trust
@options.nodes_path
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def command(file: Path, as_json: bool, **given: Any) -> None:
    """Tell every problem of the workflow in FILE without reading data, and what its networks will cost.

    \b
    nodeflow validate workflow.json
    nodeflow validate workflow.json --set split.fraction=0.7 --json
    """
    from nodeflow.cli import networks, problems
    from nodeflow.cli.answers import counted, tell_json
    from nodeflow.document import load
    from nodeflow.execution.run import check_workflow

    workflow = load(file)
    asked = options.engine_options(given)
    registry = options.registry_of(given["nodes_path"])
    _, validation = check_workflow(workflow, registry, asked.settings, asked.targets)
    found = [problem.to_data() for problem in validation.problems]
    sound = not validation.errors
    costs = networks.costs(workflow, validation)
    if as_json:
        answer = {"sound": sound, "nodes": len(workflow.nodes), "connections": len(workflow.connections)}
        tell_json(answer | {"problems": found, "networks": costs})
    else:
        problems.tell(found, closing="")
        if sound:
            nodes, wires = len(workflow.nodes), len(workflow.connections)
            click.echo(f"{file} is sound: {counted(nodes, 'node')}, {counted(wires, 'connection')}.")
        for one in costs:
            click.echo(networks.sentence(one))
    if not sound:
        sys.exit(2)
