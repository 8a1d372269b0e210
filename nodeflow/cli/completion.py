"""`nodeflow completion`: the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    nodeflow completion bash > ~/.local/share/bash-completion/completions/nodeflow
    nodeflow completion fish > ~/.config/fish/completions/nodeflow.fish
    nodeflow completion zsh  > ~/.zfunc/_nodeflow
    """
    from nodeflow.cli import group

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(group, {}, "nodeflow", "_NODEFLOW_COMPLETE").source())
