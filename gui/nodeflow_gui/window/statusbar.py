"""The line at the foot: what the engine does, how many problems there are, and what runs may use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from nodeflow_gui.look import icon, spacing
from nodeflow_gui.settings.editor import small_label

if TYPE_CHECKING:
    from nodeflow_gui.running.status import Status


class StatusBar(QWidget):
    """Counts of nodes by state at the left, resources at the right."""

    problems_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(spacing(7))
        self._state = small_label("", "help", self)
        self._state.setWordWrap(False)
        self.problems = QPushButton(self)
        self.problems.setProperty("role", "link")
        self.problems.setStyleSheet("font-size: 11px;")
        self.problems.clicked.connect(self.problems_chosen)
        self._resources = small_label("", "help", self)
        self._resources.setWordWrap(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(spacing(4), 0, spacing(4), 0)
        layout.setSpacing(spacing(3))
        layout.addWidget(self._state)
        layout.addWidget(self.problems)
        layout.addStretch(1)
        layout.addWidget(self._resources)
        self._resources.setText(self.tr("{cores} cores").format(cores=os.cpu_count() or 1))
        self.show_nothing()

    def show_nothing(self) -> None:
        """No workflow is open."""
        self._state.setText(self.tr("ready"))
        self.problems.hide()

    def show_status(self, status: Status, nodes: Iterable[str], note: str = "") -> None:
        """Show what the nodes of a workflow are doing."""
        counts: dict[str, int] = {}
        for node in nodes:
            state = status.of(node).state
            counts[state] = counts.get(state, 0) + 1
        words = [self.tr("running") if status.is_running else self.tr("engine ready")]
        for state, text in (
            ("running", self.tr("{count} running")),
            ("queued", self.tr("{count} waiting")),
            ("done", self.tr("{count} done")),
            ("cached", self.tr("{count} from the cache")),
            ("failed", self.tr("{count} failed")),
        ):
            if counts.get(state):
                words.append(text.format(count=counts[state]))
        if not status.is_running and status.will_run:
            words.append(self.tr("{count} to run").format(count=len(status.will_run)))
        if note:
            words.append(note)
        self._state.setText(" · ".join(words))
        count = len(status.problems)
        self.problems.setVisible(count > 0)
        self.problems.setText(self.tr("%n problem(s)", "", count))
        self.problems.setIcon(icon("warning", "warning"))
