"""`nodeflow doctor`: is everything there, and is it well?"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

import click

import nodeflow
from nodeflow.devices import DeviceError, choose, graphics_processors, installed_backends


@click.command()
@click.option(
    "--cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="The folder of the results."
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def command(cache_dir: Path | None, as_json: bool) -> None:
    """Tell versions, backends, graphics processors, and the place and health of the cache.

    \b
    nodeflow doctor
    """
    found = examine(cache_dir)
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    click.echo(f"nodeflow {found['nodeflow']}, Python {found['python']}, {found['platform']}")
    click.echo(f"{found['processors']} processors, {found['memory'] or 'unknown'} memory")
    click.echo(f"\n{click.style('Packages', bold=True)}")
    for group, packages in found["packages"].items():
        shown = [
            f"{name} {version}" if version else click.style(f"{name} missing", fg="yellow")
            for name, version in packages.items()
        ]
        click.echo(f"  {group}: {', '.join(shown)}")
        if group != "core" and not all(packages.values()):
            click.echo(f"      pip install nodeflow[{group}] brings what is missing")
    click.echo(f"\n{click.style('Deep learning', bold=True)}")
    click.echo(f"  backends: {', '.join(found['backends']) or 'none installed'}")
    click.echo(f"  graphics processors: {', '.join(found['gpus']) or 'none found'}")
    click.echo(f"  in use: {found['device']}")
    cache = found["cache"]
    click.echo(f"\n{click.style('Cache', bold=True)}")
    click.echo(f"  {cache['folder']}: {cache['health']}")
    click.echo(f"\n{click.style('Nodes', bold=True)}\n  {found['nodes']['count']} node types")
    for fault in found["nodes"]["faults"]:
        click.echo(f"  ! {fault}")


def examine(cache_dir: Path | None = None) -> dict[str, Any]:
    """All findings as plain data; nothing heavy is imported for it."""
    from nodeflow.registry import Registry

    registry = Registry.installed()
    count = len(registry)
    return {
        "nodeflow": nodeflow.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "memory": _memory(),
        "packages": _packages(),
        "backends": installed_backends(),
        "gpus": list(graphics_processors()),
        "device": _device(),
        "cache": _cache(cache_dir),
        "nodes": {"count": count, "faults": list(registry.faults)},
    }


def _packages() -> dict[str, dict[str, str | None]]:
    """The declared requirements, by extra, with the version that is installed."""
    try:
        lines = importlib.metadata.requires("nodeflow") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found: dict[str, dict[str, str | None]] = {}
    for line in lines:
        extra = re.search(r"extra\s*==\s*['\"](\w+)['\"]", line)
        group = extra[1] if extra else "core"
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name is None or name[0] in ("nodeflow", "editables") or group == "all":
            continue
        try:
            version: str | None = importlib.metadata.version(name[0])
        except importlib.metadata.PackageNotFoundError:
            version = None
        found.setdefault(group, {})[name[0]] = version
    return found


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError, OSError):
        return ""


def _device() -> str:
    """Backend and device that deep learning would use, and why."""
    try:
        return choose().sentence()
    except DeviceError as error:
        return str(error)


def _cache(folder: Path | None) -> dict[str, Any]:
    from nodeflow.cli.cache import size
    from nodeflow.errors import NodeflowError
    from nodeflow.execution.store import Store, default_folder

    place = folder or default_folder()
    try:
        store = Store(place)
        info = store.info()
    except (NodeflowError, OSError) as error:
        return {"folder": str(place), "health": f"cannot be used: {error}", "usable": False}
    health = f"{info.entries:,} results, {size(info.bytes)} of at most {size(store.limit)}"
    return {"folder": str(store.root), "health": health, "usable": True, "bytes": info.bytes}
