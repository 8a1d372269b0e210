"""What went wrong, on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


def tell(problems: Sequence[Mapping[str, Any]], *, closing: str = "; nothing ran") -> None:
    """Every problem on lines of its own, those of a node together, errors counted."""
    from nodeflow.problems import Problem

    groups: dict[str, list[Mapping[str, Any]]] = {}
    for data in problems:
        groups.setdefault(data.get("node", ""), []).append(data)
    for data in (data for group in groups.values() for data in group):
        problem = Problem(**data)
        is_warning = problem.severity == "warning"
        mark = click.style("!", fg="yellow") if is_warning else click.style("✖", fg="red")
        click.echo(f"{mark} {problem}", err=True)
    errors = sum(data.get("severity", "error") == "error" for data in problems)
    if errors:
        click.echo(f"\n{errors} problem{'s' if errors > 1 else ''}{closing}.", err=True)


def tell_error(sentence: str) -> None:
    """One sentence."""
    click.echo(f"{click.style('Error:', fg='red')} {sentence}", err=True)


def tell_bug(sentence: str, trace: str, *, debug: bool = False) -> None:
    """Something that should not happen; the traceback only for who asked."""
    click.echo(f"{click.style('nodeflow failed unexpectedly:', fg='red')} {sentence}", err=True)
    if debug and trace:
        click.echo(trace, err=True)
    else:
        click.echo("Run it again as `nodeflow --debug …` and report what it prints.", err=True)
