"""Sessions with real processes, whose results go to a folder of the test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from nodeflow.registry import Registry
from nodeflow.workflow import Workflow

HOSTILE = Path(__file__).parents[2] / "execution" / "hostile_nodes.py"
EXAMPLES = Path(__file__).parents[3] / "workflows"


@pytest.fixture
def open_session(qtbot: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a workflow, or an empty document; afterwards no process is left."""
    from nodeflow_gui.document.document import EditorDocument
    from nodeflow_gui.running.session import RunOptions, Session
    from nodeflow_gui.running.status import Status

    opened: list[Any] = []
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    def make(workflow: Workflow | Path | None = None, *, hostile: bool = False) -> Any:
        registry = Registry.installed()
        if hostile:
            registry.add_path(HOSTILE)
        document = EditorDocument(registry, recovery=tmp_path / "recovery")
        if isinstance(workflow, Path):
            document.load(workflow)
        elif workflow is not None:
            document.new(workflow)
        options = RunOptions(cache_folder=tmp_path / "cache", nodes_path=[str(HOSTILE)] if hostile else [])
        session = Session(document, Status(), options)
        session.status.setParent(session)
        opened.append(session)
        return session

    yield make
    for session in opened:
        session.close()
        session.document.close()
        session.deleteLater()
    left = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=3)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    assert not alive, f"processes are left: {alive}"


@pytest.fixture
def ran(qtbot: Any) -> Callable[..., Any]:
    """Runs a session to the end; gives the last word."""

    def run(session: Any, targets: tuple[str, ...] = (), timeout: int = 60_000) -> Any:
        with qtbot.waitSignal(session.ended, timeout=timeout) as last:
            session.run(targets)
        return last.args[0]

    return run
