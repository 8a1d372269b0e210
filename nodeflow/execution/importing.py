"""Imports by nodes in threads at the same time.

Python takes the lock of a module before it imports the package around it. A thread that imports `sklearn.base` so waits
for one that is within `sklearn` and wants its `base`; Python sees the deadlock and gives one of them half a module.
Where the package is imported first, both wait for the same lock.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_lock = threading.Lock()
_within = 0
_plain = builtins.__import__


@contextlib.contextmanager
def packages_first() -> Iterator[None]:
    """Within, in every thread, an import statement imports the outermost package before a part of it."""
    global _within, _plain
    with _lock:
        if not _within:
            _plain, builtins.__import__ = builtins.__import__, _import
        _within += 1
    try:
        yield
    finally:
        with _lock:
            _within -= 1
            if not _within and builtins.__import__ is _import:
                builtins.__import__ = _plain


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    package, dot, _ = name.partition(".")
    if dot and not level:
        spec = getattr(sys.modules.get(package), "__spec__", None)
        if package not in sys.modules or getattr(spec, "_initializing", False):
            _plain(package)  # waits for the thread that is within it
    return _plain(name, globals, locals, fromlist, level)
