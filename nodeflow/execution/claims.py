"""Locks by key between threads and processes, which the system releases when their process ends."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Claim", "Claims", "claims_of"]

_SLOTS = 1 << 30  # one byte of the lock file each; none is ever written
_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)  # seconds between two tries


class Claims:
    """The locks of one store in this process, all in one file opened once.

    A key's lock is one byte of the file: a record lock, which belongs to the process alone. Unlike
    `flock`, a forked worker does not carry it on when its parent is killed. Since such a lock does
    not keep threads apart, and is lost when any descriptor of the file is closed, each process opens
    the file once (`claims_of`) and keeps a set of what its threads hold. On NFS the locks reach as
    far as its lock service does.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = -1
        self._start()

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _start(self) -> None:
        self._pid = os.getpid()
        self._held: set[int] = set()
        self._freed = threading.Condition(threading.Lock())

    def acquire(self, slot: int, wait: float) -> bool:
        """Take the lock of `slot`, waiting at most `wait` seconds; False when it is not to be had."""
        if self._pid != os.getpid():  # forked: what the parent's threads hold is not ours
            self._start()
        deadline = time.monotonic() + wait if wait > 0 else 0.0
        with self._freed:
            while slot in self._held:
                left = deadline - time.monotonic()
                if wait <= 0 or left <= 0 or not self._freed.wait(left):
                    return False
            self._held.add(slot)
        got = False
        try:
            got = self._take(slot, deadline)
        finally:
            if not got:
                self._forget(slot)
        return got

    def release(self, slot: int) -> None:
        """Give the lock of `slot` back."""
        if self._pid == os.getpid():
            try:
                _unlock(self._descriptor, slot)
            finally:
                self._forget(slot)

    def _take(self, slot: int, deadline: float) -> bool:
        tries = 0
        while True:
            try:
                if self._descriptor < 0:
                    self._open()
                if _try_lock(self._descriptor, slot):
                    return True
            except OSError:  # no locks on this file system: two runs may compute the same thing
                return False
            left = deadline - time.monotonic() if deadline else 0.0
            if left <= 0:
                return False
            time.sleep(min(_PAUSES[min(tries, len(_PAUSES) - 1)], left))
            tries += 1

    def _open(self) -> None:
        with self._freed:
            if self._descriptor < 0:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
                self._descriptor = os.open(self._path, flags, 0o600)

    def _forget(self, slot: int) -> None:
        with self._freed:
            self._held.discard(slot)
            self._freed.notify_all()


class Claim:
    """A lock for a `with` block, which tells whether it is held."""

    __slots__ = ("_claims", "_is_held", "_slot", "_wait")

    def __init__(self, claims: Claims, key: str, wait: float) -> None:
        self._claims = claims
        self._slot = int(key[:15], 16) % _SLOTS
        self._wait = wait
        self._is_held = False

    def __enter__(self) -> bool:
        self._is_held = self._claims.acquire(self._slot, self._wait)
        return self._is_held

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_held:
            self._is_held = False
            self._claims.release(self._slot)


_open_claims: weakref.WeakValueDictionary[str, Claims] = weakref.WeakValueDictionary()
_open_lock = threading.Lock()


def claims_of(path: str) -> Claims:
    """The locks in the file at `path`, the same object for all who use it in this process."""
    with _open_lock:
        found = _open_claims.get(path)
        if found is None:
            found = _open_claims[path] = Claims(path)
        return found


if sys.platform == "win32":
    import msvcrt

    _seek = threading.Lock()

    def _try_lock(descriptor: int, slot: int) -> bool:
        with _seek:
            os.lseek(descriptor, slot, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
        return True

    def _unlock(descriptor: int, slot: int) -> None:
        with _seek:
            os.lseek(descriptor, slot, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int, slot: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(descriptor: int, slot: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, slot)
