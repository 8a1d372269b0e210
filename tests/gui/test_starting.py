"""The editor as a program of its own: it starts, stays, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "workflows" / "sales_by_town.json"


@pytest.mark.skipif(os.name != "posix", reason="a signal ends the program")
def test_the_editor_stays_until_it_is_told_to_end(tmp_path: Path) -> None:
    places = ("NODEFLOW_CONFIG_DIR", "NODEFLOW_CACHE_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME")
    process = subprocess.Popen(
        [sys.executable, "-m", "nodeflow", "gui", EXAMPLE],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **{one: str(tmp_path / one) for one in places}},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(5)  # past the imports that follow on the window
    assert process.poll() is None, process.communicate()[1]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "Traceback" not in told
