"""Work off the GUI thread, whose results come back by signal; what nobody waits for any more is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

Done = Callable[[Any], None]
Failed = Callable[[str], None]


class _Job(QRunnable):
    def __init__(self, number: int, work: Callable[[], Any], finished: Any) -> None:
        super().__init__()
        self._number, self._work, self._finished = number, work, finished

    def run(self) -> None:
        try:
            result, fault = self._work(), ""
        except Exception as error:  # told to whoever asked
            result, fault = None, str(error) or type(error).__name__
        try:
            self._finished.emit(self._number, result, fault)
        except RuntimeError:
            return  # the panel is gone


class Jobs(QObject):
    """A thread for a panel: jobs run one after the other. `forget` drops those that were asked for so far."""

    _finished = Signal(int, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._number = 0
        self._waiting: dict[int, tuple[Done, Failed | None]] = {}
        self._finished.connect(self._hand_on)

    def run(self, work: Callable[[], Any], done: Done, failed: Failed | None = None) -> None:
        """Work in the thread, then call `done` with the result, or `failed` with a sentence."""
        self._number += 1
        self._waiting[self._number] = (done, failed)
        self._pool.start(_Job(self._number, work, self._finished))

    def forget(self) -> None:
        """Nobody waits for what was asked so far."""
        self._waiting.clear()
        self._pool.clear()

    def close(self) -> None:
        """Drop everything and wait for the job that runs."""
        self.forget()
        self._pool.waitForDone(5_000)

    def _hand_on(self, number: int, result: Any, fault: str) -> None:
        done, failed = self._waiting.pop(number, (None, None))
        if fault and failed is not None:
            failed(fault)
        elif not fault and done is not None:
            done(result)
