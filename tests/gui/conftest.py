"""The editor's tests run without a display, and leave no window and no thread behind."""

from __future__ import annotations

import importlib.util
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("PYTEST_QT_API", "pyside6")

HAS_QT = importlib.util.find_spec("PySide6") is not None


class ModuleWithoutQt(pytest.Module):
    """A test module that is not even imported."""

    def collect(self) -> Any:
        pytest.skip(
            "PySide6 is not installed; pip install 'nodeflow[gui]' brings it", allow_module_level=True
        )


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return None if HAS_QT else ModuleWithoutQt.from_parent(parent, path=module_path)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """No window and no thread outlives the test that made it."""
    threads = set(threading.enumerate())
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    windows = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [str(one) for one in set(QApplication.topLevelWidgets()) - windows if one.isVisible()]
    assert not left, f"windows still open: {left}"
    alive = [one.name for one in set(threading.enumerate()) - threads if one.is_alive() and not one.daemon]
    assert not alive, f"threads still running: {alive}"
