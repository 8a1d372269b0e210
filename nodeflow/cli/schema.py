"""`nodeflow schema`: the JSON Schema of workflow files and of events."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nodeflow.cli import options


@click.command()
@click.option("--events", is_flag=True, help="The schema of a line of `nodeflow run --log json` instead.")
@options.nodes_path
def command(events: bool, nodes_path: tuple[Path, ...]) -> None:
    """Print the JSON Schema of workflow files, with the parameters of every node type.

    \b
    nodeflow schema > workflow.schema.json
    """
    if events:
        from nodeflow.execution.events import event_schema

        click.echo(json.dumps(event_schema(), indent=1))
        return
    from nodeflow.schema import workflow_schema

    click.echo(json.dumps(workflow_schema(options.registry_of(nodes_path)), indent=1, ensure_ascii=False))
