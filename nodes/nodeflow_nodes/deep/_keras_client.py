"""The engine's side of the Keras process: starts it, sends jobs, reads how they go, ends it.

One process a backend, device and mode is kept as long as this one lives, with its models warm.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any

import msgspec

from nodeflow.devices import Choice
from nodeflow.errors import Cancelled, NodeFailed, shorten
from nodeflow.execution.store import default_folder
from nodeflow_nodes.deep._device import process_environment

if TYPE_CHECKING:
    # what the process runs is part of the code of each node that uses it
    import nodeflow_nodes.deep._keras.__main__  # noqa: F401
    from nodeflow.node import Context

TERMINATE_AFTER = 5.0
"""Seconds after a cancel that a process has to stop by itself; then it is asked to end."""

KILL_AFTER = 10.0
"""Seconds after a cancel until a process is killed."""

_LOOK = 0.05
"""Seconds between two looks whether the run was cancelled."""

Message = dict[str, Any]

_PROCESSES: dict[tuple[str, str, bool], KerasProcess] = {}
_PROCESSES_LOCK = threading.Lock()


def keras_process(choice: Choice, deterministic: bool) -> KerasProcess:
    """The process for a backend, device and mode; it starts with its first job."""
    key = (choice.backend, choice.device, deterministic)
    with _PROCESSES_LOCK:
        if key not in _PROCESSES:
            _PROCESSES[key] = KerasProcess(choice, deterministic)
        return _PROCESSES[key]


def end_all() -> None:
    """End all processes, as happens when this one ends."""
    with _PROCESSES_LOCK:
        for process in _PROCESSES.values():
            process.end()
        _PROCESSES.clear()


atexit.register(end_all)


class KerasProcess:
    """One Keras process; jobs of several threads wait for each other."""

    def __init__(self, choice: Choice, deterministic: bool) -> None:
        self.choice, self.deterministic = choice, deterministic
        self.versions: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._errors: IO[bytes] | None = None
        self._busy = threading.Lock()
        self._jobs = 0

    @property
    def pid(self) -> int | None:
        """The id of the process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def work(
        self, request: Mapping[str, Any], context: Context, on_message: Callable[[Message], None]
    ) -> Message:
        """Have a job done; gives its last message.

        Raises:
            NodeFailed: it failed, or the process ended; the sentence says why.
            Cancelled: the run was cancelled; the process has stopped working.
        """
        while not self._busy.acquire(timeout=_LOOK):
            context.check_cancelled()
        try:
            self._start(context)
            self._jobs += 1
            self._send(msgspec.json.encode({**request, "job": self._jobs}))
            while True:
                message = self._next(context)
                if message.get("job") != self._jobs:
                    continue  # what a cancelled job told last
                if message["is"] == "done":
                    return message
                if message["is"] == "failed":
                    raise _failure(message)
                on_message(message)
        except BaseException as error:
            if not isinstance(error, NodeFailed):
                self._stop(isinstance(error, Cancelled))
            raise
        finally:
            self._busy.release()

    def _start(self, context: Context) -> None:
        """Start the process if there is none, and wait until it has imported its libraries."""
        if self.pid is not None:
            return
        self.end()
        try:
            self._begin(context)
        except BaseException:
            self.end()  # one that is not ready listens to nothing
            raise

    def _begin(self, context: Context) -> None:
        cache = default_folder() / "deep"
        for folder in (cache, cache / "jax", cache / "keras"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        # -P: the current folder is not searched for modules
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nodeflow_nodes.deep._keras"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=process_environment(self.choice, self.deterministic, cache),
        )
        self._messages = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._messages), daemon=True).start()
        message = self._next(context)
        if message["is"] != "ready":
            raise NodeFailed(
                f"{self.choice.backend} cannot be used: {shorten(message.get('sentence', ''), 300)}"
            )
        self.versions = dict(message["versions"])
        if self.choice.device == "gpu" and not any(one != "cpu" for one in message["devices"]):
            raise NodeFailed(
                f"a GPU was asked for, but {self.choice.backend} finds none it can use; run with --device cpu, or check "
                "that its build fits the driver"
            )

    def _send(self, line: bytes) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # that it has ended shows when reading
            process.stdin.write(line + b"\n")
            process.stdin.flush()

    def _next(self, context: Context | None, deadline: float | None = None) -> Message:
        """The next message; raises `Cancelled`, `NodeFailed` if the process ended, `TimeoutError` in the end."""
        while True:
            try:
                message = self._messages.get(timeout=_LOOK)
            except queue.Empty:
                if context is not None:
                    context.check_cancelled()
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError from None
                continue
            if message is None:
                raise NodeFailed(self._how_it_ended())
            return message

    def _stop(self, politely: bool) -> None:
        """Stop the job in hand: by asking, then by ending the process."""
        if self.pid is None:
            return
        started = time.monotonic()
        self._send(b"cancel")
        if politely:
            with contextlib.suppress(TimeoutError, NodeFailed):
                while True:
                    message = self._next(None, started + TERMINATE_AFTER)
                    if message.get("job") == self._jobs and message["is"] in ("cancelled", "done", "failed"):
                        return
        self.end(max(KILL_AFTER - TERMINATE_AFTER, 0.0) if politely else 0.5)

    def end(self, patience: float = 0.5) -> None:
        """End the process, after some seconds by force."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _how_it_ended(self) -> str:
        """A sentence on a process that ended by itself."""
        process = self._process
        code = process.wait() if process is not None else 0
        told = self._last_words()
        self.end()
        where = f"the process that computes with {self.choice.backend} ended"
        if code == -signal.SIGKILL:
            return (
                f"{where}: it was killed, as happens when memory runs out; make the batch, the network or its input "
                "smaller, then run again: it goes on from the last checkpoint"
            )
        if code < 0:
            with contextlib.suppress(ValueError):
                name = signal.Signals(-code).name
                return f"{where} by {name}, a fault in a library{told}; run again to go on from the last checkpoint"
        return f"{where} with exit code {code}{told}"

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(size - 2000, 0))
        lines = [line for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        return f" ({shorten(lines[-1], 200)})" if lines else ""


def _read(stream: IO[bytes], messages: queue.SimpleQueue[Message | None]) -> None:
    """Hand lines on as messages; None when there are no more."""
    with contextlib.suppress(OSError, ValueError, msgspec.DecodeError):
        for line in stream:
            messages.put(msgspec.json.decode(line))
    messages.put(None)


def _failure(message: Message) -> NodeFailed:
    sentence = shorten(message["sentence"], 600)
    if message.get("is_bug"):
        error = NodeFailed(f"Keras refuses: {sentence}")
        error.add_note(message.get("trace", ""))
        return error
    return NodeFailed(sentence)
