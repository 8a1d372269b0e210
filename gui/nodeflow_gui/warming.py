"""Imports what a first look at data needs, soon after the window is shown and while nobody waits for it.

What knows nothing of Qt is imported in a thread. What does is imported by the thread of the window, in small steps: PySide
makes its types when they are first asked for, and a collection of garbage in another thread at that moment ends the program.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

PLAIN = (
    "numpy",
    "polars",
    "pyarrow.ipc",
    "narwhals",
    "multiprocessing.connection",  # this and what follows is for pyqtgraph
    "xml.etree.ElementTree",
    "cProfile",
    "pydoc",
)
OF_QT = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtSvg", "PySide6.QtTest", "pyqtgraph")
PLOT = "nodeflow_gui.inspector.plot"

AFTER = 1_000
"""Milliseconds from the window to the first import."""

_BETWEEN = 0.2
_TYPES_A_STEP = 40


def warm_up(application: QCoreApplication) -> threading.Thread:
    """Import all, one after the other, once the event loop runs; gives the thread for what knows nothing of Qt."""
    stopped = threading.Event()
    application.aboutToQuit.connect(stopped.set)
    bridge = _Bridge(application)
    thread = threading.Thread(target=_import_and_tell, args=(stopped, bridge), name="nodeflow-imports")
    # a function of our own, as Qt keeps no hold on the object of a bound method, and would call one that is gone
    QTimer.singleShot(AFTER, application, lambda: thread.start())
    return thread


def import_plain(stopped: threading.Event | None = None) -> None:
    """Import what knows nothing of Qt, in any thread; one that is missing is told by what needs it."""
    for name in PLAIN:
        if stopped is not None and stopped.is_set():
            return
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except ImportError:
                continue
            if stopped is not None:
                stopped.wait(_BETWEEN)


def import_of_qt() -> None:
    """Import what draws, in the thread of the window; raises `ImportError` if it is not installed."""
    for _ in _steps():
        pass


def _steps() -> Iterator[None]:
    if PLOT in sys.modules:
        return
    # pyqtgraph asks for all types at once, which would hold up the window
    for name in ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"):
        module = importlib.import_module(name)
        for place, type_name in enumerate(dir(module)):
            getattr(module, type_name)
            if place % _TYPES_A_STEP == 0:
                yield
    for name in (*OF_QT, PLOT):
        importlib.import_module(name)
        yield


class _Bridge(QObject):
    """Goes on in the thread of the window when the other one is done."""

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.done.connect(self._begin)
        self._left = _steps()
        self._timer = QTimer(self, interval=20)
        self._timer.timeout.connect(self._go_on)

    def _begin(self) -> None:
        self._timer.start()

    def _go_on(self) -> None:
        try:
            next(self._left)
        except (StopIteration, ImportError):
            self._timer.stop()


def _import_and_tell(stopped: threading.Event, bridge: _Bridge) -> None:
    import_plain(stopped)
    if not stopped.is_set():
        try:
            bridge.done.emit()
        except RuntimeError:  # the program ended meanwhile
            return
