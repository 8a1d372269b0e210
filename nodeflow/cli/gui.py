"""`nodeflow gui`: the desktop editor."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import click

from nodeflow.cli import options
from nodeflow.errors import NodeflowError


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@options.nodes_path
def command(files: tuple[Path, ...], nodes_path: tuple[Path, ...]) -> None:
    """Open the desktop editor, with the workflows in FILE.

    \b
    nodeflow gui
    nodeflow gui workflow.json
    nodeflow gui workflow.json --nodes-path my_nodes.py
    """
    if importlib.util.find_spec("PySide6") is None:
        raise NodeflowError("the editor needs PySide6; install it by: pip install 'nodeflow[gui]'")
    for file in files:
        if not file.exists():
            raise NodeflowError(f"there is no file {file}; `nodeflow new {file}` starts one")
    try:
        from nodeflow_gui.application import run
    except ImportError as error:
        raise NodeflowError(
            f"the editor cannot be loaded ({error}); install what it needs by: pip install 'nodeflow[gui]'"
        ) from error
    sys.exit(run(list(files), list(nodes_path)))
