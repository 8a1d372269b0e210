"""Files that appear complete or not at all, and the content digests of files.

Everything nodeflow writes under a name the user chose goes through `atomic_write` or
`atomic_path`; every file it reads as an input is known by its content, never by its time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, TextIO, cast, overload

from blake3 import blake3

from nodeflow.errors import NodeflowError, shorten
from nodeflow.temporaries import is_own, remove_stale_temporaries, temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "FileDigests",
    "FileError",
    "atomic_path",
    "atomic_write",
    "digest_bytes",
    "digest_file",
    "remove_stale_temporaries",
    "temporary_name",
]

StrPath = str | os.PathLike[str]

_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
_FULL_CAUSES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the disk or a limit takes no larger file",
}
_FULL_TEXT = re.compile(
    r"no space left on device|disk quota exceeded|file too large|os error (28|122)\b", re.I
)

_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_BLOCK = 4 << 20  # bytes read at once while hashing
_THREADS = 2  # of one hash; more gain nothing next to a run's own threads
_YOUNG = 2_000_000_000  # nanoseconds within which a file may change without its times showing it
_INDEX_FILES = 4096
_INDEX_BYTES = 8 << 20
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileError(NodeflowError, OSError):
    """A file cannot be read or written; `errno` is the system's code where there is one."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.errno = code


# Writing


@overload
def atomic_write(
    path: StrPath, mode: Literal["wb"] = "wb"
) -> contextlib.AbstractContextManager[BinaryIO]: ...
@overload
def atomic_write(
    path: StrPath, mode: Literal["w"], *, encoding: str = "utf-8", newline: str = "\n"
) -> contextlib.AbstractContextManager[TextIO]: ...
@contextlib.contextmanager
def atomic_write(
    path: StrPath, mode: Literal["wb", "w"] = "wb", *, encoding: str = "utf-8", newline: str = "\n"
) -> Iterator[Any]:
    """Open a file for writing that replaces `path` when the block ends well.

    Whatever happens meanwhile, `path` holds its old or its new content, complete. See `atomic_path`
    for what is kept of an existing file and for the errors.

    Example:
        with atomic_write("notes.txt", "w") as file:
            file.write("done")
    """
    if mode not in ("wb", "w"):
        raise ValueError(f'mode is "wb" or "w", not {mode!r}')
    # a private file stays private while it is written
    rights = 0o600 if os.path.exists(path) else 0o666
    with atomic_path(path) as temporary:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
        descriptor = os.open(temporary, flags, rights)
        text = {"encoding": encoding, "newline": newline} if mode == "w" else {}
        with os.fdopen(descriptor, mode, **text) as file:  # type: ignore[call-overload]
            yield file


@contextlib.contextmanager
def atomic_path(path: StrPath) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; it replaces `path` when the block ends well.

    For libraries that write by name. The temporary has the ending of `path`, and is synced before it
    is renamed. An existing file keeps its mode and, where allowed, its owner; a symbolic link stays
    and its target is replaced. Other hard links keep the old content. Syncing the folder after the
    rename is best effort: the file is complete by then.

    Raises:
        FileError: the file cannot be written: the text names path and cause, and for a full disk the
            bytes needed and free. The file is untouched and the temporary is gone, as after any other
            exception of the block, `KeyboardInterrupt` among them.
    """
    target, existing = _target_of(path)
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, temporary_name(name))
    in_block = True
    try:
        yield Path(temporary)
        in_block = False
        _finish(temporary, existing)
        _replace(temporary, target)
    except BaseException as error:
        written = _discard(temporary)
        if isinstance(error, Exception) and (not in_block or _concerns(error, temporary)):
            raise _write_error(path, folder, error, written) from error
        raise
    _sync_folder(folder)


def _target_of(path: StrPath) -> tuple[str, os.stat_result | None]:
    """The real path to replace and what is there now."""
    text = os.fspath(path)
    if "\0" in text:
        raise FileError(f'cannot write "{shorten(text)}": a path cannot hold a zero byte')
    if not text or text.endswith(("/", os.sep)):
        raise FileError(f'cannot write "{shorten(text)}": it names no file')
    try:
        target = os.path.realpath(text)
        status = os.stat(target)
    except FileNotFoundError:
        return target, None
    except OSError as error:
        raise _write_error(path, os.path.dirname(text), error, 0) from error
    if not stat.S_ISREG(status.st_mode):
        sentence = f'cannot write "{shorten(text, 200)}": it is {_kind_of(status)}, not a file'
        raise FileError(sentence, errno.EINVAL)
    return target, status


def _finish(temporary: str, existing: os.stat_result | None) -> None:
    descriptor = os.open(temporary, os.O_RDWR | _BINARY)
    try:
        if existing is not None and sys.platform != "win32":
            now = os.fstat(descriptor)
            if (now.st_uid, now.st_gid) != (existing.st_uid, existing.st_gid):
                with contextlib.suppress(PermissionError):  # only the administrator may give files away
                    os.fchown(descriptor, existing.st_uid, existing.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(temporary: str, target: str) -> None:
    for pause in (0.01, 0.03, 0.1, 0.3) if os.name == "nt" else ():
        try:
            return os.replace(temporary, target)
        except PermissionError:  # Windows: a virus scanner or indexer has the file open for a moment
            time.sleep(pause)
    return os.replace(temporary, target)


def _discard(temporary: str) -> int:
    """Remove a temporary; returns the bytes it had."""
    try:
        size = os.lstat(temporary).st_size
        os.unlink(temporary)
    except OSError:
        return 0
    return size


def _sync_folder(folder: str) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some file systems cannot, some folders cannot be opened
        descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _concerns(error: Exception, temporary: str) -> bool:
    """Whether an error of the block is about the file being written, not about another one."""
    if isinstance(error, FileError):
        return False
    if isinstance(error, OSError) and error.filename is not None:
        return str(error.filename) == temporary
    # polars and pyarrow report a full disk as text only, polars' Parquet writer not even as OSError
    return (isinstance(error, OSError) and error.errno in _DISK_ERRORS) or bool(_FULL_TEXT.search(str(error)))


def _write_error(path: StrPath, folder: str, error: Exception, written: int) -> FileError:
    code = error.errno if isinstance(error, OSError) else None
    if code in _FULL_CAUSES or (code is None and _FULL_TEXT.search(str(error))):
        cause = _FULL_CAUSES.get(code or errno.ENOSPC, "the disk is full")
        cause += (
            f" (more than {written:,} bytes needed{_free_text(folder)}); free some or choose another disk"
        )
    elif code == errno.ENOENT:
        cause = f'the folder "{shorten(folder, 200)}" does not exist'
        if os.path.isdir(folder or "."):
            cause = "nothing was written"
    elif code in (errno.EACCES, errno.EPERM):
        cause = f'writing in the folder "{shorten(folder, 200)}" is not allowed'
    elif code == errno.EROFS:
        cause = "the disk is read-only"
    elif code == errno.EIO:
        cause = "the disk reports an input/output error"
    else:
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return FileError(f'cannot write "{shorten(os.fspath(path), 200)}": {cause}', code)


def _free_text(folder: str) -> str:
    import shutil

    try:
        return f", {shutil.disk_usage(folder or '.').free:,} bytes free"
    except OSError:
        return ""


def _kind_of(status: os.stat_result) -> str:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


# Digests


def digest_bytes(data: bytes | bytearray | memoryview) -> str:
    """The content digest of `data`: BLAKE3, 256 bits, as 64 hex digits."""
    return blake3(data, max_threads=_THREADS if len(data) > _BLOCK else 1).hexdigest()


def digest_file(path: StrPath) -> str:
    """The content digest of a file: that of its bytes, see `digest_bytes`.

    Raises:
        FileError: the file is missing, unreadable or not a regular file.
    """
    _check_readable(path)
    try:
        return _digest_once(path)[1]
    except OSError as error:
        raise _read_error(path, error) from error


class Stamp(NamedTuple):
    """What the file system says of a file; times in nanoseconds since 1970."""

    size: int
    modified: int
    changed: int
    inode: int
    device: int


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def _digest_once(path: StrPath) -> tuple[Stamp, str, Stamp]:
    """The digest of a file between its stamps before and after reading."""
    descriptor = os.open(path, os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0))
    try:
        before = os.fstat(descriptor)
        digest = _digest_descriptor(descriptor, before.st_size)
        return _stamp(before), digest, _stamp(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _digest_at_rest(path: StrPath) -> tuple[Stamp, str]:
    """The digest of a file that was not written while it was read."""
    try:
        for _ in range(3):
            before, digest, after = _digest_once(path)
            if before == after:
                return before, digest
    except OSError as error:
        raise _read_error(path, error) from error
    raise FileError(f'cannot read "{shorten(os.fspath(path), 200)}": another program keeps changing it')


def _digest_descriptor(descriptor: int, size: int) -> str:
    # read, not mapped: a mapped file that someone truncates ends the process with SIGBUS
    if size < 1 << 16:
        data = os.read(descriptor, size + 1)
        if len(data) == size:
            return blake3(data).hexdigest()
        hasher = blake3(data)
    else:
        # threads are started for each hash, which a small file does not repay
        hasher = blake3(max_threads=_THREADS if size > _BLOCK else 1)
    buffer = bytearray(min(_BLOCK, max(size, 1 << 16)))
    view = memoryview(buffer)
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        while count := file.readinto(view):
            hasher.update(view[:count])
    return hasher.hexdigest()


def _check_readable(path: StrPath) -> os.stat_result:
    """The status of a regular file; looked at before opening, which can hang on a pipe."""
    text = os.fspath(path)
    if "\0" in text:
        raise FileError(f'cannot read "{shorten(text)}": a path cannot hold a zero byte')
    try:
        status = os.stat(text)
    except OSError as error:
        raise _read_error(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        sentence = f'cannot read "{shorten(text, 200)}": it is {_kind_of(status)}, not a file'
        raise FileError(sentence, errno.EINVAL)
    return status


def _read_error(path: StrPath, error: OSError) -> FileError:
    causes = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "reading it is not allowed",
        errno.EIO: "the disk reports an input/output error",
    }
    cause = causes.get(error.errno or 0) or error.strerror or str(error)
    return FileError(f'cannot read "{shorten(os.fspath(path), 200)}": {cause}', error.errno)


class FileDigests:
    """The content digests of input files, without reading a file twice that surely did not change.

    A file is taken as unchanged when size, both times, inode and device are those seen when it was
    hashed, and both times were then at least 2 s old. The change time (ctime) cannot be set back by a
    program, so restoring the modification time hides nothing. File systems that have no true change
    time show it in whole milliseconds or coarser, and Windows gives the creation time in its place:
    there every file is hashed at each call. A program that writes through a shared memory map shows
    it in the times only when the system writes the map back.

    `index_path` is a small file that keeps the digests for later processes; a damaged one is ignored.
    """

    def __init__(self, index_path: StrPath | None = None) -> None:
        self._index = None if index_path is None else Path(index_path)
        self._known: dict[str, tuple[Stamp, str]] = {}
        self._is_loaded = index_path is None
        self._is_changed = False
        self._lock = threading.Lock()

    def digest(self, path: StrPath) -> str:
        """The content digest of the file at `path` as it is now.

        Raises:
            FileError: the file is missing, unreadable, not a regular file, or changes all the time.
        """
        stamp = _stamp(_check_readable(path))
        name = os.path.abspath(path)
        self._load()
        with self._lock:
            known = self._known.pop(name, None)
            if known is not None and known[0] == stamp:
                self._known[name] = known  # last, since used last: see `save`
                return known[1]
        now = time.time_ns()
        stamp, digest = _digest_at_rest(path)
        with self._lock:
            if _can_trust(stamp, now):
                self._known[name] = (stamp, digest)
                self._is_changed = True
        return digest

    def unchanged(self, path: StrPath, digest: str) -> bool:
        """Whether the file still has the content it had when `digest` was taken.

        Costs a look at its times for a file that was old by then, and reads a younger one again.
        """
        try:
            return self.digest(path) == digest
        except FileError:
            return False

    def save(self) -> bool:
        """Write the index, with what other processes added; False when it cannot be written."""
        if self._index is None or not self._is_changed:
            return True
        with self._lock:
            merged = _read_index(self._index)
            for name, known in self._known.items():
                merged.pop(name, None)
                merged[name] = known  # the front is cut off
            try:
                _write_index(self._index, dict(list(merged.items())[-_INDEX_FILES:]))
            except OSError:
                return False
            self._is_changed = False
        return True

    def _load(self) -> None:
        if self._is_loaded:
            return
        with self._lock:
            if not self._is_loaded and self._index is not None:
                self._known = {**_read_index(self._index), **self._known}
                self._is_loaded = True


def _can_trust(stamp: Stamp, now: int) -> bool:
    if os.name != "posix" or stamp.changed % 1_000_000 == 0:
        return False
    return now - stamp.modified > _YOUNG and now - stamp.changed > _YOUNG


def _read_index(path: Path) -> dict[str, tuple[Stamp, str]]:
    import json

    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or not is_own(status) or status.st_size > _INDEX_BYTES:
            return {}
        checksum, _, body = path.read_bytes().partition(b"\n")
        if checksum.decode("ascii", "replace") != digest_bytes(body):
            return {}
        rows = cast(dict[str, Any], json.loads(body))
        return {n: (Stamp(*row[:5]), row[5]) for n, row in rows.items() if _HEX_DIGEST.fullmatch(row[5])}
    except (OSError, ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return {}  # a hint only: the files are read again


def _write_index(path: Path, known: dict[str, tuple[Stamp, str]]) -> None:
    import json

    body = json.dumps({name: [*stamp, digest] for name, (stamp, digest) in known.items()}).encode("ascii")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with atomic_write(path) as file:
        file.write(digest_bytes(body).encode("ascii") + b"\n" + body)
