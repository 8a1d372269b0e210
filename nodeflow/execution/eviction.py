"""Keeping the result store within its limit: count, choose the entries worth least, sweep their objects."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodeflow.execution.entries import Entry
from nodeflow.execution.inspection import entries_of, objects_of, paths_of
from nodeflow.execution.store_files import remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nodeflow.execution.store_files import StoreFiles

__all__ = ["Candidate", "choose", "clear", "count_usage", "prune"]

RECENT = 3600.0  # seconds within which something counts as in use

_USAGE_BYTES = 1 << 16
_USAGE_AGE = 86_400.0  # seconds until the bytes are counted afresh
_APPEND = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True)
class Candidate:
    """An entry as eviction sees it: its bytes, last use (seconds since 1970), cost and objects' paths."""

    path: str
    size: int
    used: float
    seconds: float
    objects: frozenset[str]


def choose(
    candidates: Iterable[Candidate],
    sizes: Mapping[str, int],
    excess: int,
    now: float,
    *,
    keep_recent: bool = True,
) -> list[Candidate]:
    """The entries to remove, least worth first, so that at least `excess` bytes go if possible.

    `sizes` tells the bytes of each object; one shared by several entries goes with the last of them.
    The worth of an entry is its seconds of computing a byte, divided by the hours since its last use.
    """
    candidates = list(candidates)
    users: dict[str, int] = {}
    for candidate in candidates:
        for path in candidate.objects:
            users[path] = users.get(path, 0) + 1

    def worth(candidate: Candidate) -> float:
        size = candidate.size + sum(sizes.get(path, 0) / users[path] for path in candidate.objects)
        return (candidate.seconds + 1e-3) / (size + 1.0) / (1.0 + abs(now - candidate.used) / 3600.0)

    chosen = []
    for candidate in sorted(candidates, key=worth):
        if excess <= 0:
            break
        if keep_recent and _is_recent(candidate.used, now):
            continue
        chosen.append(candidate)
        excess -= candidate.size
        for path in candidate.objects:
            users[path] -= 1
            if users[path] == 0:
                excess -= sizes.get(path, 0)
    return chosen


def prune(files: StoreFiles, limit: int, *, keep_recent: bool = True) -> int:
    """Bring a store down to `limit` bytes, damaged entries and objects of no entry first.

    Returns the bytes freed. An object younger than an hour may be about to get its entry, and stays.
    """
    now = time.time()
    freed = 0
    candidates = []
    for found, entry in entries_of(files):
        if isinstance(entry, Entry):
            objects = frozenset(paths_of(files, entry))
            candidates.append(Candidate(found.path, found.size, found.used, entry.seconds, objects))
        elif isinstance(entry, ValueError) and remove(found.path):
            freed += found.size
    sizes = {found.path: found.size for found in objects_of(files)}
    total = sum(candidate.size for candidate in candidates) + sum(sizes.values())

    needed = {path for candidate in candidates for path in candidate.objects}
    swept = _sweep(set(sizes) - needed, sizes, now, keep_recent=keep_recent)
    if total - swept > limit:
        gone = set()
        excess = total - swept - limit
        for candidate in choose(candidates, sizes, excess, now, keep_recent=keep_recent):
            if keep_recent and _is_used_since(candidate.path, now, by_access=False):
                continue
            if remove(candidate.path):
                swept += candidate.size
                gone.add(candidate.path)
        kept = {path for each in candidates if each.path not in gone for path in each.objects}
        swept += _sweep(needed & set(sizes) - kept, sizes, now, keep_recent=keep_recent)
    _write_usage(files, total - swept)
    return freed + swept


def clear(files: StoreFiles) -> None:
    """Remove all entries, then all objects."""
    for found, _ in entries_of(files):
        remove(found.path)
    for item in objects_of(files):
        remove(item.path)
    _write_usage(files, 0)


def count_usage(files: StoreFiles, written: int) -> int:
    """Add `written` bytes to a store's usage and return the sum, or a full count now and then.

    Each process appends a line, so none waits for another. The sum may be too high, since bytes may
    have replaced others, and a little too low when a line falls into a count; counting puts it right.
    """
    try:
        descriptor = os.open(os.path.join(files.root, "usage"), _APPEND)
        try:
            os.write(descriptor, b"%d\n" % written)
            os.lseek(descriptor, 0, os.SEEK_SET)
            lines = os.read(descriptor, _USAGE_BYTES).split()
        finally:
            os.close(descriptor)
        is_whole = sum(map(len, lines)) + len(lines) < _USAGE_BYTES
        if is_whole and len(lines) > 1 and abs(time.time() - int(lines[0])) < _USAGE_AGE:
            return sum(map(int, lines[1:]))
    except (OSError, ValueError):
        pass  # a hint only, so count
    total = sum(found.size for found, _ in entries_of(files)) + sum(found.size for found in objects_of(files))
    _write_usage(files, total)
    return total


def _write_usage(files: StoreFiles, total: int) -> None:
    """First line: when it was counted, in seconds since 1970; then bytes, a line each time."""
    with contextlib.suppress(OSError):  # without it, the next run counts
        files.write(b"%d\n%d\n" % (time.time(), total), os.path.join(files.root, "usage"))


def _sweep(paths: Iterable[str], sizes: Mapping[str, int], now: float, *, keep_recent: bool) -> int:
    freed = 0
    for path in paths:
        # looked at just before: a run may want it for an entry that it is about to publish
        if not (keep_recent and _is_used_since(path, now, by_access=True)) and remove(path):
            freed += sizes[path]
    return freed


def _is_used_since(path: str, now: float, *, by_access: bool) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return _is_recent(max(status.st_mtime, status.st_atime if by_access else 0.0), now)


def _is_recent(used: float, now: float) -> bool:
    return abs(now - used) < RECENT
