"""Where one is: the workflow and the components one has entered, each a way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from nodeflow.errors import shorten
from nodeflow_gui.document import EditorDocument
from nodeflow_gui.document.edits import Level
from nodeflow_gui.document.wiring import LONGEST_TITLE
from nodeflow_gui.look import caption


class PathBar(QFrame):
    """Shown while a component is open."""

    level_chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Open components"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 12, 4)
        self._row.setSpacing(8)
        self.hide()

    def show_level(self, document: EditorDocument, level: Level) -> None:
        """Name the way to a level; the outermost needs none."""
        while (entry := self._row.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for depth in range(len(level) + 1):
            here = level[:depth]
            if depth:
                name = document.title_of("/".join(here))
                divider = QLabel("›", self)
                divider.setProperty("role", "muted")
                self._row.addWidget(divider)
            else:
                name = shorten(document.workflow.name, LONGEST_TITLE) or self.tr("Workflow")
            if here == level:
                label = QLabel(name, self)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setProperty("role", "strong")
                self._row.addWidget(label)
            else:
                button = QPushButton(caption(name), self)
                button.setProperty("role", "link")
                button.setAccessibleName(self.tr("Back to {0}").format(name))
                button.clicked.connect(lambda _=False, here=here: self.level_chosen.emit(here))
                self._row.addWidget(button)
        for widget in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            widget.setVisible(self._row.indexOf(widget) >= 0)  # new ones count for the size from now on
        self.setVisible(bool(level))
        self.adjustSize()
