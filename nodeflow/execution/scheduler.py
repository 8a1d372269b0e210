"""The scheduler: which step may start next. Pure state, no threads, no clock, no recursion."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

Priority = tuple[int, float, int]


class Scheduler:
    """Hands out steps whose sources are finished: views first, then the longest path ahead.

    Args:
        sources: the steps each step waits for, in topological order.
        first: steps that go before all others when they are ready.
        cost: expected seconds of a step, for the critical path; 1 where unknown.
        slots: the named resources each step needs while it runs.
        limits: how many of each named resource there are; 1 where not given.
    """

    def __init__(
        self,
        sources: Mapping[str, Sequence[str]],
        *,
        first: Iterable[str] = (),
        cost: Mapping[str, float] | None = None,
        slots: Mapping[str, Sequence[str]] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self._users: dict[str, list[str]] = {name: [] for name in sources}
        self._waiting: dict[str, int] = {}
        for name, needs in sources.items():
            self._waiting[name] = len(needs)
            for need in needs:
                self._users[need].append(name)
        favoured, costs = set(first), cost or {}
        ahead: dict[str, float] = {}
        for name in reversed(self._users):
            ahead[name] = costs.get(name, 1.0) + max((ahead[user] for user in self._users[name]), default=0.0)
        self._priority: dict[str, Priority] = {
            name: (0 if name in favoured else 1, -ahead[name], index) for index, name in enumerate(sources)
        }
        self._slots = slots or {}
        self._free = dict(limits or {})
        self._held_back: dict[str, list[tuple[Priority, str]]] = {}
        self._ready: list[tuple[Priority, str]] = [
            (self._priority[name], name) for name, count in self._waiting.items() if count == 0
        ]
        heapq.heapify(self._ready)
        self._open = len(self._waiting)
        self._taken: set[str] = set()

    @property
    def is_finished(self) -> bool:
        """Whether every step has finished, failed or been dropped."""
        return self._open == 0

    def next(self) -> str | None:
        """Take the best step that may start now; None if there is none."""
        while self._ready:
            priority, name = heapq.heappop(self._ready)
            short = next(
                (slot for slot in self._slots.get(name, ()) if self._free.setdefault(slot, 1) < 1), None
            )
            if short is None:
                for slot in self._slots.get(name, ()):
                    self._free[slot] -= 1
                self._taken.add(name)
                return name
            self._held_back.setdefault(short, []).append((priority, name))
        return None

    def finish(self, name: str) -> None:
        """A step that was taken is done: its users may become ready."""
        self._release(name)
        for user in self._users[name]:
            if user not in self._waiting:
                continue
            self._waiting[user] -= 1
            if self._waiting[user] == 0:
                heapq.heappush(self._ready, (self._priority[user], user))

    def fail(self, name: str) -> list[str]:
        """A step that was taken failed: all that depends on it is dropped and given back, in order."""
        self._release(name)
        dropped: list[str] = []
        reached = [name]
        for one in reached:
            for user in self._users[one]:
                if user in self._waiting:
                    del self._waiting[user]
                    self._open -= 1
                    dropped.append(user)
                    reached.append(user)
        return dropped

    def drop_rest(self) -> list[str]:
        """Drop every step that was not taken yet, and give them back."""
        rest = [name for name in self._waiting if name not in self._taken]
        for name in rest:
            del self._waiting[name]
        self._open -= len(rest)
        self._ready.clear()
        self._held_back.clear()
        return rest

    def _release(self, name: str) -> None:
        del self._waiting[name]
        self._taken.discard(name)
        self._open -= 1
        for slot in self._slots.get(name, ()):
            self._free[slot] += 1
            for entry in self._held_back.pop(slot, ()):
                heapq.heappush(self._ready, entry)
