"""The store stays within its limit, and what is dear, new or in use stays in the store."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeflow.execution.eviction import Candidate, choose
from nodeflow.execution.store import Store

HOUR = 3600.0
NOW = 1e9


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def put(store: Store, name: object, *, size: int = 10_000, seconds: float = 1.0, node_type: str = "") -> str:
    data = (key_of(name) * (size // 64 + 1))[:size].encode()
    assert store.put(key_of(name), {"out": store.add("table", data)}, seconds=seconds, node_type=node_type)
    return key_of(name)


def age(store: Store, hours: float) -> None:
    """Make all of the store look as if it was used last some hours ago."""
    for path in store.root.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - hours * HOUR,) * 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def left(store: Store) -> set[str]:
    return {path.name for path in (store.root / "entries").rglob("*") if path.is_file()}


def candidate(
    name: str, *, size: int = 100, hours: float = 10, seconds: float = 1.0, objects: str = ""
) -> Candidate:
    return Candidate(name, size, NOW - hours * HOUR, seconds, frozenset(objects))


def names(chosen: list[Candidate]) -> str:
    return "".join(each.path for each in chosen)


def test_cheap_goes_before_dear_large_before_small_old_before_new() -> None:
    pairs = [
        (candidate("a", seconds=1), candidate("b", seconds=10)),
        (candidate("a", size=1_000), candidate("b", size=100)),
        (candidate("a", hours=50), candidate("b", hours=5)),
        (candidate("a", objects="x"), candidate("b", objects="y")),
    ]
    for one, two in pairs:
        assert names(choose([two, one], {"x": 5_000, "y": 50}, 1, NOW)) == "a"


def test_what_was_used_within_the_hour_stays_unless_asked() -> None:
    candidates = [candidate("a", hours=0.9), candidate("b", hours=1.1, seconds=100)]
    assert names(choose(candidates, {}, 1_000, NOW)) == "b"
    assert names(choose(candidates, {}, 1_000, NOW, keep_recent=False)) == "ab"


def test_a_clock_that_was_set_back_makes_nothing_stay_for_ever() -> None:
    assert names(choose([candidate("a", hours=-1_000)], {}, 1, NOW)) == "a"


def test_a_shared_object_counts_when_its_last_entry_goes() -> None:
    candidates = [candidate(name, objects="x") for name in "abc"]
    assert len(choose(candidates, {"x": 1_000}, 250, NOW)) == 3
    assert len(choose(candidates, {"x": 1_000}, 150, NOW)) == 2


@given(
    st.lists(
        st.builds(
            Candidate,
            st.uuids().map(str),
            st.integers(0, 1_000),
            st.floats(0, NOW),
            st.floats(0, 1e6),
            st.frozensets(st.sampled_from("xyz")),
        ),
        max_size=8,
    ),
    st.integers(0, 5_000),
)
def test_enough_is_chosen_and_never_one_too_many(candidates: list[Candidate], excess: int) -> None:
    sizes = {"x": 10, "y": 500, "z": 2_000}

    def freed(chosen: list[Candidate]) -> int:
        kept = {path for each in candidates if each not in chosen for path in each.objects}
        gone = {path for each in chosen for path in each.objects} - kept
        return sum(each.size for each in chosen) + sum(sizes[path] for path in gone)

    chosen = choose(candidates, sizes, excess, NOW, keep_recent=False)
    assert freed(chosen) >= excess or len(chosen) == len(candidates)
    assert not chosen or freed(chosen[:-1]) < excess


def test_a_store_over_its_limit_is_brought_below_it_at_the_end_of_a_run(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=100_000)
    for name in range(20):
        put(store, name, seconds=name)
    age(store, 5)
    dear = put(store, "new", seconds=0)
    store.settle()
    assert 60_000 < store.info().bytes <= 90_000
    assert left(store) == {dear, *(key_of(name) for name in range(13, 20))}
    assert store.verify() == []
    assert all(key in store for key in left(store))


def test_a_store_within_its_limit_is_not_scanned_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nodeflow.execution import eviction

    store = Store(tmp_path)
    put(store, 1)
    store.settle()
    assert int((tmp_path / "usage").read_text().split()[1]) == store.info().bytes
    monkeypatch.setattr(eviction, "entries_of", lambda files: pytest.fail("scanned"))
    store.settle()
    for name in range(10):
        put(store, name)
        store.settle()
    text = (tmp_path / "usage").read_text().split()
    assert len(text) == 12
    assert sum(map(int, text[1:])) >= store.info().bytes


@pytest.mark.parametrize("text", ["", "x\ny\n", "1\n2\n", "5", "9" * 100_000, "-\n-\n"])
def test_a_damaged_or_old_hint_is_counted_afresh(store: Store, text: str) -> None:
    put(store, 1)
    (store.root / "usage").write_text(text)
    store.settle()
    assert int((store.root / "usage").read_text().split()[1]) == store.info().bytes


def test_objects_of_no_entry_go_after_an_hour(store: Store) -> None:
    put(store, 1)
    output = store.add("table", b"x" * 9_000)
    assert store.prune() == 0
    age(store, 2)
    assert store.prune() == 9_000
    assert store.open(output) is None
    assert key_of(1) in store


def test_an_object_that_is_used_again_stays_for_its_entry(store: Store) -> None:
    output = store.add("table", b"x" * 9_000)
    age(store, 2)
    assert store.put(key_of(1), {"out": output})
    next((store.root / "entries").rglob("*/*")).unlink()  # as if it were about to be written
    assert store.prune() == 0
    assert store.open(output) is not None


def test_using_an_entry_keeps_it(store: Store) -> None:
    for name in "abc":
        put(store, name)
    age(store, 5)
    assert key_of("b") in Store(store.root)
    before = store.info().bytes
    assert store.prune(0) == before - store.info().bytes > 20_000
    assert left(store) == {key_of("b")}


def test_looking_at_the_store_keeps_nothing(store: Store) -> None:
    put(store, 1)
    age(store, 5)
    store.info()
    store.prune()
    assert store.prune(0) > 0
    assert left(store) == set()


def test_pruning_removes_damaged_entries_and_what_is_no_file(store: Store) -> None:
    keys = [put(store, name) for name in range(3)]
    paths = [store.root / "entries" / key[:2] / key for key in keys]
    paths[0].write_bytes(b"x")
    paths[1].unlink()
    paths[1].mkdir()
    (paths[1] / "file").write_text("x")
    store.prune()
    assert [path.exists() for path in paths] == [False, False, True]


def test_pruning_all_and_clearing_leave_an_empty_store(store: Store) -> None:
    for empty in (lambda: store.prune(0, keep_recent=False), store.clear):
        keys = [put(store, name) for name in range(5)]
        stranger = store.root / "entries" / "README"
        stranger.write_text("x")
        empty()
        assert not any(key in store for key in keys)
        info = store.info()
        assert (info.entries, info.objects, info.bytes, info.oldest) == (0, 0, 0, None)
        assert stranger.exists()
        assert put(store, 1) in store


def test_only_one_process_prunes_at_a_time(store: Store) -> None:
    put(store, 1)
    with store.claim("f" * 64):
        assert store.prune(0, keep_recent=False) == 0
    assert store.prune(0, keep_recent=False) > 0


def test_info_counts_by_node_type(store: Store) -> None:
    put(store, 1, node_type="filter", seconds=1.5)
    put(store, 2, node_type="filter", seconds=1.0, size=100)
    put(store, 3, node_type="join", size=20_000)
    store.remember(key_of(3), key_of(4))
    info = store.info()
    assert (info.entries, info.objects) == (4, 2)
    assert info.bytes == sum(p.stat().st_size for p in store.root.rglob("??/*"))
    assert info.oldest is not None
    assert abs(info.oldest - time.time()) < 60
    assert info.by_type["filter"].entries == 2
    assert info.by_type["filter"].seconds == 2.5
    assert 20_000 < info.by_type["join"].bytes < 22_000
    assert sum(each.bytes for each in info.by_type.values()) == info.bytes
