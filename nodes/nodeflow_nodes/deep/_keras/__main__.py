"""The Keras process: does one job after the other for the engine's process, and keeps models warm.

Started as `python -m nodeflow_nodes.deep._keras`, with the environment that chooses backend and device.
A job is a line of standard input; a line "cancel" stops the one in hand. Messages go to what was standard
output; what libraries print goes to standard error. The end of input, as when the engine's process
has died, ends this one at once.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import traceback
from typing import Any

import msgspec

from nodeflow_nodes.deep._keras.channel import Channel, Job, Stopped


class _Jobs:
    """The jobs as they come, and the one in hand."""

    def __init__(self, channel: Channel) -> None:
        self.waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._channel = channel
        self._last: Job | None = None

    def listen(self) -> None:
        """Read lines until there are no more, then end the process."""
        with contextlib.suppress(OSError, ValueError):
            for line in sys.stdin.buffer:
                if line.strip() == b"cancel":
                    if self._last is not None:
                        self._last.stopping.set()
                    continue
                self._last = Job(msgspec.json.decode(line), self._channel)
                self.waiting.put(self._last)
        os._exit(0)


def main() -> None:
    """Import the backend, say so, then serve."""
    channel = Channel(os.dup(1))
    os.dup2(2, 1)
    # Ctrl-C reaches the whole process group; the engine decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = _Jobs(channel)
    threading.Thread(target=jobs.listen, daemon=True).start()
    try:
        from nodeflow_nodes.deep._keras.surroundings import facts

        channel.send({"is": "ready", **facts()})
    except BaseException as error:
        channel.send({"is": "unusable", "sentence": f"{type(error).__name__}: {error}"})
        os._exit(1)
    while True:
        _serve(jobs.waiting.get())


def _serve(job: Job) -> None:
    from nodeflow_nodes.deep._keras.applying import apply, evaluate
    from nodeflow_nodes.deep._keras.faults import Fault, is_out_of_memory
    from nodeflow_nodes.deep._keras.training import train

    work: dict[str, Any] = {"train": train, "apply": apply, "evaluate": evaluate}
    try:
        job.tell("done", **work[job.request["do"]](job))
    except Stopped:
        job.tell("cancelled")
    except Fault as fault:
        job.tell("failed", sentence=str(fault))
    except BaseException as error:
        if is_out_of_memory(error):
            job.tell("failed", sentence="not enough memory even for one sample at a time")
            return
        told = " ".join(str(error).split())
        job.tell(
            "failed", sentence=f"{type(error).__name__}: {told}", trace=traceback.format_exc(), is_bug=True
        )


if __name__ == "__main__":
    main()
