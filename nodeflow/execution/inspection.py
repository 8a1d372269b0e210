"""What the result store holds, and whether all of it is sound."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nodeflow.execution.entries import Entry, decode, is_key
from nodeflow.files import digest_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nodeflow.execution.store_files import StoreFiles

__all__ = [
    "Fault",
    "Found",
    "StoreInfo",
    "TypeUsage",
    "entries_of",
    "inspect",
    "objects_of",
    "paths_of",
    "verify",
]


@dataclass(frozen=True)
class TypeUsage:
    """What the results of one node type take: bytes, with objects shared evenly, and seconds of computing."""

    entries: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds. `oldest` is the time of the oldest result in seconds since 1970."""

    entries: int
    objects: int
    bytes: int
    oldest: float | None
    by_type: dict[str, TypeUsage]


@dataclass(frozen=True)
class Fault:
    """A file of the store that would not be used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Found:
    """A file of the store. `used` is its last use in seconds since 1970."""

    path: str
    size: int
    used: float


def entries_of(files: StoreFiles) -> Iterator[tuple[Found, Entry | Exception]]:
    """Every entry; in place of a damaged one a `ValueError`, of an unreadable one an `OSError`."""
    for path, status in _files(os.path.join(files.root, "entries")):
        name = os.path.basename(path)
        if not is_key(name):
            continue
        # reading changes the time of access, so only the time of change tells the last use
        found = Found(path, status.st_size, status.st_mtime)
        try:
            yield found, decode(files.read(path), name)
        except FileNotFoundError:
            continue
        except (ValueError, OSError) as error:
            yield found, error


def objects_of(files: StoreFiles) -> Iterator[Found]:
    """Every object; its last use is what the store noted in the time of access."""
    for path, status in _files(os.path.join(files.root, "objects")):
        if is_key(os.path.basename(path).partition(".")[0]):
            yield Found(path, status.st_size, max(status.st_atime, status.st_mtime))


def paths_of(files: StoreFiles, entry: Entry) -> set[str]:
    """The paths of the objects that an entry needs."""
    return {files.object(o.digest, o.suffix) for o in entry.outputs.values() if o.inline is None}


def inspect(files: StoreFiles) -> StoreInfo:
    """Count what is there, damaged entries by their bytes only."""
    objects = {found.path: found for found in objects_of(files)}
    total = sum(found.size for found in objects.values())
    sound: list[tuple[Found, Entry]] = []
    users: dict[str, int] = {}
    for found, entry in entries_of(files):
        total += found.size
        if isinstance(entry, Entry):
            sound.append((found, entry))
            for path in paths_of(files, entry):
                users[path] = users.get(path, 0) + 1
    by_type: dict[str, TypeUsage] = {}
    for found, entry in sound:
        size = found.size + sum(objects[p].size // users[p] for p in paths_of(files, entry) if p in objects)
        old = by_type.get(entry.node_type, TypeUsage(0, 0, 0.0))
        by_type[entry.node_type] = TypeUsage(old.entries + 1, old.bytes + size, old.seconds + entry.seconds)
    oldest = min((entry.created for _, entry in sound), default=None)
    return StoreInfo(len(sound), len(objects), total, oldest, by_type)


def verify(files: StoreFiles) -> list[Fault]:
    """Read every entry and every object, and list those that are damaged, foreign or incomplete."""
    faults = []
    sizes: dict[str, int] = {}
    for found in objects_of(files):
        reason = _fault_of_object(files, found.path)
        if reason is None:
            sizes[found.path] = found.size
        else:
            faults.append(Fault(Path(found.path), reason))
    for found, entry in entries_of(files):
        if not isinstance(entry, Entry):
            faults.append(Fault(Path(found.path), str(entry)))
            continue
        for port, output in entry.outputs.items():
            if output.inline is None and sizes.get(files.object(output.digest, output.suffix)) != output.size:
                faults.append(Fault(Path(found.path), f'the value of "{port}" is missing or damaged'))
    return faults


def _fault_of_object(files: StoreFiles, path: str) -> str | None:
    try:
        if fault := files.fault_of(os.lstat(path)):
            return fault
        if digest_file(path) == os.path.basename(path).partition(".")[0]:
            return None
    except OSError as error:
        return str(error)
    return "its bytes have changed"


def _files(room: str) -> Iterator[tuple[str, os.stat_result]]:
    """Path and status of all that is two levels below a room of the store."""
    for folder in _scan(room):
        if folder.is_dir(follow_symlinks=False):
            for item in _scan(folder.path):
                with contextlib.suppress(OSError):  # removed meanwhile
                    yield item.path, os.lstat(item.path)


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
