"""The editor's end of the service process: questions go out, answers come back by signal, nothing waits."""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from nodeflow_gui.running.protocol import Ask, Reply

Answered = Callable[[msgspec.Raw, str], None]
"""Takes the result, or null and the sentence why there is none."""

_FEW = 3
_SOON = 10_000
_PATIENCE = 1_000


class ServiceClient(QObject):
    """Starts the service, asks it, and starts it anew if it dies.

    `lost` tells that it died: what was asked meanwhile gets no answer but a sentence.
    """

    lost = Signal(str)
    printed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scratch = Path(tempfile.mkdtemp(prefix="nodeflow-editor-"))
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Answered] = {}
        self._parts: list[bytes] = []
        self._deaths = 0
        self._closed = False
        self._process: QProcess | None = self._started()

    def ask(self, do: str, data: Any, answered: Answered) -> None:
        """Ask; `answered` is called from the event loop, also if the service dies."""
        if self._closed:
            return
        number = next(self._numbers)
        self._waiting[number] = answered
        line = msgspec.json.encode(Ask(number, do, msgspec.Raw(msgspec.json.encode(data)))) + b"\n"
        if self._process is None:  # it died too often, but now something has changed
            self._process = self._started()
        self._process.write(line)

    def close(self) -> None:
        """End the process; nobody is answered any more."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        if self._process is not None:
            self._end(self._process)
        shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def process_id(self) -> int:
        """The number of the process, 0 while there is none."""
        return 0 if self._process is None else int(self._process.processId())

    def _started(self) -> QProcess:
        process = QProcess(self)
        process.setProgram(sys.executable)
        # -P: the current folder is not searched for modules
        process.setArguments(["-P", "-m", "nodeflow_gui.running.service", str(self.scratch)])
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_printed)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed)
        process.start()
        return process

    def _end(self, process: QProcess) -> None:
        process.finished.disconnect(self._ended)
        process.errorOccurred.disconnect(self._failed)
        if process.state() == QProcess.ProcessState.NotRunning:
            return
        process.kill()
        process.waitForFinished(_PATIENCE)

    def _read(self) -> None:
        assert self._process is not None
        first, *others = bytes(self._process.readAllStandardOutput().data()).split(b"\n")
        # a long answer comes in a thousand parts, put together only once all are there
        self._parts.append(first)
        for other in others:
            line, self._parts = b"".join(self._parts), [other]
            reply = msgspec.json.decode(line, type=Reply)
            answered = self._waiting.pop(reply.id, None)
            if answered is not None:
                answered(reply.result, reply.error)

    def _read_printed(self) -> None:
        assert self._process is not None
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        for line in text.splitlines():
            if line.strip():
                self.printed.emit(line)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            # Qt tells nothing else of it, and perhaps while the process is still being started
            QTimer.singleShot(0, self, self._ended)

    def _ended(self) -> None:
        if self._closed or self._process is None:
            return
        self._deaths += 1
        QTimer.singleShot(_SOON, self, self._forgive)
        waiting, self._waiting, self._parts = self._waiting, {}, []
        self._process.deleteLater()
        again = self._deaths <= _FEW
        self._process = self._started() if again else None
        sentence = self.tr("The process that checks the workflow ended unexpectedly.")
        for answered in waiting.values():
            answered(msgspec.Raw(b"null"), sentence)
        self.lost.emit(sentence)
        if not again:
            # dying at once, again and again: wait until something has changed
            QTimer.singleShot(_SOON, self, self._start_again)

    def _start_again(self) -> None:
        if not self._closed and self._process is None:
            self._process = self._started()

    def _forgive(self) -> None:
        self._deaths = max(0, self._deaths - 1)
