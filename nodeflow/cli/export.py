"""`nodeflow export`: a workflow in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nodeflow.cli import options


@click.command()
@options.workflow_file
@click.option(
    "--to", "form", type=click.Choice(["mermaid", "svg", "python"]), required=True,
    help="A diagram as text, a picture, or a plain script with Polars and scikit-learn.",
)  # fmt: skip
@click.option(
    "-o",
    "--to-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it [default: standard output].",
)
@click.option(
    "--partial",
    is_flag=True,
    help="Leave nodes out of the Python script that have no plain form, and those that need them.",
)
@options.settings
@options.seed
@options.trust
@options.nodes_path
def command(file: Path, form: str, to_file: Path | None, partial: bool, **given: Any) -> None:
    """Write the workflow in FILE as a diagram, a picture or a plain Python script.

    \b
    nodeflow export workflow.json --to svg -o workflow.svg
    nodeflow export workflow.json --to python -o workflow.py
    """
    from nodeflow.cli.answers import tell_file
    from nodeflow.document import load

    workflow = load(file)
    workflow.registry = options.registry_of(given["nodes_path"])
    if form == "mermaid":
        from nodeflow.export.mermaid import to_mermaid

        text = to_mermaid(workflow)
    elif form == "svg":
        from nodeflow.export.svg import to_svg

        text = to_svg(workflow)
    else:
        from nodeflow.export.script import to_python, to_script

        asked = options.engine_options(given)
        if partial:
            script = to_script(workflow, settings=asked.settings, seed=asked.seed)
            text = script.text
            if script.left_out:
                click.echo(script.refusal(), err=True)
        else:
            text = to_python(workflow, settings=asked.settings, seed=asked.seed)
    if to_file is None:
        tell_file(text)
        return
    from nodeflow.files import atomic_write

    with atomic_write(to_file, "w") as target:
        target.write(text)
    click.echo(f"Wrote {to_file}.")
