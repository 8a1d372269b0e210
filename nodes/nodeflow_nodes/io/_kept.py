"""What was found out by reading files, kept while the files stay as they are.

A node is asked for its columns again and again while a workflow is edited, and reads the same file then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from nodeflow.node import Node

T = TypeVar("T")

_YOUNG = 2_000_000_000  # nanoseconds: a file may change within the grain of its time


class Kept(Generic[T]):
    """The last few results, each for a node's parameters and the state of its files."""

    def __init__(self, most: int = 8, most_bytes: int = 1 << 30) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._found: dict[Any, T] = {}

    def get(self, node: Node, files: Sequence[str], make: Callable[[], T]) -> T:
        """The kept result, or that of `make`, which is kept unless the files are young or large."""
        states = [os.stat(file) for file in files]
        times = tuple((state.st_ino, state.st_size, state.st_mtime_ns) for state in states)
        key = (type(node), repr(node.to_json()), tuple(files), times)
        if key in self._found:
            return self._found[key]
        made = make()
        newest = max((state.st_mtime_ns for state in states), default=0)
        if time.time_ns() - newest >= _YOUNG and sum(state.st_size for state in states) <= self._most_bytes:
            while len(self._found) >= self._most:
                self._found.pop(next(iter(self._found), None), None)
            self._found[key] = made
        return made
