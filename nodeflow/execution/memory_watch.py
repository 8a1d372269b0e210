"""Watches how much memory a worker process takes, and ends it before it takes more than it may.

Where the system does not tell by /proc what a process takes, nothing is watched.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

SHARE = 0.9
"""How much of the machine's memory a worker may take where nothing else is said."""

_EVERY = 0.1
_LOOK_FOR_CHILDREN = 1.0
_PROC = Path("/proc")
_CGROUP = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def machine_memory() -> int:
    """The bytes of memory here: those of the machine, or fewer where a container has a limit."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in _CGROUP:
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int(path.read_text()))
    return total


def taken(processes: list[int]) -> int:
    """The bytes that processes hold by themselves; files that are mapped into memory do not count."""
    pages = 0
    for one in processes:
        with contextlib.suppress(OSError):
            resident, shared = (_PROC / str(one) / "statm").read_text().split()[1:3]
            pages += int(resident) - int(shared)
    return pages * os.sysconf("SC_PAGE_SIZE")


def family(process: int) -> list[int]:
    """A process and all that it started, directly or not."""
    found = [process]
    for one in found:
        with contextlib.suppress(OSError):
            for thread in (_PROC / str(one) / "task").iterdir():
                found.extend(map(int, (thread / "children").read_text().split()))
    return found


class MemoryWatch:
    """Follows a process and those it starts; ends them all when they take more than `ceiling` bytes.

    `peak` is the most they took; `is_over` says that they were ended.
    """

    def __init__(self, process: int, ceiling: int | None) -> None:
        self.peak = 0
        self.is_over = False
        self._process = process
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        if (_PROC / str(process) / "statm").exists():
            self.ceiling = round(SHARE * machine_memory()) if ceiling is None else ceiling
            self._thread = threading.Thread(target=self._follow, name="nodeflow-memory", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """The process is over, or nobody cares any more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def sentence(self) -> str:
        """What to tell of the node that ran; empty if the process was not ended here."""
        if not self.is_over:
            return ""
        return (
            f"it took more memory than a run may have ({self.peak / 1e9:.1f} of {self.ceiling / 1e9:.1f} GB) and was "
            "ended; give it fewer rows or columns, or let runs have more memory"
        )

    def _follow(self) -> None:
        members, looked = [self._process], time.monotonic()
        while not self._stopped.wait(_EVERY):
            if time.monotonic() - looked > _LOOK_FOR_CHILDREN:
                members, looked = family(self._process), time.monotonic()
            self.peak = max(self.peak, taken(members))
            if self.peak > self.ceiling:
                self.is_over = True
                for one in family(self._process):
                    with contextlib.suppress(OSError):
                        os.kill(one, signal.SIGKILL)
                return
