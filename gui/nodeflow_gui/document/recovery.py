"""Autosave: what a crash would lose is written beside, at once and again, and offered on the next start.

A second after the first unsaved edit the workflow is written to a file of its own in the user's state folder, by a
thread, so that the window never waits for the disk. Saving or closing takes the file away. The files of a session are
held by a lock that ends with its process, so what lies there without one is left over from a crash.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QLockFile, QObject, QRunnable, QThreadPool, QTimer

from nodeflow.document import from_data, to_data
from nodeflow.errors import DocumentError
from nodeflow.files import atomic_write
from nodeflow.workflow import Workflow

DELAY_MS = 1000


def recovery_folder() -> Path:
    """Where the files lie: a folder of the user's that outlives a crash."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "nodeflow" / "recovery"


@dataclass(frozen=True)
class LeftOver:
    """A workflow that was not saved when the program ended."""

    file: Path
    path: Path | None
    """The file it was opened from."""
    changed_at: float
    workflow: Workflow

    @property
    def name(self) -> str:
        """What to call it when it is offered."""
        return self.workflow.name or (self.path.name if self.path else "")

    def discard(self) -> None:
        """Take it away, when it was taken over or is not wanted."""
        self.file.unlink(missing_ok=True)
        self.file.with_suffix(".lock").unlink(missing_ok=True)


def left_over(folder: Path | None = None) -> list[LeftOver]:
    """What crashed sessions left, the newest first."""
    found = []
    for file in (folder or recovery_folder()).glob("*.json"):
        lock = QLockFile(str(file.with_suffix(".lock")))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            continue  # its session is alive
        try:
            data = msgspec.json.decode(file.read_bytes())
            path = Path(data["path"]) if data["path"] else None
            workflow = from_data(data["workflow"])
            workflow.folder = path.resolve().parent if path else None
            found.append(LeftOver(file, path, float(data["changed_at"]), workflow))
        except (OSError, ValueError, KeyError, TypeError, DocumentError):
            continue  # never written whole, or not ours
        finally:
            lock.unlock()
    return sorted(found, key=lambda one: -one.changed_at)


class Journal(QObject):
    """Writes the recovery file of one document."""

    def __init__(
        self, content: Callable[[], tuple[Workflow, Path | None]], folder: Path | None = None
    ) -> None:
        super().__init__()
        self._content = content
        self._folder = folder
        self._file: Path | None = None
        self._lock: QLockFile | None = None
        # one thread, so that a later state never lands before an earlier one
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.write)

    @property
    def file(self) -> Path | None:
        """The recovery file, once there is one."""
        return self._file

    def touch(self) -> None:
        """The document changed; it is written at most `DELAY_MS` later, however quickly edits follow each other."""
        if not self._timer.isActive():
            self._timer.start()

    def write(self) -> None:
        """Write now; the disk is left to the thread."""
        self._timer.stop()
        if self._file is None:
            try:
                self._open()
            except OSError:
                return  # as with a full disk: the next edit tries again
        workflow, path = self._content()
        record: dict[str, Any] = {
            "path": str(path) if path else "",
            "changed_at": time.time(),
            "workflow": to_data(workflow),
        }
        assert self._file is not None
        # a text with half of a character, as a setting in JSON may have it, can be written nowhere
        with contextlib.suppress(UnicodeEncodeError):
            self._pool.start(_Write(self._file, msgspec.json.encode(record)))

    def is_kept(self) -> bool:
        """Whether the recovery file is there; waits for the disk."""
        self._pool.waitForDone()
        return self._file is not None and self._file.exists()

    def clear(self) -> None:
        """Nothing is unsaved any more: take the file away."""
        self._timer.stop()
        self._pool.waitForDone()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """The document is closed for good."""
        self.clear()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
        self._file = None

    def _open(self) -> None:
        folder = self._folder or recovery_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{uuid.uuid4().hex}.json"
        self._lock = QLockFile(str(self._file.with_suffix(".lock")))
        self._lock.setStaleLockTime(0)
        self._lock.tryLock(0)


class _Write(QRunnable):
    def __init__(self, file: Path, data: bytes) -> None:
        super().__init__()
        self._target, self._data = file, data

    def run(self) -> None:
        # a full disk must not end the program; the next edit tries again
        with contextlib.suppress(OSError), atomic_write(self._target, "wb") as file:
            file.write(self._data)
