"""`nodeflow diff`: what differs between two workflow files."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def command(before: Path, after: Path, as_json: bool) -> None:
    """Tell what differs between two workflow files: nodes, parameters, connections, variables.

    Where nodes are drawn does not count. The exit code is 0 if nothing differs and 1 otherwise, as
    that of the command diff.

    \b
    nodeflow diff old.json new.json
    nodeflow diff old.json new.json --json
    """
    from nodeflow.cli.answers import tell_json
    from nodeflow.comparison import compare
    from nodeflow.document import load

    difference = compare(load(before), load(after))
    if as_json:
        tell_json(difference.to_data())
    else:
        click.echo("\n".join(difference.lines()) or "No difference.")
    if difference:
        sys.exit(1)
