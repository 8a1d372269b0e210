"""Results are put under a key, found by any process, and claimed by one at a time."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nodeflow.errors import StoreError
from nodeflow.execution import store as store_module
from nodeflow.execution.claims import Claims
from nodeflow.execution.store import Store, default_folder
from nodeflow.files import digest_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
LARGE = os.urandom(10_000)


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", on_fault=fail)


def fail(text: str) -> None:
    raise AssertionError(text)


def fork(work: Callable[[], int]) -> int:
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


def test_a_result_comes_back_with_all_that_was_said_of_it(store: Store) -> None:
    file = store.new_payload(".arrow")
    file.write_bytes(LARGE)
    outputs = {
        "table": store.add("table", file, meta={"rows": 3, "names": ["a", "ä"]}),
        "score": store.add("variables", b"{}"),
        "model": store.add("model", LARGE[::-1]),
    }
    assert not file.exists()
    assert store.put(
        key_of(1), outputs, node_type="filter", seconds=1.5, files={"/out.csv": "0" * 64}, info={"seed": 7}
    )

    found = Store(store.root).get(key_of(1))
    assert found is not None
    assert found.outputs == outputs
    assert (found.key, found.node_type, found.seconds) == (key_of(1), "filter", 1.5)
    assert (found.files, found.info) == ({"/out.csv": "0" * 64}, {"seed": 7})
    assert abs(found.created - time.time()) < 60
    assert found.outputs["table"].meta == {"rows": 3, "names": ["a", "ä"]}


def test_values_come_back_as_bytes_or_as_a_file(store: Store) -> None:
    small, large = store.add("variables", b"{}"), store.add("model", LARGE)
    file = store.new_payload(".skops")
    file.write_bytes(LARGE)
    named = store.add("model", file)
    assert store.open(small) == b"{}"
    for output, suffix in ((large, ""), (named, ".skops")):
        path = Store(store.root).open(output)
        assert isinstance(path, Path)
        assert path.read_bytes() == LARGE
        assert path.suffix == suffix
        assert (output.digest, output.size) == (digest_bytes(LARGE), len(LARGE))
    assert store.open_object(digest_bytes(LARGE), ".skops") == path


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.parametrize("size", [0, 1, 4096, 4097, 100_000])
def test_only_values_of_4_kib_and_less_are_kept_inside_the_entry(
    store: Store, size: int, as_file: bool
) -> None:
    data = os.urandom(size)
    payload: Path | bytes = data
    if as_file:
        payload = store.new_payload(".bin")
        payload.write_bytes(data)
    output = store.add("table", payload)
    assert (output.inline is not None) == (size <= 4096)
    assert (output.size, output.digest) == (size, digest_bytes(data))
    assert store.put(key_of(1), {"out": output})
    entry = Store(store.root).get(key_of(1))
    assert entry is not None
    back = store.open(entry.outputs["out"])
    assert (back.read_bytes() if isinstance(back, Path) else back) == data
    assert os.listdir(store.root / "tmp") == []


def test_a_key_that_was_never_put_is_not_found(store: Store) -> None:
    assert store.get(key_of(1)) is None
    assert key_of(1) not in store
    for name in ("", "..", "../../etc/passwd", key_of(1).upper(), "a" * 15, key_of(1) + "\n"):
        assert store.get(name) is None
        with pytest.raises(ValueError, match="not a cache key"):
            store.put(name, {})


def test_the_last_put_of_a_key_stays(store: Store) -> None:
    for seconds in (1.0, 2.0):
        store.put(key_of(1), {"out": store.add("table", LARGE)}, seconds=seconds)
    entry = store.get(key_of(1))
    assert entry is not None
    assert entry.seconds == 2.0
    assert store.info().objects == 1


def test_a_result_is_found_under_two_keys(store: Store) -> None:
    store.put(key_of(1), {"out": store.add("table", LARGE)}, also=(key_of(2),))
    assert store.remember(key_of(2), key_of(3))
    assert not store.remember(key_of(4), key_of(5))
    entries = [store.get(key_of(i)) for i in (1, 2, 3)]
    assert [entry and entry.key for entry in entries] == [key_of(1), key_of(2), key_of(3)]
    assert [entry and entry.outputs for entry in entries] == [entries[0] and entries[0].outputs] * 3
    assert store.info().objects == 1


def test_a_result_whose_object_is_gone_is_not_published(store: Store) -> None:
    output = store.add("table", LARGE)
    path = store.open(output)
    assert isinstance(path, Path)
    path.unlink()
    assert not store.put(key_of(1), {"out": output})
    assert store.get(key_of(1)) is None
    assert store.trouble is None  # the disk is well


@posix_only
def test_only_the_user_can_read_the_store(store: Store) -> None:
    file = store.new_payload()
    file.write_bytes(LARGE)
    file.chmod(0o644)
    store.put(key_of(1), {"a": store.add("table", file), "b": store.add("table", LARGE[1:])})
    store.settle()
    with store.claim(key_of(1)):
        pass
    for path in (store.root, *store.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@posix_only
def test_a_folder_that_others_can_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(StoreError, match="everyone can write"):
        Store(tmp_path)
    tmp_path.chmod(0o1777)
    Store(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for root in (tmp_path / "file", tmp_path / "file" / "below", "a\0b"):
        with pytest.raises(StoreError, match="cannot be used"):
            Store(root)


def test_a_store_of_another_format_is_refused_and_a_damaged_mark_mended(tmp_path: Path) -> None:
    Store(tmp_path).put(key_of(1), {})
    (tmp_path / "format").write_text("nodeflow-store 2\n")
    with pytest.raises(StoreError, match="is of format 2, this version uses 1"):
        Store(tmp_path)
    for text in ("", "nodeflow-st", "\0" * 10):
        (tmp_path / "format").write_text(text)
        assert Store(tmp_path).get(key_of(1)) is not None
        assert (tmp_path / "format").read_text() == "nodeflow-store 1\n"


@posix_only
def test_the_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", "/home/a")
    monkeypatch.setattr(store_module.sys, "platform", "linux")
    monkeypatch.delenv("NODEFLOW_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative is ignored")
    assert default_folder() == Path("/home/a/.cache/nodeflow")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_folder() == Path("/x/nodeflow")
    monkeypatch.setattr(store_module.sys, "platform", "darwin")
    assert default_folder() == Path("/home/a/Library/Caches/nodeflow")
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "own"))
    assert default_folder() == tmp_path / "own"
    assert Store().root == (tmp_path / "own").resolve()


def test_a_claim_keeps_other_threads_out(store: Store) -> None:
    other = Store(store.root)  # the same locks, though another object
    seen = []

    def look(wait: float) -> None:
        with other.claim(key_of(1), wait) as is_held:
            seen.append(is_held)

    with store.claim(key_of(1)) as is_held, store.claim(key_of(2)) as is_second_held:
        assert is_held
        assert is_second_held
        look(0.0)
        look(0.02)
        waiting = threading.Thread(target=look, args=(30.0,))
        waiting.start()
        time.sleep(0.05)
    waiting.join()
    look(0.0)
    assert seen == [False, False, True, True]


@posix_only
def test_a_claim_keeps_other_processes_out_until_the_holder_dies(store: Store, tmp_path: Path) -> None:
    def hold() -> int:
        with Store(store.root).claim(key_of(1)) as is_held:
            (tmp_path / "held").write_text(str(is_held))
            time.sleep(60)
        return 0

    with store.claim(key_of(2)):
        pid = fork(hold)
        while not (tmp_path / "held").exists() or (tmp_path / "held").read_text() != "True":
            time.sleep(0.005)
        with store.claim(key_of(1)) as is_held:
            assert not is_held
        with store.claim(key_of(1), wait=0.05) as is_held:
            assert not is_held
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with store.claim(key_of(1)) as is_held:
            assert is_held


@posix_only
def test_a_forked_child_does_not_carry_the_claims_of_its_parent_on(store: Store) -> None:
    def look() -> int:
        with store.claim(key_of(1)) as own, store.claim(key_of(2)) as other:
            return own * 2 + other

    with store.claim(key_of(1)):
        _, status = os.waitpid(fork(look), 0)
        assert os.waitstatus_to_exitcode(status) == 1
        with Store(store.root).claim(key_of(1)) as is_held:  # the child's end has not freed it
            assert not is_held


def test_without_locks_a_claim_is_not_held_and_does_not_wait(tmp_path: Path) -> None:
    claims = Claims(str(tmp_path / "missing" / "locks"))
    before = time.monotonic()
    assert not claims.acquire(1, 60.0)
    assert time.monotonic() - before < 1


@posix_only
def test_opening_removes_what_killed_processes_left(store: Store) -> None:
    def leave() -> int:
        store.new_payload(".arrow").write_bytes(LARGE)
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    os.waitpid(fork(leave), 0)
    mine = store.new_payload()
    mine.write_bytes(b"x")
    assert len(os.listdir(store.root / "tmp")) == 2
    assert list((Store(store.root).root / "tmp").iterdir()) == [mine]


@posix_only
def test_a_thousand_stores_leak_no_descriptor(tmp_path: Path) -> None:
    def use(number: int) -> None:
        store = Store(tmp_path / str(number % 20))
        with store.claim(key_of(number)):
            store.put(key_of(number), {"out": store.add("table", LARGE)})
        entry = store.get(key_of(number))
        assert entry is not None
        assert store.open(entry.outputs["out"])
        store.settle()

    use(0)
    before = len(os.listdir("/dev/fd"))
    for number in range(1_000):
        use(number)
    assert len(os.listdir("/dev/fd")) == before


def test_the_limit_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEFLOW_CACHE_LIMIT", "2GB")
    assert Store(tmp_path / "one").limit == 2_000_000_000
    monkeypatch.setenv("NODEFLOW_CACHE_LIMIT", "much")
    with pytest.raises(StoreError, match="NODEFLOW_CACHE_LIMIT"):
        Store(tmp_path / "two")
