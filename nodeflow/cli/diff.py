"""`nodeflow diff`: what differs between two workflow files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def command(before: Path, after: Path, as_json: bool) -> None:
    """Tell what differs between two workflow files; exit code 0 if nothing does, 1 otherwise.

    \b
    nodeflow diff old.json new.json
    """
    from nodeflow.comparison import compare
    from nodeflow.document import load

    difference = compare(load(before), load(after))
    if as_json:
        click.echo(json.dumps(difference.to_data(), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(difference.lines()) or "No difference.")
    if difference:
        sys.exit(1)
