"""The supervisor: keeps a run in a worker process and survives whatever happens to it.

It imports no data library. A worker that dies is told as the failure of the node that ran; what does
not depend on that node goes on in a new worker, and the same node is not tried again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

import msgspec

from nodeflow.execution.events import FINAL, TRANSITIONS, Event, State
from nodeflow.execution.memory_watch import MemoryWatch
from nodeflow.execution.messages import (
    Ended,
    Happened,
    Message,
    Planned,
    Refused,
    Request,
    Stored,
    Told,
    decode,
)

Worker = subprocess.Popen[bytes]

EXTRA_GRACE = 1.5
"""Seconds more than its nodes that a worker has to end after a cancel before it is killed."""


def start_worker(
    *, warm: bool = False, memory_limit: int | None = None, pipes_errors: bool = False
) -> Worker:
    """Start a worker process; a warm one waits for its request with all imports done."""
    # -P: the current folder is not searched for modules
    command = [sys.executable, "-P", "-m", "nodeflow.execution.worker", *(["--warm"] if warm else [])]
    environment = dict(os.environ)
    if memory_limit is not None:
        # Polars reads ahead so many row groups of a Parquet file, whatever they hold
        environment.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "1")
    errors = subprocess.PIPE if pipes_errors else None
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
    )


class Supervisor:
    """Runs one request in worker processes.

    Args:
        request: what to run.
        on_event: called with every event, in order, renumbered over all workers of the run.
        on_plan: called when the plan of a worker stands.
        on_message: called with the other things a worker tells, if the request asks for them; what nodes
            print is then told as well.
        start: gives a started worker for a request, such as a spare one.
    """

    def __init__(
        self,
        request: Request,
        on_event: Callable[[Event], None],
        on_plan: Callable[[Planned], None] | None = None,
        on_message: Callable[[Stored | Told], None] | None = None,
        start: Callable[[Request], Worker] | None = None,
    ) -> None:
        self.request = request
        self._on_message = on_message
        self._start = start or (lambda one: start_worker(memory_limit=one.memory_limit))
        self._on_event = on_event
        self._on_plan = on_plan
        self._states: dict[str, State] = {}
        self._running: set[str] = set()
        self._number = 0
        self._process: Worker | None = None
        self._watch: MemoryWatch | None = None
        self._cancelled = False
        self._killed = False
        self._asked: Request | None = None
        self._lock = threading.RLock()

    def start(self) -> None:
        """Start the worker now and return at once; `run` does it otherwise."""
        self._spawn(self.request)

    def run(self) -> Ended | Refused:
        """Run to the end and give the last word of the last worker."""
        request = self.request
        started = time.monotonic()
        while True:
            last, planned = self._one_worker(request)
            if last is not None:
                return last
            assert self._process is not None
            too_much = self._watch.sentence() if self._watch is not None else ""
            how = _how_it_ended(self._process.returncode)
            if self._cancelled:
                self._stop_all("cancelled", "it did not stop in time and was ended")
                return Ended("cancelled", time.monotonic() - started)
            running = [name for name in self._running if name]
            if not running or planned is None:
                return Refused(
                    too_much or f"the worker process ended unexpectedly ({how})", is_bug=not too_much
                )
            heads = list(dict.fromkeys(planned.step_of.get(name, name) for name in running))
            heads = [head for head in heads if head not in request.without]
            if not heads:
                return Refused(f"the worker process ended twice for the same node ({how})", is_bug=True)
            if len(heads) > 1 and request.jobs != 1:
                # several ran at once: one at a time tells which of them it is
                request = msgspec.structs.replace(request, jobs=1)
            else:
                sentence = (
                    too_much or f"it ended the worker process ({how}); give it less data or other settings"
                )
                request = msgspec.structs.replace(
                    request, without={**request.without, **dict.fromkeys(heads, sentence)}
                )

    def cancel(self) -> None:
        """Ask the worker to stop; it is killed if it does not within the time of grace."""
        with self._lock:
            process, self._cancelled = self._process, True
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(b"cancel\n")
            process.stdin.flush()
        killer = threading.Timer(self.request.grace + EXTRA_GRACE, self.kill)
        killer.daemon = True
        killer.start()

    def kill(self) -> None:
        """End the worker at once."""
        with self._lock:
            process, self._cancelled, self._killed = self._process, True, True
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()

    def _spawn(self, request: Request) -> Worker:
        process = self._start(request)
        if process.stderr is not None:
            threading.Thread(target=self._tell_printed, args=(process.stderr,), daemon=True).start()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.write(msgspec.json.encode(request) + b"\n")
            process.stdin.flush()
        # not before: a cancel must come after the request
        with self._lock:
            self._process, self._asked, self._running = process, request, set()
            cancelled, killed = self._cancelled, self._killed
        if killed:
            self.kill()
        elif cancelled:
            self.cancel()
        return process

    def _one_worker(self, request: Request) -> tuple[Ended | Refused | None, Planned | None]:
        """Run a worker to its end; gives its last word, None if it died without one."""
        process = self._process
        if process is None or self._asked is not request:
            process = self._spawn(request)
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog: threading.Timer | None = None
        if request.timeout is not None:
            watchdog = threading.Timer(request.timeout + request.grace + EXTRA_GRACE, self.kill)
            watchdog.daemon = True
            watchdog.start()
        last: Ended | Refused | None = None
        planned: Planned | None = None
        watch = self._watch = MemoryWatch(process.pid, request.memory_ceiling)
        try:
            while (message := self._read(process.stdout)) is not None:
                if isinstance(message, Happened):
                    self._pass_on(message.event)
                elif isinstance(message, Planned):
                    planned = message
                    if self._on_plan is not None:
                        self._on_plan(message)
                elif isinstance(message, Stored | Told):
                    if self._on_message is not None:
                        self._on_message(message)
                else:
                    last = message
            process.wait()
        finally:
            watch.stop()
            if watchdog is not None:
                watchdog.cancel()
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()
        return last, planned

    def _tell_printed(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                if self._on_message is not None:
                    self._on_message(Told("output", line.decode(errors="replace").rstrip("\n")))

    def _read(self, stream: IO[bytes]) -> Message | None:
        line = stream.readline()
        if not line.endswith(b"\n"):
            return None
        message: Message = decode(line)
        return message

    def interrupt(self) -> None:
        """Cancel; a second time, kill the worker. May be called from a signal handler."""
        if self._cancelled:
            self.kill()
        else:
            self.cancel()

    def _pass_on(self, event: Event) -> None:
        """Hand an event on, unless an earlier worker has told it already."""
        if event.state == "running":
            self._running.add(event.node)
        else:
            self._running.discard(event.node)
        before = self._states.get(event.node, "idle")
        if before in FINAL or event.state not in TRANSITIONS[before]:
            return
        if before == event.state and event.progress is None:
            return
        self._states[event.node] = event.state
        self._number += 1
        self._on_event(msgspec.structs.replace(event, number=self._number))

    def _stop_all(self, state: State, reason: str) -> None:
        for name, before in list(self._states.items()):
            if name and before not in FINAL:
                self._pass_on(Event(0, time.time(), state, name, reason=reason))
        self._pass_on(Event(0, time.time(), state, reason=reason))


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    words = {"SIGKILL": ", as happens when memory runs out", "SIGSEGV": ", a fault in a library"}
    return f"{name}{words.get(name, '')}"
