"""Trials side by side on all processors, to be cancelled at any time."""

from __future__ import annotations

import concurrent.futures
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from nodeflow.errors import Cancelled
from nodeflow.steady import steady

if TYPE_CHECKING:
    from nodeflow.node import Context

T = TypeVar("T")


class Trials:
    """Does pieces of work in threads; the libraries that learn let go of Python's lock meanwhile.

    Use it in a `with` block. Warnings that come up are told to the user once each.
    """

    def __init__(self, context: Context, what: str) -> None:
        self._context = context
        self._what = what
        self._stop = threading.Event()

    def __enter__(self) -> Trials:
        self._pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self._catching = warnings.catch_warnings(record=True)
        self._caught = self._catching.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, *error: Any) -> None:
        self._stop.set()
        self._pool.shutdown(wait=error[0] is None, cancel_futures=True)
        from nodeflow_nodes.mining._training import advice

        found = [advice(one.category.__name__, str(one.message)) for one in self._caught or ()]
        self._catching.__exit__(*error)
        for text in dict.fromkeys(filter(None, found)):
            many = f" ({found.count(text)} times)" if found.count(text) > 1 else ""
            self._context.warn(text + many)

    def run(self, work: Sequence[Callable[[], T]], done: int = 0, total: int | None = None) -> list[T]:
        """The results in order; `done` of `total` pieces were done before, for telling how far it is."""
        return [result for _, result in sorted(self.as_they_end(work, done, total), key=lambda pair: pair[0])]

    def as_they_end(
        self, work: Sequence[Callable[[], T]], done: int = 0, total: int | None = None
    ) -> Iterator[tuple[int, T]]:
        """Place and result of each piece as it ends; raises what a piece raises, and `Cancelled`."""
        waiting = {self._pool.submit(self._guarded, piece): place for place, piece in enumerate(work)}
        total = total or len(work)
        while waiting:
            ended, _ = concurrent.futures.wait(
                waiting, timeout=0.1, return_when=concurrent.futures.FIRST_COMPLETED
            )
            self._context.check_cancelled()
            for one in ended:
                place = waiting.pop(one)
                done += 1
                yield place, one.result()
                self._context.progress(done / total, f"{done:,} of {total:,} {self._what}")

    def _guarded(self, piece: Callable[[], T]) -> T:
        if self._stop.is_set():
            raise Cancelled("cancelled")
        # the threads of each piece would stand in the way of those of the others, too
        with steady():
            return piece()
