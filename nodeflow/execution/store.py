"""The result store: what nodes computed, found by cache key, shared by runs, front ends and processes.

Layout of the folder:

    format                      the version of this layout
    entries/<k[:2]>/<key>       one small file a result: checksum, then JSON (see `entries`)
    objects/<d[:2]>/<digest>    the large values, named by the digest of their bytes, with a suffix
    tmp/                        what is being written, named by process; removed once that has ended
    locks, usage                locks by key; bytes written since the last full count

A file appears under its name by one rename, an entry after its objects. Nothing is synced to the
disk: after a power loss some entries are torn or miss objects. That is found when they are read, by
checksum and size, and costs computing them again. A fault of one entry never becomes an exception.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nodeflow.errors import StoreError
from nodeflow.execution import eviction, inspection
from nodeflow.execution.claims import Claim, claims_of
from nodeflow.execution.entries import Entry, Output, decode, encode, is_key
from nodeflow.execution.inspection import Fault, StoreInfo
from nodeflow.execution.store_files import StoreFiles, remove
from nodeflow.files import digest_bytes, digest_file, remove_stale_temporaries
from nodeflow.memory import read_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DEFAULT_LIMIT", "Entry", "Fault", "Output", "Store", "StoreInfo", "default_folder"]

DEFAULT_LIMIT = 10 << 30
INLINE = 4096  # bytes up to which a value is kept inside its entry

_TOUCH_AGAIN = 1200.0  # seconds after which the use of an entry is noted again
_FILLED = 0.9  # of the limit that is left after evicting, so that the next run need not evict too
_PRUNING = "f" * 64  # the key whose lock is held while pruning


def default_folder() -> Path:
    """Where results are kept: `NODEFLOW_CACHE_DIR`, else the platform's folder for caches."""
    chosen = os.environ.get("NODEFLOW_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "nodeflow" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nodeflow"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "nodeflow"


def default_limit() -> int:
    """How many bytes the results may take: `NODEFLOW_CACHE_LIMIT`, such as "20GB", else 10 GiB."""
    chosen = os.environ.get("NODEFLOW_CACHE_LIMIT")
    try:
        return read_size(chosen) if chosen else DEFAULT_LIMIT
    except ValueError as error:
        raise StoreError(f"NODEFLOW_CACHE_LIMIT: {error}") from None


class Store:
    """A content-addressed folder of results; any number of threads and processes may use it at once.

    `limit` counts bytes. `on_fault` is told each damaged entry or object that was dropped, and once
    why results cannot be kept; without it they go to the log `nodeflow.store` as warnings.

    Raises:
        StoreError: the folder cannot be made or used, belongs to someone else, can be written by
            everyone, or holds a store of another format.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        limit: int | None = None,
        on_fault: Callable[[str], None] | None = None,
    ) -> None:
        self._files = StoreFiles(os.fspath(default_folder() if root is None else root))
        self.root = Path(self._files.root)
        self.limit = default_limit() if limit is None else limit
        self._on_fault = on_fault
        self._verified: dict[str, tuple[int, int, int]] = {}
        self._touched: dict[str, float] = {}
        self._written = 0
        self._trouble: str | None = None
        self._claims = claims_of(os.path.join(self._files.root, "locks"))

    @property
    def trouble(self) -> str | None:
        """Why a result could not be kept, for the first that could not; None when all could."""
        return self._trouble

    # Reading

    def get(self, key: str) -> Entry | None:
        """The entry of `key`, whole and with all its objects there, or None.

        A damaged entry is removed and told to `on_fault`. The bytes of its objects are checked when
        they are opened.
        """
        if not is_key(key):
            return None
        path = self._files.entry(key)
        now = time.monotonic()
        touch = now - self._touched.get(key, -math.inf) > _TOUCH_AGAIN
        try:
            entry = decode(self._files.read(path, touch=touch), key)
            for port, output in entry.outputs.items():
                if output.inline is None:
                    self._check_object(port, output)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError as error:
            self._drop(path, f"result {key[:12]}… is computed again: {error}")
            return None
        except OSError as error:  # it may be sound, so it stays
            self._tell(f"result {key[:12]}… cannot be read: {error.strerror or error}")
            return None
        if touch:
            self._touched[key] = now
        return entry

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def open(self, output: Output) -> Path | bytes | None:
        """The bytes of a small value or the checked file of a large one; None when it is damaged or gone.

        The file must not be changed. It can vanish if the store is cleared meanwhile.
        """
        if output.inline is not None:
            return output.inline
        return self.open_object(output.digest, output.suffix)

    def path_of(self, output: Output) -> Path:
        """The file of a large value, not looked at; `open` checks it first."""
        return Path(self._files.object(output.digest, output.suffix))

    def open_object(self, digest: str, suffix: str = "") -> Path | None:
        """The file with the bytes of `digest`, or None when it is missing or damaged (then removed).

        The whole file is hashed, once a process as long as its inode, size and time stay the same.
        """
        path = self._files.object(digest, suffix)
        try:
            status = os.lstat(path)
            if fault := self._files.fault_of(status):
                raise ValueError(fault)
            seen = _seen(status)
            if self._verified.get(digest) != seen:
                if digest_file(path) != digest:
                    raise ValueError("its bytes have changed")
                self._verified[digest] = seen
        except ValueError as error:
            self._verified.pop(digest, None)
            self._drop(path, f"stored value {digest[:12]}… is dropped: {error}")
            return None
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                self._tell(f"stored value {digest[:12]}… cannot be read: {error.strerror or error}")
            return None
        return Path(path)

    # Writing

    def new_payload(self, suffix: str = "") -> Path:
        """A new path inside the store to write a value to, before `add` takes the file over.

        If it is not added, remove it; a killed process' files are removed by the next that opens
        the store.
        """
        return Path(self._files.temporary("payload" + suffix))

    def add(self, kind: str, payload: bytes | Path, *, meta: Mapping[str, Any] | None = None) -> Output:
        """Take a value's bytes, or its file from `new_payload` (then gone), and tell how it is stored.

        The object is there afterwards unless the disk failed: then `put` of this output returns False.
        The digest is right in any case.

        Raises:
            OSError: the payload's file is missing or cannot be read.
        """
        if isinstance(payload, bytes):
            suffix, size, digest = "", len(payload), digest_bytes(payload)
        else:
            suffix, size, digest = _suffix_of(payload), payload.stat().st_size, digest_file(payload)
        inline = None
        if size <= INLINE:
            inline = payload if isinstance(payload, bytes) else payload.read_bytes()
        try:
            if inline is None:
                path = self._files.object(digest, suffix)
                if isinstance(payload, bytes):
                    status = self._files.write(payload, path)
                else:
                    os.chmod(payload, 0o600)
                    status = self._files.rename(os.fspath(payload), path)
                self._verified[digest] = _seen(status)
                self._written += size
        except OSError as error:
            self._give_up(error)
        finally:
            if isinstance(payload, Path):
                remove(os.fspath(payload))
        return Output(
            kind=kind, digest=digest, size=size, suffix=suffix, meta=dict(meta or {}), inline=inline
        )

    def put(
        self,
        key: str,
        outputs: Mapping[str, Output],
        *,
        node_type: str = "",
        seconds: float = 0.0,
        files: Mapping[str, str] | None = None,
        info: Mapping[str, Any] | None = None,
        also: tuple[str, ...] = (),
    ) -> bool:
        """Publish the results of one computation under `key`, and under the keys in `also`.

        Several processes may publish the same key; the last one stays. Returns False when the disk is
        full, broken or read-only: nothing half-written stays, `trouble` has the reason and the run can
        go on without the store.

        Raises:
            ValueError: a key is not 16 to 128 lower-case hex digits.
        """
        entry = Entry(
            key=key,
            created=time.time(),
            node_type=node_type,
            seconds=seconds,
            outputs=dict(outputs),
            files=dict(files or {}),
            info=dict(info or {}),
        )
        done = [self._publish(entry, name) for name in (key, *also)]
        return all(done)

    def remember(self, key: str, other_key: str) -> bool:
        """Publish the entry of `key` under `other_key` too; False when there is none or the disk fails."""
        entry = self.get(key)
        return entry is not None and self._publish(entry, other_key)

    def remove(self, key: str) -> None:
        """Forget the result of `key`; its bytes are freed when the store is pruned."""
        if is_key(key):
            with contextlib.suppress(OSError):
                os.unlink(self._files.entry(key))

    def claim(self, key: str, wait: float = 0.0) -> Claim:
        """A lock so that two threads or processes do not compute the same thing; use it in a `with` block.

        The block gets True once the lock is held, or False when someone else still has it after `wait`
        seconds: compute anyway. Look for the entry again when inside, the other may have put it. A lock
        ends with its process at the latest.
        """
        return Claim(self._claims, key, wait)

    # Care

    def settle(self) -> None:
        """To be called at the end of a run: if it wrote and the store is over its limit, evict."""
        if self._written:
            written, self._written = self._written, 0
            if eviction.count_usage(self._files, written) > self.limit:
                self.prune(int(self.limit * _FILLED))

    def prune(self, limit: int | None = None, *, keep_recent: bool = True) -> int:
        """Remove the results that are worth least until `limit` bytes are left; returns the bytes freed.

        Worth is seconds of computing a byte, less with the time since the last use. Results used within
        the last hour stay unless `keep_recent` is False. Objects of no entry go once they are an hour old.
        While another process prunes, nothing is done.
        """
        remove_stale_temporaries(self._files.tmp)
        with self.claim(_PRUNING) as is_alone:
            if not is_alone:
                return 0
            return eviction.prune(
                self._files, self.limit if limit is None else limit, keep_recent=keep_recent
            )

    def clear(self) -> None:
        """Remove all results, those in use too."""
        self._touched.clear()
        self._verified.clear()
        eviction.clear(self._files)
        remove_stale_temporaries(self._files.tmp)

    def info(self) -> StoreInfo:
        """What the store holds; reads every entry."""
        return inspection.inspect(self._files)

    def verify(self) -> list[Fault]:
        """Check every entry and every byte of every object; changes nothing."""
        return inspection.verify(self._files)

    # Inside

    def _check_object(self, port: str, output: Output) -> None:
        try:
            status = os.lstat(self._files.object(output.digest, output.suffix))
        except (FileNotFoundError, NotADirectoryError):
            raise ValueError(f'the value of "{port}" is missing') from None
        if fault := self._files.fault_of(status):
            raise ValueError(f'the value of "{port}" is not to be used: {fault}')
        if status.st_size != output.size:
            raise ValueError(f'the value of "{port}" has {status.st_size} bytes, not {output.size}')

    def _publish(self, entry: Entry, key: str) -> bool:
        if not is_key(key):
            raise ValueError(f"not a cache key: {key!r}")
        data = encode(msgspec.structs.replace(entry, key=key) if entry.key != key else entry)
        try:
            for output in entry.outputs.values():
                if output.inline is None and not self._keep_object(output):
                    return False
            self._files.write(data, self._files.entry(key))
        except OSError as error:
            self._give_up(error)
            return False
        self._touched[key] = time.monotonic()
        self._written += len(data)
        return True

    def _keep_object(self, output: Output) -> bool:
        """Note that an object is used now, so that no one sweeps it before its entry; False if it is gone."""
        path = self._files.object(output.digest, output.suffix)
        try:
            status = os.lstat(path)
            # the time of change stays: it tells others that the bytes they checked are the same
            os.utime(path, ns=(time.time_ns(), status.st_mtime_ns))
        except FileNotFoundError:
            return False
        return True

    def _drop(self, path: str, text: str) -> None:
        remove(path)
        self._tell(text)

    def _give_up(self, error: OSError) -> None:
        if self._trouble is None:
            self._trouble = f"results are not kept in {self._files}: {error.strerror or error}"
            self._tell(self._trouble)

    def _tell(self, text: str) -> None:
        if self._on_fault is not None:
            self._on_fault(text)
        else:
            import logging

            logging.getLogger("nodeflow.store").warning("%s", text)


def _seen(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _suffix_of(path: Path) -> str:
    """The ending of a payload's name, as it was asked of `new_payload`."""
    _, mark, suffix = path.name.rpartition("~payload")
    return suffix if mark else path.suffix
