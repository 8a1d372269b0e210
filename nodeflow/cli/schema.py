"""`nodeflow schema`: the JSON Schema of workflow files and of events."""

from __future__ import annotations

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
    nodeflow schema --events > event.schema.json
    """
    from nodeflow.cli.answers import tell_json

    if events:
        from nodeflow.execution.events import event_schema

        tell_json(event_schema())
        return
    from nodeflow.schema import workflow_schema

    tell_json(workflow_schema(options.registry_of(nodes_path)))
