"""`nodeflow trust`: let the code that a workflow brings along run on this computer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nodeflow.cli import options


@click.command()
@options.workflow_file
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--revoke", is_flag=True, help="Let it run no more.")
@options.nodes_path
def command(file: Path, yes: bool, revoke: bool, **given: Any) -> None:
    """Show the code in the workflow in FILE, all of it, and let it run from now on if you say so.

    Trust is in the code, not in the file: a changed character and it is asked for again. It counts for you on this
    computer, in the editor as well. In CI, use the hash with --trust-hash.

    \b
    nodeflow trust workflow.json
    nodeflow trust workflow.json --revoke
    """
    from nodeflow.document import load
    from nodeflow.errors import NodeflowError
    from nodeflow.execution.run import check_workflow
    from nodeflow.execution.trust import code_hash, code_of
    from nodeflow.resolution import Settings
    from nodeflow.trusted_code import TrustedCode, user_folder, visible

    workflow = load(file)
    resolution, _ = check_workflow(workflow, options.registry_of(given["nodes_path"]), Settings())
    digest = code_hash(resolution)
    if not digest:
        click.echo(f"{file} holds no code of its own.")
        return
    trusted = TrustedCode(user_folder())
    if revoke:
        trusted.remove(digest)
        click.echo("Its code does not run any more.")
        return
    for _, title, text in code_of(resolution):
        click.echo(f"# {visible(title)}\n{visible(text)}\n")
    click.echo(f"SHA-256: {digest}")
    if trusted.holds(digest):
        click.echo("It runs already.")
        return
    if not yes and not click.confirm("Let this code run on your computer, with your rights?"):
        sys.exit(2)
    trusted.add(digest)
    if trusted.fault:
        raise NodeflowError(f"the trust cannot be kept: {trusted.fault}")
    click.echo("It runs from now on.")
