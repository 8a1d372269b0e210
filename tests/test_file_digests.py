"""An input file is known by its content; its times only save reading it again."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from blake3 import blake3

from nodeflow import files
from nodeflow.errors import NodeflowError
from nodeflow.files import FileDigests, FileError, digest_bytes, digest_file

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX only")

HOUR = 3_600_000_000_000  # nanoseconds


class Reads:
    """Counts how often a file is read, and sets the clock to an hour later so that files are old."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.later = HOUR
        read = files._digest_once
        now = files.time.time_ns

        def counted(path: files.StrPath) -> tuple[files.Stamp, str, files.Stamp]:
            self.count += 1
            return read(path)

        monkeypatch.setattr(files, "_digest_once", counted)
        monkeypatch.setattr(files.time, "time_ns", lambda: now() + self.later)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    if os.stat(path).st_ctime_ns % 1_000_000 == 0:
        pytest.skip("the file system has no true change time")
    return path


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, (4 << 20) + 1, 9_000_000])
def test_a_digest_is_the_blake3_of_the_bytes(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "a").write_bytes(data)
    assert digest_file(tmp_path / "a") == digest_bytes(data) == blake3(data).hexdigest()


@posix_only
def test_what_is_no_regular_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, sentence in {
        tmp_path / "pipe": "it is a pipe, not a file",
        tmp_path: "it is a folder, not a file",
        Path("/dev/zero"): "it is a device, not a file",
        tmp_path / "missing": "there is no such file",
        tmp_path / "a\0b": "zero byte",
    }.items():
        for digest in (digest_file, FileDigests().digest):
            with pytest.raises(NodeflowError, match=sentence) as caught:
                digest(path)
            assert isinstance(caught.value, FileError)
            assert str(caught.value).startswith('cannot read "')


@posix_only
def test_an_unchanged_file_is_read_once(table: Path, reads: Reads) -> None:
    digests = FileDigests()
    assert digests.digest(table) == digests.digest(str(table)) == digest_bytes(b"a,b\n1,2\n")
    assert reads.count == 1


@posix_only
def test_a_young_file_is_read_again(table: Path, reads: Reads) -> None:
    reads.later = 0
    digests = FileDigests()
    digests.digest(table)
    digests.digest(table)
    assert reads.count == 2


@posix_only
def test_a_file_from_the_future_is_read_again(table: Path, reads: Reads) -> None:
    os.utime(table, ns=(0, 10**19 // 2))
    digests = FileDigests()
    digests.digest(table)
    digests.digest(table)
    assert reads.count == 2


@posix_only
def test_same_size_and_modification_time_hide_no_change(table: Path, reads: Reads) -> None:
    digests = FileDigests()
    before = digests.digest(table)
    status = table.stat()
    table.write_text("a,b\n1,3\n")
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert table.stat().st_mtime_ns == status.st_mtime_ns
    assert digests.digest(table) == digest_bytes(b"a,b\n1,3\n") != before
    assert not digests.unchanged(table, before)


@posix_only
def test_a_touched_file_has_the_same_digest(table: Path, reads: Reads) -> None:
    digests = FileDigests()
    before = digests.digest(table)
    os.utime(table)
    assert digests.digest(table) == before
    assert digests.unchanged(table, before)
    assert reads.count == 2


@posix_only
def test_replacing_by_rename_is_seen_though_all_times_are_equal(table: Path, reads: Reads) -> None:
    digests = FileDigests()
    digests.digest(table)
    status = table.stat()
    other = table.with_name("other")
    other.write_text("a,b\n1,3\n")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, table)
    assert digests.digest(table) == digest_bytes(b"a,b\n1,3\n")


def test_a_link_that_points_elsewhere_is_seen(table: Path, reads: Reads) -> None:
    other = table.with_name("other")
    other.write_text("a,b\n1,3\n")
    link = table.with_name("link")
    link.symlink_to(table)
    digests = FileDigests()
    assert digests.digest(link) == digest_file(table)
    link.unlink()
    link.symlink_to(other)
    assert digests.digest(link) == digest_file(other)


def test_a_file_removed_during_a_run_is_a_changed_one(table: Path) -> None:
    digests = FileDigests()
    before = digests.digest(table)
    assert digests.unchanged(table, before)
    table.unlink()
    assert not digests.unchanged(table, before)


def test_a_file_that_is_written_all_the_time_is_refused(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = files._digest_descriptor

    def and_append(descriptor: int, size: int) -> str:
        with open(table, "a") as file:
            file.write("3,4\n")
        return read(descriptor, size)

    monkeypatch.setattr(files, "_digest_descriptor", and_append)
    with pytest.raises(FileError, match="keeps changing"):
        FileDigests().digest(table)


@posix_only
def test_a_later_process_need_not_read_the_file(tmp_path: Path, table: Path, reads: Reads) -> None:
    index = tmp_path / "cache" / "files.json"
    first = FileDigests(index)
    digest = first.digest(table)
    assert first.save()
    assert FileDigests(index).digest(table) == digest
    assert reads.count == 1
    assert os.stat(index.parent).st_mode & 0o777 == 0o700


@posix_only
def test_two_processes_add_to_one_index(tmp_path: Path, table: Path, reads: Reads) -> None:
    other = tmp_path / "other"
    other.write_text("x")
    one, two = FileDigests(tmp_path / "index"), FileDigests(tmp_path / "index")
    one.digest(table)
    two.digest(other)
    one.save()
    two.save()
    both = FileDigests(tmp_path / "index")
    both.digest(table)
    both.digest(other)
    assert reads.count == 2


@posix_only
def test_the_index_forgets_the_files_used_longest_ago(
    tmp_path: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_INDEX_FILES", 2)
    paths = [tmp_path / name for name in "abc"]
    digests = FileDigests(tmp_path / "index")
    for path in paths:
        path.write_text("x")
        digests.digest(path)
    digests.digest(paths[0])
    digests.save()
    later = FileDigests(tmp_path / "index")
    for path in (paths[0], paths[2], paths[1]):
        later.digest(path)
    assert reads.count == 3 + 1


@posix_only
def test_a_damaged_index_is_ignored(tmp_path: Path, table: Path, reads: Reads) -> None:
    index = tmp_path / "index"
    digests = FileDigests(index)
    digest = digests.digest(table)
    digests.save()
    data = index.read_bytes()
    body = b'{"%s": [1]}' % os.fsencode(table)
    damaged = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(len(data))]
    damaged += [b"", data[:-1], digest_bytes(body).encode() + b"\n" + body, b"\xff" * 100]
    for text in damaged:
        index.write_bytes(text)
        assert FileDigests(index).digest(table) == digest
    index.unlink()
    index.mkdir()
    folder = FileDigests(index)
    assert folder.digest(table) == digest
    assert not folder.save()
    assert reads.count == 1 + len(damaged) + 1


@posix_only
def test_names_that_are_no_utf8_are_kept(tmp_path: Path, reads: Reads) -> None:
    path = os.path.join(tmp_path, os.fsdecode(b"\xff.csv"))
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(open(path, "w")).write("x")
        except OSError:
            pytest.skip("the file system wants UTF-8")
    digests = FileDigests(tmp_path / "index")
    digests.digest(path)
    digests.save()
    FileDigests(tmp_path / "index").digest(path)
    assert reads.count == 1
