"""A full, broken or read-only disk costs the results, not the run."""

from __future__ import annotations

import errno
import hashlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nodeflow.execution.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX only")

KEY = hashlib.sha256(b"key").hexdigest()
VALUES = {"small": b"small" * 40, "large": b"large" * 2_500}


def values_in(store: Store, key: str) -> dict[str, bytes] | None:
    """What a run gets for a key; None when it has to compute."""
    entry = store.get(key)
    if entry is None:
        return None
    found = {port: store.open(output) for port, output in entry.outputs.items()}
    return {
        port: each.read_bytes() if isinstance(each, Path) else each or b"" for port, each in found.items()
    }


@posix_only
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_any_single_failing_call_keeps_the_run_going(tmp_path: Path, code: int) -> None:
    refused = 0
    for at in range(1, 60):
        root = tmp_path / str(at)
        said: list[str] = []
        store = Store(root, on_fault=said.append)
        count = 0

        def failing(function: Callable[..., Any], at: int = at) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                nonlocal count
                count += 1
                if count == at:
                    raise OSError(code, os.strerror(code))
                return function(*arguments, **named)

            return call

        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "write", "replace", "mkdir", "utime"):
                patch.setattr(os, name, failing(getattr(os, name)))
            outputs = {port: store.add("table", value) for port, value in VALUES.items()}
            is_kept = store.put(KEY, outputs)
        refused += not is_kept
        assert (store.trouble is None) == is_kept == (not said)
        assert os.listdir(root / "tmp") == []
        assert values_in(Store(root), KEY) == (VALUES if is_kept else None)
        assert Store(root).verify() == []
        if count < at:
            break
    assert refused >= 6


def test_a_full_disk_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    store = Store(tmp_path, on_fault=said.append)
    monkeypatch.setattr(os, "write", full)
    results = [store.put(KEY, {"out": store.add("table", b"x" * 9_000)}) for _ in range(5)]
    assert results == [False] * 5
    assert store.trouble is not None
    assert store.trouble.endswith("No space left on device")
    assert said == [store.trouble]


@posix_only
def test_a_limit_on_file_sizes_keeps_the_run_going(tmp_path: Path) -> None:
    import resource

    def work(limit: int) -> int:
        store = Store(tmp_path, on_fault=lambda text: None)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        outputs = {port: store.add("table", value) for port, value in VALUES.items()}
        return 0 if store.put(KEY, outputs) else 3

    Store(tmp_path)
    codes = []
    for limit in range(0, 14_000, 400):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            code = 99
            try:
                code = work(limit)
            finally:
                os._exit(code)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        assert os.listdir(tmp_path / "tmp") == []
        assert values_in(Store(tmp_path), KEY) == (VALUES if codes[-1] == 0 else None)
    assert codes == sorted(codes, reverse=True)
    assert set(codes) == {0, 3}
