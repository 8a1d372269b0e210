"""Imports what a first look at data needs, soon after the window is shown and while nobody waits for it.

Each import is in a thread, but some libraries hold the interpreter while they are loaded: better at rest than when
a person has just clicked.
"""

from __future__ import annotations

import importlib
import sys
import threading

from PySide6.QtCore import QCoreApplication, QTimer

LIBRARIES = ("numpy", "polars", "pyarrow.ipc", "narwhals", "pyqtgraph", "nodeflow_gui.inspector.plot")

AFTER = 1_000
"""Milliseconds from the window to the first import."""

_BETWEEN = 0.2


def warm_up(application: QCoreApplication) -> threading.Thread:
    """Import the libraries, one after the other, once the event loop runs; gives the thread that will."""
    stopped = threading.Event()
    application.aboutToQuit.connect(stopped.set)
    thread = threading.Thread(target=import_all, args=(stopped,), name="nodeflow-imports")
    # a function of our own, as Qt keeps no hold on the object of a bound method, and would call one that is gone
    QTimer.singleShot(AFTER, application, lambda: thread.start())
    return thread


def import_all(stopped: threading.Event) -> None:
    """Import the libraries until told to stop; one that is missing is told by what needs it."""
    for name in LIBRARIES:
        if stopped.is_set():
            return
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except ImportError:
                continue
            stopped.wait(_BETWEEN)
