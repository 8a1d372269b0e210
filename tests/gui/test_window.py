"""The window, as a person uses it: begin, build, run, look, save, come back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from nodeflow_gui.preferences import Preferences
from nodeflow_gui.window import dialogs
from nodeflow_gui.window.commands import COMMANDS
from nodeflow_gui.window.dropping import is_workflow, reader_for
from nodeflow_gui.window.everywhere import Hit, matching
from nodeflow_gui.window.examples import examples, sketch_of
from nodeflow_gui.window.main_window import MainWindow
from nodeflow_gui.window.page import WorkflowPage
from nodeflow_gui.window.problems import ProblemsPanel
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from nodeflow.registry import Registry

REGISTRY = Registry.installed()
CSV = "name,age,income\nAda,36,10.5\nGrace,85,20.0\nAlan,41,\nEdsger,72,12.0\n"
SECOND = 1000


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEFLOW_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def kept(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "config")


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, kept: Preferences) -> Iterator[MainWindow]:
    made = MainWindow(REGISTRY, kept=kept)
    made.resize(1300, 800)
    made.show()
    yield made
    for page in list(made.pages):
        page.document.undo_stack.setClean()
    made.close()
    QApplication.processEvents()


def data_file(folder: Path, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(CSV, encoding="utf-8")
    return path


def drop(window: MainWindow, *paths: Path, place: QPointF = QPointF(400, 300)) -> None:  # noqa: B008
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        place,
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def wait_for_check(qtbot: QtBot, page: WorkflowPage) -> None:
    with qtbot.waitSignal(page.session.checked, timeout=60 * SECOND):
        page.session.check_soon()


def run_to_end(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    assert page is not None
    with qtbot.waitSignal(page.session.ended, timeout=120 * SECOND):
        window.topbar.run.click()


def add_by_typing(qtbot: QtBot, window: MainWindow, words: str) -> str:
    """Type into the palette and press Enter; gives the id of the new node."""
    page = window.page
    before = set(page.document.workflow.nodes) if page is not None else set()
    window.actions_by_key["find node"].trigger()
    qtbot.keyClicks(window.palette_panel.search, words)
    qtbot.keyClick(window.palette_panel.search, Qt.Key.Key_Return)
    page = window.page
    assert page is not None
    (added,) = set(page.document.workflow.nodes) - before
    return added


def test_recent_files_are_offered_in_the_menu_while_they_are_there(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in ("first.json", "second.json")]
    for path in paths:
        page = window.files.new()
        page.add_node("csv_reader")
        page.document.save(path)
        window.kept.file_used(path)
    (recent,) = [menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "Open recent"]
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == ["second.json", "first.json"]
    recent.actions()[1].trigger()
    assert window.page is not None
    assert window.page.document.path == paths[0]
    for path in paths:
        path.unlink()
    recent.aboutToShow.emit()
    assert [action.isEnabled() for action in recent.actions()] == [False]


def test_the_welcome_page_has_examples_with_pictures(window: MainWindow, qtbot: QtBot) -> None:
    assert window.page is None
    assert window.welcome.cards[0].example.title == "Graduate admission"
    qtbot.waitUntil(
        lambda: all(card.sketch is not None for card in window.welcome.cards), timeout=20 * SECOND
    )
    assert not window.topbar.run.isVisible()


def test_every_example_has_a_title_a_sentence_and_a_sketch() -> None:
    assert len(examples()) >= 10
    for example in examples():
        assert example.title
        assert example.sentence.endswith(".")
        assert sketch_of(example.path, REGISTRY).nodes


def test_an_empty_window_imports_neither_polars_nor_a_node(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    code = (
        "import sys; from nodeflow_gui.application import start; app = start();"
        "from nodeflow_gui.window.main_window import MainWindow; w = MainWindow(); w.show(); app.processEvents();"
        "print([m for m in ('polars', 'sklearn', 'keras', 'pandas', 'pyqtgraph', 'nodeflow_nodes') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "NODEFLOW_CONFIG_DIR": str(tmp_path)},
    )
    assert done.stdout.strip() == "[]"


def test_build_run_change_save_and_reopen(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: Preferences
) -> None:
    # a dropped file gets its reader, already set
    drop(window, data_file(tmp_path))
    page = window.page
    assert page is not None
    (reader,) = page.document.workflow.nodes
    assert page.document.node(reader).type == "csv_reader"
    wait_for_check(qtbot, page)
    assert page.status.problems == []

    # the next nodes come from the palette and are wired to the selected one
    row_filter = add_by_typing(qtbot, window, "row filter")
    assert [str(one) for one in page.document.workflow.connections] == [
        f"{reader}.table -> {row_filter}.table"
    ]
    wait_for_check(qtbot, page)
    formula = page.settings.rows["condition"].editor
    formula.setFocus()
    qtbot.keyClicks(formula.field, "age > 40")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.document.node(row_filter).parameters.get("condition") == "age > 40")
    sorter = add_by_typing(qtbot, window, "sorter")
    page.document.set_parameter(sorter, "by", [{"column": "age"}])
    wait_for_check(qtbot, page)
    assert page.status.problems == []

    run_to_end(qtbot, window)
    assert page.status.of(sorter).state in ("done", "cached")
    assert page.status.facts_of(sorter, "table") == "3 rows"

    # undo and redo of everything
    text = page.document.to_text()
    steps = page.document.undo_stack.count()
    for _ in range(steps):
        window.actions_by_key["undo"].trigger()
    assert page.document.workflow.nodes == {}
    for _ in range(steps):
        window.actions_by_key["redo"].trigger()
    assert page.document.to_text() == text

    # save, close, come back
    target = tmp_path / "people.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target), ""))
    assert "•" in window.topbar.tabs.tabText(0)
    window.actions_by_key["save"].trigger()
    assert "•" not in window.topbar.tabs.tabText(0)
    assert (
        json.loads(target.read_text(encoding="utf-8"))["nodes"][row_filter]["parameters"]["condition"]
        == "age > 40"
    )
    assert window.close_page(page)
    assert window.page is None
    assert kept.kept.recent_files == [str(target)]
    again = window.files.open(target)
    assert again is not None
    assert again.document.node(row_filter).parameters["condition"] == "age > 40"
    wait_for_check(qtbot, again)
    qtbot.waitUntil(lambda: again.status.of(sorter).state == "cached", timeout=30 * SECOND)


def test_a_problem_leads_to_its_parameter_and_is_mended_by_a_click(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drop(window, data_file(tmp_path))
    page = window.page
    assert page is not None
    wait_for_check(qtbot, page)
    node = page.add_node("sorter", {"by": [{"column": "agee"}]})
    wait_for_check(qtbot, page)
    qtbot.waitUntil(lambda: len(page.status.problems) == 1, timeout=30 * SECOND)
    qtbot.waitUntil(lambda: "1 problem" in window.status_bar.problems.text())
    window.status_bar.problems.click()
    assert page.problems.isVisible()
    page.canvas.select_nodes([])
    page.problems.rows[0].name.click()
    assert page.selection == [node]
    assert page.settings.node == node
    fix = next(button for button in page.problems.rows[0].fixes if "age" in button.text())
    window.activateWindow()
    fix.setFocus()
    fix.click()
    assert page.document.node(node).parameters["by"][0]["column"] == "age"
    wait_for_check(qtbot, page)
    assert page.status.problems == []
    qtbot.waitUntil(page.canvas.hasFocus)  # where Ctrl+Z takes the fix back


def test_problems_keep_their_buttons_and_fit_a_narrow_list(qtbot: QtBot) -> None:
    fixes = [
        {"do": "set parameter", "node": "a", "parameter": "x", "value": name, "name": name}
        for name in ("a long name of a column", "another long name of a column", "a third such name")
    ]
    problems = [{"node": "a", "parameter": "x", "message": "choose a column", "kind": "k", "fixes": fixes}]
    panel = ProblemsPanel()
    qtbot.addWidget(panel)
    panel.show_problems(problems, str)
    assert panel.rows == []  # nobody looks yet
    panel.resize(420, 300)
    panel.show()
    (row,) = panel.rows
    qtbot.wait(50)
    assert all(
        row.rect().contains(QRect(button.mapTo(row, QPoint(0, 0)), button.size())) for button in row.fixes
    )
    panel.show_problems([dict(one) for one in problems], str)
    assert panel.rows == [row]
    with qtbot.waitSignal(panel.fix_chosen) as chosen:
        qtbot.mouseClick(row.fixes[2], Qt.MouseButton.LeftButton)
    assert chosen.args == [fixes[2]]
    panel.show_problems(problems * 500, str)
    assert len(panel.rows) == 100
    panel.show_problems([], str)
    assert panel.rows == []


def test_the_search_adds_goes_and_commands(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    drop(window, data_file(tmp_path))
    page = window.page
    assert page is not None
    wait_for_check(qtbot, page)
    page.canvas.select_nodes([])

    def search(words: str) -> None:
        window.actions_by_key["search"].trigger()
        assert window.work.search is not None
        qtbot.keyClicks(window.work.search.field, words)

    search("income")
    assert window.work.search is not None
    assert [hit.kind for hit in window.work.search.found if hit.text == "income"] == ["column"]
    qtbot.keyClick(window.work.search.field, Qt.Key.Key_Escape)
    assert window.work.search is None

    search("csv reader")
    assert [hit.kind for hit in window.work.search.found][:2] == ["node", "add"]  # type: ignore[union-attr]
    qtbot.keyClick(window.work.search.field, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert page.selection == list(page.document.workflow.nodes)

    search("statistics")
    qtbot.keyClick(window.work.search.field, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert "statistics" in page.document.workflow.nodes

    search("undo")
    qtbot.keyClick(window.work.search.field, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert "statistics" not in page.document.workflow.nodes


def test_a_column_that_is_searched_is_shown_in_the_table_it_first_comes_in(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("1" * 200) + "\n")
    drop(window, data_file(tmp_path), wide)
    page = window.page
    assert page is not None
    wait_for_check(qtbot, page)
    first, second = page.document.workflow.nodes
    run_to_end(qtbot, window)
    page.canvas.select_nodes([first])
    window.actions_by_key["search"].trigger()
    qtbot.keyClicks(window.work.search.field, "c150")  # type: ignore[union-attr]
    qtbot.keyClick(window.work.search.field, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert page.selection == [second]
    table = page.inspector.table
    qtbot.waitUntil(lambda: table.view.currentIndex().column() == 150, timeout=30 * SECOND)
    shown = table.view.visualRect(table.view.currentIndex())
    assert table.view.viewport().rect().intersects(shown)


def test_hits_that_begin_with_the_words_come_first() -> None:
    hits = [Hit(text, "node", lambda: None) for text in ("Column Filter", "Filter rows", "Other")]
    assert [hit.text for hit in matching(hits, "filter")] == ["Filter rows", "Column Filter"]


def test_panels_fold_away_and_come_back(window: MainWindow) -> None:
    window.files.new()
    page = window.page
    assert page is not None
    panels = [window.palette_panel, page.settings, page.inspector]
    assert all(panel.isVisible() for panel in panels)
    window.actions_by_key["show settings"].trigger()
    assert not page.settings.isVisible()
    window.actions_by_key["canvas only"].trigger()
    assert not any(panel.isVisible() for panel in panels)
    window.actions_by_key["canvas only"].trigger()
    assert window.palette_panel.isVisible()
    assert not page.settings.isVisible()


def test_unsaved_work_is_asked_for(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    page = window.files.new()
    page.add_node("csv_reader")
    asked = []

    def cancel(box: QMessageBox) -> None:
        asked.append(box.text())
        next(button for button in box.buttons() if button.text() == "Cancel").click()

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    assert not window.close_page(page)
    assert page in window.pages
    assert len(asked) == 1


def test_a_file_changed_by_another_program_is_told_and_loaded(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.files.new()
    page.add_node("csv_reader")
    path = tmp_path / "one.json"
    page.document.save(path)
    path.write_text(path.read_text(encoding="utf-8").replace("csv_reader", "excel_reader"), encoding="utf-8")
    qtbot.waitUntil(lambda: "one.json" in page.notice.text, timeout=10 * SECOND)
    page.notice.buttons[0].click()
    assert [one.type for one in page.document.workflow.nodes.values()] == ["excel_reader"]


def asked(monkeypatch: pytest.MonkeyPatch, answer: str = "") -> list[QMessageBox]:
    """The boxes that are shown; each is answered by the button of that word, or turned away."""
    shown: list[QMessageBox] = []

    def show(box: QMessageBox) -> int:
        shown.append(box)
        for button in box.buttons():
            if button.text() == answer:
                button.click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", show)
    return shown


def small_file(path: Path, name: str) -> Path:
    path.write_text(json.dumps({"nodeflow": 1, "name": name, "nodes": {"sort": {"type": "sorter"}}}))
    return path


def name_in(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["name"])


def test_an_ending_that_is_added_replaces_no_file_unasked(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.files.open(small_file(tmp_path / "mine.json", "mine"))
    assert page is not None
    other = small_file(tmp_path / "other.json", "other")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "other"), ""))
    boxes = asked(monkeypatch)
    assert not window.files.save_as(page)
    assert "other.json" in boxes[0].text()
    assert name_in(other) == "other"
    asked(monkeypatch, "Replace it")
    assert window.files.save_as(page)
    assert name_in(other) == "mine"


def test_what_another_program_wrote_is_replaced_only_if_wished(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path / "shared.json", "mine")
    page = window.files.open(file)
    assert page is not None
    page.document.set_label("sort", "by name")
    small_file(file, "theirs")
    boxes = asked(monkeypatch)
    assert not window.files.save(page)
    assert len(boxes) == 1
    assert name_in(file) == "theirs"
    assert page.is_modified
    asked(monkeypatch, "Replace it")
    assert window.files.save(page)
    assert name_in(file) == "mine"
    again = asked(monkeypatch)
    page.document.set_label("sort", "by age")
    assert window.files.save(page)
    assert again == []


def test_a_change_on_disk_is_told_once_and_what_is_kept_is_unsaved_work(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    file = small_file(tmp_path / "shared.json", "mine")
    page = window.files.open(file)
    assert page is not None
    small_file(file, "theirs")
    qtbot.waitUntil(page.notice.isVisible, timeout=3 * SECOND)
    page.notice.clear()
    (tmp_path / "result.csv").write_text("another file in the folder")
    qtbot.wait(300)
    assert not page.notice.isVisible()
    small_file(file, "theirs again")
    qtbot.waitUntil(page.notice.isVisible, timeout=3 * SECOND)
    page.notice.buttons[1].click()
    assert page.is_modified
    assert not page.document.is_changed_on_disk()


def test_loading_anew_asks_before_unsaved_work_is_lost(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path / "shared.json", "mine")
    page = window.files.open(file)
    assert page is not None
    page.document.set_label("sort", "by name")
    small_file(file, "theirs")
    page._offer_reload()
    boxes = asked(monkeypatch)
    page.notice.buttons[0].click()
    assert len(boxes) == 1
    assert page.document.workflow.nodes["sort"].label == "by name"
    page._offer_reload()
    asked(monkeypatch, "Load it anew")
    page.notice.buttons[0].click()
    assert page.title == "theirs"


def test_a_file_that_another_window_shows_is_shown_there(window: MainWindow, tmp_path: Path) -> None:
    file = small_file(tmp_path / "one.json", "one")
    page = window.files.open(file)
    window.work.new_window()
    second = window.windows[-1]
    assert second.files.open(file) is page
    assert second.pages == []
    second.close()


def test_recent_files_on_a_drive_that_does_not_answer_hold_nobody_up(
    kept: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone.json", "far.json", "there.json"):
        kept.file_used(tmp_path / name)
    (tmp_path / "there.json").touch()
    answered = threading.Event()

    def exists(path: Path) -> bool:
        if path.name == "far.json":
            answered.wait(20)
        return path.is_file()

    monkeypatch.setattr(Path, "exists", exists)
    assert [one.name for one in kept.recent_files()] == ["there.json", "far.json", "gone.json"]
    answered.set()
    assert [one.name for one in kept.recent_files()] == ["there.json"]


def test_a_script_that_cannot_be_made_is_told(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.files.new()
    page.add_node("csv_reader")
    monkeypatch.setattr("sys.executable", str(tmp_path / "moved"))
    window.files.write_python(page, tmp_path / "script.py")
    qtbot.waitUntil(lambda: "cannot be written" in page.notice.text, timeout=10 * SECOND)
    assert not (tmp_path / "script.py").exists()


def test_names_out_of_files_are_shown_as_they_are(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "<img src='secret.png'> R&D"
    nodes = {
        "part": {"type": "component", "label": name, "workflow": {"nodes": {"sort": {"type": "sorter"}}}}
    }
    (tmp_path / "odd.json").write_text(json.dumps({"nodeflow": 1, "name": name, "nodes": nodes}))
    page = window.files.open(tmp_path / "odd.json")
    assert page is not None
    page.canvas.enter("part")
    page.document.set_label("part/sort", name)
    page.canvas.select_nodes(["part/sort"])
    page.look_at_selected()
    boxes = asked(monkeypatch)
    window.files.may_close(page)
    assert boxes[0].textFormat() == Qt.TextFormat.PlainText
    shown = [one for one in window.findChildren(QLabel) if name in one.text()]
    assert shown
    assert [one.text() for one in shown if one.textFormat() != Qt.TextFormat.PlainText] == []
    assert "<img" not in window.topbar.tabs.tabToolTip(0)
    assert "R&&D" in window.topbar.tabs.tabText(0)


def test_a_file_that_is_no_workflow_is_refused_in_a_sentence(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("{", encoding="utf-8")
    assert window.files.open(path) is None
    assert "bad.json" in window.notice.text
    assert window.pages == []


def test_what_a_crash_left_is_offered(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    page.add_node("csv_reader")
    page.document.journal.write()
    page.document.journal._pool.waitForDone()
    file = page.document.journal.file
    assert file is not None
    assert file.exists()
    copy = file.with_name("left.json")
    copy.write_bytes(file.read_bytes())
    window.files.offer_left_over()
    assert "Unsaved work" in window.notice.text
    window.notice.buttons[0].click()
    assert len(window.pages) == 2
    assert [one.type for one in window.pages[1].document.workflow.nodes.values()] == ["csv_reader"]
    assert window.pages[1].is_modified
    assert not copy.exists()


def test_the_workflow_is_exported_as_picture_and_script(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drop(window, data_file(tmp_path))
    page = window.page
    assert page is not None
    page.add_node("row_filter", {"condition": "age > 40"})
    window.files.write_picture(page, tmp_path / "flow.svg")
    assert "<svg" in (tmp_path / "flow.svg").read_text(encoding="utf-8")
    window.files.write_picture(page, tmp_path / "flow.png")
    assert (tmp_path / "flow.png").read_bytes().startswith(b"\x89PNG")
    window.files.write_python(page, tmp_path / "flow.py")
    qtbot.waitUntil(lambda: "flow.py" in page.notice.text, timeout=60 * SECOND)
    assert "polars" in (tmp_path / "flow.py").read_text(encoding="utf-8"), page.notice.text


def test_a_script_names_what_it_leaves_out(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    drop(window, data_file(tmp_path))
    page = window.page
    assert page is not None
    (reader,) = page.document.workflow.nodes
    chart = page.add_node("scatter_plot", {"x": "age", "y": "age"})
    page.canvas.select_nodes([reader])
    page.add_node("row_filter", {"condition": "age > 40"})
    assert any(wire.target == chart for wire in page.document.workflow.connections)
    window.files.write_python(page, tmp_path / "flow.py")
    qtbot.waitUntil(lambda: "flow.py" in page.notice.text, timeout=60 * SECOND)
    assert "1 node" in page.notice.text
    text = (tmp_path / "flow.py").read_text(encoding="utf-8")
    assert "#   Scatter Plot" in text
    compile(text, "flow.py", "exec")


def test_the_theme_is_changed_in_the_preferences_and_kept(
    window: MainWindow, kept: Preferences, qapp: QApplication
) -> None:
    from nodeflow_gui.look import apply, theme

    apply(qapp, "light")
    window.actions_by_key["preferences"].trigger()
    (dialog,) = window.findChildren(dialogs.PreferencesDialog)
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.memory.field.setText("2,5")
    dialog.accept()
    assert theme().is_dark
    again = Preferences(kept.path.parent).kept
    assert (again.theme, again.memory_gigabytes) == ("dark", 2.5)
    apply(qapp, "light")


def test_preferences_that_cannot_be_are_not_taken(
    window: MainWindow, qtbot: QtBot, kept: Preferences, tmp_path: Path
) -> None:
    dialog = dialogs.PreferencesDialog(kept, window)
    qtbot.addWidget(dialog)
    dialog.memory.field.setText("much")
    dialog.accept()
    assert dialog.memory.field.property("faulty") is True
    assert dialog.fault.text() == dialog.memory.fault()
    assert kept.kept.memory_gigabytes is None
    dialog.memory.field.clear()
    file = data_file(tmp_path)
    for wrong, words in (
        ("cache", "whole path"),
        (str(file), "no folder"),
        (str(file / "in it"), "no folder"),
    ):
        dialog.cache_folder.setText(wrong)
        dialog.accept()
        assert words in dialog.fault.text()
        assert dialog.cache_folder.property("faulty") is True
        assert kept.kept.cache_folder == ""
    dialog.cache_folder.setText(str(tmp_path / "new" / "cache"))
    dialog.accept()
    assert kept.kept.cache_folder == str(tmp_path / "new" / "cache")
    assert not dialog.fault.text()


def test_about_tells_versions(window: MainWindow, qtbot: QtBot) -> None:
    dialog = dialogs.AboutDialog(window)
    qtbot.addWidget(dialog)
    assert "PySide6-Essentials 6." in dialog.versions.toPlainText()
    assert "polars" in dialog.versions.toPlainText()


def test_saving_an_example_asks_for_a_place_and_brings_its_data(
    window: MainWindow, kept: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = next(one.path for one in examples() if one.path.stem == "graduate_admission")
    text = example.read_bytes()
    window.files.open_example(example)
    page = window.page
    assert page is not None
    page.document.set_details(name="Mine")
    asked: list[str] = []

    def choose(*given: object) -> tuple[str, str]:
        asked.append(str(given[2]))
        return str(tmp_path / "mine.json"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    assert window.files.save(page)
    assert Path(asked[0]).parent != example.parent
    assert example.read_bytes() == text
    assert page.document.path == tmp_path / "mine.json"
    data = tmp_path / "data" / "applicants.csv"
    assert data.read_bytes() == (example.parent / "data" / "applicants.csv").read_bytes()
    data.write_text("changed")
    page.document.set_details(name="Mine again")
    assert window.files.save(page)
    assert (len(asked), data.read_text()) == (1, "changed")


def test_a_workflow_finds_its_files_wherever_it_is_saved(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    data = data_file(tmp_path / "data")
    drop(window, data)
    page = window.page
    assert page is not None
    (reader,) = page.document.workflow.nodes

    def path() -> str:
        held: str = page.document.workflow.nodes[reader].parameters["path"]
        return held

    writer = page.document.add_node("csv_writer", (0, 200), parameters={"path": "out.csv"})
    assert Path(path()).is_absolute()
    assert window.files._save(page, tmp_path / "flow.json")
    assert path() == f"data/{data.name}"
    assert not page.is_modified
    (tmp_path / "elsewhere").mkdir()
    assert window.files._save(page, tmp_path / "elsewhere" / "flow.json")
    assert path() == data.as_posix()
    assert page.document.workflow.nodes[writer].parameters["path"] == "out.csv"
    assert not window.files._save(page, tmp_path / "missing" / "flow.json")
    assert path() == data.as_posix()
    assert not page.is_modified
    page.document.undo_stack.undo()
    assert path() == f"data/{data.name}"


def test_the_question_of_trust_shows_all_code_and_to_leave_it_out_is_the_default(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog = dialogs.TrustDialog([("Script", "print('hello')\nx = 1  # \u202eok")], window)
    qtbot.addWidget(dialog)
    assert dialog.code.toPlainText() == "# Script\nprint('hello')\nx = 1  # ⟨U+202E⟩ok"
    assert dialog.without.isDefault()
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.choice == "without"


def test_code_that_is_allowed_is_kept_and_code_that_is_not_may_be_left_out(
    window: MainWindow, kept: Preferences
) -> None:
    page = window.files.new()
    page._ask_for_trust({"hash": "abc", "texts": [{"node": "n", "title": "N", "text": "x = 1"}]})
    (dialog,) = page.findChildren(dialogs.TrustDialog)
    dialog.without.click()
    assert not kept.code.holds("abc")
    assert "without its own code" in page.notice.text
    page.notice.buttons[0].click()
    dialog = page.findChildren(dialogs.TrustDialog)[-1]
    dialog.allow.click()
    assert kept.code.holds("abc")
    assert not kept.code.holds("abd")


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("a.csv", "csv_reader"),
        ("A.CSV.GZ", "csv_reader"),
        ("b.xlsx", "excel_reader"),
        ("c.parquet", "parquet_reader"),
        ("d.arrow", "arrow_reader"),
        ("e.json", "json_reader"),
        ("f.jsonl", "json_lines_reader"),
        ("g.arff", "arff_reader"),
        ("h.xml", "xml_reader"),
        ("i.nothing", None),
    ],
)
def test_each_kind_of_data_file_has_its_reader(tmp_path: Path, name: str, reader: str | None) -> None:
    found = reader_for(REGISTRY, tmp_path / name, tmp_path)
    assert (found and found[0]) == reader
    if found is not None:
        assert list(found[1].values()) == [name]


def test_a_workflow_is_known_by_its_content(tmp_path: Path) -> None:
    data, workflow = tmp_path / "data.json", tmp_path / "flow.json"
    data.write_text('[{"a": 1}]', encoding="utf-8")
    workflow.write_text('{"nodeflow": 1, "nodes": {}}', encoding="utf-8")
    assert not is_workflow(data)
    assert is_workflow(workflow)


def test_each_command_has_its_own_key_and_does_something(window: MainWindow) -> None:
    keys = [one.shortcut for one in COMMANDS if one.shortcut]
    assert len(keys) == len(set(keys))
    assert set(window.work.table()) == {one.key for one in COMMANDS}


def test_a_first_window_fits_the_screen(window: MainWindow, kept: Preferences) -> None:
    kept.kept.window = {}
    window._restore()
    room = window.screen().availableSize()
    assert window.width() < max(room.width(), window.minimumSizeHint().width() + 1)
    assert window.height() < max(room.height(), window.minimumSizeHint().height() + 1)


def test_a_second_window_shares_preferences_and_closes_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_key["new window"].trigger()
    (other,) = [one for one in MainWindow.windows if one is not window]
    other.files.new()
    assert other.page is not None
    other.close()
    assert MainWindow.windows == [window]


def test_nodes_come_from_the_palette_by_dragging(window: MainWindow) -> None:
    from nodeflow_gui.palette import NODE_MIME
    from PySide6.QtCore import QByteArray

    page = window.files.new()
    data = QMimeData()
    data.setData(NODE_MIME, QByteArray(b"csv_reader"))
    event = QDropEvent(
        QPointF(QPoint(200, 150)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.canvas.dropEvent(event)
    assert [one.type for one in page.document.workflow.nodes.values()] == ["csv_reader"]


def test_a_folded_panel_comes_back_when_it_is_needed(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    node = page.add_node("csv_reader")
    for key in ("show settings", "show inspector"):
        window.actions_by_key[key].trigger()
    assert not page.settings.isVisible()
    page.canvas.activate_node(node)
    assert page.settings.isVisible()
    assert page.settings.isAncestorOf(QApplication.focusWidget() or window)
    assert not page.inspector.isVisible()
    page.canvas.activate_port(node, "table")
    window.follow_pages()
    assert page.inspector.isVisible()
    assert window.actions_by_key["show inspector"].isChecked()


@pytest.fixture
def hostile_window(qapp: QApplication, kept: Preferences) -> Iterator[MainWindow]:
    """A window that knows the nodes that misbehave."""
    registry = Registry.installed()
    file = Path(__file__).parents[1] / "execution" / "hostile_nodes.py"
    registry.add_path(file)
    kept.nodes_path = [str(file)]
    window = MainWindow(registry, kept=kept)
    window.show()
    yield window
    for page in window.pages:
        page.document.undo_stack.setClean()
    window.close()
    QApplication.processEvents()


def test_code_that_comes_with_a_workflow_is_told_of_once_when_it_is_opened(
    qtbot: QtBot, hostile_window: MainWindow, kept: Preferences, tmp_path: Path
) -> None:
    nodes = {
        "numbers": {"type": "numbers"},
        "coded": {"type": "coded", "parameters": {"code": "x = 1", "marker": str(tmp_path / "ran.txt")}},
    }
    file = tmp_path / "coded.json"
    wires = ["numbers.table -> coded.table"]
    file.write_text(json.dumps({"nodeflow": 1, "nodes": nodes, "connections": wires}))
    page = hostile_window.files.open(file)
    assert page is not None
    qtbot.waitUntil(lambda: "code of its own" in page.notice.text, timeout=30 * SECOND)
    page.notice.buttons[0].click()
    (dialog,) = page.findChildren(dialogs.TrustDialog)
    assert "x = 1" in dialog.code.toPlainText()
    dialog.reject()
    assert not page.notice.text
    page.document.set_parameter("coded", "marker", str(tmp_path / "other.txt"))
    with qtbot.waitSignal(page.session.checked, timeout=30 * SECOND):
        pass
    assert not page.notice.text
    page.run()
    qtbot.waitUntil(lambda: len(page.findChildren(dialogs.TrustDialog)) > 0, timeout=30 * SECOND)
    page.findChildren(dialogs.TrustDialog)[-1].allow.click()
    qtbot.waitUntil(lambda: (tmp_path / "other.txt").exists(), timeout=60 * SECOND)
    qtbot.waitUntil(lambda: not page.status.is_running, timeout=60 * SECOND)
    assert kept.code.holds(page.status.code["hash"])


def test_nodes_of_the_users_own_files_run_and_a_crash_is_told(
    qtbot: QtBot, hostile_window: MainWindow
) -> None:
    window = hostile_window
    numbers = add_by_typing(qtbot, window, "numbers")
    page = window.page
    assert page is not None
    numbers = numbers if page.document.node(numbers).type == "numbers" else page.add_node("numbers")
    page.canvas.select_nodes([numbers])
    deadly = page.add_node("deadly", {"how": "exit"})
    run_to_end(qtbot, window)
    assert page.status.of(numbers).state == "done"
    assert page.status.of(deadly).state == "failed"
    assert page.notice.isVisible()
    assert page.notice.text.startswith("Deadly: it ended")


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_undo_in_a_field_undoes_what_was_applied(
    window: MainWindow, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    page = window.files.new()
    node = page.add_node("random_forest_learner")
    window.activateWindow()
    qtbot.waitUntil(page.canvas.hasFocus)  # where it goes with a new node
    field = page.settings.rows["trees"].editor.field  # type: ignore[attr-defined]
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    qtbot.keyClicks(field, "250")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "100"  # not applied yet: the field's own
    field.selectAll()
    qtbot.keyClicks(field, "250")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    steps = page.document.undo_stack.count()
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "trees" not in page.document.node(node).parameters
    qtbot.wait(400)
    assert (page.document.undo_stack.count(), field.text()) == (steps, "100")
    qtbot.keyClick(field, key, modifiers)
    assert (page.document.node(node).parameters["trees"], field.text()) == (250, "250")


def test_undo_in_the_title_undoes_the_new_title(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    node = page.add_node("row_filter")
    window.activateWindow()
    qtbot.waitUntil(page.canvas.hasFocus)
    field = page.settings._title
    before = field.text()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "adults")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.document.node(node).label == "adults"
    qtbot.waitUntil(lambda: not field.isModified())
    steps = page.document.undo_stack.count()
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (page.document.node(node).label, field.text()) == ("", before)
    assert page.document.undo_stack.count() == steps


def test_tab_leaves_the_settings_at_their_end(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    page.add_node("row_number")
    window.activateWindow()
    qtbot.waitUntil(page.canvas.hasFocus)
    page.settings.focus_first()
    for _ in range(40):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if not page.settings.isAncestorOf(window.focusWidget()):
            break
    assert not page.settings.isAncestorOf(window.focusWidget())


def test_undo_within_a_component_takes_back_the_selected_node(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    page.add_node("sample_data")
    page.add_node("row_filter")
    made = page.document.collapse(["sample_data", "row_filter"], "Both")
    page.canvas.enter(made)
    page.canvas.canvas_scene.select(["row_filter"])
    added = page.add_node("sorter")
    assert page.selection == [added]
    page.document.undo_stack.undo()  # whoever asks for the selected node meanwhile must not fall over it
    qtbot.wait(100)
    assert page.selection == []
    assert not window.actions_by_key["expand"].isEnabled()
    page.canvas.go_up()
    qtbot.waitUntil(window.actions_by_key["expand"].isEnabled)


def test_nodes_are_recent_however_they_were_added(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    page.add_node("sample_data")
    page.canvas.adding.open(QPointF(0, 200), None, True)
    page.canvas.quick_add.chosen.emit("row_filter")
    qtbot.waitUntil(lambda: window.kept.kept.recent_nodes == ["row_filter", "sample_data"])
    shown = [row.text for row in window.palette_panel.rows.rows]
    assert shown[shown.index("Recently used") + 1 :][:2] == ["Row Filter", "Sample Data"]
    page.document.paste(page.document.copy_text(["sample_data"]))
    qtbot.wait(20)
    assert window.kept.kept.recent_nodes[0] == "row_filter", "a copy is not chosen from the palette"


def test_escape_leads_back_to_the_canvas(window: MainWindow, qtbot: QtBot) -> None:
    page = window.files.new()
    page.add_node("csv_reader")
    window.actions_by_key["settings"].trigger()
    field = QApplication.focusWidget()
    assert field is not None
    assert page.settings.isAncestorOf(field)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(page.canvas.hasFocus)
    window.actions_by_key["find node"].trigger()
    qtbot.keyClicks(window.palette_panel.search, "sorter")
    qtbot.keyClick(window.palette_panel.search, Qt.Key.Key_Escape)
    assert window.palette_panel.search.text() == ""
    qtbot.keyClick(window.palette_panel.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(page.canvas.hasFocus)


def test_a_dropped_file_lands_where_it_was_dropped(window: MainWindow, tmp_path: Path) -> None:
    page = window.files.new()
    page.add_node("sample_data")
    canvas = page.canvas
    wanted = canvas.visible_rect().topLeft() + QPointF(200, 120)
    place = canvas.viewport().mapTo(window, canvas.viewportTransform().map(wanted).toPoint())
    drop(window, data_file(tmp_path), data_file(tmp_path, "others.csv"), place=QPointF(place))
    cards = [canvas.canvas_scene.nodes[node].scene_card() for node in ("csv_reader", "csv_reader_2")]
    assert cards[0].adjusted(-8, -8, 8, 8).contains(wanted)
    assert not cards[0].intersects(cards[1])
    assert abs(cards[1].left() - cards[0].left()) < 1
    drop(window, data_file(tmp_path, "third.csv"), place=QPointF(20, 400))  # onto the palette
    assert canvas.visible_rect().contains(canvas.canvas_scene.nodes["csv_reader_3"].scene_card())


def test_a_component_whose_file_was_changed_in_another_tab_has_the_new_ports(
    window: MainWindow, tmp_path: Path
) -> None:
    part = {"nodeflow": 1, "nodes": {"sort": {"type": "sorter"}}, "outputs": {"sorted": "sort.table"}}
    (tmp_path / "part.json").write_text(json.dumps(part))
    held = {"part": {"type": "component", "workflow": "part.json"}}
    nodes = {
        **held,
        "outer": {"type": "component", "workflow": {"nodes": held, "outputs": {"o": "part.sorted"}}},
    }
    (tmp_path / "main.json").write_text(json.dumps({"nodeflow": 1, "nodes": nodes}))
    main = window.files.open(tmp_path / "main.json")
    assert main is not None
    assert [port for port, _ in main.canvas.canvas_scene.nodes["part"].face.outputs] == ["sorted"]
    main.canvas.enter("part")
    inner = window.page
    assert inner is not None
    assert inner is not main
    inner.document.set_port("outputs", "sorted", "sort.table", "in_order")
    assert window.files.save(inner)
    window.show_page(main)
    assert [port for port, _ in main.canvas.canvas_scene.nodes["part"].face.outputs] == ["in_order"]
    assert main.document.declaration_of("outer/part")["outputs"][0]["name"] == "in_order"
    (tmp_path / "part.json").unlink()
    window.show_page(main)
    assert main.document.declaration_of("part")["outputs"] == []


def test_what_is_being_typed_is_asked_for_when_the_workflow_is_closed(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.files.open(small_file(tmp_path / "one.json", "one"))
    assert page is not None
    page.canvas.editing.rename("sort")
    field = page.canvas.text_editor.field
    assert isinstance(field, QLineEdit)
    field.setText("by name")
    boxes = asked(monkeypatch)
    assert not window.close_page(page)
    assert len(boxes) == 1
    page.canvas.editing.add_note()
    page.canvas.text_editor.field.setPlainText("do not lose this")
    assert window.files.save(page)
    assert "do not lose this" in (tmp_path / "one.json").read_text()
    page.canvas.select_nodes([page.add_node("row_filter")])
    page.document.undo_stack.setClean()
    page.settings.rows["condition"].editor.field.setPlainText("age > 18")
    assert not window.close_page(page)
    assert len(boxes) == 2


def test_a_drop_that_names_no_node_is_told(window: MainWindow) -> None:
    page = window.files.new()
    data = QMimeData()
    data.setData("application/x-nodeflow-node", b"\xff\xfe")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, none)
    page.canvas.dropEvent(event)
    assert page.document.workflow.nodes == {}
    assert "no node type" in page.notice.text
