"""A crash loses next to nothing, and a file that changed under one's hands is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nodeflow_gui.document import EditorDocument
from nodeflow_gui.document.recovery import left_over

import nodeflow as nf
from nodeflow.errors import DocumentError, NodeflowError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

EDITS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
application = QCoreApplication([])
from nodeflow_gui.document import EditorDocument
document = EditorDocument(recovery=Path(sys.argv[1]))
document.load(sys.argv[2])
count = 0
def edit():
    global count
    count += 1
    document.set_label("read", f"edit {count}")
    print(count, time.time(), flush=True)
timer = QTimer()
timer.timeout.connect(edit)
timer.start(50)
application.exec()
"""


def saved(folder: Path) -> Path:
    workflow = nf.Workflow("People")
    workflow.add("csv_reader", id="read", path="people.csv")
    workflow.save(folder / "people.json")
    return folder / "people.json"


def test_a_killed_editor_loses_at_most_two_seconds(tmp_path: Path) -> None:
    file = saved(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", EDITS, str(tmp_path / "recovery"), str(file)],
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        encoding="utf-8",
    )
    assert child.stdout is not None
    edits: list[tuple[int, float]] = []
    while not edits or edits[-1][1] - edits[0][1] < 2.5:
        count, moment = child.stdout.readline().split()
        edits.append((int(count), float(moment)))
    assert left_over(tmp_path / "recovery") == [], "the session is alive, nothing is left over yet"
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split()
    edits += [(int(a), float(b)) for a, b in zip(rest[::2], rest[1::2], strict=True)]
    child.wait()
    child.stdout.close()
    (found,) = left_over(tmp_path / "recovery")
    assert found.path == file
    kept = int(found.workflow.nodes["read"].label.removeprefix("edit "))
    moments = dict(edits)
    assert moments[len(edits)] - moments[kept] <= 2.0
    found.discard()
    assert list((tmp_path / "recovery").iterdir()) == []


def test_what_was_recovered_counts_as_unsaved_and_keeps_its_file(qtbot: QtBot, tmp_path: Path) -> None:
    file = saved(tmp_path)
    workflow = nf.load(file)
    workflow.nodes["read"].label = "recovered"
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.recover(workflow, file)
    assert document.is_modified
    document.save()
    assert not document.is_modified
    assert nf.load(file).nodes["read"].label == "recovered"
    document.close()


def test_saving_takes_the_recovery_file_away(qtbot: QtBot, tmp_path: Path) -> None:
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(saved(tmp_path))
    document.set_label("read", "all people")
    qtbot.waitUntil(
        lambda: document.journal.file is not None and document.journal.file.exists(), timeout=3000
    )
    document.save()
    assert document.journal.file is not None
    assert not document.journal.file.exists()
    document.undo_stack.undo()
    assert document.is_modified
    document.journal.write()
    document.undo_stack.redo()
    assert not document.is_modified
    assert not document.journal.file.exists(), "back at what is saved, nothing needs recovery"
    document.close()
    assert list((tmp_path / "recovery").glob("*")) == []


def test_a_broken_recovery_file_is_passed_over(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"path": "", "workflow": {"nodefl')
    (tmp_path / "other.json").write_text("[]")
    assert left_over(tmp_path) == []


def test_a_change_by_another_program_is_told_but_not_ones_own(qtbot: QtBot, tmp_path: Path) -> None:
    file = saved(tmp_path)
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(file)
    told: list[float] = []
    document.changed_on_disk.connect(lambda: told.append(time.time()))
    document.set_label("read", "mine")
    document.save()
    qtbot.wait(150)
    assert told == []
    assert not document.is_changed_on_disk()
    file.write_text(file.read_text().replace("mine", "theirs"))
    qtbot.waitUntil(lambda: bool(told), timeout=3000)
    assert document.is_changed_on_disk()
    document.load(file)
    assert not document.is_changed_on_disk()
    file.unlink()
    assert document.is_changed_on_disk()
    document.close()


def test_a_file_that_cannot_be_opened_leaves_the_workflow_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(saved(tmp_path))
    before = document.to_text()
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(DocumentError):
        document.load(tmp_path / "broken.json")
    assert document.to_text() == before
    document.new()
    with pytest.raises(NodeflowError, match="no file yet"):
        document.save()
    document.close()


def test_where_no_recovery_file_can_be_written_the_work_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "recovery").write_text("a file, where the folder should be")
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.recover(nf.load(saved(tmp_path)), None)
    assert document.is_modified
    assert not document.journal.is_kept()
    document.close()


def test_a_file_that_cannot_be_saved_elsewhere_stays_where_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(saved(tmp_path))
    with pytest.raises(NodeflowError):
        document.save(tmp_path / "missing" / "people.json")
    assert (document.path, document.folder) == (tmp_path / "people.json", tmp_path)
    (tmp_path / "other").mkdir()
    document.save(tmp_path / "other" / "people.json")
    assert document.folder == tmp_path / "other"
    document.close()


def test_a_file_saved_after_the_crash_is_another_one(qtbot: QtBot, tmp_path: Path) -> None:
    file = saved(tmp_path)
    document = EditorDocument(recovery=tmp_path / "recovery")
    written = file.stat().st_mtime
    document.recover(nf.load(file), file, written + 60)
    assert not document.is_changed_on_disk()
    document.recover(nf.load(file), file, written - 60)
    assert document.is_changed_on_disk()
    document.close()


def test_what_is_written_while_a_file_is_being_read_counts_as_a_change(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(tmp_path)
    load = nf.document.load

    def meanwhile(path: Path) -> nf.Workflow:
        workflow = load(path)
        file.write_text(file.read_text().replace("people.csv", "others.csv"))
        return workflow

    monkeypatch.setattr(nf.document, "load", meanwhile)
    document = EditorDocument(recovery=tmp_path / "recovery")
    document.load(file)
    assert document.is_changed_on_disk()
    document.close()
