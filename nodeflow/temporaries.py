"""Temporary files that tell by their name which process writes them, so that left ones can be removed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3

__all__ = [
    "is_own",
    "make_scratch_folder",
    "remove_left_scratch_folders",
    "remove_scratch_folder",
    "remove_stale_temporaries",
    "scratch_folder",
    "temporary_name",
]

_NAME_BYTES = 255  # the longest file name of the common file systems
_TEMPORARY = re.compile(r"\.nodeflow-(\d{1,10})-([0-9a-f]{1,16})-([0-9a-f]{8})-[0-9a-f]{12}~")
_FOREIGN_AGE = 86_400.0  # seconds after which a temporary of another computer counts as left behind


def temporary_name(name: str) -> str:
    """A new file name that tells its process, ending in `name` (its end, when `name` is too long)."""
    head = f".nodeflow-{_process_mark()}-{os.urandom(6).hex()}~"
    room = _NAME_BYTES - len(head)
    name = name[-room:]
    while len(os.fsencode(name)) > room:
        name = name[1:]
    return head + name


def remove_stale_temporaries(folder: str | os.PathLike[str]) -> int:
    """Remove the temporaries that ended processes left in `folder`; returns how many.

    Those of other users stay, and those of other computers sharing the folder stay for a day.
    """
    removed = 0
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if entry.name.startswith(".nodeflow-")]
    except OSError:
        return 0
    for name in names:
        path = os.path.join(folder, name)
        match = _TEMPORARY.match(name)
        if match is None:
            continue
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or not is_own(status):
                continue
            if _is_left(match, status):
                os.unlink(path)
                removed += 1
        except OSError:  # another process was faster, or it is held open: the next call finds it
            continue
    return removed


_SCRATCH = "scratch"


def make_scratch_folder() -> Path:
    """A new folder for temporary files, in the system's place for them; `remove_scratch_folder` ends it."""
    # the file tells whose the folder is: it goes when its process has ended
    mark = Path(tempfile.gettempdir()) / temporary_name(_SCRATCH)
    mark.touch(mode=0o600)
    folder = mark.with_name(mark.name.removeprefix("."))
    folder.mkdir(mode=0o700)
    return folder


def remove_scratch_folder(folder: Path) -> None:
    """Remove a scratch folder with all it holds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(f".{folder.name}").unlink(missing_ok=True)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A scratch folder that is gone after the block."""
    folder = make_scratch_folder()
    try:
        yield folder
    finally:
        remove_scratch_folder(folder)


def remove_left_scratch_folders() -> None:
    """Remove the scratch folders of processes that were killed."""
    place = Path(tempfile.gettempdir())
    remove_stale_temporaries(place)
    with contextlib.suppress(OSError), os.scandir(place) as found:
        for entry in found:
            if not entry.name.startswith("nodeflow-") or not entry.name.endswith(f"~{_SCRATCH}"):
                continue
            is_left = entry.is_dir(follow_symlinks=False) and not (place / f".{entry.name}").exists()
            if is_left and is_own(entry.stat(follow_symlinks=False)):
                shutil.rmtree(entry.path, ignore_errors=True)


def _process_mark() -> str:
    """Process id, its start and the computer, so that a later process with the same id is told apart."""
    global _mark
    pid = os.getpid()
    if _mark[0] != pid:
        _mark = (pid, f"{pid}-{_start_of(pid) or '0'}-{_computer()}")
    return _mark[1]


_mark: tuple[int, str] = (0, "")


def _computer() -> str:
    name = os.environ.get("COMPUTERNAME", "") if sys.platform == "win32" else os.uname().nodename
    with contextlib.suppress(OSError):  # containers on one computer do not see each other's processes
        name += os.readlink("/proc/self/ns/pid")
    return blake3(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _is_left(match: re.Match[str], status: os.stat_result) -> bool:
    pid, start, computer = int(match[1]), match[2], match[3]
    if computer != _process_mark().rsplit("-", 1)[1]:
        return abs(time.time() - status.st_mtime) > _FOREIGN_AGE
    if start != "0":
        return _start_of(pid) != start
    return not _is_running(pid)


def _start_of(pid: int) -> str | None:
    """When a living process began, as Linux tells it, in hex; None where it does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] in (b"Z", b"X") else f"{int(fields[19]):x}"


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would end the process
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)
        if not handle:
            return bool(kernel.GetLastError() == 5)  # it is there, but not ours
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == 259
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def is_own(status: os.stat_result) -> bool:
    """Whether a file belongs to the user of this process."""
    return sys.platform == "win32" or status.st_uid == os.geteuid()
