"""A window of its own for one output: it stays while other nodes are looked at, and shares what is picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeflow_gui.window.notice import NoticeBar

if TYPE_CHECKING:
    from nodeflow_gui.inspector.inspector import Inspector

_SIZE = QSize(900, 640)
_STEP = 28


class ApartWindow(QWidget):
    """Shows an output as the inspector does, with its table, chart and statistics."""

    closed = Signal(object)

    def __init__(self, opener: Inspector, node: str, port: str) -> None:
        super().__init__(opener.window(), Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.inspector = type(opener)(opener.session, opener.status, self, is_apart=True)
        self.inspector.take_figures_of(opener)
        self.inspector.filter_made.connect(opener.filter_made)
        self.notice = NoticeBar(self)
        self.inspector.message.connect(lambda sentence: self.notice.tell(sentence, passes=True))
        self.inspector.failed.connect(self.notice.tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.inspector, 1)
        self.inspector.show_port(node, port)
        self.setWindowTitle(self.inspector.name())
        room = self.screen().availableGeometry()
        self.resize(_SIZE.boundedTo(room.size()))
        place = opener.window().geometry().center() - self.rect().center()
        self.move(
            place.x() + _STEP * len(opener.apart), max(room.top(), place.y() + _STEP * len(opener.apart))
        )
        for keys in (QKeySequence("Ctrl+W"), QKeySequence("Esc")):
            QShortcut(keys, self, self.close)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.inspector.close_jobs()
        self.closed.emit(self)
        super().closeEvent(event)
