"""A tour of the editor with a real mouse, to be started by hand under a display such as Xvfb.

`python tests/gui/tour.py FOLDER` builds the admission workflow from an empty canvas, runs it, looks at scatter and scores,
changes a parameter, runs again, saves, closes and reopens; pictures of each step are put into the folder. The state is
checked at the end, and the actions are counted: a click, a drag, a key or a text is one. `--deep` goes to the forecast by
an LSTM instead. It needs xdotool and ImageMagick.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hand import Hand
    from nodeflow_gui.window.main_window import MainWindow
    from nodeflow_gui.window.page import WorkflowPage
    from PySide6.QtWidgets import QWidget

MOST_ACTIONS = 60
DATA = Path(__file__).parents[2] / "workflows" / "data"


class Tour:
    """A person who knows what the workflow should be."""

    def __init__(self, window: MainWindow, hand: Hand, folder: Path) -> None:
        self.window = window
        self.hand = hand
        self.folder = folder

    @property
    def page(self) -> WorkflowPage:
        """The workflow in front."""
        page = self.hand.ask(lambda: self.window.page)
        assert page is not None
        return page

    # -- steps --------------------------------------------------------------------------------

    def node(self, type_id: str) -> str:
        """The id of the one node of a type."""
        nodes = self.page.document.workflow.nodes
        return next(name for name, one in nodes.items() if one.type == type_id)

    def after(self, source: str, port: str, search: str, type_id: str, down: int = 0) -> str:
        """Draw a wire into the empty and choose what follows."""
        from hand import on_canvas, port_place
        from PySide6.QtCore import QPointF

        canvas = self.page.canvas
        start = self.hand.ask(lambda: port_place(canvas, source, port, is_output=True))
        end = self.hand.ask(
            lambda: on_canvas(
                canvas, canvas.canvas_scene.nodes[source].port_point(port, True) + QPointF(80, down)
            )
        )
        self.hand.drag(start, end, f"a wire from {source}.{port}")
        self.hand.until(canvas.quick_add.isVisible, "the search opens")
        self.hand.type(search)
        if type_id == "missing_value":
            self.hand.picture("03 search at a dropped wire")
        self.hand.key("Return")
        self.hand.until(lambda: any(one.type == type_id for one in self.page_nodes()), f"{type_id} is there")
        return self.node(type_id)

    def page_nodes(self) -> list:
        """The nodes of the page in front, asked in the main thread."""
        page = self.window.page
        return list(page.document.workflow.nodes.values()) if page is not None else []

    def field(self, parameter: str) -> QWidget:
        """The field of a parameter in the settings panel, brought into sight."""
        settings = self.page.settings
        self.hand.until(lambda: parameter in settings.rows, f"there is a setting {parameter}")

        def find() -> QWidget:
            editor = settings.rows[parameter].editor
            settings._area.ensureWidgetVisible(editor)
            return editor

        return self.hand.ask(find)

    def fill(self, parameter: str, text: str, *, anew: bool = False) -> None:
        """Type a value into a setting, over what stands there if wished."""
        self.hand.click_on(self.field(parameter), f"into {parameter}")
        if anew:
            self.hand.key("ctrl+a")
        self.hand.type(text)
        self.hand.key("Return")

    def select(self, node: str) -> None:
        """Click on a card."""
        from hand import card_place

        canvas = self.page_canvas()
        if not self.hand.ask(
            lambda: canvas.visible_rect().contains(canvas.canvas_scene.nodes[node].scene_card())
        ):
            self.hand.key("ctrl+0")  # all of the workflow
        self.hand.click(self.hand.ask(lambda: card_place(self.page_canvas(), node)), f"on {node}")

    def page_canvas(self):
        """The canvas in front, asked in the main thread."""
        assert self.window.page is not None
        return self.window.page.canvas

    def wire(self, source: str, output: str, target: str, input_: str, picture: str = "") -> None:
        """Draw a wire from port to port."""
        from hand import port_place

        canvas = self.page.canvas
        start = self.hand.ask(lambda: port_place(canvas, source, output, is_output=True))
        end = self.hand.ask(lambda: port_place(canvas, target, input_, is_output=False))
        look = (lambda: self.hand.picture(picture)) if picture else None
        self.hand.drag(start, end, f"a wire from {source}.{output} to {target}.{input_}", before_drop=look)

    def run(self) -> None:
        """F5, and wait for the end."""
        page = self.page
        ended: list[bool] = []
        self.hand.ask(lambda: page.session.ended.connect(lambda _: ended.append(True)))
        self.hand.key("F5")
        self.hand.until(lambda: bool(ended), "the run ends")

    def state(self, node: str) -> str:
        """The state of a node."""
        return self.hand.ask(lambda: self.window.page.status.of(node).state)

    # -- tours --------------------------------------------------------------------------------

    def admission(self) -> None:
        """From an empty canvas to a saved workflow."""

        hand, window = self.hand, self.window
        hand.until(lambda: not window.welcome._waiting, "the pictures are drawn")
        hand.picture("01 welcome")
        hand.click_on(window.welcome.new_button, "New workflow")
        hand.until(lambda: window.page is not None, "there is a page")
        canvas = self.page.canvas
        hand.picture("02 empty canvas")
        palette = window.palette_panel
        row = hand.ask(
            lambda: next(
                place
                for place, one in enumerate(palette.rows.rows)
                if one.kind == "node" and one.key == "csv_reader"
            )
        )
        start = hand.ask(
            lambda: palette.list.viewport().mapToGlobal(
                palette.list.visualRect(palette.rows.index(row)).center()
            )
        )
        end = hand.ask(lambda: canvas.viewport().mapToGlobal(canvas.viewport().rect().center() * 0.4))
        hand.drag(start, end, "CSV Reader to the canvas")
        hand.until(lambda: bool(self.page_nodes()), "the reader is there")
        read = self.node("csv_reader")
        hand.click_on(self.field("path"), "into path")
        hand.type(str(self.folder / "applicants.csv"))
        hand.key("Return")
        fill = self.after(read, "table", "missing", "missing_value")
        split = self.after(fill, "table", "partitioning", "partition")
        learn = self.after(split, "first", "random forest", "random_forest_learner", -60)
        self.fill("target", "Chance of Admit")
        hand.picture("04 settings of a learner")
        predict = self.after(learn, "model", "predictor", "predictor")
        self.wire(split, "second", predict, "table", "05 a wire is drawn")
        score = self.after(predict, "table", "numeric scorer", "numeric_scorer", -60)
        plot = self.after(predict, "table", "scatter", "scatter_plot", 100)
        self.fill("x", "Chance of Admit")
        self.fill("y", "predict")
        self.select(score)
        hand.picture("06 ready to run")
        for parameter, column in (("actual", "Chance of Admit"), ("prediction", "predict")):
            self.fill(parameter, column)
        self.run()
        hand.picture("07 scores")
        self.select(plot)
        hand.picture("08 scatter")
        self.select(learn)
        self.fill("trees", "50", anew=True)
        hand.until(lambda: window.page.status.of(learn).state != "done", "the learner waits for a run")
        hand.picture("09 what will run")
        self.run()
        hand.picture("10 run again")
        states = {one: self.state(one) for one in (read, fill, split, learn, predict, score, plot)}
        assert states[split] in ("cached", "done"), states
        assert all(states[one] == "done" for one in (learn, predict, score, plot)), states
        print(states)
        hand.key("ctrl+s")
        saved = self.folder / "admission.json"
        hand.until(lambda: _dialog() is not None, "the dialog is there")
        hand.picture("11 save")
        hand.type(str(saved))  # over the name that is proposed
        hand.key("Return")
        hand.until(saved.exists, "it is saved")
        text = saved.read_text(encoding="utf-8")
        hand.ask(window.activateWindow)  # a display without window manager does not hand the keys back
        hand.key("ctrl+w")
        hand.until(lambda: window.page is None, "it is closed")
        hand.picture("12 closed")
        hand.click_on(hand.ask(lambda: window.welcome._recent.itemAt(0).widget()), "the recent file")
        hand.until(lambda: bool(self.page_nodes()), "it is open again")
        hand.until(
            lambda: window.page.status.place_of(score, "table") is not None,
            "it is known that nothing must run again",
        )
        self.select(score)
        hand.picture("13 open again")
        data = json.loads(text)
        assert {one["type"] for one in data["nodes"].values()} == {
            "csv_reader",
            "missing_value",
            "partition",
            "random_forest_learner",
            "predictor",
            "numeric_scorer",
            "scatter_plot",
        }
        assert data["nodes"][learn]["parameters"]["trees"] == 50
        assert len(data["connections"]) == 7, data["connections"]
        assert hand.ask(lambda: window.page.document.to_text()) == text
        assert len(hand.actions) < MOST_ACTIONS, f"{len(hand.actions)} actions"

    def deep(self) -> None:
        """The forecast by an LSTM, with its curves while it trains, and a look into LSTMs."""
        hand = self.hand
        shutil.copytree(DATA.parent, self.folder / "workflows", dirs_exist_ok=True)
        self.open_example("lstm_forecast")
        hand.picture("20 the forecast")
        page = self.page
        self.select("co2_lstm")
        ended: list[bool] = []
        hand.ask(lambda: page.session.ended.connect(lambda _: ended.append(True)))
        hand.key("F5")
        hand.until(
            lambda: (page.status.of("co2_lstm").progress or 0) > 0.2 or bool(ended), "the training goes on"
        )
        hand.picture("21 curves while it trains")
        hand.until(lambda: bool(ended), "the run ends")
        hand.picture("22 trained")
        self.look_at_all("co2_lstm", "23")
        self.select("co2_against_now")
        hand.picture("24 scores of the forecast")
        self.open_example("lstm_gates")
        self.run()
        explorers = [
            name for name, one in self.page.document.workflow.nodes.items() if "explorer" in one.type
        ]
        self.look_at_all(explorers[0], "25 explorer")

    def open_example(self, stem: str) -> None:
        """Open a copy of an example."""
        path = self.folder / "workflows" / f"{stem}.json"
        self.hand.ask(lambda: self.window.files.open(path))
        self.hand.until(lambda: bool(self.page_nodes()), "it is open")

    def look_at_all(self, node: str, name: str) -> None:
        """Look at each output of a node, by its port in the settings panel."""
        self.select(node)
        page = self.page
        for port, chip in self.hand.ask(lambda: dict(page.settings._facts)).items():
            self.hand.ask(lambda chip=chip: page.settings._area.ensureWidgetVisible(chip))
            self.hand.click_on(chip, f"on output {port}")
            self.hand.until(lambda port=port: page.inspector.port == port, "the output is shown")
            self.hand.until(lambda: _is_drawn(page), "it is drawn")
            self.hand.picture(f"{name} {port}")


def _is_drawn(page: WorkflowPage) -> bool:
    inspector = page.inspector
    if inspector.stack.currentWidget() is inspector.empty:
        return False
    return (
        inspector.current() != "chart" or inspector.chart.stack.currentWidget() is not inspector.chart.words
    )


def _dialog() -> QWidget | None:
    from PySide6.QtWidgets import QApplication

    return QApplication.activeModalWidget()


def main() -> int:
    """Play a tour; gives 0 if all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", default="en")
    parser.add_argument("--scale", type=float, default=1.0)
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "admission.json").unlink(missing_ok=True)
    shutil.copy(DATA / "applicants.csv", folder)
    # never the folders of the user
    os.environ["NODEFLOW_CONFIG_DIR"] = str(folder / "config")
    os.environ["NODEFLOW_CACHE_DIR"] = str(folder / "cache")
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    os.environ["QT_SCALE_FACTOR"] = str(chosen.scale)
    for kept in ("config", "cache"):
        shutil.rmtree(folder / kept, ignore_errors=True)

    from hand import Hand
    from nodeflow_gui.application import start
    from nodeflow_gui.preferences import preferences
    from nodeflow_gui.window.main_window import MainWindow

    preferences().change(theme=chosen.theme, language=chosen.language)
    application = start()
    window = MainWindow()
    width, height = map(int, chosen.size.split("x"))
    window.setGeometry(0, 0, width, height)
    window.show()
    hand = Hand(folder / "pictures", chosen.scale)
    tour = Tour(window, hand, folder)
    faults: list[str] = []

    def play(steps: Callable[[], None]) -> None:
        try:
            steps()
        except BaseException:
            faults.append(traceback.format_exc())
        finally:
            hand.asker._asked.emit(lambda: application.exit(0))

    thread = threading.Thread(target=play, args=(tour.deep if chosen.deep else tour.admission,))
    thread.start()
    application.exec()
    thread.join()
    for page in list(window.pages):
        window.remove_page(page)
    print("\n".join(faults) or f"all is there, after {len(hand.actions)} actions")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
