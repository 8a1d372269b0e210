"""The start of the editor: the window first, then what takes longer."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from nodeflow.registry import Registry
from nodeflow_gui import translations
from nodeflow_gui.look.theme import apply
from nodeflow_gui.preferences import preferences
from nodeflow_gui.warming import warm_up
from nodeflow_gui.window.main_window import MainWindow

SWITCH_AFTER = 0.0005
"""Seconds after which another thread gives the interpreter to the window that waits for it."""


def run(files: list[Path], nodes_path: Sequence[Path] = ()) -> int:
    """Show the editor, with these files open; gives the exit code when all windows are closed.

    Python files with nodes of the user's own, or folders of them, are imported here for what they declare, and in
    the workers to run them.
    """
    registry = Registry.installed()
    for path in nodes_path:
        registry.add_path(path)
    preferences().nodes_path = [str(path.resolve()) for path in nodes_path]
    application = start()
    window = MainWindow(registry)
    window.show()
    warm_up(application)
    last = (
        [Path(name) for name in preferences().kept.recent_files[:1]] if preferences().kept.open_last else []
    )
    wanted = files or [path for path in last if path.exists()]
    QTimer.singleShot(0, window, lambda: _open(window, wanted))
    signal.signal(signal.SIGINT, lambda *_: window.work.quit())
    # Python only looks at signals between its own steps
    pulse = QTimer(interval=300)
    pulse.timeout.connect(lambda: None)
    pulse.start()
    return application.exec()


def start() -> QApplication:
    """The application with its style and language."""
    # each call into Qt gives the interpreter away; a thread at work, such as one that imports, would keep it for 5 ms
    sys.setswitchinterval(SWITCH_AFTER)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("nodeflow")
    application.setApplicationDisplayName("nodeflow")
    translations.install(application, preferences().kept.language)
    apply(application, preferences().kept.theme)
    return application


def _open(window: MainWindow, files: list[Path]) -> None:
    for path in files:
        window.files.open(path)
    window.files.offer_left_over()
