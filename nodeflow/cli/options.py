"""Options that several commands share, and what they mean to the engine."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nodeflow.cli import names

if TYPE_CHECKING:
    from nodeflow.execution.run import Options
    from nodeflow.registry import Registry

Function = TypeVar("Function", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)


def _all(*decorators: Callable[[Any], Any]) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


workflow_file = click.argument("file", type=_PATH)
settings = _all(
    click.option(
        "--set", "set_", multiple=True, metavar="NODE.PARAMETER=VALUE",
        help="Give a node's parameter another value, for example split.fraction=0.7. May be repeated.",
        shell_complete=names.settings,
    ),
    click.option(
        "--var", multiple=True, metavar="NAME=VALUE", help="Give a variable of the workflow a value. May be repeated.",
        shell_complete=names.variables,
    ),
)  # fmt: skip
target = click.option(
    "--target", multiple=True, metavar="NODE", help="Only this node and what it needs. May be repeated.",
    shell_complete=names.nodes,
)  # fmt: skip
seed = click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True,
    help="The seed from which random nodes without one of their own get theirs.",
)  # fmt: skip
cache = _all(
    click.option(
        "--cache/--no-cache", default=True, help="Reuse and keep results, or compute everything anew."
    ),
    click.option(
        "--cache-dir", type=_PATH, metavar="DIR", help="The folder of the results [default: see doctor]."
    ),
)
output = click.option(
    "--output",
    type=_PATH,
    metavar="DIR",
    help="Where files are written [default: output beside the workflow].",
)
trust = _all(
    click.option(
        "--trust",
        is_flag=True,
        help="Run the workflow's own code, and let it read, write and reach anything.",
    ),
    click.option(
        "--trust-hash", default="", metavar="SHA256", help="Run the workflow's own code if it has this hash."
    ),
    click.option(
        "--allow-read", type=_PATH, multiple=True, metavar="PATH", help="Let the workflow read this too."
    ),
    click.option(
        "--allow-write", type=_PATH, multiple=True, metavar="PATH", help="Let the workflow write here too."
    ),
    click.option("--allow-host", multiple=True, metavar="HOST", help="Let the workflow reach this server."),
)
restricted = click.option(
    "--restricted",
    is_flag=True,
    help="Leave the workflow's own code out if it is not trusted: its nodes and what needs them are skipped.",
)
nodes_path = click.option(
    "--nodes-path", type=_PATH, multiple=True, metavar="PATH",
    help="A Python file, or a folder of them, with further node types; it is imported.",
)  # fmt: skip


def pairs(texts: Sequence[str], option: str, form: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping; a wrong one is a usage error."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f'"{text}" is not of the form {form}', param_hint=option)
        found[name.strip()] = value
    return found


def size_of(text: str, option: str) -> int | None:
    """The bytes of a size such as 2GB, None of an empty text; a wrong one is a usage error."""
    from nodeflow.memory import read_size

    try:
        return read_size(text) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def registry_of(paths: Sequence[Path]) -> Registry:
    """The installed node types and those of the given files."""
    from nodeflow.registry import Registry

    registry = Registry.installed()
    for path in paths:
        registry.add_path(path)
    return registry


def engine_options(given: dict[str, Any]) -> Options:
    """The engine's options from those of a command."""
    from nodeflow.execution.run import Options
    from nodeflow.resolution import Settings, Text

    folder = Path.cwd()
    parameters = pairs(given.get("set_", ()), "--set", "NODE.PARAMETER=VALUE")
    variables = pairs(given.get("var", ()), "--var", "NAME=VALUE")
    return Options(
        settings=Settings(
            {key: Text(text, folder) for key, text in parameters.items()},
            {key: Text(text, folder) for key, text in variables.items()},
            given.get("output"),
            tuple(given.get("allow_read", ())),
            tuple(given.get("allow_write", ())),
            tuple(given.get("allow_host", ())),
            bool(given.get("trust")),
        ),
        targets=tuple(given.get("target", ())),
        seed=given.get("seed", 0),
        cache=given.get("cache", True),
        cache_folder=given.get("cache_dir"),
        trust_hash=given.get("trust_hash", ""),
        restricted=given.get("restricted", False),
    )


@contextlib.contextmanager
def signals_to(interrupt: Callable[[], None]) -> Iterator[None]:
    """Within the block Ctrl-C and a request to terminate (SIGTERM) call `interrupt` instead of raising."""

    def handle(number: int, frame: object) -> None:
        interrupt()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
