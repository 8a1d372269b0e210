"""The worker process: runs one workflow for a supervisor and tells it every event.

Started as `python -m nodeflow.execution.worker`. The request is the first line of standard input; a
later line "cancel", or the end of input when the supervisor has died, stops the run. Messages go to
what was standard output; what nodes print goes to standard error. With "--warm" it imports what every
run needs before it reads the request, so that a spare worker starts at once.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nodeflow.errors import NodeflowError, WorkflowError
from nodeflow.execution.cancellation import Cancellation
from nodeflow.execution.events import Event
from nodeflow.execution.messages import (
    Ended,
    Happened,
    Headline,
    Place,
    Planned,
    Refused,
    Request,
    Stored,
    Told,
    encode,
)
from nodeflow.execution.result import Result

if TYPE_CHECKING:
    from nodeflow.execution.run import Options
    from nodeflow.execution.store import Output, Store
    from nodeflow.registry import Registry
    from nodeflow.workflow import Workflow

HEADLINE_ROWS = 50


class _Channel:
    """Lines to the supervisor; when it is gone there is nobody to tell."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        data = encode(message) + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except BrokenPipeError:
                os._exit(1)


class _LogHandler(logging.Handler):
    """Hands what is logged to the supervisor."""

    def __init__(self, channel: _Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        self._channel.send(Told(record.levelname.lower(), record.getMessage()))


def _step_back() -> None:
    """Let other programs go first: a person works beside this one."""
    if hasattr(os, "nice"):
        os.nice(5)


def _warm_up() -> None:
    """Import what every run needs."""
    import narwhals
    import polars

    import nodeflow.execution.run
    import nodeflow.execution.store
    import nodeflow.values.table  # noqa: F401
    from nodeflow.registry import Registry

    narwhals.from_native(polars.DataFrame({"a": [1]}).lazy()).select("a").collect()
    len(Registry.installed())


def main() -> None:
    """Serve one request, then end the process at once, threads that do not listen included."""
    channel = _Channel(os.dup(1))
    os.dup2(2, 1)
    # Ctrl-C reaches the whole process group; the supervisor decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "--warm" in sys.argv:
        _step_back()
        _warm_up()
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)  # a spare that was not needed
    request = msgspec.json.decode(line, type=Request)
    os.environ.update(request.environment)
    level = logging.DEBUG if request.debug else logging.WARNING
    if request.tells:
        if "--warm" not in sys.argv:
            _step_back()
        logging.basicConfig(level=min(level, logging.INFO), handlers=[_LogHandler(channel)])
    else:
        logging.basicConfig(level=level, format="%(message)s")
    cancellation = Cancellation()
    threading.Thread(target=_listen, args=(cancellation,), daemon=True).start()
    try:
        channel.send(serve(request, channel, cancellation))
    except WorkflowError as error:
        channel.send(Refused(str(error), [problem.to_data() for problem in error.problems]))
    except NodeflowError as error:
        channel.send(Refused(str(error)))
    except BaseException as error:
        channel.send(Refused(f"{type(error).__name__}: {error}", trace=traceback.format_exc(), is_bug=True))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def serve(request: Request, channel: _Channel, cancellation: Cancellation) -> Ended:
    """Check, plan and run; raises what `prepare` raises."""
    from nodeflow.execution.run import execute, prepare

    folder = Path(request.folder)
    options = options_of(request)
    prepared = prepare(workflow_of(request), options, registry_of(request))
    plan = prepared.plan
    _check_output(plan.resolution.output)
    channel.send(Planned(plan.step_of, len(plan.to_run), str(plan.resolution.output)))
    final: list[Event] = []

    def tell(event: Event) -> None:
        # the run's own last event follows the record and the headlines
        if not event.node and event.state not in ("queued", "running"):
            final.append(event)
        else:
            channel.send(Happened(event))

    def tell_places(node: str, outputs: Mapping[str, Output]) -> None:
        assert prepared.store is not None
        channel.send(Stored(node, {port: place_of(prepared.store, one) for port, one in outputs.items()}))

    result = execute(prepared, options, [tell], cancellation, tell_places if request.tells else None)
    headlines = find_headlines(result)
    reports = [_write_report(result, folder / request.report)] if request.report is not None else []
    prepared.close()
    for event in final:
        channel.send(Happened(event))
    files = [*(path for report in result.reports.values() for path in report.files), *reports]
    trouble = (prepared.store.trouble if prepared.store is not None else None) or ""
    return Ended(result.state, result.seconds, result.record.get("saved", ""), files, headlines, trouble)


def options_of(request: Request) -> Options:
    """How to run, from the plain data of a request."""
    from nodeflow.execution.run import Options
    from nodeflow.resolution import Settings, Text

    folder = Path(request.folder)
    settings = Settings(
        {key: Text(text, folder) for key, text in request.parameters.items()},
        {key: Text(text, folder) for key, text in request.variables.items()},
        folder / request.output if request.output is not None else None,
        tuple(folder / path for path in request.allow_read),
        tuple(folder / path for path in request.allow_write),
        tuple(request.allow_host),
        request.trust,
    )
    return Options(
        settings=settings,
        targets=tuple(request.targets),
        jobs=request.jobs,
        executor=request.executor,
        seed=request.seed,
        cache=request.cache,
        cache_folder=folder / request.cache_folder if request.cache_folder else None,
        memory_limit=request.memory_limit,
        timeout=request.timeout,
        trust_hash=request.trust_hash,
        restricted=request.restricted,
        device=request.device,
        keep="ends",
        record=True,
        without=request.without,
        grace=request.grace,
    )


def registry_of(request: Request) -> Registry:
    """The installed node types, and those of the files the request names."""
    from nodeflow.registry import Registry

    registry = Registry.installed()
    for path in request.nodes_path:
        registry.add_path(Path(request.folder) / path)
    return registry


def workflow_of(request: Request) -> Workflow:
    """The workflow that the request names or holds."""
    from nodeflow.document import load, loads

    folder = Path(request.folder)
    if not request.document:
        return load(folder / request.workflow)
    workflow = loads(request.document)
    workflow.folder = folder
    if request.workflow:
        workflow.path = folder / request.workflow
        workflow.folder = workflow.path.resolve().parent
    return workflow


def place_of(store: Store, output: Output) -> Place:
    """Where a stored output is, in plain data."""
    if output.inline is not None:
        return Place(output.kind, data=output.inline, meta=dict(output.meta))
    return Place(output.kind, path=str(store.path_of(output)), meta=dict(output.meta))


def _write_report(result: Result, path: Path) -> str:
    from nodeflow.files import atomic_write

    if path.suffix.lower() == ".pdf":
        from nodeflow.report.pdf import report_pdf

        content = report_pdf(result)
    else:
        from nodeflow.report.page import report_page

        content = report_page(result).encode()
    with atomic_write(path, "wb") as file:
        file.write(content)
    return str(path)


def _check_output(output: Path) -> None:
    """The output folder must take files: better known before an hour of work than after."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        writable = os.access(output, os.W_OK | os.X_OK)
    except OSError as error:
        raise NodeflowError(
            f"the output folder {output} cannot be made: {error.strerror or error}; name another by --output"
        ) from None
    if not writable:
        raise NodeflowError(f"the output folder {output} may not be written to; name another by --output")


def find_headlines(result: Result) -> list[Headline]:
    """The small tables of nodes that name one as their headline."""
    found = []
    resolution = result._environment.plan.resolution
    for name, report in result.reports.items():
        node = resolution.nodes[name].node
        if node is None or not node.headline or report.state not in ("done", "cached"):
            continue
        try:
            frame = result.value(name, node.headline).head(HEADLINE_ROWS)
        except NodeflowError:
            continue
        rows = [[_plain(value) for value in row] for row in frame.rows()]
        found.append(Headline(name, resolution.nodes[name].own_label, frame.columns, rows))
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _listen(cancellation: Cancellation) -> None:
    for line in sys.stdin.buffer:
        if line.strip() == b"cancel":
            cancellation.cancel("cancelled")
    cancellation.cancel("the program that started the run has ended")


if __name__ == "__main__":
    main()
