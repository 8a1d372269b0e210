"""Inspectors over sessions with real processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "running"))
from sessions import open_session, ran

__all__ = ["open_session", "ran"]


@pytest.fixture
def inspect(qtbot: Any, open_session: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Opens a workflow with an inspector on it."""
    from nodeflow_gui.inspector.inspector import Inspector

    made: list[Any] = []

    def make(workflow: Any) -> Any:
        session = open_session(workflow)
        inspector = Inspector(session, session.status)
        qtbot.addWidget(inspector)
        inspector.resize(1000, 400)
        inspector.show()
        made.append(inspector)
        return inspector

    yield make
    for inspector in made:
        inspector.close_jobs()
        inspector.close()
