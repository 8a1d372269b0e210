"""Whatever happens to the files of the store: no wrong value, no exception, at worst computing again."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nodeflow.execution.entries import Entry, Output, decode, encode
from nodeflow.execution.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


KEYS = [key_of(i) for i in range(6)]


def values_of(key: str) -> dict[str, bytes]:
    """What is stored under a key: one small and one large value."""
    return {"small": key.encode() * 3, "large": key.encode() * 200}


def put(store: Store, key: str) -> bool:
    outputs = {}
    for port, data in values_of(key).items():
        file = store.new_payload(".bin")
        file.write_bytes(data)
        outputs[port] = store.add("table", file)
    return store.put(key, outputs, node_type="filter")


def values_in(store: Store, key: str) -> dict[str, bytes] | None:
    """What a run gets for a key; None when it has to compute."""
    entry = store.get(key)
    if entry is None:
        return None
    values = {}
    for port, output in entry.outputs.items():
        found = store.open(output)
        if found is None:
            return None
        values[port] = found if isinstance(found, bytes) else found.read_bytes()
    return values


class Damaged:
    """A filled store, and what it said of its faults."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        store = self.open()
        for key in KEYS:
            put(store, key)
        self.entries = sorted(p for p in (root / "entries").rglob("*") if p.is_file())
        self.objects = sorted(p for p in (root / "objects").rglob("*") if p.is_file())

    def open(self) -> Store:
        return Store(self.root, on_fault=self.said.append)

    def check(self, lost: int) -> None:
        """No wrong value comes back, `lost` keys are gone, one warning each; computing again mends all."""
        store = self.open()
        assert store.verify(), "a full check sees it"
        self.said.clear()
        found = {key: values_in(store, key) for key in KEYS}
        assert all(values in (None, values_of(key)) for key, values in found.items())
        assert sum(values is None for values in found.values()) == lost
        assert len(self.said) == lost, self.said
        self.said.clear()
        # what was dropped is gone; an entry may still wait for its object
        assert [values_in(store, key) for key in KEYS].count(None) == lost
        for key in KEYS:
            assert put(store, key)
        assert all(values_in(self.open(), key) == values_of(key) for key in KEYS)
        assert self.open().verify() == []
        assert os.listdir(self.root / "tmp") == []


@pytest.fixture
def damaged(tmp_path: Path) -> Damaged:
    return Damaged(tmp_path / "cache")


def test_every_97th_byte_flipped_is_found(damaged: Damaged) -> None:
    for path in (damaged.entries[0], damaged.objects[0]):
        data = path.read_bytes()
        for at in range(0, len(data), 97):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :])
            damaged.check(lost=1)


@pytest.mark.parametrize("room", ["entries", "objects"])
def test_shortened_emptied_and_lengthened_files_are_found(damaged: Damaged, room: str) -> None:
    path = getattr(damaged, room)[0]
    data = path.read_bytes()
    for text in (
        b"",
        data[:1],
        data[:64],
        data[:65],
        data[: len(data) // 2],
        data[:-1],
        data + b" ",
        data * 2,
    ):
        path.write_bytes(text)
        damaged.check(lost=1)


@pytest.mark.parametrize("room", ["entries", "objects"])
def test_swapped_files_are_found(damaged: Damaged, room: str) -> None:
    one, two = getattr(damaged, room)[:2]
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    damaged.check(lost=2)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("x")


def link(path: Path) -> None:
    copy = path.parent.parent.parent / "copy"
    shutil.copy(path, copy)
    path.unlink()
    path.symlink_to(copy)


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@posix_only
@pytest.mark.parametrize("room", ["entries", "objects"])
@pytest.mark.parametrize("damage", [folder, link, loop, pipe])
def test_what_is_no_file_is_never_used(damaged: Damaged, room: str, damage: Callable[[Path], None]) -> None:
    damage(getattr(damaged, room)[0])
    damaged.check(lost=1)


@posix_only
@pytest.mark.parametrize("room", ["entries", "objects"])
def test_a_file_of_another_user_is_never_used(
    damaged: Damaged, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inode = os.lstat(getattr(damaged, room)[0]).st_ino

    def foreign(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def call(*arguments: Any, **named: Any) -> os.stat_result:
            status = look(*arguments, **named)
            if status.st_ino == inode:
                fields = list(status)
                fields[4] += 1
                return os.stat_result(fields, {"st_mtime_ns": status.st_mtime_ns})
            return status

        return call

    monkeypatch.setattr(os, "fstat", foreign(os.fstat))
    monkeypatch.setattr(os, "lstat", foreign(os.lstat))
    store = damaged.open()
    assert [values_in(store, key) for key in KEYS].count(None) == 1
    assert len(damaged.said) == 1
    assert "belongs to another user" in damaged.said[0]


def test_a_missing_object_costs_its_entry(damaged: Damaged) -> None:
    damaged.objects[0].unlink()
    damaged.check(lost=1)


@pytest.mark.parametrize("room", ["entries", "objects"])
@pytest.mark.parametrize("damage", ["file", "link"])
def test_a_folder_replaced_by_something_else_is_mended(damaged: Damaged, room: str, damage: str) -> None:
    path = getattr(damaged, room)[0].parent
    shutil.rmtree(path)
    path.write_text("x") if damage == "file" else path.symlink_to("nowhere")
    store = damaged.open()
    assert all(values_in(store, key) in (None, values_of(key)) for key in KEYS)
    for key in KEYS:
        assert put(store, key)
    assert all(values_in(store, key) == values_of(key) for key in KEYS)


def test_deleting_while_reading_gives_a_miss(damaged: Damaged, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def vanishing(function: Callable[..., Any], at: int) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at:
                shutil.rmtree(damaged.root / "entries")
                shutil.rmtree(damaged.root / "objects")
            return function(*arguments, **named)

        return call

    for at in range(1, 30):
        calls = 0
        store = damaged.open()
        assert put(store, KEYS[0])
        fresh = damaged.open()
        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "lstat", "fstat", "read", "close", "utime"):
                patch.setattr(os, name, vanishing(getattr(os, name), at))
            entry = fresh.get(KEYS[0])
            paths = [entry and fresh.open(output) for output in (entry.outputs.values() if entry else ())]
        assert all(path is None or isinstance(path, bytes | Path) for path in paths)
        if calls < at:
            break
        (damaged.root / "entries").mkdir()
        (damaged.root / "objects").mkdir()
    assert at > 8


def test_a_right_checksum_around_wrong_content_is_no_exception(damaged: Damaged) -> None:
    from blake3 import blake3

    path = damaged.entries[0]
    for body in (b"", b"{}", b"[]", b'{"key":1}', b"\xff", b"[" * 100_000, path.read_bytes()[65:-1]):
        path.write_bytes(blake3(body).hexdigest().encode() + b"\n" + body)
        assert damaged.open().get(path.name) is None
        assert not path.exists()


@pytest.mark.parametrize("digest", ["../" * 20 + "etc", "A" * 64, "0" * 64 + "\n", ""])
def test_an_entry_cannot_point_out_of_the_store(digest: str) -> None:
    for output in (
        Output(kind="table", digest=digest, size=1),
        Output(kind="table", digest="0" * 64, size=1, suffix="/../../x"),
        Output(kind="table", digest="0" * 64, size=-1),
    ):
        data = encode(Entry(key=KEYS[0], created=0.0, outputs={"out": output}))
        with pytest.raises(ValueError, match=r"\$\.outputs"):
            decode(data, KEYS[0])


def test_without_a_listener_faults_are_logged(damaged: Damaged, caplog: pytest.LogCaptureFixture) -> None:
    damaged.entries[0].write_bytes(b"")
    assert Store(damaged.root).get(damaged.entries[0].name) is None
    assert [record.name for record in caplog.records] == ["nodeflow.store"]
    assert "is computed again: it is empty" in caplog.text
