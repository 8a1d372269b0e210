"""The list of problems: each leads to its node and parameter, and offers what mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nodeflow_gui.document.fixing import fix_words
from nodeflow_gui.look import caption, pixmap, spacing, theme
from nodeflow_gui.look.flow import FlowLayout
from nodeflow_gui.settings.editor import clear, small_label
from nodeflow_gui.settings.panel import sentence_of

MOST = 100
"""So many problems are listed; who has more begins with these."""


class ProblemsPanel(QWidget):
    """All problems of the workflow, the ones that keep it from running first."""

    problem_activated = Signal(str, str)
    """Go to a node and a parameter."""
    fix_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(spacing(20))
        self.rows: list[ProblemRow] = []
        self._problems: list[Mapping[str, Any]] | None = None
        self._title_of: Callable[[str], str] = str
        self._is_stale = False
        head = QHBoxLayout()
        head.setContentsMargins(spacing(4), spacing(2), spacing(4), 0)
        self._title = small_label(self.tr("Problems"), "strong", self)
        head.addWidget(self._title)
        head.addStretch(1)
        contents = QWidget(self)
        contents.setObjectName("contents")
        self._list = QVBoxLayout(contents)
        self._list.setContentsMargins(spacing(4), spacing(1), spacing(4), spacing(2))
        self._list.setSpacing(spacing(1))
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(contents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(area)

    def show_problems(self, problems: Sequence[Mapping[str, Any]], title_of: Callable[[str], str]) -> None:
        """Show these problems; `title_of` tells what people call a node."""
        ordered = sorted(problems, key=lambda one: one.get("severity") == "warning")
        self._title_of = title_of
        titles = [title_of(one["node"]) if one.get("node") else "" for one in ordered[:MOST]]
        if (ordered, titles) == (self._problems, [row.title for row in self.rows]) and not self._is_stale:
            return  # whoever is about to press a button there keeps it
        self._problems = ordered
        self._is_stale = True
        if self.isVisible():
            self._build()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._build()

    def _build(self) -> None:
        self._is_stale = False
        clear(self._list)
        problems = self._problems or []
        self.rows = []
        for problem in problems[:MOST]:
            row = ProblemRow(problem, self._title_of, self)
            row.activated.connect(self.problem_activated)
            row.fix_chosen.connect(self.fix_chosen)
            self.rows.append(row)
            self._list.addWidget(row)
        if len(problems) > MOST:
            words = self.tr("… and {count} more").format(count=len(problems) - MOST)
            self._list.addWidget(small_label(words, "muted", self))
        if not problems:
            self._list.addWidget(
                small_label(self.tr("Nothing is wrong. The workflow can run."), "muted", self)
            )
        self._list.addStretch(1)


class ProblemRow(QWidget):
    """One problem with its fixes as links."""

    activated = Signal(str, str)
    fix_chosen = Signal(object)

    def __init__(
        self, problem: Mapping[str, Any], title_of: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.problem = problem
        warning = problem.get("severity") == "warning"
        node = problem.get("node", "")
        mark = QLabel(self)
        mark.setPixmap(
            pixmap(
                "warning" if warning else "error", theme().colour("warning" if warning else "failed"), 16, 2
            )
        )
        mark.setAccessibleName(self.tr("warning") if warning else self.tr("error"))
        self.name = QPushButton(caption(title_of(node)) if node else self.tr("Workflow"), self)
        self.name.setProperty("role", "link")
        self.name.setFixedWidth(spacing(40))
        self.name.setToolTip(self.tr("Go to the node"))
        self.name.clicked.connect(lambda: self.activated.emit(node, problem.get("parameter", "")))
        words = small_label(sentence_of(problem), "muted", self)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title = title_of(node) if node else ""
        told = QVBoxLayout()
        told.setSpacing(spacing(0.5))
        told.addWidget(words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing(2))
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.name, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(told, 1)
        self.fixes: list[QPushButton] = []
        if problem.get("fixes"):
            offered = QWidget(self)
            flow = FlowLayout(offered, spacing(4))
            for fix in problem["fixes"]:
                button = QPushButton(caption(fix_words(fix, title_of)), offered)
                button.setProperty("role", "link")
                button.clicked.connect(lambda _=False, one=fix: self.fix_chosen.emit(one))
                self.fixes.append(button)
                flow.addWidget(button)
            told.addWidget(offered)
