"""Several processes share one store while some are killed and one evicts."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nodeflow.execution.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from nodeflow.execution.store import Output

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks")


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def value_of(key: str) -> bytes:
    return key.encode() * (1 + int(key[:4], 16) % 200)


def read(store: Store, output: Output) -> bytes | None:
    """A stored value; None when it was evicted, perhaps between asking for its file and opening it."""
    found = store.open(output)
    try:
        return found.read_bytes() if isinstance(found, Path) else found
    except FileNotFoundError:
        return None


class Workers:
    """Forked processes; what one raised is kept in a file."""

    def __init__(self, folder: Path) -> None:
        self._failures = folder / "failures"
        self._running: dict[int, Callable[[], None]] = {}

    def start(self, work: Callable[[], None]) -> None:
        with warnings.catch_warnings():  # Python 3.12 warns of threads, which the child does not use
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid:
            self._running[pid] = work
            return
        try:
            work()
        except BaseException:
            with open(self._failures, "a") as file:
                file.write(traceback.format_exc())
        finally:
            os._exit(0)

    def kill_one_and_start_it_again(self, chance: random.Random) -> None:
        pid = chance.choice(list(self._running))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.start(self._running.pop(pid))

    def wait(self) -> None:
        for pid in self._running:
            os.waitpid(pid, 0)
        assert not self._failures.exists(), self._failures.read_text()


def run(root: Path, seed: int, until: float, *, evict: bool) -> None:
    """Put and get results at random until the time is up; a wrong value or a fault is an error."""
    chance = random.Random(seed + os.getpid())

    def fault(text: str) -> None:
        # while another evicts what is in use, an entry may outlive its object for a moment
        assert evict, text
        assert "is missing" in text, text

    while time.monotonic() < until:
        store = Store(root, limit=2_000_000, on_fault=fault)
        for _ in range(50):
            key = key_of(chance.randrange(300))
            entry = store.get(key)
            if entry is not None:
                data = read(store, entry.outputs["out"])
                assert data == value_of(key) or (evict and data is None)
            with store.claim(key, wait=0.001):
                file = store.new_payload(".bin")
                file.write_bytes(value_of(key))
                assert store.put(key, {"out": store.add("table", file)}, seconds=chance.random()) or evict
        if evict and chance.random() < 0.2:
            store.prune(chance.randrange(1_000_000), keep_recent=False)
        store.settle()


def share(root: Path, folder: Path, seconds: float, *, evict: bool) -> int:
    """Let four processes use the store at `root` and kill one again and again; returns the kills."""
    until = time.monotonic() + seconds
    chance = random.Random(1)
    workers = Workers(folder)
    for seed in range(4):
        workers.start(lambda seed=seed: run(root, seed, until, evict=evict))  # type: ignore[misc]
    kills = 0
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.005, 0.05))
        workers.kill_one_and_start_it_again(chance)
        kills += 1
    workers.wait()
    return kills


def check(root: Path) -> None:
    """All that is left is whole, and nothing is left of the killed."""
    store = Store(root)
    assert os.listdir(root / "tmp") == []
    store.settle()
    for name in range(300):
        entry = store.get(key_of(name))
        if entry is not None:
            assert read(store, entry.outputs["out"]) == value_of(key_of(name))
    assert store.verify() == []


def test_four_processes_and_kills_give_no_wrong_result_and_no_fault(tmp_path: Path) -> None:
    assert share(tmp_path / "cache", tmp_path, 4.0, evict=False) > 20
    check(tmp_path / "cache")


def test_eviction_at_the_same_time_costs_only_misses(tmp_path: Path) -> None:
    assert share(tmp_path / "cache", tmp_path, 4.0, evict=True) > 20
    check(tmp_path / "cache")


@pytest.mark.slow
@pytest.mark.parametrize("evict", [False, True])
def test_sharing_for_a_minute(tmp_path: Path, evict: bool) -> None:
    assert share(tmp_path / "cache", tmp_path, 60.0, evict=evict) > 300
    check(tmp_path / "cache")


def test_with_claims_a_key_is_computed_once(tmp_path: Path) -> None:
    log = tmp_path / "computed"
    log.touch()

    def compute_all() -> None:
        store = Store(tmp_path / "cache")
        for name in range(60):
            key = key_of(name)
            if store.get(key) is None:
                with store.claim(key, wait=30.0) as is_held:
                    assert is_held
                    if store.get(key) is None:
                        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
                        os.write(descriptor, f"{name}\n".encode())
                        os.close(descriptor)
                        time.sleep(0.002)
                        store.put(key, {"out": store.add("table", value_of(key))})

    workers = Workers(tmp_path)
    for _ in range(4):
        workers.start(compute_all)
    workers.wait()
    assert Counter(log.read_text().split()) == {str(name): 1 for name in range(60)}
