"""The files of the result store: written under a temporary name, read only if they are one's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys

from nodeflow.errors import StoreError, shorten
from nodeflow.execution.entries import FORMAT
from nodeflow.temporaries import remove_stale_temporaries, temporary_name

__all__ = ["StoreFiles", "remove"]

_ENTRY_BYTES = 64 << 20
_OPEN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _OPEN | getattr(os, "O_NONBLOCK", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN


class StoreFiles:
    """The folder of a store, made and checked on construction; see `Store` for the errors."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._uid = -1 if sys.platform == "win32" else os.geteuid()
        try:
            self.root = os.path.realpath(root)
            self.tmp = os.path.join(self.root, "tmp")
            self._entries = os.path.join(self.root, "entries") + os.sep
            self._objects = os.path.join(self.root, "objects") + os.sep
            self._prepare()
        except (OSError, ValueError) as error:
            cause = getattr(error, "strerror", None) or error
            raise StoreError(
                f"the cache folder {self} cannot be used: {cause}; choose another by NODEFLOW_CACHE_DIR"
            ) from error
        remove_stale_temporaries(self.tmp)

    def __str__(self) -> str:
        return f'"{shorten(self.root, 200)}"'

    def entry(self, key: str) -> str:
        """The path of an entry."""
        return f"{self._entries}{key[:2]}{os.sep}{key}"

    def object(self, digest: str, suffix: str) -> str:
        """The path of an object."""
        return f"{self._objects}{digest[:2]}{os.sep}{digest}{suffix}"

    def temporary(self, name: str) -> str:
        """A new path for a file on its way into the store."""
        return f"{self.tmp}{os.sep}{temporary_name(name)}"

    def fault_of(self, status: os.stat_result) -> str | None:
        """Why a file with this status is not to be used, or None."""
        if not stat.S_ISREG(status.st_mode):
            return "it is no regular file"
        if self._uid >= 0 and status.st_uid != self._uid:
            return "it belongs to another user"
        return None

    def read(self, path: str, *, touch: bool = False) -> bytes:
        """The bytes of a small file; with `touch` its time tells that it was used now.

        Raises:
            ValueError: it is no regular file of this user, or too large.
            OSError: it is missing or cannot be read.
        """
        try:
            descriptor = os.open(path, _READ)
        except OSError:
            if fault := self.fault_of(os.lstat(path)):  # such as a link, which is not followed
                raise ValueError(fault) from None
            raise
        try:
            status = os.fstat(descriptor)
            if fault := self.fault_of(status):
                raise ValueError(fault)
            if status.st_size > _ENTRY_BYTES:
                raise ValueError(f"it has {status.st_size} bytes")
            if touch:
                with contextlib.suppress(OSError):  # a read-only disk: its use cannot be noted
                    os.utime(descriptor if os.utime in os.supports_fd else path)
            data = os.read(descriptor, status.st_size + 1)
            while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
                data += more
            return data
        finally:
            os.close(descriptor)

    def write(self, data: bytes, path: str) -> os.stat_result:
        """Make a file appear at `path`, whole or not at all.

        Raises:
            OSError: it cannot be written; nothing stays behind.
        """
        temporary = self.temporary("write")
        try:
            descriptor = os.open(temporary, _WRITE, 0o600)
            try:
                done = os.write(descriptor, data)
                while done < len(data):
                    done += os.write(descriptor, memoryview(data)[done:])
            finally:
                os.close(descriptor)
            return self.rename(temporary, path)
        except BaseException:
            remove(temporary)
            raise

    def rename(self, temporary: str, path: str) -> os.stat_result:
        """Give a finished temporary its name; returns its status from before."""
        status = os.lstat(temporary)
        try:
            os.replace(temporary, path)
        except PermissionError:
            if os.name != "nt" or not os.path.isfile(path):
                raise
            remove(temporary)  # Windows replaces no file that is being read; this one has the same content
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            _make_room(path)
            os.replace(temporary, path)
        return status

    def _prepare(self) -> None:
        os.makedirs(self.root, mode=0o700, exist_ok=True)
        status = os.stat(self.root)
        if self._uid >= 0:
            if status.st_uid != self._uid:
                raise StoreError(
                    f"the cache folder {self} belongs to another user; choose your own by NODEFLOW_CACHE_DIR"
                )
            if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
                raise StoreError(
                    f"everyone can write in the cache folder {self}; "
                    "take that right away (chmod o-w) or choose another by NODEFLOW_CACHE_DIR"
                )
        for folder in (self._entries[:-1], self._objects[:-1], self.tmp):
            if not os.path.isdir(folder):
                _make_folder(folder)
        self._check_format()

    def _check_format(self) -> None:
        path = os.path.join(self.root, "format")
        words: list[bytes] = []
        with contextlib.suppress(FileNotFoundError, ValueError):
            words = self.read(path)[:64].split()
        if len(words) == 2 and words[0] == b"nodeflow-store" and words[1].isdigit():
            if int(words[1]) == FORMAT:
                return
            raise StoreError(
                f"the cache folder {self} is of format {int(words[1])}, this version uses {FORMAT}; "
                "remove the folder or choose another by NODEFLOW_CACHE_DIR"
            )
        self.write(b"nodeflow-store %d\n" % FORMAT, path)


def remove(path: str) -> bool:
    """Remove a file, or a folder in its place; returns whether a file went."""
    try:
        os.unlink(path)
    except (IsADirectoryError, PermissionError):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        return False
    except OSError:
        return False
    return True


def _make_room(path: str) -> None:
    """Make the folder of `path`, and remove what is in its place or in the place of `path`."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    _make_folder(os.path.dirname(path))


def _make_folder(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if not os.path.isdir(folder):  # a file or a link into nothing; the store makes neither
            remove(folder)
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
