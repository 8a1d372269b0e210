"""The lines between the engine's process and the Keras process: JSON, one message a line."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from nodeflow_nodes.deep._protocol import PROGRESS_INTERVAL


class Stopped(Exception):  # noqa: N818 - what happened, not a fault
    """The engine asked to stop the job."""


class Channel:
    """Lines to the engine's process; when it is gone there is nobody to work for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message. Numbers that are not finite arrive as null."""
        data = msgspec.json.encode(message) + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                os._exit(1)


class Job:
    """One job as the code that does it sees it: what is asked, and the way to tell how it goes."""

    def __init__(self, request: Mapping[str, Any], channel: Channel) -> None:
        self.request = request
        self.stopping = threading.Event()
        self._channel = channel
        self._told = -PROGRESS_INTERVAL

    def tell(self, kind: str, **facts: Any) -> None:
        """Send a message of this job."""
        self._channel.send({"job": self.request["job"], "is": kind, **facts})

    def is_time_to_tell(self) -> bool:
        """Whether the last progress is long enough ago for another."""
        now = time.monotonic()
        if now - self._told < PROGRESS_INTERVAL:
            return False
        self._told = now
        return True

    def check(self) -> None:
        """Raise `Stopped` if the engine asked to stop."""
        if self.stopping.is_set():
            raise Stopped
