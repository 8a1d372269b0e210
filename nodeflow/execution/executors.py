"""Executors: where steps run. One narrow protocol; inline and threads live here."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

Work = Callable[[], None]
"""Performs one step and reports its outcome by itself; it never raises."""


class Executor(Protocol):
    """Runs work handed to it; `drive` returns when `stop` was called."""

    def submit(self, work: Work) -> None:
        """Take one piece of work; it may start before this returns."""

    def drive(self, timeout: float | None = None) -> bool:
        """Let work happen until `stop` is called; False if `timeout` seconds passed first."""

    def stop(self) -> None:
        """No more work will come; may be called from within work."""


class InlineExecutor:
    """Runs everything in the calling thread, one after the other."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        self._stopped = False

    def submit(self, work: Work) -> None:
        self._waiting.append(work)

    def drive(self, timeout: float | None = None) -> bool:
        while self._waiting and not self._stopped:
            self._waiting.popleft()()
        return True

    def stop(self) -> None:
        self._stopped = True


class ThreadExecutor:
    """Runs work in threads. They are daemons: one that does not listen cannot keep the program alive."""

    def __init__(self, jobs: int) -> None:
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._finished = threading.Event()
        self._jobs = jobs
        self._threads = 0

    def submit(self, work: Work) -> None:
        if self._threads < self._jobs:
            self._threads += 1
            threading.Thread(target=self._work, name=f"nodeflow-{self._threads}", daemon=True).start()
        self._queue.put(work)

    def drive(self, timeout: float | None = None) -> bool:
        return self._finished.wait(timeout)

    def stop(self) -> None:
        self._finished.set()
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            work()


EXECUTORS: dict[str, Callable[[int], Executor]] = {
    "inline": lambda jobs: InlineExecutor(),
    "threads": ThreadExecutor,
}
"""By the name given to `--executor`; each takes the number of jobs."""
