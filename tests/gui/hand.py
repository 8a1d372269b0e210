"""A hand on mouse and keys: real events of the X server by xdotool, counted one by one.

The editor runs in the main thread as it always does; the hand moves in a thread of its own, so that dragging, menus and
dialogs go on while it moves.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nodeflow_gui.canvas.view import CanvasView
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

T = TypeVar("T")
PATIENCE = 90.0
_STEPS = 8


class Asker(QObject):
    """Lets another thread ask the main thread, and wait for the answer."""

    _asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(lambda work: work(), Qt.ConnectionType.QueuedConnection)

    def ask(self, question: Callable[[], T]) -> T:
        """The answer of the main thread."""
        if threading.current_thread() is threading.main_thread():
            return question()
        answers: list[T] = []
        faults: list[BaseException] = []
        is_answered = threading.Event()

        def work() -> None:
            try:
                answers.append(question())
            except BaseException as fault:
                faults.append(fault)
            finally:
                is_answered.set()

        self._asked.emit(work)
        if not is_answered.wait(PATIENCE):
            raise TimeoutError("the window does not answer")
        if faults:
            raise faults[0]
        return answers[0]


class Hand:
    """Moves the mouse and presses keys. Each click, drag, key or text is one action."""

    def __init__(self, folder: Path, scale: float = 1.0) -> None:
        self.folder = folder
        self.scale = scale
        self.asker = Asker()
        self.actions: list[str] = []

    # -- looking ------------------------------------------------------------------------------

    def ask(self, question: Callable[[], T]) -> T:
        """What the main thread says."""
        return self.asker.ask(question)

    def until(self, holds: Callable[[], bool], words: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not self.ask(holds):
            if time.monotonic() > end:
                self.picture("waited in vain")
                raise TimeoutError(f"waited in vain until {words}")
            time.sleep(0.05)

    def picture(self, name: str) -> None:
        """Keep what the screen shows."""
        time.sleep(0.4)
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", str(self.folder / f"{name}.png")], check=True)

    # -- acting -------------------------------------------------------------------------------

    def click(self, place: QPoint, words: str, *, button: int = 1, times: int = 1) -> None:
        """Click at a place of the screen."""
        self._count(f"click {words}")
        self._move(place)
        _xdotool("click", "--repeat", str(times), "--delay", "60", str(button))
        time.sleep(0.15)

    def click_on(self, widget: QWidget, words: str = "") -> None:
        """Click in the middle of a widget."""
        place = self.ask(lambda: widget.mapToGlobal(widget.rect().center()))
        self.click(place, words or self.ask(widget.accessibleName) or type(widget).__name__)

    def drag(
        self, start: QPoint, end: QPoint, words: str, *, before_drop: Callable[[], None] | None = None
    ) -> None:
        """Press, move in steps as a hand does, let go."""
        self._count(f"drag {words}")
        self._move(start)
        _xdotool("mousedown", "1")
        for step in range(1, _STEPS + 1):
            self._move(start + (end - start) * (step / _STEPS))
            time.sleep(0.03)
        time.sleep(0.1)
        if before_drop is not None:
            before_drop()
        _xdotool("mouseup", "1")
        time.sleep(0.2)

    def hover(self, place: QPoint) -> None:
        """Only look: no action."""
        self._move(place)
        time.sleep(1.0)

    def key(self, name: str) -> None:
        """Press a key or a shortcut such as `ctrl+s`."""
        self._count(f"key {name}")
        _xdotool("key", name)
        time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self._count(f"type {text}")
        _xdotool("type", "--delay", "15", text)
        time.sleep(0.2)

    def _count(self, words: str) -> None:
        self.actions.append(words)
        print(f"{len(self.actions):3} {words}", flush=True)

    def _move(self, place: QPoint) -> None:
        _xdotool("mousemove", str(round(place.x() * self.scale)), str(round(place.y() * self.scale)))


def on_canvas(canvas: CanvasView, point: QPointF) -> QPoint:
    """Where a point of the scene is on the screen."""
    return canvas.viewport().mapToGlobal(canvas.viewportTransform().map(point).toPoint())


def port_place(canvas: CanvasView, node: str, port: str, *, is_output: bool) -> QPoint:
    """Where a port is on the screen."""
    return on_canvas(canvas, canvas.canvas_scene.nodes[node].port_point(port, is_output))


def card_place(canvas: CanvasView, node: str) -> QPoint:
    """Where the middle of a card is on the screen."""
    return on_canvas(canvas, canvas.canvas_scene.nodes[node].scene_card().center())


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True)
