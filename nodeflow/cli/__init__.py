"""The command `nodeflow`. Each subcommand is a small module of its own, loaded when it is used."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

import nodeflow

COMMANDS = {
    "run": "Run a workflow file.",
    "gui": "Open the desktop editor.",
    "validate": "Tell every problem of a workflow without reading data.",
    "plan": "Tell what would run, what comes from the cache, and why.",
    "nodes": "Find node types, or show the help page of one.",
    "new": "Start a workflow file.",
    "trust": "Let the code in a workflow run.",
    "export": "Write a workflow as a Python script, Mermaid or SVG.",
    "diff": "Compare two workflow files.",
    "cache": "Look after the result store.",
    "schema": "Print the JSON Schema of workflow files or of events.",
    "doctor": "Tell versions, backends, GPU and the health of the cache.",
    "completion": "Print the completion script for a shell.",
}
"""Each with its line in the overview; the modules are not imported for that."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"nodeflow.cli.{cmd_name}").command
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from nodeflow.errors import did_you_mean

            ctx.fail(f'there is no command "{name}"; {did_you_mean(name, list(COMMANDS))}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nodeflow.__version__, prog_name="nodeflow")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def group(debug: bool) -> None:
    """Workflows for data analysis and machine learning.

    \b
    nodeflow new first.json        start a workflow
    nodeflow run first.json        run it; a second time only what changed
    nodeflow nodes                 what a workflow can be made of

    Exit codes: 0 done, 1 a node failed, 2 the workflow or the call is wrong, 130 cancelled.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    from nodeflow.cli import problems
    from nodeflow.errors import NodeflowError, WorkflowError

    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    code: Any = 0
    _print_anything()
    try:
        code = group.main(given, prog_name="nodeflow", standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except WorkflowError as error:
        problems.tell([problem.to_data() for problem in error.problems])
        code = 2
    except NodeflowError as error:
        if debug:
            raise
        problems.tell_error(str(error))
        code = 2
    except BrokenPipeError:
        # whoever read our output has enough; nothing may be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        if debug:
            raise
        problems.tell_bug(f"{type(error).__name__}: {error}", "")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _print_anything() -> None:
    """A pipe or terminal that lacks a sign, as under Windows, gets "?" for it instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
