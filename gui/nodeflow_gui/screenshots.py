"""Pictures of ten scenes of the editor in light and in dark, for a person to look at.

`python -m nodeflow_gui.screenshots FOLDER` starts the editor without a display, plays the scenes and grabs them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from nodeflow_gui.look.theme import Mode
    from nodeflow_gui.window.main_window import MainWindow
    from nodeflow_gui.window.page import WorkflowPage

SIZE = (1440, 900)
_PATIENCE = 120.0


class Stage:
    """A window to play scenes in."""

    def __init__(self, application: QApplication, window: MainWindow) -> None:
        self.application = application
        self.window = window

    def wait(self, seconds: float) -> None:
        """Let the editor work."""
        self.until(lambda: False, seconds)

    def until(self, holds: Callable[[], bool], seconds: float = _PATIENCE) -> None:
        """Let the editor work until something holds, or the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not holds():
            self.application.processEvents()
            time.sleep(0.005)

    def example(self, stem: str, *, run: bool = True) -> WorkflowPage:
        """Open an example, run it if wished, and fit it into the view."""
        from nodeflow_gui.window.examples import examples

        path = next(one.path for one in examples() if one.path.stem == stem)
        page = self.window.files.open(path)
        assert page is not None
        page.notice.clear()
        checked: list[bool] = []
        page.session.checked.connect(lambda: checked.append(True))
        page.session.check_soon()
        self.until(lambda: bool(checked))
        if run:
            ended: list[bool] = []
            page.session.ended.connect(lambda _: ended.append(True))
            page.run()
            self.until(lambda: bool(ended))
        page.canvas.zoom_to_fit()
        self.wait(0.5)
        return page


def welcome(stage: Stage) -> None:
    """The first thing one sees."""
    stage.until(lambda: all(card.sketch is not None for card in stage.window.welcome.cards), 10)
    stage.wait(0.3)


def empty(stage: Stage) -> None:
    """A new workflow."""
    stage.window.files.new()
    stage.wait(0.5)


def table(stage: Stage) -> None:
    """A workflow that has run, with a table below."""
    page = stage.example("graduate_admission")
    node = _node_of(page, "partition")
    page.go_to(node)
    page.look_at(node, "first")
    stage.wait(1.5)


def chart(stage: Stage) -> None:
    """A chart of the results."""
    page = stage.example("graduate_admission")
    node = _node_of(page, "scatter_plot")
    page.go_to(node)
    page.look_at(node, "chart")
    stage.wait(2.5)


def problems(stage: Stage) -> None:
    """A wrong column: the problem, its place and what mends it."""
    page = stage.example("graduate_admission", run=False)
    page.document.set_parameter(_node_of(page, "random_forest_learner"), "target", "Chance of Admission")
    stage.window.work.shows["show problems"] = True
    stage.window.follow_pages()
    stage.until(lambda: bool(page.status.problems), 20)
    page.go_to(page.status.problems[0]["node"] if page.status.problems else "", "target")
    stage.wait(0.8)


def search(stage: Stage) -> None:
    """One search over everything."""
    stage.example("graduate_admission", run=False)
    stage.window.work.search_everywhere()
    assert stage.window.work.search is not None
    stage.window.work.search.field.setText("score")
    stage.wait(0.5)


def columns(stage: Stage) -> None:
    """Choosing columns by type."""
    from nodeflow_gui.settings.column_set import ColumnsEditor

    page = stage.example("graduate_admission", run=False)
    node = page.add_node("column_filter", {"columns": {"types": ["number"], "exclude": ["Serial No."]}})
    read = next(iter(page.document.workflow.nodes))
    page.document.connect(read, "table", node, "table")
    stage.wait(2.5)
    page.go_to(node)
    editor = page.settings.rows["columns"].editor
    assert isinstance(editor, ColumnsEditor)
    editor.head.setChecked(True)
    stage.wait(0.5)


def formula(stage: Stage) -> None:
    """A formula with a fault, marked at its character."""
    page = stage.example("graduate_admission", run=False)
    read = next(iter(page.document.workflow.nodes))
    page.canvas.select_nodes([read])
    node = page.add_node("row_filter", {"condition": "`GRE Score` >= 320 and `CGPS` > 8.5 and Research == 1"})
    stage.wait(2.5)
    page.go_to(node)
    stage.wait(0.6)


def preferences_dialog(stage: Stage) -> None:
    """The preferences over a workflow."""
    from nodeflow_gui.window.dialogs import PreferencesDialog

    stage.example("pivot_report", run=False)
    stage.window.work.preferences()
    stage.wait(0.3)
    for dialog in stage.window.findChildren(PreferencesDialog):
        dialog.move(stage.window.rect().center() - dialog.rect().center())


def german(stage: Stage) -> None:
    """Another example, in German."""
    from nodeflow_gui import translations
    from nodeflow_gui.window.main_window import MainWindow

    translations.install(stage.application, "de")
    before, stage.window = stage.window, MainWindow(stage.window.registry, kept=stage.window.kept)
    stage.window.resize(*SIZE)
    stage.window.show()
    page = stage.example("pivot_report")
    last = list(page.document.workflow.nodes)[-1]
    page.go_to(last)
    page.look_at_selected()
    stage.wait(1.0)
    translations.install(stage.application, "en")
    before.windows.remove(before)
    before.windows.insert(0, before)


SCENES = (welcome, empty, table, chart, problems, search, columns, formula, preferences_dialog, german)
"""Each is played in a window of its own, and grabbed when it returns."""


def shoot(
    folder: Path,
    scenes: Sequence[Callable[[Stage], None]] = SCENES,
    modes: Sequence[Mode] = ("light", "dark"),
) -> list[Path]:
    """Play scenes in themes; gives the pictures."""
    from PySide6.QtWidgets import QDialog

    from nodeflow_gui.application import start
    from nodeflow_gui.look import apply
    from nodeflow_gui.window.main_window import MainWindow

    application = start()
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for theme in modes:
        apply(application, theme)
        for number, scene in enumerate(scenes, 1):
            window = MainWindow()
            window.resize(*SIZE)
            window.show()
            stage = Stage(application, window)
            stage.wait(0.1)
            scene(stage)
            picture = stage.window.grab()
            for dialog in stage.window.findChildren(QDialog):
                if dialog.isVisible():
                    dialog.render(picture, dialog.pos() - stage.window.pos())
                    dialog.reject()
            path = folder / f"{number:02}_{scene.__name__}_{theme}.png"
            picture.save(str(path))
            made.append(path)
            for one in list(MainWindow.windows):
                for page in list(one.pages):
                    one.remove_page(page)
                one.close()
            stage.wait(0.1)
    return made


def _node_of(page: WorkflowPage, type_id: str) -> str:
    """The first node of a type."""
    return next(name for name, one in page.document.workflow.nodes.items() if one.type == type_id)


def main() -> int:
    """Take the pictures into the folder named on the command line."""
    if len(sys.argv) != 2:
        print("python -m nodeflow_gui.screenshots FOLDER")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as own:
        # neither the user's preferences nor unsaved work get into the pictures
        os.environ["NODEFLOW_CONFIG_DIR"] = own
        os.environ["XDG_STATE_HOME"] = own
        for path in shoot(Path(sys.argv[1])):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
