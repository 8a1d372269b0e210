"""`nodeflow run`: run a workflow file, watched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nodeflow.cli import options


@click.command()
@options.workflow_file
@options.settings
@options.target
@click.option(
    "--jobs", type=click.IntRange(1, 1024), help="Steps at a time [default: the number of processors]."
)
@click.option(
    "--executor",
    type=click.Choice(["inline", "threads"]),
    default="threads",
    show_default=True,
    help="Where steps run: in one thread after the other, or in several at once.",
)
@options.seed
@options.cache
@options.output
@click.option(
    "--memory-limit",
    default="",
    metavar="SIZE",
    envvar="NODEFLOW_MEMORY_LIMIT",
    show_envvar=True,
    help="Sort, group and join tables larger than memory within this much, such as 2GB; slower.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Cancel the run after this time.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a report with charts, tables and scores: one HTML file to open in a browser, or a .pdf to print.",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json writes one event a line to standard output; see `nodeflow schema --events`.",
)
@options.trust
@options.restricted
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
    show_default=True,
    help="For nodes that can use a graphics processor.",
)
@options.nodes_path
@click.pass_context
def command(context: click.Context, /, file: Path, **given: Any) -> None:
    """Run the workflow in FILE: what changed runs, the rest comes from the cache.

    \b
    nodeflow run workflow.json
    nodeflow run workflow.json --set split.fraction=0.7 --target score
    nodeflow run workflow.json --output results --log json > events.jsonl
    """
    from nodeflow.cli.terminal import JsonView, TextView
    from nodeflow.execution.messages import Refused, Request
    from nodeflow.execution.supervisor import Supervisor

    request = Request(
        workflow=str(file),
        folder=str(Path.cwd()),
        parameters=options.pairs(given["set_"], "--set", "NODE.PARAMETER=VALUE"),
        variables=options.pairs(given["var"], "--var", "NAME=VALUE"),
        targets=list(given["target"]),
        jobs=given["jobs"],
        executor=given["executor"],
        seed=given["seed"],
        cache=given["cache"],
        cache_folder=str(given["cache_dir"]) if given["cache_dir"] else None,
        output=str(given["output"]) if given["output"] else None,
        memory_limit=options.size_of(given["memory_limit"], "--memory-limit"),
        timeout=given["timeout"],
        report=str(given["report"]) if given["report"] else None,
        trust=given["trust"],
        trust_hash=given["trust_hash"],
        restricted=given["restricted"],
        allow_read=[str(path) for path in given["allow_read"]],
        allow_write=[str(path) for path in given["allow_write"]],
        allow_host=list(given["allow_host"]),
        device=given["device"],
        nodes_path=[str(path) for path in given["nodes_path"]],
        debug=bool(context.find_root().params.get("debug")),
    )
    view = JsonView() if given["log"] == "json" else TextView(str(file))
    supervisor = Supervisor(request, view.event, view.planned)
    with options.signals_to(supervisor.interrupt):
        supervisor.start()
        view.start()
        last = supervisor.run()
    view.end(last)
    if isinstance(last, Refused):
        sys.exit(1 if last.is_bug else 2)
    sys.exit({"done": 0, "failed": 1, "cancelled": 130}[last.state])
