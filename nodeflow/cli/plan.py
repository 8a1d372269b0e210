"""`nodeflow plan`: what would run, what comes from the cache, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nodeflow.cli import options

WORDS = {"run": "▶ run", "cached": "◆ from cache", "unneeded": "○ not needed", "left out": "⊘ left out"}


@click.command()
@options.workflow_file
@options.settings
@options.target
@options.seed
@options.cache
@options.output
@options.trust
@options.restricted
@options.nodes_path
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def command(file: Path, as_json: bool, **given: Any) -> None:
    """Tell what a run of the workflow in FILE would do, and why; nothing runs.

    \b
    nodeflow plan workflow.json
    nodeflow plan workflow.json --target score --json
    """
    from nodeflow.cli.answers import tell_json
    from nodeflow.document import load
    from nodeflow.execution.run import prepare

    prepared = prepare(load(file), options.engine_options(given), options.registry_of(given["nodes_path"]))
    rows = prepared.plan.to_data()
    if as_json:
        tell_json({"nodes": rows, "run": prepared.plan.to_run})
        return
    widths = [max([len(row["title"]) for row in rows], default=0), max(len(word) for word in WORDS.values())]
    for row in rows:
        why = "" if row["reason"] == "unchanged" else row["reason"]
        click.echo(f"{row['title']:<{widths[0]}}  {WORDS[row['action']]:<{widths[1]}}  {why}".rstrip())
    count = {action: sum(row["action"] == action for row in rows) for action in WORDS}
    parts = [f"{count['run']} to run", f"{count['cached']} from the cache"]
    if count["unneeded"]:
        parts.append(f"{count['unneeded']} not needed")
    if count["left out"]:
        parts.append(f"{count['left out']} left out")
    click.echo(f"\n{', '.join(parts)}.")
