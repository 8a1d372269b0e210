"""What a first look at data needs is imported after the window is shown, and not before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
from PySide6.QtCore import QTimer
from nodeflow_gui import application, warming

warming.AFTER = 1
WANTED = {*warming.PLAIN, *warming.OF_QT, warming.PLOT}
app = application.start()
stopped = threading.Event()
stopped.set()
warming.import_plain(stopped)
print(sorted({"numpy", "polars", "pyarrow", "pyqtgraph"} & set(sys.modules)))
thread = warming.warm_up(app)
timer = QTimer(interval=20)
timer.timeout.connect(lambda: app.quit() if WANTED <= set(sys.modules) else None)
timer.start()
app.exec()
thread.join()
print(WANTED - set(sys.modules))
"""


def test_libraries_are_imported_once_the_event_loop_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == ["[]", "set()"], done.stderr


def test_what_knows_of_qt_is_imported_by_the_thread_of_the_window() -> None:
    """PySide makes types as they are asked for; garbage collected meanwhile in another thread ends the program."""
    script = SCRIPT.replace(
        "thread = warming.warm_up(app)",
        """import builtins
plain, wrong = builtins.__import__, []
def watched(name, *more, **named):
    if name.partition(".")[0] in ("PySide6", "pyqtgraph") and threading.current_thread() is not threading.main_thread():
        wrong.append(name)
    return plain(name, *more, **named)
builtins.__import__ = watched
thread = warming.warm_up(app)""",
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nprint(wrong)"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == ["[]", "set()", "[]"], done.stderr
