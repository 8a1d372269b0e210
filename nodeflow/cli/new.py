"""`nodeflow new`: start a workflow file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nodeflow.errors import NodeflowError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from-csv", type=click.Path(path_type=Path), metavar="DATA", help="A CSV file to begin with.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def command(file: Path, from_csv: Path | None, force: bool) -> None:
    """Start a workflow in FILE: a small table, or a CSV file, and a look at its columns.

    \b
    nodeflow new cleaning.json --from-csv measurements.csv
    nodeflow run cleaning.json
    """
    import nodeflow as nf
    from nodeflow.validation import unreadable

    if file.exists() and not force:
        raise NodeflowError(f"{file} is there already; choose another name, or replace it by --force")
    folder = file.resolve().parent
    if not folder.is_dir():
        raise NodeflowError(f"there is no folder {folder}; make it first")
    workflow = nf.Workflow(
        file.stem.replace("_", " ").capitalize(), "What this workflow is for.", folder=folder
    )
    if from_csv is not None:
        fault = unreadable(str(from_csv))
        if fault is not None:
            raise NodeflowError(fault)
        path = Path(os.path.relpath(from_csv.resolve(), folder))
        first = workflow.add("csv_reader", id="read", label=from_csv.name, path=path.as_posix())
    else:
        first = workflow.add(
            "table_creator",
            id="table",
            label="a small table",
            columns=[
                {"name": "name", "type": "text", "cells": ["Ada", "Grace", "Alan"]},
                {"name": "age", "type": "integer", "cells": [36, 85, 41]},
            ],
        )
    workflow.add("statistics", first, id="look", label="look at each column")
    workflow.layout = {first.id: [0, 0], "look": [240, 0]}
    workflow.save(file)
    click.echo(f"Wrote {file}. `nodeflow run {file}` runs it; `nodeflow nodes` shows what can be added.")
    if from_csv is not None and not from_csv.resolve().is_relative_to(folder):
        click.echo(f"It reads outside its folder: run it with --allow-read {from_csv.resolve().parent}")
