"""What a first look at data needs is imported after the window is shown, and not before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
from PySide6.QtCore import QTimer
from nodeflow_gui import application, warming

warming.AFTER = 1
app = application.start()
stopped = threading.Event()
stopped.set()
warming.import_all(stopped)
print(sorted({"numpy", "polars", "pyarrow", "pyqtgraph"} & set(sys.modules)))
thread = warming.warm_up(app)
timer = QTimer(interval=20)
timer.timeout.connect(lambda: app.quit() if set(warming.LIBRARIES) <= set(sys.modules) else None)
timer.start()
app.exec()
thread.join()
print(set(warming.LIBRARIES) - set(sys.modules))
"""


def test_libraries_are_imported_once_the_event_loop_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == ["[]", "set()"], done.stderr
