"""Runs: a thread follows the engine's supervisor; what it tells reaches the editor in small portions."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections import deque
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from nodeflow.execution.events import Event
from nodeflow.execution.messages import Ended, Planned, Refused, Request, Stored, Told
from nodeflow.execution.supervisor import Supervisor, Worker, start_worker

News = Event | Planned | Stored | Told

_PORTION = 0.008
"""Seconds the event loop may spend on news at a time."""


class Spares:
    """Keeps one worker process warm, so that a run does not wait for imports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: Worker | None = None
        self._wanted_limit: int | None = None
        self._limit: int | None = None
        self._closed = False

    def prepare(self, memory_limit: int | None = None) -> None:
        """Start a spare in the background, for runs with this limit, unless one is there."""
        self._wanted_limit = memory_limit
        threading.Thread(target=self._fill, name="nodeflow-spare", daemon=True).start()

    def take(self, request: Request) -> Worker:
        """A worker for a request: the spare one, else a new one."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.poll() is None and request.memory_limit == self._limit:
            return spare
        if spare is not None:
            _end(spare)
        return start_worker(memory_limit=request.memory_limit, pipes_errors=True)

    def close(self) -> None:
        """End the spare."""
        with self._lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            _end(spare)

    def process_ids(self) -> list[int]:
        """The number of the process that waits, if there is one."""
        spare = self._spare
        return [] if spare is None else [spare.pid]

    def _fill(self) -> None:
        with self._lock:
            if self._spare is None and not self._closed:
                self._limit = self._wanted_limit
                with contextlib.suppress(OSError):  # the run that needs a worker tells why there is none
                    self._spare = start_worker(warm=True, memory_limit=self._limit, pipes_errors=True)


def _end(worker: Worker) -> None:
    worker.kill()
    worker.wait()
    for stream in (worker.stdin, worker.stdout, worker.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


class Run(QObject):
    """One run. `news` gives what the engine tells, in order; `ended` the last word."""

    news = Signal(object)
    """An `Event`, `Planned`, `Stored` or `Told`."""
    portion_done = Signal()
    """After each portion of news: the time to show what they changed."""
    ended = Signal(object)
    """`Ended` or `Refused`."""
    _arrived = Signal()

    def __init__(self, request: Request, spares: Spares, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[News] = deque()
        self._is_told = False
        self._last: Ended | Refused | None = None
        self._spares = spares
        self._supervisor = Supervisor(request, self._take, self._take, self._take, start=self._worker_for)
        self._arrived.connect(self._hand_on)
        self._thread = threading.Thread(target=self._follow, name="nodeflow-run", daemon=True)

    def start(self) -> None:
        """Start; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop: nothing new starts, and what does not listen is ended soon."""
        self._supervisor.cancel()

    def close(self) -> None:
        """End the worker at once and forget the rest."""
        self._arrived.disconnect(self._hand_on)
        self._supervisor.kill()
        self._thread.join(2.0)

    def _worker_for(self, request: Request) -> Worker:
        return self._spares.take(request)

    # -- in the thread ------------------------------------------------------------------------

    def _follow(self) -> None:
        try:
            self._last = self._supervisor.run()
        except (OSError, subprocess.SubprocessError) as error:
            self._last = Refused(f"the run could not be started: {error}", is_bug=True)
        # not before: its imports would take the processors from the run's first nodes
        self._spares.prepare(self._supervisor.request.memory_limit)
        self._tell()

    def _take(self, news: Any) -> None:
        self._waiting.append(news)
        self._tell()

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            with contextlib.suppress(RuntimeError):  # the editor has closed meanwhile
                self._arrived.emit()

    # -- in the event loop --------------------------------------------------------------------

    def _hand_on(self) -> None:
        self._is_told = False
        until = time.perf_counter() + _PORTION
        while self._waiting:
            self.news.emit(self._waiting.popleft())
            if time.perf_counter() > until:
                QTimer.singleShot(0, self, self._hand_on)
                break
        self.portion_done.emit()
        if not self._waiting and self._last is not None:
            last, self._last = self._last, None
            self._thread.join()
            self.ended.emit(last)
