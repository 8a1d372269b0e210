"""What went wrong, on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


def tell(problems: Sequence[Mapping[str, Any]]) -> None:
    """Every problem on lines of its own, those of a node together, errors counted."""
    from nodeflow.problems import Problem

    for data in problems:
        problem = Problem(**data)
        mark = "!" if problem.severity == "warning" else "✖"
        click.echo(f"{click.style(mark, fg='yellow' if mark == '!' else 'red')} {problem}", err=True)
    errors = sum(data.get("severity", "error") == "error" for data in problems)
    if errors:
        click.echo(f"\n{errors} problem{'s' if errors > 1 else ''}; nothing ran.", err=True)


def tell_error(sentence: str) -> None:
    """One sentence."""
    click.echo(f"{click.style('Error:', fg='red')} {sentence}", err=True)


def tell_bug(sentence: str, trace: str) -> None:
    """Something that should not happen."""
    click.echo(f"{click.style('nodeflow failed unexpectedly:', fg='red')} {sentence}", err=True)
    if trace and click.get_current_context(silent=True) is not None:
        if click.get_current_context().find_root().params.get("debug"):
            click.echo(trace, err=True)
            return
    click.echo("Run it again with `nodeflow --debug …` and report what it prints.", err=True)
