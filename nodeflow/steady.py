"""Numbers that come out bit for bit the same on any number of processors, run after run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def steady(*, parallel: bool = False) -> Iterator[None]:
    """Within, numeric libraries give the same bits each time.

    BLAS and OpenMP work in one thread, as they add up in another order on several, and NumPy's global
    generator, from which some methods without a seed of their own draw, begins at the same place. OpenMP is
    limited for the thread that enters; BLAS and the generator can only be held for the whole process, from
    the first that enters to the last that leaves.

    Args:
        parallel: leave OpenMP its threads, for code that gives the same bits on any number of them.
    """
    from threadpoolctl import threadpool_limits

    with _generator(), _blas():
        if parallel:
            yield
        else:
            with threadpool_limits(limits=1, user_api="openmp"):
                yield


class _Held:
    """A state of the process that the first taker sets and the last one gives back."""

    def __init__(self, take: Callable[[], Any], give_back: Callable[[Any], None]) -> None:
        self._take, self._give_back = take, give_back
        self._lock = threading.Lock()
        self._takers = 0
        self._before: Any = None

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._takers:
                self._before = self._take()
            self._takers += 1
        try:
            yield
        finally:
            with self._lock:
                self._takers -= 1
                if not self._takers:
                    self._give_back(self._before)


def _begin_generator() -> Any:
    import numpy as np

    before = np.random.get_state()
    np.random.seed(0)
    return before


def _put_back_generator(before: Any) -> None:
    import numpy as np

    np.random.set_state(before)


def _limit_blas() -> Any:
    from threadpoolctl import threadpool_limits

    return _in_a_thread(lambda: threadpool_limits(limits=1, user_api="blas"))


def _free_blas(limits: Any) -> None:
    _in_a_thread(limits.restore_original_limits)


def _in_a_thread(work: Callable[[], Any]) -> Any:
    """The result of work done in a thread that has ended.

    Of the threads that are alive, threadpoolctl lets only the one that limited BLAS free it again; the one
    that leaves last may be another.
    """
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


_generator = _Held(_begin_generator, _put_back_generator)
_blas = _Held(_limit_blas, _free_blas)
