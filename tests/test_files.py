"""Files appear complete or not at all, whatever fails and whenever the process dies."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nodeflow import temporaries
from nodeflow.errors import NodeflowError
from nodeflow.files import FileError, atomic_path, atomic_write, remove_stale_temporaries, temporary_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
not_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")

OLD = b"old\n" * 5_000
NEW = b"new content\n" * 2_000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_bytes(OLD)
    return path


def fork(work: Callable[[], int]) -> int:
    """Run `work` in a forked child, which exits with its result."""
    with warnings.catch_warnings():  # Python 3.12 warns of threads, which the child does not use
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return pid


class FailingCalls:
    """Lets the call number `at` of those that touch the disk fail, in `nodeflow.files` as elsewhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, code: int) -> None:
        self.count = 0
        self._at = at
        self._code = code
        for name in ("open", "fsync", "replace", "fchmod"):
            monkeypatch.setattr(os, name, self.counted(getattr(os, name)))
        monkeypatch.setattr(os, "fdopen", self.fdopen)

    def tick(self) -> None:
        self.count += 1
        if self.count == self._at:
            raise OSError(self._code, os.strerror(self._code))

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.tick()
            return function(*arguments, **named)

        return call

    def fdopen(self, descriptor: int, mode: str, **text: Any) -> Any:
        tick = self.tick

        class Raw(io.FileIO):
            def write(self, data: Any) -> int | None:
                tick()
                return super().write(data)

        return io.BufferedWriter(Raw(descriptor, "wb"))


def test_the_new_content_replaces_the_old_when_the_block_ends(target: Path) -> None:
    with atomic_write(target) as file:
        file.write(NEW)
        assert target.read_bytes() == OLD
    assert target.read_bytes() == NEW
    assert os.listdir(target.parent) == ["notes.txt"]


def test_text_is_written_as_utf8_with_line_feeds(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a.txt", "w") as file:
        file.write("ä\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa4\nb\n"


def test_a_library_writes_to_a_path_with_the_same_ending(target: Path) -> None:
    with atomic_path(target) as path:
        assert path.suffix == ".txt"
        assert path.parent == target.parent
        assert not path.exists()
        path.write_bytes(NEW)
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(2)])
def test_an_exception_leaves_the_old_content_and_no_temporary(target: Path, error: BaseException) -> None:
    def save() -> None:
        with atomic_write(target) as file:
            file.write(NEW)
            raise error

    with pytest.raises(type(error)):
        save()
    assert target.read_bytes() == OLD
    assert os.listdir(target.parent) == ["notes.txt"]


def test_an_error_about_another_file_passes_unchanged(target: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(target):
        (target.parent / "missing").read_bytes()


@posix_only
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_any_single_failing_call_leaves_old_or_new_content(target: Path, code: int) -> None:
    failed = 0
    for at in range(1, 100):
        target.write_bytes(OLD)
        with pytest.MonkeyPatch.context() as monkeypatch:
            calls = FailingCalls(monkeypatch, at, code)
            caught = None
            try:
                with atomic_write(target) as file:
                    file.write(NEW)
                    file.write(NEW)
            except FileError as error:
                caught = error
        if caught is not None:
            failed += 1
            assert caught.errno == code
            assert str(target) in str(caught)
            wanted = ["the disk is full", "bytes needed", "bytes free"] if code == errno.ENOSPC else []
            assert all(words in str(caught) for words in wanted)
        assert target.read_bytes() == (NEW + NEW if caught is None else OLD), at
        assert os.listdir(target.parent) == ["notes.txt"]
        if calls.count < at:
            break
    assert failed >= 6  # open, two writes, open again, mode, sync, rename


@posix_only
def test_a_limit_on_file_sizes_never_truncates_the_target(target: Path) -> None:
    import resource

    def work(limit: int) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            with atomic_write(target) as file:
                file.write(b"n" * 65_536)
        except FileError as error:
            return 3 if error.errno == errno.EFBIG and "larger" in str(error) else 4
        return 0

    for step in range(64):
        target.write_bytes(OLD)
        limit = step * 1_100
        _, status = os.waitpid(fork(lambda limit=limit: work(limit)), 0)  # type: ignore[misc]
        assert os.waitstatus_to_exitcode(status) == (0 if limit >= 65_536 else 3), limit
        assert target.read_bytes() == (b"n" * 65_536 if limit >= 65_536 else OLD)
        assert os.listdir(target.parent) == ["notes.txt"]


WRITERS = """
import resource, sys
from pathlib import Path
import polars as pl
from nodeflow.files import FileError, atomic_path
table = pl.DataFrame({"a": range(20_000)})
pl.thread_pool_size()
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
for ending in ("csv", "arrow", "parquet"):
    write = {"csv": table.write_csv, "arrow": table.write_ipc, "parquet": table.write_parquet}[ending]
    try:
        with atomic_path(folder / f"table.{ending}") as path:
            write(path)
    except FileError as error:
        print(error)
    else:
        sys.exit(f"{ending}: no error")
"""


@posix_only
def test_writers_of_polars_leave_no_half_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITERS, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("cannot write") == 3
    assert os.listdir(tmp_path) == []


def kill_while_saving(target: Path, times: int) -> int:
    """Kill a process that saves again and again; returns how many temporaries were left."""
    contents = {letter * 20_000 for letter in (b"a", b"b")}

    def save() -> int:
        while True:
            for content in contents:
                with atomic_write(target) as file:
                    file.write(content)

    chance = random.Random(0)
    left = 0
    target.write_bytes(b"a" * 20_000)
    for _ in range(times):
        pid = fork(save)
        time.sleep(chance.uniform(0.0005, 0.006))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert target.read_bytes() in contents
        left += remove_stale_temporaries(target.parent)
        assert os.listdir(target.parent) == [target.name]
    return left


@posix_only
def test_a_process_killed_while_saving_leaves_old_or_new_content(target: Path) -> None:
    assert kill_while_saving(target, 200) > 0


@posix_only
@pytest.mark.slow
def test_two_thousand_kills_while_saving(target: Path) -> None:
    assert kill_while_saving(target, 2_000) > 0


@posix_only
def test_an_existing_file_keeps_its_mode_and_its_link(target: Path) -> None:
    target.chmod(0o640)
    link = target.parent / "link.txt"
    link.symlink_to(target.name)
    with atomic_write(link) as file:
        file.write(NEW)
        assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in target.parent.glob(".nodeflow-*"))
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@posix_only
def test_a_new_file_has_the_rights_the_user_set(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "a.txt") as file:
            file.write(NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_link_to_a_file_that_is_not_there_yet_makes_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with atomic_write(tmp_path / "link") as file:
        file.write(NEW)
    assert (tmp_path / "real").read_bytes() == NEW
    assert (tmp_path / "link").is_symlink()


@contextlib.contextmanager
def listening(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):
        server.bind(path.name)
        yield


@posix_only
def test_what_is_no_regular_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "to_device").symlink_to("/dev/null")
    cases = {
        tmp_path / "folder": "it is a folder, not a file",
        tmp_path / "pipe": "it is a pipe, not a file",
        tmp_path / "socket": "it is a socket, not a file",
        Path("/dev/null"): "it is a device, not a file",
        tmp_path / "to_device": "it is a device, not a file",
        tmp_path / "loop": "Too many levels of symbolic links",
        tmp_path / "missing" / "a.txt": 'missing" does not exist',
        tmp_path / ("a" * 5_000): "File name too long",
        tmp_path / "a\0b": "zero byte",
        tmp_path / "notes.txt" / "a.txt": "Not a directory",
    }
    (tmp_path / "notes.txt").write_bytes(OLD)
    with listening(tmp_path / "socket"):
        for path, sentence in cases.items():
            with pytest.raises(NodeflowError) as caught, atomic_write(path) as file:
                file.write(NEW)
            assert str(caught.value).startswith('cannot write "'), path
            assert sentence in str(caught.value)
    for empty in ("", f"{tmp_path}/"):
        with pytest.raises(FileError, match="names no file"), atomic_write(empty):
            pass


@not_root
def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FileError, match="is not allowed"), atomic_write(tmp_path / "a"):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_a_library_that_writes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nothing was written"), atomic_path(tmp_path / "a.csv"):
        pass


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127 + "x", "数" * 80 + ".parquet", "😀" * 60 + ".csv"])
def test_names_of_255_bytes_can_be_written(tmp_path: Path, name: str) -> None:
    temporary = temporary_name(name)
    assert len(os.fsencode(temporary)) <= 255
    assert name.endswith(temporary.partition("~")[2])
    with atomic_write(tmp_path / name) as file:
        file.write(NEW)
    assert (tmp_path / name).read_bytes() == NEW


@posix_only
def test_only_temporaries_of_ended_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / temporary_name("mine")
    pid = fork(lambda: (tmp_path / temporary_name("theirs")).write_bytes(b"x"))
    os.waitpid(pid, 0)
    reused = tmp_path / own.name.replace(f"-{os.getpid()}-", "-1-")  # the process 1 began at another time
    others = [tmp_path / ".nodeflow-notes", tmp_path / "a.txt"]
    for path in (own, reused, *others):
        path.write_bytes(b"x")
    assert remove_stale_temporaries(tmp_path) == 2
    assert sorted(tmp_path.iterdir()) == sorted([own, *others])

    monkeypatch.setattr(temporaries, "_mark", (os.getpid(), "1-1-00000000"))  # as another computer sees it
    assert remove_stale_temporaries(tmp_path) == 0
    os.utime(own, (1, 1))
    assert remove_stale_temporaries(tmp_path) == 1
    assert remove_stale_temporaries(tmp_path / "missing") == 0


@posix_only
def test_without_proc_the_process_id_tells_who_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporaries, "_start_of", lambda pid: None)
    monkeypatch.setattr(temporaries, "_mark", (0, ""))
    own = tmp_path / temporary_name("mine")
    assert f"-{os.getpid()}-0-" in own.name
    pid = fork(lambda: 0)
    os.waitpid(pid, 0)
    gone = tmp_path / own.name.replace(f"-{os.getpid()}-", f"-{pid}-")
    for path in (own, gone):
        path.write_bytes(b"x")
    assert remove_stale_temporaries(tmp_path) == 1
    assert own.exists()
