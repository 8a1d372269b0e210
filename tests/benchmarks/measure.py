"""Timing whole processes: wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any


def process(command: Sequence[str], *, repeat: int = 1, **options: Any) -> tuple[float, float]:
    """The best wall time in seconds of a command and the largest peak of it and its children, in MB."""
    # compiled modules are kept, as they are for every user
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    best, peak = float("inf"), 0.0
    for _ in range(repeat):
        started = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, **options
        )
        assert child.stderr is not None
        told = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        best = min(best, time.perf_counter() - started)
        if status:
            raise RuntimeError(f"{' '.join(command)} failed:\n{told.decode()[-3000:]}")
        peak = max(peak, usage.ru_maxrss / 1024)
    return best, peak


def python(source: str, *arguments: str, repeat: int = 1, **options: Any) -> tuple[float, float]:
    """`process` for a Python script given as text."""
    return process([sys.executable, "-c", source, *arguments], repeat=repeat, **options)


def row(name: str, measured: float, unit: str, budget: float | None = None) -> dict[str, Any]:
    """One line of the table."""
    return {"name": name, "measured": measured, "unit": unit, "budget": budget}
