"""`nodeflow cache`: look after the result store."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nodeflow.cli.options import size_of

if TYPE_CHECKING:
    from nodeflow.execution.store import Store

_folder = click.option(
    "--cache-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the results [default: see doctor].",
)


@click.group()
def command() -> None:
    """Look after the store of results.

    \b
    nodeflow cache info
    nodeflow cache prune --limit 2GB
    """


@command.command()
@_folder
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def info(cache_dir: Path | None, as_json: bool) -> None:
    """Tell how much the store holds, by node type."""
    store = _open(cache_dir)
    found = store.info()
    by_type = {
        name or "other": {"entries": use.entries, "bytes": use.bytes, "seconds": round(use.seconds, 3)}
        for name, use in sorted(found.by_type.items(), key=lambda pair: -pair[1].bytes)
    }
    oldest = (
        None
        if found.oldest is None
        else datetime.datetime.fromtimestamp(found.oldest, datetime.UTC).isoformat()
    )
    if as_json:
        answer = {
            "folder": str(store.root),
            "limit": store.limit,
            "bytes": found.bytes,
            "entries": found.entries,
        }
        click.echo(
            json.dumps(answer | {"objects": found.objects, "oldest": oldest, "by_type": by_type}, indent=1)
        )
        return
    click.echo(f"{store.root}\n{found.entries:,} results, {size(found.bytes)} of at most {size(store.limit)}")
    for name, use in by_type.items():
        click.echo(
            f"  {name:<32} {use['entries']:>8,}  {size(int(use['bytes'])):>10}  took {use['seconds']:,.1f} s"
        )


@command.command()
@_folder
@click.option(
    "--limit",
    default="",
    metavar="SIZE",
    help="What may stay, such as 500MB or 2GB [default: the store's limit].",
)
def prune(cache_dir: Path | None, limit: str) -> None:
    """Remove the results that are worth least, until the limit is kept."""
    store = _open(cache_dir)
    freed = store.prune(size_of(limit, "--limit"), keep_recent=not limit)
    click.echo(f"Freed {size(freed)}; {size(store.info().bytes)} are left.")


@command.command()
@_folder
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(cache_dir: Path | None, yes: bool) -> None:
    """Remove all results. Nothing is lost but the time to compute them again."""
    store = _open(cache_dir)
    if not yes:
        click.confirm(f"Remove all {store.info().entries:,} results in {store.root}?", abort=True)
    store.clear()
    click.echo("The store is empty.")


@command.command()
@_folder
def verify(cache_dir: Path | None) -> None:
    """Check every byte of the store; exit code 1 if something is damaged."""
    faults = _open(cache_dir).verify()
    for fault in faults:
        click.echo(f"✖ {fault.path}: {fault.reason}")
    if faults:
        click.echo(
            f"{len(faults)} damaged; a run drops them and computes them again, `nodeflow cache clear` removes all."
        )
        sys.exit(1)
    click.echo("Every result is sound.")


def _open(folder: Path | None) -> Store:
    from nodeflow.execution.store import Store

    return Store(folder)


def size(count: int) -> str:
    """Bytes in words: "1.2 GB"."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return ""
